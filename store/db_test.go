package store

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Who waits for a connection to read keeps nobody else from giving up.
func TestReadingIsGivenUp(t *testing.T) {
	s := newStore(t)
	for range s.d.reader.Stats().MaxOpenConnections {
		c, err := s.d.reader.Conn(t.Context())
		must(t, err)
		t.Cleanup(func() { c.Close() })
	}
	waiting, stop := context.WithCancel(t.Context())
	defer stop()
	before := s.d.reader.Stats().WaitCount
	go func() {
		if rows, err := s.d.read(waiting, "SELECT 1, 'not asked before'"); err == nil {
			rows.Close()
		}
	}()
	for s.d.reader.Stats().WaitCount == before {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	given := make(chan error, 1)
	go func() {
		_, err := s.d.read(ctx, "SELECT 2, 'not asked before'")
		given <- err
	}()
	select {
	case err := <-given:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it read: %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("it waits for ever")
	}
}
