package ui

import (
	"testing"

	"tmail/account"
)

func TestTextBehindReplyIsText(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "r").Type("Thanks, dear Ted").Paste(" and Mu").Shows("Thanks, dear Ted and Mu", "Re: Budget 2027")
	if got := len(s.subjects("work", account.RoleInbox)); got != 6 {
		t.Errorf("%d messages in the Inbox", got)
	}
	s.Press("ctrl+o").Shows("Draft kept")
}

func TestEscapeGivesUpAReply(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "r").Type("dd").Press("esc", "j").Idle()
	if s.m.composer != nil || s.m.list.current() != s.row("Release plan").ID {
		t.Errorf("the screen is\n%s", s.text())
	}
}

func TestTextBehindWhatDoesNotOpenIsDropped(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j")
	s.m.Config.Accounts = nil // nothing to write with
	s.Press("r").Type("deed").Shows("No account is ready").Idle()
	if got := len(s.subjects("work", account.RoleInbox)); got != 6 {
		t.Errorf("%d messages in the Inbox", got)
	}
}

// What is pressed behind a search before it has answered is meant for what it finds.
func TestKeysBehindASearchAreForItsResults(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("G").Idle()
	s.Press("/").Type("subject:budget").Press("enter", "enter").Shows("here is the sheet", "Inbox 1 of 1").Press("esc", "esc").Shows("Release plan")
	s.Press("G").Idle().Press("/").Type("subject:plan").Press("enter", "d").Shows("Moved").Idle()
	if got := s.subjects("work", account.RoleTrash); len(got) != 1 || got[0] != "Re: Release plan" {
		t.Errorf("in the Trash: %q", got)
	}
}

func TestLeavingASearchDoesNotWaitForIt(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("/").Type("subject:plan").Press("enter", "d", "esc").Idle()
	if got := len(s.subjects("work", account.RoleInbox)); got != 6 || s.m.list.search != nil {
		t.Errorf("%d messages in the Inbox\n%s", got, s.text())
	}
}

// So is what is pressed behind the number of an account, whether or not its Inbox is open already.
func TestKeysBehindAnAccountAreForItsInbox(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Idle()
	second := s.m.list.ids[1]
	if s.Press("1", "j").Idle(); s.m.list.current() != second {
		t.Errorf("the cursor is at %v\n%s", s.m.list.at.cursor, s.text())
	}
	s.Press("2", "1", "j", "j").Idle()
	if s.m.list.at.cursor != 2 || s.m.list.folder.Account != "work" {
		t.Errorf("the cursor is at %v\n%s", s.m.list.at.cursor, s.text())
	}
}
