package store

import (
	"slices"
	"testing"
)

// Some servers answer a search with everything, or with nothing to do with it.
func TestCredible(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	ids := fill(t, s, inbox, 60)
	for i, id := range ids[:50] {
		word := "piano"
		if i < 10 {
			word = "xylophone"
		}
		must(t, s.Bodies.Put(t.Context(), []Body{{ID: id, Raw: rawText("the "+word, "a")}}))
	}
	for left := 1; left > 0; {
		var err error
		left, err = s.Search.Index(t.Context(), 0)
		must(t, err)
	}
	upTo := func(from, to uint32) (uids []uint32) {
		for uid := from; uid <= to; uid++ {
			uids = append(uids, uid)
		}
		return uids
	}
	for _, c := range []struct {
		query string
		uids  []uint32
		want  []ID
	}{
		{"xylophone", slices.Concat(upTo(1, 10), upTo(55, 57)), []ID{ids[56], ids[55], ids[54]}}, // right where it can be checked
		{"xylophone", upTo(1, 60), nil},    // everything
		{"xylophone", upTo(20, 60), nil},   // nonsense
		{"xylophone", upTo(990, 999), nil}, // not there at all
		{"xylophone is:starred", upTo(55, 57), nil},
		{"xylophone larger:1055", upTo(55, 57), []ID{ids[56], ids[55]}},
		{"xylophone subject:message", upTo(55, 55), []ID{ids[54]}},
		{"xylophone -message", upTo(55, 57), nil},                            // it is in the subject
		{"xylophone -violin", upTo(55, 57), []ID{ids[56], ids[55], ids[54]}}, // the text may lack it
	} {
		q, err := ParseQuery(c.query, clock)
		must(t, err)
		got, err := s.Search.Credible(t.Context(), q, inbox, c.uids)
		must(t, err)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s, %v: %v, want %v", c.query, c.uids, got, c.want)
		}
	}
}
