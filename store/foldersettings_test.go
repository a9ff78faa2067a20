package store

import (
	"errors"
	"testing"

	"tmail/account"
)

func folderOf(t testing.TB, s *Store, id ID) Folder {
	t.Helper()
	f, err := s.Index.Folder(t.Context(), id)
	must(t, err)
	return f
}

func TestSubscribe(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	old := folderNamed(t, s, "work", "Old")
	subscribed := func(want bool) {
		t.Helper()
		if f := folderOf(t, s, old); f.Subscribed != want {
			t.Errorf("subscribed is %v", f.Subscribed)
		}
	}
	subscribed(false)
	must(t, s.Changes.Subscribe(ctx, old, true))
	subscribed(true)
	waiting(t, s, "work", 1)
	ch := begin(t, s, "work", ChangeSubscribe)
	if ch.Folder.Name != "Old" {
		t.Errorf("subscribes to %q", ch.Folder.Name)
	}
	// The person thinks better of it while the command is under way.
	must(t, s.Changes.Subscribe(ctx, old, false))
	subscribed(false)
	must(t, s.Changes.Done(ctx, ch, Outcome{}))
	subscribed(false)
	ch = begin(t, s, "work", ChangeUnsubscribe)
	must(t, s.Changes.Done(ctx, ch, Outcome{}))
	waiting(t, s, "work", 0)

	// A wish that the server knows already is none.
	must(t, s.Changes.Subscribe(ctx, old, true))
	must(t, s.Changes.Subscribe(ctx, old, false))
	waiting(t, s, "work", 0)
	must(t, s.Changes.Subscribe(ctx, old, true))
	told := append([]RemoteFolder(nil), usual...)
	told[5].Subscribed = true
	must(t, s.Remote.SetFolders(ctx, "work", told))
	waiting(t, s, "work", 0)
	subscribed(true)

	// Refused: as the server has it.
	must(t, s.Changes.Subscribe(ctx, old, false))
	must(t, s.Changes.Refuse(ctx, begin(t, s, "work", ChangeUnsubscribe), Problem{Words: "no"}))
	subscribed(true)
	waiting(t, s, "work", 0)

	// Put off: others go first, and it is told again.
	must(t, s.Changes.Subscribe(ctx, old, false))
	must(t, s.Changes.Retry(ctx, begin(t, s, "work", ChangeUnsubscribe), Problem{}))
	begin(t, s, "work", ChangeUnsubscribe)

	// Folders of this machine are hidden here only.
	archive := folderNamed(t, s, "home", "Archive")
	must(t, s.Changes.Subscribe(ctx, archive, false))
	waiting(t, s, "home", 0)
	if folderOf(t, s, archive).Subscribed {
		t.Error("a local folder is not hidden")
	}
}

func TestFoldersAreArranged(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	setUp(t, s)
	old := folderNamed(t, s, "work", "Old")
	must(t, s.Changes.Favourite(t.Context(), old, true))
	must(t, s.Changes.Fold(t.Context(), old, true))
	other := openAt(t, dir)
	if f := folderOf(t, other, old); !f.Favourite || !f.Folded {
		t.Errorf("another process sees %+v", f)
	}
	must(t, s.Changes.Favourite(t.Context(), old, false))
	if f := folderOf(t, s, old); f.Favourite || !f.Folded {
		t.Errorf("afterwards it is %+v", f)
	}
	if err := s.Changes.Fold(t.Context(), 999, true); !errors.Is(err, ErrNoSuch) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestRolesByHand(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	archive, old, inbox := folderNamed(t, s, "work", "Archive"), folderNamed(t, s, "work", "Old"), folderNamed(t, s, "work", "INBOX")
	role := func(id ID, want account.Role) {
		t.Helper()
		if f := folderOf(t, s, id); f.Role != want {
			t.Errorf("the role of %s is %q, not %q", f.Name, f.Role, want)
		}
	}
	must(t, s.Changes.SetRole(ctx, old, account.RoleArchive))
	role(old, account.RoleArchive)
	role(archive, "")

	// As the list says it once the configuration has it so; and the other way round again.
	told := append([]RemoteFolder(nil), usual...)
	told[3].Role, told[5].Role = "", account.RoleArchive
	must(t, s.Remote.SetFolders(ctx, "work", told))
	role(old, account.RoleArchive)
	role(archive, "")
	must(t, s.Remote.SetFolders(ctx, "work", usual))
	role(old, "")
	role(archive, account.RoleArchive)

	must(t, s.Changes.SetRole(ctx, archive, ""))
	role(archive, "")
	for _, wrong := range []struct {
		id   ID
		role account.Role
	}{{inbox, account.RoleTrash}, {old, account.RoleInbox}, {folderNamed(t, s, "home", "Archive"), account.RoleTrash}} {
		if err := s.Changes.SetRole(ctx, wrong.id, wrong.role); !errors.Is(err, ErrNotPossible) {
			t.Errorf("role %q of folder %d: %v", wrong.role, wrong.id, err)
		}
	}
}
