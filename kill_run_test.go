package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

// kills is how often a process is killed: 200 times in the long suite.
func kills() int {
	if mailtest.Long() {
		return 200
	}
	return 15
}

// killed runs tmail and kills it after a random time of up to most.
func (p *person) killed(random *rand.Rand, most time.Duration, args ...string) {
	p.t.Helper()
	cmd := p.command(args...)
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(time.Duration(random.Int64N(int64(most)))):
		cmd.Process.Signal(syscall.SIGKILL)
		<-ended
	}
}

// inStore lets f work on the store of a configuration, between two runs of the program.
func inStore(t *testing.T, config, data string, f func(ctx context.Context, st *store.Store)) {
	t.Helper()
	ctx := context.Background()
	st, err := store.Open(ctx, data, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	loaded, err := account.Load(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Accounts.Register(ctx, loaded.Accounts...); err != nil {
		t.Fatal(err)
	}
	f(ctx, st)
}

func (p *person) inStore(f func(ctx context.Context, st *store.Store)) {
	p.t.Helper()
	inStore(p.t, p.config, p.data, f)
}

// shown are the subjects in a folder of an account, sorted.
func (p *person) shown(name string, role account.Role) (subjects []string) {
	p.inStore(func(ctx context.Context, st *store.Store) {
		folder, err := st.Index.FolderByRole(ctx, name, role)
		if err != nil {
			p.t.Fatal(err)
		}
		rows, err := st.Index.Newest(ctx, folder.ID, 10_000)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, r := range rows {
			subjects = append(subjects, r.Subject)
		}
	})
	slices.Sort(subjects)
	return subjects
}

func (p *person) wantSame(what string, got, want []string) {
	p.t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Errorf("%s: have %q, want %q", what, got, want)
	}
}

// Killed at any moment while it pushes changes and fetches mail, tmail loses nothing and doubles nothing: in the end
// every message is once on the server, where it was last moved to, and shown there.
func TestKilledWhileSynchronising(t *testing.T) {
	p := newPerson(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	places := map[account.Role]string{account.RoleInbox: "INBOX", account.RoleArchive: "Archive", account.RoleJunk: "Junk"}
	roles := []account.Role{account.RoleInbox, account.RoleArchive, account.RoleJunk}
	wishes := map[string]account.Role{}
	starred := map[string]bool{}
	arrive := func() {
		subject := fmt.Sprintf("m%03d", len(wishes))
		p.dovecot.Save("ann", "INBOX", letter(1+len(wishes)%28, "carl", "ann", subject, "body"))
		wishes[subject] = account.RoleInbox
	}
	for range 30 {
		arrive()
	}
	p.output("sync", "--account", "work")
	for i := range kills() {
		if i%10 == 0 {
			arrive()
		}
		p.inStore(func(ctx context.Context, st *store.Store) {
			for range 4 {
				subject := fmt.Sprintf("m%03d", random.IntN(30))
				query, err := store.ParseQuery("subject:"+subject, time.Now())
				if err != nil {
					t.Fatal(err)
				}
				found, err := st.Search.Find(ctx, query, store.Scope{}, 0)
				ids := found.IDs
				if err != nil || len(ids) != 1 {
					t.Fatalf("%s is there %d times: %v", subject, len(ids), err)
				}
				role := roles[random.IntN(len(roles))]
				folder, err := st.Index.FolderByRole(ctx, "work", role)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := st.Changes.Move(ctx, ids, folder.ID); err != nil {
					t.Fatal(err)
				}
				add, remove := message.Flagged, message.Flags(0)
				if random.IntN(2) == 0 {
					add, remove = remove, add
				}
				if _, err := st.Changes.Flag(ctx, ids, add, remove); err != nil {
					t.Fatal(err)
				}
				wishes[subject], starred[subject] = role, add != 0
			}
		})
		p.killed(random, 250*time.Millisecond, "sync", "--account", "work")
	}
	p.output("sync", "--account", "work")
	p.output("sync", "--account", "work")
	for role, mailbox := range places {
		var want, wantStarred, stars []string
		for subject, wish := range wishes {
			if wish == role {
				want = append(want, subject)
				if starred[subject] {
					wantStarred = append(wantStarred, subject)
				}
			}
		}
		p.wantSame("on the server in "+mailbox, p.dovecot.Subjects("ann", mailbox), want)
		p.wantSame("shown in "+mailbox, p.shown("work", role), want)
		list := p.dovecot.Doveadm("-f", "flow", "fetch", "-u", "ann", "hdr.subject", "mailbox", mailbox, "FLAGGED")
		for _, line := range strings.Fields(list) {
			stars = append(stars, strings.TrimPrefix(line, "hdr.subject="))
		}
		p.wantSame("starred on the server in "+mailbox, stars, wantStarred)
	}
}

// Killed at any moment while it fetches over POP3 and deletes on the server, tmail has every message once.
func TestKilledWhileFetchingPOP3(t *testing.T) {
	p := newPerson(t).with(`protocol = "pop3"`, "protocol = \"pop3\"\nleave_on_server = false")
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	var want []string
	for i := range kills() {
		for range 3 {
			subject := fmt.Sprintf("m%04d", len(want))
			p.dovecot.Save("bob", "INBOX", letter(1+len(want)%28, "carl", "bob", subject, strings.Repeat("body ", 1+random.IntN(20_000))))
			want = append(want, subject)
		}
		p.killed(random, 200*time.Millisecond, "sync", "--account", "home")
		if i%20 == 19 {
			p.wantSame("between", union(p.shown("home", account.RoleInbox), p.dovecot.Subjects("bob", "INBOX")), slices.Clone(want))
		}
	}
	p.output("sync", "--account", "home")
	p.wantSame("shown", p.shown("home", account.RoleInbox), want)
	p.wantSame("left on the server", p.dovecot.Subjects("bob", "INBOX"), nil)
}

// union is what is in one of the lists or in both, once.
func union(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}
