package mailsync

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

// A server that gives the UIDL of a message that was deleted here to another one is not asked about it again and again.
func TestUIDLGivenToAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	mails := &popMails{mails: []popMail{{uidl: "same", raw: testMessage("old", "first.\r\n")}}}
	server := popServer(t, mails)
	w.useAsHome(server)
	w.sync("home")
	if err := w.store.Changes.Delete(background, []store.ID{w.row("old").ID}); err != nil {
		t.Fatal(err)
	}
	mails.set([]popMail{{uidl: "same", raw: testMessage("new", "quite another one.\r\n")}})
	w.run()
	mailtest.Until(t, "the new message", func() bool { return w.has("new") })
	time.Sleep(2 * time.Second) // that no more come cannot be awaited: a machine too slow sees fewer
	if n := server.Conversations(); n > 5 {
		t.Errorf("%d sign-ins", n)
	}
	w.wantShown("home", account.RoleInbox, "new")
}

// A UIDL that was another message's is no reason to take one message for the other, to have one twice, or to delete what
// was never fetched.
func TestUIDLUsedAgain(t *testing.T) {
	t.Parallel()
	old, other := testMessage("one", "first.\r\n"), testMessage("two", "other.\r\n")
	if len(old) != len(other) {
		t.Fatal("they are to be of the same size")
	}
	longer := testMessage("longer one", "and a longer one.\r\n")
	marked := slices.Concat([]byte("X-UID: 4711\r\nStatus: RO\r\n"), old)
	first := []popMail{{uidl: "a", raw: old}}
	for _, tt := range []struct {
		name     string
		sessions [][]popMail
		deleted  bool     // the first one, here, before the last session
		want     []string // is shown then
		left     []string // UIDLs on the server
		whole    int      // messages that were fetched whole
	}{
		{name: "gone for a while, another of the same size", sessions: [][]popMail{first, {}, {{uidl: "a", raw: other}}},
			want: []string{"one", "two"}, left: []string{"a"}, whole: 2},
		{name: "another of another size", sessions: [][]popMail{first, {{uidl: "a", raw: longer}}},
			want: []string{"longer one", "one"}, left: []string{"a"}, whole: 2},
		{name: "gone for a while, the same", sessions: [][]popMail{first, {}, first, first},
			want: []string{"one"}, left: []string{"a"}, whole: 1},
		{name: "gone for a while, the same, without TOP", sessions: [][]popMail{first, {}, {{uidl: "a", raw: old, noTop: true}}, first},
			want: []string{"one"}, left: []string{"a"}, whole: 2},
		{name: "marked by the server", sessions: [][]popMail{first, {{uidl: "a", raw: marked}}, {{uidl: "a", raw: marked}}},
			want: []string{"one"}, left: []string{"a"}, whole: 1},
		{name: "deleted here, another of the same size there", sessions: [][]popMail{first, {{uidl: "a", raw: other}}}, deleted: true,
			want: []string{"two"}, left: []string{"a"}, whole: 2},
		{name: "deleted here, the same there", sessions: [][]popMail{first, {{uidl: "a", raw: marked}}}, deleted: true, whole: 1},
		{name: "deleted here, the same there, and TOP is wrong", sessions: [][]popMail{first, {{uidl: "a", raw: old, top: other}}}, deleted: true, whole: 2},
		{name: "swapped", sessions: [][]popMail{{{uidl: "a", raw: old}, {uidl: "b", raw: longer}}, {}, {{uidl: "a", raw: longer}, {uidl: "b", raw: old}}},
			want: []string{"longer one", "one"}, left: []string{"a", "b"}, whole: 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, mailtest.DovecotOptions{})
			now := &popMails{}
			server := popServer(t, now)
			w.useAsHome(server)
			for i, list := range tt.sessions {
				if tt.deleted && i == len(tt.sessions)-1 {
					if err := w.store.Changes.Delete(background, []store.ID{w.row("one").ID}); err != nil {
						t.Fatal(err)
					}
				}
				now.set(list)
				w.sync("home")
			}
			w.sync("home")
			w.wantShown("home", account.RoleInbox, tt.want...)
			var left []string
			for _, m := range now.list() {
				left = append(left, m.uidl)
			}
			if !slices.Equal(left, tt.left) {
				t.Errorf("on the server are %q, want %q", left, tt.left)
			}
			if whole := strings.Count(server.Heard(), "RETR"); whole != tt.whole {
				t.Errorf("%d were fetched whole, want %d", whole, tt.whole)
			}
		})
	}
}

// What a server does not let us look at is not deleted there, and it is not asked about it again and again.
func TestDeletedAndRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	mails := &popMails{mails: []popMail{{uidl: "a", raw: testMessage("old", "first.\r\n")}}}
	server := popServer(t, mails)
	w.useAsHome(server)
	w.sync("home")
	if err := w.store.Changes.Delete(background, []store.ID{w.row("old").ID}); err != nil {
		t.Fatal(err)
	}
	mails.set([]popMail{{uidl: "a", refused: "not now"}, {uidl: "b", raw: testMessage("new", "second.\r\n")}})
	w.run()
	mailtest.Until(t, "the new message", func() bool { return w.has("new") })
	time.Sleep(2 * time.Second) // that no more come cannot be awaited: a machine too slow sees fewer
	if n := server.Conversations(); n > 5 {
		t.Errorf("%d sign-ins", n)
	}
	if n := len(mails.list()); n != 2 {
		t.Errorf("%d messages are left on the server", n)
	}
}
