package store

import (
	"bytes"
	"io"
	"testing"
	"time"

	"tmail/account"
)

func popMail(uidl, raw string) POPNew {
	return POPNew{UIDL: uidl, Message: mail(len(raw), 0, 0), Raw: []byte(raw), Preview: raw}
}

func addPOP(t *testing.T, s *Store, list ...POPNew) []ID {
	t.Helper()
	got, _, err := s.Remote.AddPOP(t.Context(), "home", list)
	must(t, err)
	return got
}

func listUIDLs(t *testing.T, s *Store, uidls ...string) {
	t.Helper()
	var list []POPListed
	for _, u := range uidls {
		list = append(list, POPListed{UIDL: u})
	}
	_, err := s.Remote.ListedUIDLs(t.Context(), "home", list)
	must(t, err)
}

func deletes(t *testing.T, s *Store, leave account.LeavePolicy) (uidls []string) {
	t.Helper()
	list, err := s.Remote.POPDeletes(t.Context(), "home", leave)
	must(t, err)
	for _, m := range list {
		uidls = append(uidls, m.UIDL)
	}
	return uidls
}

func TestPOPKnowsMessagesByContent(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "home", "Inbox")
	listUIDLs(t, s, "a", "b")
	first := addPOP(t, s, popMail("a", "one"), popMail("b", "two"))
	if got := ids(t, s, inbox); len(got) != 2 {
		t.Fatalf("inbox %v", got)
	}
	if r := row(t, s, first[0]); !r.Stored || r.Pending || r.Preview != "one" {
		t.Errorf("row %+v", r)
	}
	// The server renumbers.
	listUIDLs(t, s, "c", "d")
	again := addPOP(t, s, popMail("c", "one"), popMail("d", "two"))
	if again[0] != first[0] || again[1] != first[1] {
		t.Errorf("renumbered: %v, want %v", again, first)
	}
	// Equal messages that are there at the same time are two.
	listUIDLs(t, s, "c", "d", "e")
	if twin := addPOP(t, s, popMail("e", "one")); twin[0] == first[0] {
		t.Error("a twin was taken for the message itself")
	}
	// One UIDL for two messages.
	if other := addPOP(t, s, popMail("d", "three")); other[0] == first[1] {
		t.Error("another message under a known UIDL was taken for the known one")
	}
	if got := ids(t, s, inbox); len(got) != 4 {
		t.Errorf("inbox %v", got)
	}
}

func TestPOPDeletedHereStaysDeleted(t *testing.T) {
	s := newStore(t)
	listUIDLs(t, s, "a", "b")
	added := addPOP(t, s, popMail("a", "one"), popMail("b", "two"))
	if got := deletes(t, s, account.LeavePolicy{Keep: true}); got != nil {
		t.Errorf("to be deleted: %v", got)
	}
	if got := deletes(t, s, account.LeavePolicy{}); len(got) != 2 {
		t.Errorf("to be deleted: %v", got)
	}
	if got := deletes(t, s, account.LeavePolicy{Keep: true, For: time.Hour}); got != nil {
		t.Errorf("to be deleted: %v", got)
	}
	_, err := s.Changes.Move(t.Context(), added[:1], folderNamed(t, s, "home", "Trash"))
	must(t, err)
	if got := deletes(t, s, account.LeavePolicy{Keep: true}); got != nil {
		t.Errorf("in Trash, to be deleted: %v", got)
	}
	must(t, s.Changes.Delete(t.Context(), added[:1]))
	if got := deletes(t, s, account.LeavePolicy{Keep: true}); len(got) != 1 || got[0] != "a" {
		t.Errorf("deleted here, to be deleted: %v", got)
	}
	listUIDLs(t, s, "x", "b") // renumbered meanwhile
	if again := addPOP(t, s, popMail("x", "one")); again[0] != 0 {
		t.Error("a deleted message came back")
	}
	if got := deletes(t, s, account.LeavePolicy{Keep: true}); len(got) != 1 || got[0] != "x" {
		t.Errorf("to be deleted: %v", got)
	}
	listUIDLs(t, s, "b")
	if got := deletes(t, s, account.LeavePolicy{Keep: true}); got != nil {
		t.Errorf("gone on the server, to be deleted: %v", got)
	}
	waiting(t, s, "home", 0)
}

func TestPOPLargeMessage(t *testing.T) {
	s := newStore(t)
	raw := bytes.Repeat([]byte("0123456789abcdef\x00\r\n"), 150_000)
	fetch := func(uidl string) ID {
		w, err := s.Bodies.Create(t.Context())
		must(t, err)
		_, err = io.Copy(w, bytes.NewReader(raw))
		must(t, err)
		return addPOP(t, s, POPNew{UIDL: uidl, Message: mail(1, 0, 0), Body: w})[0]
	}
	listUIDLs(t, s, "a")
	id := fetch("a")
	listUIDLs(t, s, "b")
	if again := fetch("b"); again != id {
		t.Errorf("renumbered: %s, want %s", again, id)
	}
	r, _, err := s.Bodies.Open(t.Context(), id)
	must(t, err)
	got, err := io.ReadAll(r)
	must(t, err)
	if !bytes.Equal(got, raw) {
		t.Errorf("%d bytes, want %d", len(got), len(raw))
	}
}

// From POP3 to IMAP: appended there, and gone here when it has arrived.
func TestCrossingFromPOP(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	listUIDLs(t, s, "a")
	id := addPOP(t, s, popMail("a", "one"))[0]
	inbox := folderNamed(t, s, "home", "Inbox")
	step, err := s.Changes.Move(ctx, []ID{id}, folderNamed(t, s, "work", "Archive"))
	must(t, err)
	if step.Count != 1 || len(ids(t, s, inbox)) != 0 {
		t.Errorf("step %+v", step)
	}
	must(t, s.Changes.Undo(ctx, step))
	if got := ids(t, s, inbox); len(got) != 1 || got[0] != id {
		t.Errorf("inbox %v", got)
	}
	waiting(t, s, "work", 0)

	step, err = s.Changes.Move(ctx, []ID{id}, folderNamed(t, s, "work", "Archive"))
	must(t, err)
	if got := deletes(t, s, account.LeavePolicy{Keep: true}); got != nil {
		t.Errorf("deleted on the server before it arrived: %v", got)
	}
	ch := begin(t, s, "work", ChangeAppend)
	must(t, s.Changes.Done(ctx, ch, Outcome{UIDs: map[uint32]uint32{0: 5}}))
	if got := deletes(t, s, account.LeavePolicy{Keep: true}); len(got) != 1 {
		t.Errorf("to be deleted: %v", got)
	}
	must(t, s.Changes.Undo(ctx, step))
	if got := ids(t, s, inbox); len(got) != 1 {
		t.Errorf("inbox %v", got)
	}
	ch = begin(t, s, "work", ChangeExpunge)
	must(t, s.Changes.Done(ctx, ch, Outcome{}))
	waiting(t, s, "work", 0)
}
