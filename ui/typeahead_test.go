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
