package store

import (
	"errors"
	"testing"
)

// A search keeps its place and its number when it is renamed, and takes the
// place of one that had the name.
func TestRenameSavedSearch(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	for _, name := range []string{"a", "b", "c"} {
		must(t, s.Search.Save(ctx, name, "text of "+name))
	}
	before, err := s.Search.Saved(ctx)
	must(t, err)
	must(t, s.Search.Rename(ctx, "a", "z"))
	must(t, s.Search.Rename(ctx, "b", "c"))
	must(t, s.Search.Rename(ctx, "c", "c"))
	if err := s.Search.Rename(ctx, "nobody", "c"); !errors.Is(err, ErrNoSuch) {
		t.Error("renaming what is not there:", err)
	}
	after, err := s.Search.Saved(ctx)
	must(t, err)
	want := []SavedSearch{{before[0].ID, "z", "text of a"}, {before[1].ID, "c", "text of b"}}
	if len(after) != 2 || after[0] != want[0] || after[1] != want[1] {
		t.Errorf("kept are %v, want %v", after, want)
	}
}
