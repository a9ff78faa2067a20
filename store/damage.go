package store

import (
	"context"
	"time"
)

func (s *Store) replace(ctx context.Context, dir string, now func() time.Time) error {
	return ErrDamaged
}
