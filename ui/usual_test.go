package ui

import (
	"testing"

	"tmail/account"
)

func TestMovePickerLearns(t *testing.T) {
	s := start(t, 100, 30, nested)
	other := letter{from: "Ann Archer <ann@example.com>", to: "me@example.com", subject: "Budget 2028", body: "Text.\n"}
	deliver(t, s.st, s.folder("work", account.RoleInbox).ID, 700, other)
	s.Shows("Budget 2028").Idle()
	s.Press("g", "m").Type("项目").Press("enter").Shows("Moved 1 to 项目").Hides("Budget 2028").Idle()

	s.at("Inbox").Press("g", "j").Shows("▌●   Ann Archer").Press("m").Shows("▌  Projects/项目   ", "usually here: this sender").Looks("move-usual")
	s.Press("esc", "k", "m").Shows("▌  Projects/项目   ", "last used").Press("esc", "j")

	// An enter pressed in the same breath takes the folder suggested.
	s.Press("m", "enter").Shows("Moved 1 to 项目").Hides("Budget 2027").Idle()
	s.Press("u").Shows("Moved 1 back to Inbox", "Budget 2027").Press("u").Shows("Budget 2028").Idle()
	s.Press("m").Shows("Move to").Idle()
	s.Await("an answer", func() bool { p, ok := s.m.topOverlay().(*picker); return ok && !p.awaits }).Hides("usually here", "last used")
}

// Typing finds folders by Chinese names too, those suggested among them.
func TestMovePickerFinds(t *testing.T) {
	s := start(t, 100, 30, nested)
	s.Shows("Budget 2027").Press("j", "m").Type("预算").Shows("▌  Projects/项目/二〇二六年度预算").Press("enter").Shows("Moved 1 to 二〇二六年度预算").Hides("Budget 2027 —")
}
