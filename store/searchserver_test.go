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
		away  []uint32
	}{
		{"xylophone", slices.Concat(upTo(1, 10), upTo(55, 57)), []ID{ids[56], ids[55], ids[54]}, nil}, // right where it can be checked
		{"xylophone", upTo(1, 60), nil, nil},               // everything
		{"xylophone", upTo(20, 70), nil, nil},              // nonsense
		{"violin", upTo(20, 59), nil, nil},                 // no more of it is here
		{"xylophone", upTo(990, 999), nil, upTo(990, 999)}, // not here at all
		{"xylophone is:starred", upTo(55, 57), nil, nil},
		{"message january", upTo(1, 60), nil, nil}, // they are of another month
		{"xylophone november", slices.Concat(upTo(1, 10), upTo(55, 57)), []ID{ids[56], ids[55], ids[54]}, nil},
		{"xylophone november -in:archive", slices.Concat(upTo(1, 10), upTo(55, 57)), []ID{ids[56], ids[55], ids[54]}, nil},
		{"piano in:archive", slices.Concat(upTo(11, 50), upTo(70, 71)), nil, upTo(70, 71)}, // the server was not asked for the folder
		{"piano -in:inbox", slices.Concat(upTo(11, 50), upTo(70, 71)), nil, upTo(70, 71)},
		{"(piano in:archive) OR x", slices.Concat(upTo(11, 50), upTo(70, 71)), nil, upTo(70, 71)},
		{"piano -(in:archive x)", upTo(11, 57), []ID{ids[56], ids[55], ids[54], ids[53], ids[52], ids[51], ids[50]}, nil},
		{"piano is:starred", slices.Concat(upTo(11, 50), upTo(70, 71)), nil, nil}, // but for stars
		{"xylophone larger:1055", slices.Concat(upTo(55, 57), upTo(70, 71)), []ID{ids[56], ids[55]}, upTo(70, 71)},
		{"xylophone subject:message", upTo(55, 55), []ID{ids[54]}, nil},
		{"xylophone -message", upTo(55, 57), nil, nil},                            // it is in the subject
		{"xylophone -violin", upTo(55, 57), []ID{ids[56], ids[55], ids[54]}, nil}, // the text may lack it
	} {
		q, err := ParseQuery(c.query, clock)
		must(t, err)
		got, away, err := s.Search.Credible(t.Context(), q, inbox, c.uids)
		must(t, err)
		if !slices.Equal(got, c.want) || !slices.Equal(away, c.away) {
			t.Errorf("%s, %v: %v, want %v; missing %v, want %v", c.query, c.uids, got, c.want, away, c.away)
		}
	}
}
