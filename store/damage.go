package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// replace sets a damaged database aside, under a name that says since when,
// and begins a new one with what can be saved of it.
func (s *Store) replace(ctx context.Context, dir string, now func() time.Time) error {
	return s.lock.alone(func() error {
		// Whoever held the store before may have replaced it already.
		if err := s.openFile(ctx, dir, now); !errors.Is(err, ErrDamaged) {
			return err
		}
		aside := filepath.Join(dir, fileName+".damaged-"+now().UTC().Format("20060102T150405.000000000"))
		if err := setAside(filepath.Join(dir, fileName), aside); err != nil {
			return err
		}
		if err := os.Remove(filepath.Join(dir, damageMark)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := s.openFile(ctx, dir, now); err != nil {
			return err
		}
		saved := salvage(ctx, s.d, aside)
		return s.d.update(ctx, precious, "note damage", func(t *tx) error {
			return t.tell("", filepath.Base(aside), max(saved, 1), Problem{Kind: ProblemDamaged, Op: "open",
				Words: fmt.Sprintf("%d messages that were only here were saved", saved)})
		})
	})
}

// setAside renames the database. Its log goes with it: the newest changes are
// there. The shared memory is made anew from it.
func setAside(from, to string) error {
	for _, suffix := range []string{"-wal", ""} {
		if err := os.Rename(from+suffix, to+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(from + "-shm"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
