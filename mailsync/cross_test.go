package mailsync

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

// crossing is a person with two IMAP accounts, "work" (user ann) and "away" (user eve) each behind a link of its own,
// and the POP3 account "home" (user bob).
type crossing struct {
	*world
	eve  string
	link *mailtest.Proxy // to away's server
}

func newCrossing(t *testing.T) *crossing {
	t.Helper()
	w := newWorld(t, mailtest.DovecotOptions{})
	c := &crossing{world: w, eve: mailtest.User("eve"), link: mailtest.NewProxy(t, w.dovecot.IMAP)}
	path := filepath.Join(w.dir, "config.toml")
	config, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	config = fmt.Appendf(config, "\n[[account]]\nname = \"away\"\nemail = \"%s@%s\"\n[account.incoming]\nprotocol = \"imap\"\nhost = \"127.0.0.1\"\nport = %d\nsecurity = \"none\"\nusername = %q\npassword = \"pw\"\n",
		c.eve, mailtest.Domain, c.link.Port, c.eve)
	if err := os.WriteFile(path, config, 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := account.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	w.accounts = loaded.Accounts
	if err := w.store.Accounts.Register(background, w.accounts...); err != nil {
		t.Fatal(err)
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir, Timeout: 20 * time.Second})
	return c
}

// send moves messages into a folder of an account.
func (c *crossing) send(to string, role account.Role, subjects ...string) store.Step {
	c.t.Helper()
	var ids []store.ID
	for _, s := range subjects {
		ids = append(ids, c.row(s).ID)
	}
	step, err := c.store.Changes.Move(background, ids, c.folder(to, role).ID)
	if err != nil {
		c.t.Fatal(err)
	}
	return step
}

func (c *crossing) nothingWaits() {
	c.t.Helper()
	for _, a := range c.accounts {
		if n := c.waiting(a.Name); n != 0 {
			c.t.Errorf("%d changes of %s wait", n, a.Name)
		}
	}
}

// A move between IMAP accounts keeps bytes, flags and date, takes the original away only when the copy is there, and is
// taken back whole by undo.
func TestMoveBetweenServers(t *testing.T) {
	t.Parallel()
	c := newCrossing(t)
	c.arrive(c.ann, "INBOX", "会议 one")
	c.arrive(c.ann, "INBOX", "two")
	before := c.dovecot.Raw(c.ann, "INBOX", "two")
	c.sync("work")
	c.sync("away")
	c.flag("two", message.Flagged|message.Seen, 0)
	c.sync("work")
	date := c.row("two").Date

	step := c.send("away", account.RoleArchive, "two")
	c.wantShown("work", account.RoleInbox, c.subjectOf("会议 one"))
	c.wantShown("away", account.RoleArchive, "two")
	c.sync("work")
	if got := c.onServer(c.ann, "INBOX"); len(got) != 2 {
		t.Fatalf("the original went before the copy was there: %q", got)
	}
	c.sync("away")
	c.wantOnServer(c.eve, "Archive", "two")
	if got := c.onServer(c.ann, "INBOX"); len(got) != 2 {
		t.Fatalf("away's worker has no business in %q", got)
	}
	c.sync("work")
	if got := c.onServer(c.ann, "INBOX"); len(got) != 1 {
		t.Errorf("the original is there still: %q", got)
	}
	if after := c.dovecot.Raw(c.eve, "Archive", "two"); after != before {
		t.Errorf("the copy is\n%s\nnot\n%s", after, before)
	}
	r := c.row("two")
	if !r.Flags.Has(message.Flagged|message.Seen) || !r.Date.Equal(date) || r.Account != "away" {
		t.Errorf("it is %+v", r)
	}
	if flags := c.dovecot.Fetch(c.eve, "Archive", "flags"); len(flags) != 1 || !strings.Contains(flags[0], `\Flagged`) {
		t.Errorf("the flags on the server are %q", flags)
	}
	c.nothingWaits()

	c.undo(step)
	c.wantShown("away", account.RoleArchive)
	c.sync("work")
	c.sync("away")
	c.wantOnServerAlive(c.eve, "Archive")
	if got := c.onServer(c.ann, "INBOX"); len(got) != 2 {
		t.Errorf("after undo %q", got)
	}
	if after := c.dovecot.Raw(c.ann, "INBOX", "two"); after != before {
		t.Errorf("after undo it is\n%s\nnot\n%s", after, before)
	}
	c.sync("work")
	c.nothingWaits()
}

// subjectOf is a subject as the list shows it.
func (c *crossing) subjectOf(text string) string { c.t.Helper(); return c.row(text).Subject }

// Undo before the servers know of anything leaves them alone.
func TestMoveBetweenServersTakenBackAtOnce(t *testing.T) {
	t.Parallel()
	c := newCrossing(t)
	c.arrive(c.ann, "INBOX", "one")
	c.sync("work")
	c.sync("away")
	c.undo(c.send("away", account.RoleArchive, "one"))
	c.wantShown("work", account.RoleInbox, "one")
	c.sync("away")
	c.sync("work")
	c.wantOnServer(c.eve, "Archive")
	c.wantOnServer(c.ann, "INBOX", "one")
	c.nothingWaits()
}

// From IMAP to the local folders of POP3 and back: the server keeps the message until it is whole here, and gets it again.
func TestMoveBetweenServerAndLocalFolders(t *testing.T) {
	t.Parallel()
	c := newCrossing(t)
	c.arrive(c.ann, "INBOX", "one")
	c.arrive(c.bob, "INBOX", "theirs")
	before := c.dovecot.Raw(c.ann, "INBOX", "one")
	c.sync("work")
	c.sync("home")
	c.sync("away")

	step := c.send("home", account.RoleArchive, "one")
	c.sync("work")
	c.wantOnServer(c.ann, "INBOX")
	c.wantShown("home", account.RoleArchive, "one")
	c.undo(step)
	c.wantShown("home", account.RoleArchive)
	c.sync("work")
	c.wantOnServer(c.ann, "INBOX", "one")
	if after := c.dovecot.Raw(c.ann, "INBOX", "one"); after != before {
		t.Errorf("back on the server it is\n%s\nnot\n%s", after, before)
	}

	step = c.send("away", account.RoleArchive, "theirs")
	c.wantShown("home", account.RoleInbox)
	c.sync("away")
	c.wantOnServer(c.eve, "Archive", "theirs")
	c.sync("home")
	c.wantShown("home", account.RoleInbox) // it is not fetched again
	c.undo(step)
	c.wantShown("home", account.RoleInbox, "theirs")
	c.sync("away")
	c.wantOnServerAlive(c.eve, "Archive")
	c.sync("work")
	c.nothingWaits()
}

// A copy into another account leaves the original alone, and undo takes only the copy.
func TestCopyBetweenServers(t *testing.T) {
	t.Parallel()
	c := newCrossing(t)
	c.arrive(c.ann, "INBOX", "one")
	c.sync("work")
	c.sync("away")
	step, err := c.store.Changes.Copy(background, []store.ID{c.row("one").ID}, c.folder("away", account.RoleArchive).ID)
	if err != nil {
		t.Fatal(err)
	}
	c.sync("away")
	c.wantOnServer(c.eve, "Archive", "one")
	c.undo(step)
	c.sync("away")
	c.sync("work")
	c.wantOnServerAlive(c.eve, "Archive")
	c.wantOnServer(c.ann, "INBOX", "one")
	c.nothingWaits()
}

// Whichever link dies, and whenever, there is always a copy, and in the end exactly one, where it was sent to.
func TestMoveBetweenServersOverDroppedLinks(t *testing.T) {
	t.Parallel()
	for _, cut := range []struct {
		name, word string
		original   bool // the link to the server the message comes from
		after      bool
	}{
		{"APPEND not received", "APPEND", false, false}, {"APPEND carried out", "APPEND", false, true},
		{"removal not received", "EXPUNGE", true, false}, {"removal carried out", "EXPUNGE", true, true},
		{"mark not received", "STORE", true, false}, {"mark carried out", "STORE", true, true},
	} {
		t.Run(cut.name, func(t *testing.T) {
			t.Parallel()
			c := newCrossing(t)
			c.arrive(c.ann, "INBOX", "one")
			c.sync("work")
			c.sync("away")
			c.send("away", account.RoleArchive, "one")
			link := c.link
			if cut.original {
				link = c.imap
			}
			if cut.after {
				link.CutAfter(cut.word)
			} else {
				link.CutBefore(cut.word)
			}
			for range 3 {
				for _, name := range []string{"away", "work"} {
					_, _ = c.engine.SyncOnce(background, name, nil) // the one whose link is cut fails
					if len(c.onServer(c.ann, "INBOX"))+len(c.onServer(c.eve, "Archive")) == 0 {
						t.Fatal("the message is nowhere")
					}
				}
			}
			if link.Armed() {
				t.Fatalf("the client never sent %q", cut.word)
			}
			c.wantOnServer(c.eve, "Archive", "one")
			c.wantOnServerAlive(c.ann, "INBOX")
			c.wantShown("away", account.RoleArchive, "one")
			c.wantShown("work", account.RoleInbox)
			c.nothingWaits()
		})
	}
}

// crossDir names the directory of the person whose mail TestCrossingWorker moves.
const crossDir = "TMAIL_TEST_CROSSING"

// TestCrossingWorker is the program that TestKilledMoveBetweenServers kills.
func TestCrossingWorker(t *testing.T) {
	dir := os.Getenv(crossDir)
	if dir == "" {
		return // not started by that test: there is nothing to do, and nothing left out
	}
	loaded, err := account.Load(filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(background, dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	ctx, cancel := context.WithTimeout(background, time.Minute) // should the one who kills it die
	defer cancel()
	if err := New(st, loaded.Accounts, Options{Dir: dir, Timeout: 20 * time.Second}).Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// However often the program is killed in the middle, every message is in one of the two accounts at any time, and in
// the end each is once where it was sent to.
func TestKilledMoveBetweenServers(t *testing.T) {
	t.Parallel()
	messages, kills := 12, 5
	if mailtest.Long() {
		messages, kills = 60, 40
	}
	c := newCrossing(t)
	var subjects []string
	for i := range messages {
		subjects = append(subjects, fmt.Sprintf("message %02d", i))
		c.arrive(c.ann, "INBOX", subjects[i])
	}
	c.sync("work")
	c.sync("away")
	c.send("away", account.RoleArchive, subjects...)
	rnd := rand.New(rand.NewPCG(7, 8))
	for range kills {
		appended := strings.Count(c.link.Sent(), "APPEND") + rnd.IntN(3)
		c.killWhen(func() bool {
			return strings.Count(c.link.Sent(), "APPEND") > appended || strings.Contains(c.imap.Sent(), "EXPUNGE")
		})
		there := append(c.onServer(c.ann, "INBOX"), c.onServer(c.eve, "Archive")...)
		for _, s := range subjects {
			if !slices.Contains(there, s) {
				t.Fatalf("%q is nowhere", s)
			}
		}
	}
	for range 2 {
		c.sync("away")
		c.sync("work")
	}
	c.wantOnServer(c.eve, "Archive", subjects...)
	c.wantOnServerAlive(c.ann, "INBOX")
	c.wantShown("away", account.RoleArchive, subjects...)
	c.wantShown("work", account.RoleInbox)
	c.nothingWaits()
}

// killWhen runs the program and kills it at a moment.
func (c *crossing) killWhen(moment func() bool) {
	c.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrossingWorker$")
	cmd.Env = append(os.Environ(), crossDir+"="+c.dir)
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	mailtest.Until(c.t, "the moment to kill the program", moment)
	if err := cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	_ = cmd.Wait()
	mailtest.Until(c.t, "its links to end", func() bool { return c.link.Idle() && c.imap.Idle() })
}
