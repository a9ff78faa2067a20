package ui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// twoInboxes is the sample with mail in the other account too.
func twoInboxes(t testing.TB, st *store.Store) {
	sample(t, st)
	deliver(t, st, roleFolder(t, st, "home", account.RoleInbox), 1,
		letter{from: "Corner Books <shop@books.example>", to: "me@home.example", subject: "Your receipt", ago: 30 * time.Minute, flags: message.Flagged, body: "Thank you.\n"})
}

// The Inbox on top shows the mail of all accounts; what is done there is done in the account of each message.
func TestUnifiedInbox(t *testing.T) {
	s := start(t, 100, 30, twoInboxes)
	s.Shows("Budget 2027").Hides("Your receipt")
	s.Press("shift+tab", "g", "enter").Shows("all accounts", "Your receipt", "Budget 2027", "Inbox  3 unread of 7")
	if got := s.m.accountsOf(s.m.list.ids); !slices.Equal(got, []string{"work", "home"}) {
		t.Errorf("the list is of %v", got)
	}
	s.Press("g", "j", "x", "x", "d").Hides("Your receipt", "Budget 2027").Shows("2")
	s.holds("home", account.RoleTrash, "Your receipt", true).holds("work", account.RoleTrash, "Budget 2027", true)
	s.Press("u").Shows("Your receipt", "Budget 2027")
	s.holds("home", account.RoleTrash, "Your receipt", false).holds("work", account.RoleTrash, "Budget 2027", false)
	s.Press("/").Type("receipt").Press("enter").Shows("Your receipt").Hides("Budget 2027")
	s.Press("esc").Shows("Budget 2027")
	s.Press("g", "j", "enter").Shows("Thank you.").Press("q", "2").Shows("home").Hides("Budget 2027")
}

// An account's colour is on its name, and on its senders where they stand among others.
func TestAccountColour(t *testing.T) {
	s := start(t, 100, 30, twoInboxes, func(o *Options) { o.Config.Accounts[1].Color = "green" })
	s.Shows("Budget 2027").Press("shift+tab", "g", "enter").Shows("Your receipt")
	content, _ := s.m.screen()
	for _, want := range []string{"\x1b[32mhome", "\x1b[32mCorner Books"} {
		if !strings.Contains(content, want) {
			t.Errorf("%q is not on the screen", want)
		}
	}
	if strings.Count(content, "\x1b[32m") != 2 {
		t.Errorf("%d texts are green", strings.Count(content, "\x1b[32m"))
	}
}

// Starred mail of all accounts stands together, what is in Trash not.
func TestUnifiedStarred(t *testing.T) {
	s := start(t, 100, 30, twoInboxes)
	s.Shows("Budget 2027")
	s.Press("shift+tab", "g", "j", "enter").Shows("all accounts", "Starred", "会议纪要", "Your receipt").Hides("Budget 2027")
	s.Press("g", "d").holds("work", account.RoleTrash, "会议纪要", true)
	s.Hides("会议纪要").Shows("Your receipt")
	ids, err := s.st.Index.Starred(context.Background())
	if err != nil || len(ids) != 1 {
		t.Errorf("%d starred, %v", len(ids), err)
	}
	s.Press("s").Await("no star left", func() bool {
		ids, err := s.st.Index.Starred(context.Background())
		return err == nil && len(ids) == 0
	})
}
