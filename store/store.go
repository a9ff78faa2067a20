package store

import (
	"context"
	"time"
)

// Store is several types over one database. All of them are safe for use by
// many goroutines and, together with other processes, on the same directory.
type Store struct {
	Index     *Index
	Changes   *Changes
	Remote    *Remote
	Bodies    *Bodies
	Drafts    *Drafts
	Outbox    *Outbox
	Addresses *Addresses
	Accounts  *Accounts
}

// Open opens the database in dir, creating both when they are missing. A
// damaged database is renamed to *.damaged-<time>, what exists nowhere else is
// saved from it into a new one, and a Notice says so.
func Open(ctx context.Context, dir string, now func() time.Time) (*Store, error) {
	panic("not written")
}

// Close closes the database. Bodies being read fail afterwards.
func (s *Store) Close() error { panic("not written") }

// Watch returns a channel that wakes after every commit of this process and,
// within a quarter of a second, of other processes. Wake-ups are coalesced;
// the channel closes when ctx ends or the store is closed.
func (s *Store) Watch(ctx context.Context) <-chan struct{} { panic("not written") }

// Notices returns what the person has to be told, oldest first.
func (s *Store) Notices(ctx context.Context) ([]Notice, error) { panic("not written") }

// Dismiss forgets notices that were shown.
func (s *Store) Dismiss(ctx context.Context, ids ...int64) error { panic("not written") }
