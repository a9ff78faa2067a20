package store

import (
	"context"
	"database/sql"
	"fmt"
)

// SavedSearch is a search that a person keeps.
type SavedSearch struct {
	ID   ID // stays when it is renamed, and is never used again
	Name string
	Text string // what ParseQuery takes
}

// Save keeps a search under a name, in the place of another one of that name.
func (s *Search) Save(ctx context.Context, name, text string) error {
	return s.d.update(ctx, precious, fmt.Sprintf("keep search %q", name), func(t *tx) error {
		_, err := t.exec("INSERT INTO saved_search (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text", name, text)
		return err
	})
}

// Saved returns the searches that are kept, in the order they were first.
func (s *Search) Saved(ctx context.Context) ([]SavedSearch, error) {
	list, err := all(s.d.reading(ctx), func(rows *sql.Rows) (k SavedSearch, err error) {
		err = rows.Scan(&k.ID, &k.Name, &k.Text)
		return k, err
	}, "SELECT id, name, text FROM saved_search ORDER BY id")
	return list, s.d.explain("list searches", err)
}

// Rename gives a search another name, in the place of another one of that
// name, or returns ErrNoSuch.
func (s *Search) Rename(ctx context.Context, from, to string) error {
	return s.d.update(ctx, precious, fmt.Sprintf("rename search %q", from), func(t *tx) error {
		if _, err := t.exec("DELETE FROM saved_search WHERE name = ?1 AND EXISTS (SELECT 1 FROM saved_search WHERE name = ?2 AND ?1 <> ?2)", to, from); err != nil {
			return err
		}
		n, err := t.count("UPDATE saved_search SET name = ? WHERE name = ?", to, from)
		if err == nil && n == 0 {
			err = ErrNoSuch
		}
		return err
	})
}

// Forget drops a search that was kept, or returns ErrNoSuch.
func (s *Search) Forget(ctx context.Context, name string) error {
	return s.d.update(ctx, precious, fmt.Sprintf("forget search %q", name), func(t *tx) error {
		n, err := t.count("DELETE FROM saved_search WHERE name = ?", name)
		if err == nil && n == 0 {
			err = ErrNoSuch
		}
		return err
	})
}
