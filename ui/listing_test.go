package ui

import "testing"

func TestOrders(t *testing.T) {
	s := start(t, 120, 30, sample)
	first := func(text string) {
		t.Helper()
		s.Idle().Shows(text)
		if id := s.m.list.current(); s.m.list.at.cursor != 0 || s.m.list.rows[id].Subject != text {
			t.Errorf("the first is %q, not %q", s.m.list.rows[id].Subject, text)
		}
	}
	s.Shows("Budget 2027").Press("j", "o").Shows("Order, now newest first", "oldest first", "by sender").Press("s").Shows("Budget 2027")
	first("Budget 2027") // Ann Archer
	s.Press("o", "s").Shows("by sender, last ones first")
	first("会议纪要")
	s.Press("o", "z").Shows("largest first")
	s.toFolder("Sent").Hides("largest first").Press("1").Shows("largest first") // a folder keeps its own
	s.Press("o", "d").Hides("largest first").Press("o", "d").Shows("oldest first")
}
