package ui

import (
	"context"
	"testing"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
)

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
	s.Press("o", "z").Shows("largest first", "865 B      13:40").Resize(40, 12).Shows("865 B").Hides("13:40").Resize(120, 30).Shows("13:40")
	s.toFolder("Sent").Hides("largest first").Press("1").Shows("largest first") // a folder keeps its own
	s.Press("o", "d").Hides("largest first").Press("o", "d").Shows("oldest first")
}

// What was asked for in one folder is not shown in the next, and its end is no failure, also when the next one cannot
// be read yet because a change is being written down.
func TestRowsOfTheFolderBefore(t *testing.T) {
	s := start(t, 100, 30, large(300))
	s.Shows("Budget 2027").Idle()
	written := make(chan struct{})
	s.run(s.m.do(func(context.Context) error { <-written; return nil }, func(error) tea.Cmd { return nil }))
	l := &s.m.list
	l.low, l.top = 0, 0 // the rows on the screen have to be read
	if s.m.loadRowsNear() == nil {
		t.Fatal("nothing is read")
	}
	late := rowsLoaded{gen: l.load.gen, err: context.Canceled}
	s.run(s.m.openFolder(s.folder("work", account.RoleSent)))
	s.feed(late)
	if s.m.status.failed {
		t.Errorf("it says %q", s.m.status.text)
	}
	close(written)
	s.Idle()
}
