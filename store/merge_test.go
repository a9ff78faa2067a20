package store

import (
	"errors"
	"testing"

	"tmail/account"
	"tmail/message"
)

func move(t *testing.T, s *Store, list []ID, folder ID) Step {
	t.Helper()
	step, err := s.Changes.Move(t.Context(), list, folder)
	must(t, err)
	return step
}

func notices(t *testing.T, s *Store, kinds ...ProblemKind) {
	t.Helper()
	list, err := s.Notices(t.Context())
	must(t, err)
	for i, n := range list {
		if i >= len(kinds) || n.Problem.Kind != kinds[i] || n.Account != "work" {
			t.Errorf("notice %+v", n)
		}
	}
	if len(list) != len(kinds) {
		t.Errorf("%d notices, want %v", len(list), kinds)
	}
}

func TestMovedByAnotherClientKeepsItsID(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox, archive := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive")
	id := fill(t, s, inbox, 1)[0]
	must(t, s.Bodies.Put(ctx, []Body{{ID: id, Raw: []byte("bytes")}}))
	_, err := s.Changes.Flag(ctx, []ID{id}, message.Flagged, 0)
	must(t, err)
	must(t, s.Remote.Gone(ctx, inbox, []uint32{1}))
	if got := ids(t, s, inbox); len(got) != 0 {
		t.Errorf("still shown: %v", got)
	}
	again, err := s.Remote.Add(ctx, archive, []NewMessage{mail(1, 50, message.Seen)})
	must(t, err)
	r := row(t, s, id)
	if again[0] != id || r.Folder != archive || !r.Stored || r.Flags != message.Seen|message.Flagged || !r.Pending {
		t.Errorf("%v, row %+v", again, r)
	}
	notices(t, s)
}

func TestMovedOnBothSidesTheServerWins(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox, archive, old := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive"), folderNamed(t, s, "work", "Old")
	id := fill(t, s, inbox, 1)[0]
	move(t, s, []ID{id}, archive)
	must(t, s.Remote.Gone(ctx, inbox, []uint32{1}))
	_, err := s.Remote.Add(ctx, old, []NewMessage{mail(1, 50, 0)})
	must(t, err)
	if r := row(t, s, id); r.Folder != old || r.Pending {
		t.Errorf("row %+v", r)
	}
	notices(t, s, ProblemConflict)
}

func TestGoneDropsItsChangeAndSaysSo(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox := folderNamed(t, s, "work", "INBOX")
	added := fill(t, s, inbox, 2)
	move(t, s, added[:1], folderNamed(t, s, "work", "Archive"))
	must(t, s.Remote.Gone(ctx, inbox, []uint32{1, 2}))
	waiting(t, s, "work", 0)
	must(t, s.Remote.PurgeOrphans(ctx, "work")) // of the pass in which they were lost
	again, err := s.Remote.Add(ctx, inbox, []NewMessage{mail(2, 3, 0)})
	must(t, err)
	if again[0] != added[1] {
		t.Error("a message was given up before a whole pass had looked for it")
	}
	must(t, s.Remote.PurgeOrphans(ctx, "work"))
	again, err = s.Remote.Add(ctx, inbox, []NewMessage{mail(1, 4, 0)})
	must(t, err)
	if again[0] == added[0] {
		t.Error("a message came back after it was given up")
	}
	notices(t, s, ProblemGone)
}

func TestUIDValidityChange(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox, archive := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive")
	added := fill(t, s, inbox, 4)
	must(t, s.Bodies.Put(ctx, []Body{{ID: added[0], Raw: []byte("bytes")}}))
	move(t, s, added[:1], archive)
	must(t, s.Changes.Delete(ctx, added[1:2]))
	_, err := s.Changes.Flag(ctx, added[2:3], message.Seen, 0)
	must(t, err)
	must(t, s.Remote.ResetUIDs(ctx, inbox, 8))
	if got := ids(t, s, inbox); len(got) != 2 {
		t.Errorf("the screen went empty: %v", got)
	}
	if ch := next1(t, s, "work"); ch != nil {
		t.Errorf("a change without a UID: %+v", ch)
	}
	again, err := s.Remote.Add(ctx, inbox, []NewMessage{mail(4, 11, 0), mail(3, 12, 0), mail(2, 13, 0), mail(1, 14, 0)})
	must(t, err)
	for i, id := range again {
		if id != added[3-i] {
			t.Errorf("message %d became %s, was %s", 4-i, id, added[3-i])
		}
	}
	for _, want := range []struct {
		kind ChangeKind
		uid  uint32
	}{{ChangeFlag, 12}, {ChangeMove, 14}, {ChangeExpunge, 13}} {
		ch := begin(t, s, "work", want.kind)
		if ch.Items[0].UID != want.uid {
			t.Errorf("%s of UID %d, want %d", want.kind, ch.Items[0].UID, want.uid)
		}
	}
	notices(t, s)
}

func TestMoveWithoutCOPYUID(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox, archive := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive")
	id := fill(t, s, inbox, 1)[0]
	step := move(t, s, []ID{id}, archive)
	ch := begin(t, s, "work", ChangeMove)
	must(t, s.Changes.Done(ctx, ch, Outcome{}))
	must(t, s.Changes.Undo(ctx, step)) // before its new UID is known
	waiting(t, s, "work", 1)
	if ch := next1(t, s, "work"); ch != nil {
		t.Errorf("a change without a UID: %+v", ch)
	}
	_, err := s.Remote.Add(ctx, archive, []NewMessage{mail(1, 77, 0)})
	must(t, err)
	if ch := begin(t, s, "work", ChangeMove); ch.Items[0].UID != 77 || ch.Dest.Name != "INBOX" {
		t.Errorf("change %+v", ch)
	}
}

// The link died while a move was under way; what the server has is told first
// by a listing, then by looking.
func TestUncertainMove(t *testing.T) {
	for name, arrived := range map[string]bool{"carried out": true, "not carried out": false} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			ctx := t.Context()
			inbox, archive := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive")
			id := fill(t, s, inbox, 1)[0]
			move(t, s, []ID{id}, archive)
			ch := next1(t, s, "work")
			ch.Dest.UIDNext = 40
			must(t, s.Changes.Begin(ctx, ch))
			if ch := next1(t, s, "work"); ch != nil {
				t.Errorf("handed out again while in flight: %+v", ch)
			}
			list, err := s.Changes.InFlight(ctx, "work")
			must(t, err)
			if len(list) != 1 || list[0].Dest.UIDNext != 40 || list[0].Items[0].MessageID != "m1@example.com" || list[0].Items[0].UID != 1 {
				t.Fatalf("in flight %+v", list)
			}
			if arrived {
				must(t, s.Remote.Gone(ctx, inbox, []uint32{1}))
				if r := row(t, s, id); r.Folder != archive {
					t.Errorf("row %+v", r)
				}
				_, err := s.Remote.Add(ctx, archive, []NewMessage{mail(1, 39, 0), mail(1, 41, 0)})
				must(t, err)
				waiting(t, s, "work", 0)
				if uids, err := s.Remote.UIDFlags(ctx, archive); err != nil || len(uids) != 2 || len(ids(t, s, archive)) != 2 {
					t.Errorf("archive %v, %v", uids, err)
				}
				if list, err := s.Changes.InFlight(ctx, "work"); err != nil || len(list) != 0 {
					t.Errorf("still in flight: %v, %v", list, err)
				}
				must(t, s.Changes.Done(ctx, list[0], Outcome{UIDs: map[uint32]uint32{1: 41}})) // late, and no harm
				return
			}
			must(t, s.Changes.Retry(ctx, list[0], Problem{}))
			begin(t, s, "work", ChangeMove)
		})
	}
}

// A star was being taken away when the link died, and is wanted again: whether the server took it away or not, it is
// told to set it.
func TestUncertainFlag(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	id := fill(t, s, inbox, 1)[0]
	must(t, s.Remote.SetFlags(t.Context(), inbox, []UIDFlags{{1, message.Flagged}}))
	flag := func(add, remove message.Flags) {
		_, err := s.Changes.Flag(t.Context(), []ID{id}, add, remove)
		must(t, err)
	}
	flag(0, message.Flagged)
	ch := begin(t, s, "work", ChangeFlag)
	flag(message.Flagged, 0)
	must(t, s.Changes.Retry(t.Context(), ch, Problem{}))
	ch = begin(t, s, "work", ChangeFlag)
	if ch.Add != message.Flagged || ch.Remove != 0 {
		t.Fatalf("change %+v", ch)
	}
	flag(0, message.Flagged)
	must(t, s.Changes.Refuse(t.Context(), ch, Problem{}))
	ch = begin(t, s, "work", ChangeFlag)
	must(t, s.Changes.Done(t.Context(), ch, Outcome{}))
	if r := row(t, s, id); ch.Remove != message.Flagged || r.Flags != 0 || r.Pending {
		t.Errorf("row %+v after %+v", r, ch)
	}
}

func TestRefusedIsGivenBack(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox, archive := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive")
	id := fill(t, s, inbox, 1)[0]
	move(t, s, []ID{id}, archive)
	ch := begin(t, s, "work", ChangeMove)
	must(t, s.Changes.Refuse(ctx, ch, Problem{Kind: ProblemQuota, Words: "no room"}))
	if r := row(t, s, id); r.Folder != inbox || r.Pending || r.Problem == nil || r.Problem.Words != "no room" {
		t.Errorf("row %+v", r)
	}
	notices(t, s, ProblemQuota)
	move(t, s, []ID{id}, archive) // again, and the problem is forgotten
	if r := row(t, s, id); r.Problem != nil {
		t.Errorf("row %+v", r)
	}
	// What failed waits for the others.
	ch = begin(t, s, "work", ChangeMove)
	must(t, s.Changes.Retry(ctx, ch, Problem{Kind: ProblemTemporary}))
	_, err := s.Remote.Add(ctx, inbox, []NewMessage{mail(2, 2, 0)})
	must(t, err)
	second := ids(t, s, inbox)
	must(t, s.Changes.Delete(ctx, second))
	if ch := next1(t, s, "work"); ch.Kind != ChangeExpunge {
		t.Errorf("next is %+v", ch)
	}
}

func TestFlaggedDeletedIsHidden(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	fill(t, s, inbox, 2)
	must(t, s.Remote.SetFlags(t.Context(), inbox, []UIDFlags{{1, message.Deleted}}))
	if got := ids(t, s, inbox); len(got) != 1 {
		t.Errorf("shown: %v", got)
	}
	must(t, s.Remote.SetFlags(t.Context(), inbox, []UIDFlags{{1, 0}}))
	if got := ids(t, s, inbox); len(got) != 2 {
		t.Errorf("shown: %v", got)
	}
}

func TestFoldersHaveTwoSides(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox := folderNamed(t, s, "work", "INBOX")
	added := fill(t, s, inbox, 2)
	id, err := s.Changes.CreateFolder(ctx, "work", "Projects/tmail", "")
	must(t, err)
	if _, err := s.Changes.CreateFolder(ctx, "work", "Projects/tmail", ""); !errors.Is(err, ErrExists) {
		t.Errorf("made twice: %v", err)
	}
	move(t, s, added[:1], id)
	must(t, s.Changes.RenameFolder(ctx, id, "Projects/mail")) // not made yet: one change
	ch := begin(t, s, "work", ChangeCreate)
	if ch.Folder.Name != "Projects/mail" {
		t.Errorf("change %+v", ch)
	}
	must(t, s.Changes.Done(ctx, ch, Outcome{}))
	ch = begin(t, s, "work", ChangeMove)
	if ch.Dest.Name != "Projects/mail" {
		t.Errorf("change %+v", ch)
	}
	must(t, s.Changes.Done(ctx, ch, Outcome{UIDs: map[uint32]uint32{1: 1}}))
	must(t, s.Changes.RenameFolder(ctx, folderNamed(t, s, "work", "Old"), "Older"))
	ch = begin(t, s, "work", ChangeRename)
	if ch.Folder.Name != "Old" || ch.Dest.Name != "Older" {
		t.Errorf("change %+v", ch)
	}
	must(t, s.Changes.Done(ctx, ch, Outcome{}))
	must(t, s.Changes.RemoveFolder(ctx, id))
	if got := ids(t, s, folderNamed(t, s, "work", "Trash")); len(got) != 1 || got[0] != added[0] {
		t.Errorf("trash %v", got)
	}
	ch = begin(t, s, "work", ChangeMove) // first its mail, then the folder
	must(t, s.Changes.Done(ctx, ch, Outcome{UIDs: map[uint32]uint32{1: 9}}))
	ch = begin(t, s, "work", ChangeRemove)
	must(t, s.Changes.Done(ctx, ch, Outcome{}))
	waiting(t, s, "work", 0)
	for _, name := range []string{"", "a\r\nb", "\x00"} {
		if _, err := s.Changes.CreateFolder(ctx, "work", name, ""); !errors.Is(err, ErrNotPossible) {
			t.Errorf("folder %q: %v", name, err)
		}
	}
	if _, err := s.Changes.CreateFolder(ctx, "work", "Inbox", ""); !errors.Is(err, ErrExists) {
		t.Errorf("a second Inbox was made: %v", err)
	}
	if err := s.Changes.RenameFolder(ctx, folderNamed(t, s, "work", "Trash"), "inbox"); !errors.Is(err, ErrExists) {
		t.Errorf("a second Inbox by renaming: %v", err)
	}
	if err := s.Changes.RemoveFolder(ctx, inbox); !errors.Is(err, ErrNotPossible) {
		t.Errorf("the Inbox was removed: %v", err)
	}
}

func TestTenThousandMovedAndTakenBack(t *testing.T) {
	s := newStore(t)
	inbox, archive := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive")
	added := fill(t, s, inbox, 10_000)
	step := move(t, s, added, archive)
	waiting(t, s, "work", 10_000)
	ch := begin(t, s, "work", ChangeMove)
	if len(ch.Items) != MaxItems {
		t.Errorf("%d items in a change", len(ch.Items))
	}
	out := Outcome{UIDs: map[uint32]uint32{}}
	for _, it := range ch.Items {
		out.UIDs[it.UID] = it.UID + 5
	}
	must(t, s.Changes.Done(t.Context(), ch, out))
	must(t, s.Changes.Undo(t.Context(), step))
	waiting(t, s, "work", MaxItems) // the others were never sent
	if got := ids(t, s, inbox); len(got) != 10_000 {
		t.Errorf("%d in the inbox", len(got))
	}
}

func TestWhatIsConfigured(t *testing.T) {
	s := newStore(t)
	must(t, s.Accounts.Register(t.Context(), account.Account{Name: "home", Incoming: account.Endpoint{Protocol: "pop3"}}))
	list, err := s.Index.Folders(t.Context())
	must(t, err)
	var names []string
	for _, f := range list {
		names = append(names, f.Account+"/"+f.Name)
	}
	if len(names) != 7 || names[0] != "home/Inbox" {
		t.Errorf("folders %v", names)
	}
	setUp(t, s)
	folderNamed(t, s, "work", "INBOX") // its folders are there again
}
