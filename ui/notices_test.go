package ui

import (
	"context"
	"testing"

	"tmail/store"
)

// Of several things that went wrong at once none is lost: the newest is said, all stand behind it.
func TestNoticesAtOnce(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Idle()
	var notices []store.Notice
	for i, words := range []string{"no room", "no rights"} {
		notices = append(notices, store.Notice{ID: int64(i + 1), Account: "work", Subject: "About " + words,
			Problem: store.Problem{Kind: store.ProblemRefused, Host: "imap.example.com", Words: words}})
	}
	s.run(s.m.showNotices(notices))
	s.Shows("About no rights", "(+1)").Press("!").Shows("no rights", "About no room")
	if left, err := s.st.Notices(context.Background()); err != nil || len(left) != 0 {
		t.Errorf("%d notices are left, %v", len(left), err)
	}
}
