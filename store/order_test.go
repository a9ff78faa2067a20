package store

import (
	"slices"
	"testing"
	"time"

	"tmail/message"
)

func TestOrder(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	var list []NewMessage
	for i, m := range []struct {
		from, subject string
		size          int64
	}{{"bob", "Re: Plan", 30}, {"Ann", "budget", 10}, {"陈静", "计划", 20}, {"ann", "Plan", 10}} {
		one := mail(i, uint32(i+1), 0)
		one.Date, one.Size = clock.Add(-time.Duration(i)*time.Hour), m.size
		one.Envelope.From = []message.Address{{Name: m.from, Addr: m.from + "@example.com"}}
		one.Envelope.Subject = m.subject
		list = append(list, one)
	}
	ids, err := s.Remote.Add(t.Context(), inbox, list)
	must(t, err)
	for _, c := range []struct {
		order Order
		want  []int
	}{
		{Order{}, []int{0, 1, 2, 3}},
		{Order{ByDate, true}, []int{3, 2, 1, 0}},
		{Order{BySender, false}, []int{1, 3, 0, 2}},
		{Order{BySender, true}, []int{2, 0, 1, 3}}, // among equals the newest stays first
		{Order{BySubject, false}, []int{1, 0, 3, 2}},
		{Order{BySize, false}, []int{0, 2, 1, 3}},
		{Order{BySize, true}, []int{1, 3, 2, 0}},
	} {
		got, err := s.Index.IDsBy(t.Context(), inbox, c.order)
		must(t, err)
		var want []ID
		for _, i := range c.want {
			want = append(want, ids[i])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %v, not %v", c.order, got, want)
		}
	}
	got, err := s.Index.Sort(t.Context(), append([]ID{99999}, ids...), Order{BySize, true})
	must(t, err)
	if got[4] != 99999 {
		t.Errorf("what is gone stands at %v", got)
	}
}

func BenchmarkSortBySender100k(b *testing.B) {
	s := bigStore(b, b.TempDir(), 100_000)
	defer s.Close()
	inbox := folderNamed(b, s, "work", "INBOX")
	for b.Loop() {
		list, err := s.Index.IDsBy(b.Context(), inbox, Order{By: BySender})
		must(b, err)
		if len(list) != 100_000 {
			b.Fatal(len(list))
		}
	}
}
