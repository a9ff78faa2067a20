package store

import (
	"context"
	"sync"
	"time"
)

// pollEvery is how often other processes' commits are asked after.
const pollEvery = 250 * time.Millisecond

// watch wakes those who show the store. It owns the channels it gave out.
type watch struct {
	mu     sync.Mutex
	subs   map[chan struct{}]bool
	closed bool

	stop context.CancelFunc
	done chan struct{} // closed when follow has ended
}

func newWatch() *watch { return &watch{subs: map[chan struct{}]bool{}} }

// add gives out a channel of capacity 1.
func (w *watch) add(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		close(ch)
		return ch
	}
	w.subs[ch] = true
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.subs[ch] {
			delete(w.subs, ch)
			close(ch)
		}
	})
	return ch
}

// tell wakes everybody; who has not read the last wake-up needs no other.
func (w *watch) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch := range w.subs {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// follow tells of other processes' commits from here on.
func (w *watch) follow(d *database) {
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.done = stop, make(chan struct{})
	last, _ := d.version(ctx) // now: what is committed while the goroutine starts has to wake too
	go func() {
		defer close(w.done)
		tick := time.NewTicker(pollEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			_ = recovering(func() error { // what fails is asked again
				v, err := d.version(ctx)
				if err == nil && v != last {
					last = v
					w.tell()
				}
				return err
			})
		}
	}()
}

// close ends follow and closes the channels.
func (w *watch) close() {
	w.stop()
	<-w.done
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for ch := range w.subs {
		delete(w.subs, ch)
		close(ch)
	}
}

// version changes with every commit of another connection. It is asked on the
// writing connection, which does not count its own.
func (d *database) version(ctx context.Context) (int64, error) {
	if err := d.take(ctx); err != nil {
		return 0, err
	}
	defer func() { d.turn <- struct{}{} }()
	t := &tx{ctx: context.WithoutCancel(ctx), d: d}
	return one(t.query, value[int64], "PRAGMA data_version")
}
