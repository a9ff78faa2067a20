package store

import (
	"context"
	"sync"
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
	Search    *Search
	Habits    *Habits

	d     *database
	watch *watch
	lock  *dirLock

	closing sync.Once
}

// Open opens the database in dir, creating both when they are missing. A
// damaged database is renamed to *.damaged-<time>, what exists nowhere else is
// saved from it into a new one, and a Notice says so.
func Open(ctx context.Context, dir string, now func() time.Time) (*Store, error) {
	s := &Store{watch: newWatch()}
	if err := s.open(ctx, dir, now); err != nil {
		return nil, err
	}
	s.watch.follow(s.d)
	bodies := &Bodies{s.d}
	s.Index = &Index{s.d}
	s.Changes = &Changes{s.d}
	s.Remote = &Remote{s.d}
	s.Bodies = bodies
	s.Drafts = &Drafts{s.d, bodies}
	s.Outbox = &Outbox{s.d, bodies}
	s.Addresses = &Addresses{s.d}
	s.Accounts = &Accounts{s.d}
	s.Search = &Search{s.d, bodies, fewMessages}
	s.Habits = &Habits{s.d}
	return s, nil
}

// Close closes the database. Bodies being read fail afterwards. A second time
// it does nothing.
func (s *Store) Close() (err error) {
	s.closing.Do(func() {
		s.watch.close()
		err = s.d.close()
		s.lock.release()
	})
	return err
}

// Watch returns a channel that wakes after every commit of this process and,
// within a quarter of a second, of other processes. Wake-ups are coalesced;
// the channel closes when ctx ends or the store is closed.
func (s *Store) Watch(ctx context.Context) <-chan struct{} { return s.watch.add(ctx) }
