package store

import (
	"slices"
	"testing"

	"tmail/message"
)

func TestManyAtOnce(t *testing.T) {
	s := newStore(t)
	inbox, other := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "other", "INBOX")
	list := []NewMessage{mail(1, 1, message.Seen|message.Flagged), mail(2, 2, message.Flagged), mail(3, 3, message.Flagged)}
	list[1].Envelope.From = []message.Address{{Name: "Bob ann@example.com", Addr: "Bob@Example.com"}}
	mine, err := s.Remote.Add(t.Context(), inbox, list)
	must(t, err)
	theirs, err := s.Remote.Add(t.Context(), other, []NewMessage{mail(4, 1, 0)})
	must(t, err)
	everything := slices.Concat(theirs, mine, []ID{99999})

	got, err := s.Index.Together(t.Context(), everything)
	must(t, err)
	if !slices.Equal(got.Accounts, []string{"work", "other"}) || got.Flags != 0 {
		t.Errorf("together: %+v", got)
	}
	got, err = s.Index.Together(t.Context(), mine)
	must(t, err)
	if !slices.Equal(got.Accounts, []string{"work"}) || got.Flags != message.Flagged {
		t.Errorf("of one account: %+v", got)
	}

	unread, err := s.Index.Unread(t.Context(), everything, 0)
	must(t, err)
	if want := []ID{theirs[0], mine[1], mine[2]}; !slices.Equal(unread, want) {
		t.Errorf("unread: %v, not %v", unread, want)
	}
	next, err := s.Index.Unread(t.Context(), mine, 1)
	must(t, err)
	if !slices.Equal(next, mine[1:2]) {
		t.Errorf("next unread: %v", next)
	}

	for addr, want := range map[string][]ID{"ann@example.com": {theirs[0], mine[0], mine[2]}, "bob@example.COM": {mine[1]}, "example.com": nil} {
		from, err := s.Index.SentBy(t.Context(), everything, addr)
		must(t, err)
		if !slices.Equal(from, want) {
			t.Errorf("from %s: %v, not %v", addr, from, want)
		}
	}
}
