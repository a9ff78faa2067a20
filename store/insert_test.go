package store

import (
	"fmt"
	"io"
	"testing"

	"tmail/message"
)

// What comes in great numbers is counted as what comes one by one.
func TestManyAreCounted(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	for _, n := range []int{1, rowsAtOnce - 1, rowsAtOnce, 3*rowsAtOnce + 7} {
		var list []NewMessage
		total, unread := 0, 0
		for i := range n {
			flags := message.Flags(i) & (message.Seen | message.Flagged | message.Deleted)
			list = append(list, mail(i, uint32(n*1000+i), flags))
			if flags&message.Deleted == 0 {
				total++
				if flags&message.Seen == 0 {
					unread++
				}
			}
		}
		before, err := s.Index.Folder(t.Context(), inbox)
		must(t, err)
		ids, err := s.Remote.Add(t.Context(), inbox, list)
		must(t, err)
		again, err := s.Remote.Add(t.Context(), inbox, append(list, list...))
		must(t, err)
		if fmt.Sprint(again) != fmt.Sprint(append(ids, ids...)) {
			t.Errorf("told of again they are %v, not %v", again, ids)
		}
		after, err := s.Index.Folder(t.Context(), inbox)
		must(t, err)
		if after.Total-before.Total != total || after.Unread-before.Unread != unread || after.Version == before.Version {
			t.Errorf("%d came, %d to be seen and %d unread; the folder went from %+v to %+v", n, total, unread, before, after)
		}
	}
}

// A message told of twice at once is one.
func TestToldOfTwice(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	list := []NewMessage{mail(1, 1, 0), mail(2, 2, 0), mail(1, 1, message.Seen)}
	ids, err := s.Remote.Add(t.Context(), inbox, list)
	must(t, err)
	if ids[0] != ids[2] || ids[0] == ids[1] {
		t.Errorf("they are %v", ids)
	}
	rows, err := s.Index.Rows(t.Context(), ids[:1])
	must(t, err)
	if len(rows) != 1 || rows[0].Flags != message.Seen {
		t.Errorf("it is %+v", rows)
	}
}

// Bytes that come for many messages change what their folder shows, and find
// those that were copied meanwhile.
func TestManyBodies(t *testing.T) {
	s := newStore(t)
	inbox, archive := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive")
	var list []NewMessage
	for i := range 2*rowsAtOnce + 3 {
		list = append(list, mail(i, uint32(i+1), 0))
	}
	ids, err := s.Remote.Add(t.Context(), inbox, list)
	must(t, err)
	must(t, s.Bodies.Want(t.Context(), ids...))
	_, err = s.Changes.Copy(t.Context(), ids[:2], archive)
	must(t, err)
	bodies := func(ids []ID) (list []Body) {
		for _, id := range ids {
			list = append(list, Body{ID: id, Raw: []byte("bytes of " + id.String()), Preview: id.String()})
		}
		return append(list, list...) // each twice
	}
	for _, some := range [][]ID{ids[:rowsAtOnce+1], ids[rowsAtOnce+1:]} { // with copies, and without
		before, err := s.Index.Folder(t.Context(), inbox)
		must(t, err)
		must(t, s.Bodies.Put(t.Context(), bodies(some)))
		after, err := s.Index.Folder(t.Context(), inbox)
		must(t, err)
		if after.Version == before.Version {
			t.Error("the folder was not told")
		}
	}
	copies, err := s.Index.IDs(t.Context(), archive)
	must(t, err)
	for _, id := range append(ids, copies...) {
		rows, err := s.Index.Rows(t.Context(), []ID{id})
		must(t, err)
		if len(rows) != 1 || !rows[0].Stored || rows[0].Preview == "" {
			t.Fatalf("message %s is %+v", id, rows)
		}
		r, _, err := s.Bodies.Open(t.Context(), id)
		must(t, err)
		if got, err := io.ReadAll(r); err != nil || string(got) != "bytes of "+rows[0].Preview {
			t.Errorf("message %s has %q, %v", id, got, err)
		}
	}
	if left, err := s.Remote.MissingBodies(t.Context(), "work", BodyPolicy{All: true}, 10); err != nil || len(left) > 0 {
		t.Errorf("missing are %v, %v", left, err)
	}
}
