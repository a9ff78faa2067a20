package mailsync

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

var background = context.Background()

func (w *world) move(to account.Role, subjects ...string) store.Step {
	w.t.Helper()
	var ids []store.ID
	for _, s := range subjects {
		ids = append(ids, w.row(s).ID)
	}
	step, err := w.store.Changes.Move(background, ids, w.folder("work", to).ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return step
}

func (w *world) flag(subject string, add, remove message.Flags) store.Step {
	w.t.Helper()
	step, err := w.store.Changes.Flag(background, []store.ID{w.row(subject).ID}, add, remove)
	if err != nil {
		w.t.Fatal(err)
	}
	return step
}

func (w *world) undo(step store.Step) {
	w.t.Helper()
	if err := w.store.Changes.Undo(background, step); err != nil {
		w.t.Fatal(err)
	}
}

// servers are the kinds of IMAP servers that tmail has to live with.
var servers = map[string]mailtest.DovecotOptions{
	"everything":                  {},
	"no MOVE":                     {Capability: "IMAP4rev1 UIDPLUS"},
	"no MOVE, UIDPLUS, CONDSTORE": {Capability: "IMAP4rev1"},
	"CONDSTORE, no LIST-STATUS":   {Capability: "IMAP4rev1 CONDSTORE UIDPLUS MOVE"},
}

// What is done here is done on the server, and taken back there by undo.
func TestActionsReachTheServer(t *testing.T) {
	t.Parallel()
	for name, options := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options)
			for _, subject := range []string{"a", "b", "c"} {
				w.arrive(w.ann, "INBOX", subject)
			}
			if report := w.sync("work"); report.New != 3 {
				t.Errorf("the first sync reports %d new messages, want 3", report.New)
			}
			w.wantShown("work", account.RoleInbox, "a", "b", "c")

			moved := w.move(account.RoleArchive, "a", "b")
			starred := w.flag("c", message.Flagged, 0)
			w.wantShown("work", account.RoleInbox, "c")
			if n := w.waiting("work"); n != 3 {
				t.Errorf("%d changes wait, want 3", n)
			}
			w.sync("work")
			w.wantOnServerAlive(w.ann, "INBOX", "c")
			w.wantOnServerAlive(w.ann, "Archive", "a", "b")
			if flags := w.dovecot.Fetch(w.ann, "INBOX", "flags"); !strings.Contains(strings.Join(flags, " "), `\Flagged`) {
				t.Errorf("the flags on the server are %q", flags)
			}
			if n := w.waiting("work"); n != 0 {
				t.Errorf("%d changes wait after the sync", n)
			}
			w.sync("work")
			w.wantShown("work", account.RoleInbox, "c")
			w.wantShown("work", account.RoleArchive, "a", "b")

			w.undo(starred)
			w.undo(moved)
			w.wantShown("work", account.RoleInbox, "a", "b", "c")
			w.sync("work")
			w.wantOnServerAlive(w.ann, "INBOX", "a", "b", "c")
			w.wantOnServerAlive(w.ann, "Archive")
			w.sync("work")
			w.wantShown("work", account.RoleInbox, "a", "b", "c")
			w.wantShown("work", account.RoleArchive)
		})
	}
}

// wantOnServerAlive leaves out what is marked \Deleted: a server without UIDPLUS keeps it, for nobody to see.
func (w *world) wantOnServerAlive(user, mailbox string, subjects ...string) {
	w.t.Helper()
	var alive []string
	for line := range strings.Lines(w.dovecot.Doveadm("fetch", "-u", user, "hdr.subject", "mailbox", mailbox, "undeleted")) {
		if s, ok := strings.CutPrefix(line, "hdr.subject: "); ok {
			alive = append(alive, strings.TrimSpace(s))
		}
	}
	slices.Sort(alive)
	if !slices.Equal(alive, subjects) {
		w.t.Errorf("on the server, %s of %s has %q, want %q", mailbox, user, alive, subjects)
	}
}

// Messages keep their id, and with it their body and place on the screen, through moves by anybody.
func TestIdentitySurvivesMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "INBOX", "wanders")
	w.arrive(w.ann, "INBOX", "stays")
	w.sync("work")
	before := w.row("wanders")
	if !before.Stored {
		t.Fatal("the body was not fetched")
	}
	w.dovecot.Doveadm("move", "-u", w.ann, "Archive", "mailbox", "INBOX", "header", "Subject", "wanders")
	w.sync("work")
	after := w.row("wanders")
	if after.ID != before.ID || !after.Stored {
		t.Errorf("moved by another client, the message has id %s (stored: %v), had %s", after.ID, after.Stored, before.ID)
	}
	w.wantShown("work", account.RoleArchive, "wanders")
}

// A body is here byte for byte, or not at all.
func TestBodyIsExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	raw := testMessage("exact", ".\r\n..\r\nFrom here\r\n"+strings.Repeat("x", 10_000)+"\r\n\xff\xfe caf\xe9\r\n")
	w.dovecot.Save(w.ann, "INBOX", raw)
	w.sync("work")
	r, size, err := w.store.Bodies.Open(background, w.row("exact").ID)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(raw) || size != int64(len(raw)) {
		t.Errorf("stored %d bytes (%d announced) of %d, equal: %v", len(got), size, len(raw), string(got) == string(raw))
	}
}

// What the person asks for does not wait until a large message, fetched in the background, is here.
func TestAskedBodyOvertakesLargeOne(t *testing.T) {
	t.Parallel()
	w := worldOn(t, mailtest.SharedDovecot(t, mailtest.DovecotOptions{}))
	w.imap = mailtest.NewSlowLink(t, w.dovecot.IMAP, 20*time.Millisecond)
	w.start(`offline = "all"`)
	w.arrive(w.ann, "INBOX", "small")
	w.dovecot.Save(w.ann, "INBOX", testMessage("large", strings.Repeat("0123456789abcdef\r\n", 400_000)))
	w.run()
	mailtest.Until(t, "the fetch of the large one", func() bool { return strings.Contains(w.imap.Sent(), "BODY.PEEK[]<") })
	w.engine.Want(w.row("small").ID)
	mailtest.Until(t, "the small one", func() bool { return w.row("small").Stored })
	if w.row("large").Stored {
		t.Error("the large one was fetched to its end before")
	}
	mailtest.Until(t, "the large one", func() bool { return w.row("large").Stored })
}

// New mail shows without a key pressed: by IDLE, and where there is none by polling.
func TestNewMailArrivesByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "INBOX", "first")
	w.run()
	mailtest.Until(t, "the first message", func() bool { return w.has("first") })
	w.arrive(w.ann, "INBOX", "second")
	mailtest.Until(t, "the second message", func() bool { return w.has("second") })
}

// A link that dies in the middle of a command leaves nothing lost and nothing doubled.
func TestDroppedLinks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, capability, word string }{
		{"MOVE", "", "UID MOVE"},
		{"COPY", "IMAP4rev1 UIDPLUS", "UID COPY"},
		{"STORE after COPY", "IMAP4rev1 UIDPLUS", "UID STORE"},
		{"EXPUNGE after COPY", "IMAP4rev1 UIDPLUS", "UID EXPUNGE"},
		{"APPEND", "", "APPEND"},
	} {
		for _, after := range []bool{false, true} {
			name := c.name + ", not received"
			if after {
				name = c.name + ", carried out"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, mailtest.DovecotOptions{Capability: c.capability})
				w.arrive(w.ann, "INBOX", "a")
				w.arrive(w.ann, "INBOX", "b")
				w.arrive(w.bob, "INBOX", "theirs")
				w.sync("work")
				w.sync("home")
				subjects := []string{"a", "b"}
				if c.name == "APPEND" {
					if _, err := w.store.Changes.Move(background, []store.ID{w.row("theirs").ID}, w.folder("work", account.RoleArchive).ID); err != nil {
						t.Fatal(err)
					}
					subjects = []string{"theirs"}
				} else {
					w.move(account.RoleArchive, subjects...)
				}
				if after {
					w.imap.CutAfter(c.word)
				} else {
					w.imap.CutBefore(c.word)
				}
				if _, err := w.engine.SyncOnce(background, "work", nil); err == nil {
					t.Fatal("the link was cut, and the sync went well")
				}
				if w.imap.Armed() {
					t.Fatalf("the client never sent %q", c.word)
				}
				w.sync("work")
				w.wantOnServerAlive(w.ann, "Archive", subjects...)
				w.sync("work")
				w.wantShown("work", account.RoleArchive, subjects...)
				if n := w.waiting("work"); n != 0 {
					t.Errorf("%d changes still wait", n)
				}
			})
		}
	}
}

// The link dies while a star is taken away, and the person wants it back: at once, or when it died again before the
// server was told again.
func TestStarWantedAgain(t *testing.T) {
	t.Parallel()
	for _, twice := range []bool{false, true} {
		t.Run(fmt.Sprintf("twice: %t", twice), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mailtest.DovecotOptions{})
			w.arrive(w.ann, "INBOX", "a")
			w.sync("work")
			w.flag("a", message.Flagged, 0)
			w.sync("work")
			w.flag("a", 0, message.Flagged)
			w.imap.CutAfter("UID STORE")
			if _, err := w.engine.SyncOnce(background, "work", nil); err == nil || w.imap.Armed() {
				t.Fatalf("the link was not cut: %v", err)
			}
			if twice {
				w.imap.CutBefore("SELECT")
				if _, err := w.engine.SyncOnce(background, "work", nil); err == nil || w.imap.Armed() {
					t.Fatalf("the link was not cut again: %v", err)
				}
			}
			w.flag("a", message.Flagged, 0)
			w.sync("work")
			w.sync("work")
			if starred := w.dovecot.Doveadm("search", "-u", w.ann, "mailbox", "INBOX", "FLAGGED"); starred == "" || w.row("a").Flags&message.Flagged == 0 {
				t.Errorf("starred on the server: %q, here: %+v", starred, w.row("a"))
			}
		})
	}
}

// A UIDVALIDITY change loses no pending change, no body and no id.
func TestUIDValidityChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "INBOX", "a")
	w.arrive(w.ann, "INBOX", "b")
	w.sync("work")
	a, b := w.row("a"), w.row("b")
	w.flag("a", message.Flagged, 0)
	w.move(account.RoleArchive, "b")
	w.dovecot.Doveadm("mailbox", "update", "-u", w.ann, "--uid-validity", "424242", "INBOX")
	w.sync("work")
	w.sync("work")
	w.wantOnServer(w.ann, "INBOX", "a")
	w.wantOnServer(w.ann, "Archive", "b")
	if got := w.row("a"); got.ID != a.ID || got.Flags&message.Flagged == 0 || !got.Stored {
		t.Errorf("a is now %+v", got)
	}
	if got := w.row("b"); got.ID != b.ID {
		t.Errorf("b has id %s, had %s", got.ID, b.ID)
	}
}

// What the server refuses for good is given back, and the person is told why.
func TestRefusedChangeIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "INBOX", "a")
	w.dovecot.Doveadm("mailbox", "create", "-u", w.ann, "Projects")
	w.sync("work")
	folders, err := w.store.Index.Folders(background)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(folders, func(f store.Folder) bool { return f.Name == "Projects" })
	if _, err := w.store.Changes.Move(background, []store.ID{w.row("a").ID}, folders[i].ID); err != nil {
		t.Fatal(err)
	}
	w.dovecot.Doveadm("mailbox", "delete", "-u", w.ann, "Projects")
	w.sync("work")
	w.wantOnServer(w.ann, "INBOX", "a")
	w.wantShown("work", account.RoleInbox, "a")
	if p := w.row("a").Problem; p == nil || p.Kind != store.ProblemRefused {
		t.Errorf("the problem shown is %+v", p)
	}
}

// Folders are made, renamed and removed on the server; one that got mail meanwhile is not removed.
func TestFolderChanges(t *testing.T) {
	w := newWorld(t, mailtest.DovecotOptions{})
	w.sync("work")
	made, err := w.store.Changes.CreateFolder(background, "work", "项目", "")
	if err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	if err := w.store.Changes.RenameFolder(background, made, "项目 2027"); err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	w.arrive(w.ann, "项目 2027", "just come")
	if err := w.store.Changes.RemoveFolder(background, made); err != nil {
		t.Fatal(err)
	}
	w.engine.SyncOnce(background, "work", nil)
	w.wantOnServer(w.ann, "项目 2027", "just come")
}

// Whom mail came from and was sent to can be completed; whom only junk came from cannot.
func TestCorrespondents(t *testing.T) {
	w := newWorld(t, mailtest.DovecotOptions{})
	save := func(user, mailbox, from, to string) {
		w.dovecot.Save(user, mailbox, []byte("From: "+from+"\r\nTo: "+to+"\r\nSubject: x\r\n\r\nx\r\n"))
	}
	save(w.ann, "INBOX", "Zoe Writes <zoe@other.test>", w.ann)
	save(w.ann, "Sent", w.ann, "王小明 <zwritten@other.test>")
	save(w.ann, "Junk", "Zack Spams <zack@other.test>", w.ann)
	save(w.bob, "INBOX", "Zhao Pops <zhao@other.test>", w.bob)
	w.sync("work")
	w.sync("home")
	var got []string
	found, err := w.store.Addresses.Complete(background, "z", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found {
		got = append(got, c.Address.Addr)
	}
	slices.Sort(got[1:])
	if want := []string{"zwritten@other.test", "zhao@other.test", "zoe@other.test"}; !slices.Equal(got, want) {
		t.Errorf("completes to %q, want %q", got, want)
	}
}

// What the person subscribes to, the server knows; what is subscribed to elsewhere, the person sees.
func TestSubscriptionsReachTheServer(t *testing.T) {
	t.Parallel()
	for name, options := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options)
			w.dovecot.Doveadm("mailbox", "create", "-u", w.ann, "项目")
			w.sync("work")
			folder := func() store.Folder {
				t.Helper()
				list, err := w.store.Index.Folders(background)
				if err != nil {
					t.Fatal(err)
				}
				return list[slices.IndexFunc(list, func(f store.Folder) bool { return f.Name == "项目" })]
			}
			onServer := func() bool {
				return slices.Contains(strings.Fields(w.dovecot.Doveadm("mailbox", "list", "-s", "-u", w.ann)), "项目")
			}
			for _, on := range []bool{true, false} {
				if err := w.store.Changes.Subscribe(background, folder().ID, on); err != nil {
					t.Fatal(err)
				}
				w.sync("work")
				if folder().Subscribed != on || onServer() != on {
					t.Errorf("subscribed is %v here and %v there, want %v", folder().Subscribed, onServer(), on)
				}
			}
			w.dovecot.Doveadm("mailbox", "subscribe", "-u", w.ann, "项目")
			w.sync("work")
			if !folder().Subscribed || w.waiting("work") != 0 {
				t.Errorf("subscribed elsewhere: %+v, %d wait", folder(), w.waiting("work"))
			}
		})
	}
}
