package ui

import (
	"database/sql"
	"path/filepath"
	"testing"

	"tmail/account"
)

// fillDisk lets nothing be written into a table, until it is called with false.
func (s *screen) fillDisk(table string, full bool) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "data", "mail.db")+"?_pragma=busy_timeout(60000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	for _, event := range []string{"INSERT", "UPDATE"} {
		statement := "DROP TRIGGER full_" + event
		if full {
			statement = "CREATE TRIGGER full_" + event + " BEFORE " + event + " ON " + table + " BEGIN SELECT RAISE(ABORT, 'no room'); END"
		}
		if _, err := db.Exec(statement); err != nil {
			s.t.Fatal(err)
		}
	}
}

// What cannot be written down is not left behind: it stays where it is written, and is written down as soon as it can be.
func TestDraftThatCannotBeKept(t *testing.T) {
	for name, leave := range map[string]string{"stays": "", "leaves": "esc", "sends": "ctrl+x", "discards": "ctrl+d"} {
		t.Run(name, func(t *testing.T) {
			s := start(t, 100, 30, sample)
			s.Shows("Budget 2027").Press("c").Shows("new message")
			s.fillDisk("draft", true)
			s.Type("x@example.com").Press("tab", "tab", "tab").Type("Worth keeping")
			if leave != "" {
				s.Press(leave)
			}
			s.Shows("no room", "Worth keeping")
			s.fillDisk("draft", false)
			s.holds("work", account.RoleDrafts, "Worth keeping", true)
			if s.m.composer == nil {
				t.Error("it is not where it was written")
			}
		})
	}
}

// Nor is it when another message is being written by then; and that one is kept, too, when the first one comes back.
func TestTwoMessagesAtOnce(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Shows("new message")
	s.fillDisk("draft", true)
	s.Type("x@example.com").Press("tab", "tab", "tab").Type("The first").Press("esc", "c").Press("tab", "tab", "tab").Type("The second")
	s.Shows("no room", "The second")
	s.fillDisk("draft", false)
	s.holds("work", account.RoleDrafts, "The first", true).holds("work", account.RoleDrafts, "The second", true)

	s.Press("esc").Shows("Draft kept").Idle().toFolder("Drafts").Shows("The second").Press("d").Shows("discarded")
	s.Press("u", "c").Press("tab", "tab", "tab").Type("The third").Shows("brought back")
	s.holds("work", account.RoleDrafts, "The third", true)
}

// Who quits with two messages that cannot be written down is asked, and loses neither when they can be by then.
func TestQuittingWithWhatCannotBeKept(t *testing.T) {
	s := start(t, 110, 30, sample)
	s.Shows("Budget 2027").Press("c").Shows("new message")
	s.fillDisk("draft", true)
	s.Type("x@example.com").Press("tab", "tab", "tab").Type("The first").Press("esc", "c").Press("tab", "tab", "tab").Type("The second")
	s.Shows("no room", "The second").Press("ctrl+c").Shows("Leave all the same").Press("n").Hides("all the same")
	if s.quit {
		t.Fatal("it has ended")
	}
	s.Press("ctrl+c").Shows("Leave all the same").Press("y").Await("the end", func() bool { return s.quit })
	s.fillDisk("draft", false)
	if err := flushAtEnd(s.m); err != nil {
		t.Fatal(err)
	}
	if got := s.subjects("work", account.RoleDrafts); len(got) != 2 {
		t.Errorf("drafts: %q", got)
	}
}

// What the screen showed at once and the store could not do is taken back on the screen.
func TestChangeThatFails(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027", "2 unread of 6").Idle()
	s.fillDisk("message", true)
	s.Press("j", "d").Shows("no room", "Budget 2027").Idle()
	s.Press("N").Idle()
	if got := s.m.list.rows[s.row("Budget 2027").ID].Flags; got != s.row("Budget 2027").Flags {
		t.Errorf("the screen shows the flags %v", got)
	}
}
