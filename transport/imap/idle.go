package imap

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

// changes notes what others did to the selected mailbox: new messages, gone ones, flags. Sequence numbers are not
// used for anything: whoever is told of a change asks for UIDs and flags again.
type changes struct {
	mu     sync.Mutex
	exists uint32
	seen   bool
	wake   chan struct{} // closed at the next change while somebody waits, else nil
}

// note takes in an untagged response that is no answer; it runs in the reading goroutine.
func (ch *changes) note(r response) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	switch r.kind {
	case "EXISTS":
		if r.num == ch.exists {
			return
		}
		ch.exists = r.num
	case "EXPUNGE":
		if ch.exists > 0 {
			ch.exists--
		}
	case "VANISHED": // each of them like an EXPUNGE, once QRESYNC is enabled (RFC 7162 §3.2.10.2)
		gone, earlier, _ := parseVanished(r.rest)
		if earlier {
			return
		}
		ch.exists -= uint32(min(count(gone), uint64(ch.exists)))
	case "FETCH":
		if !parseFetch(r.rest).hasFlags {
			return // the new MODSEQ of what we stored ourselves
		}
	default:
		return
	}
	ch.seen = true
	if ch.wake != nil {
		close(ch.wake)
		ch.wake = nil
	}
}

// reset forgets all: another mailbox is selected.
func (ch *changes) reset() {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.exists, ch.seen = 0, false
}

// take says whether something changed since it was asked last.
func (ch *changes) take() bool {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	seen := ch.seen
	ch.seen = false
	return seen
}

// next is closed when something changes.
func (ch *changes) next() <-chan struct{} {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	wake := make(chan struct{})
	if ch.seen {
		close(wake)
	} else {
		ch.wake = wake
	}
	return wake
}

func (ch *changes) messages() uint32 {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.exists
}

// Noop asks the server for news (RFC 3501 §6.1.2) and says whether the selected mailbox changed since Select, or since
// Noop or Idle said so last.
func (c *Client) Noop(ctx context.Context) (changed bool, err error) {
	err = c.do(ctx, "ask for news", nil, func(lib *imapclient.Client) func() error { return lib.Noop().Wait })
	return c.changes.take(), err
}

// ErrNoIdle says that the server cannot push: ask with Noop.
var ErrNoIdle = errors.New("the server has no IDLE")

// idlePeriod is how long one IDLE lasts: routers forget connections that are silent for longer.
const idlePeriod = 10 * time.Minute

// Idle waits (RFC 2177) until the selected mailbox changes, at once if it did since Select, or since Noop or Idle said
// so last. When ctx ends it returns the context's error and, other than with other methods, the connection stands.
func (c *Client) Idle(ctx context.Context) error {
	if !c.Has("IDLE") {
		return ErrNoIdle
	}
	for !c.changes.take() {
		if err := c.idleOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}

// idleOnce is one IDLE command; it ends when something changes, or after idlePeriod, or when the server ends it.
func (c *Client) idleOnce(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &exchange{goesOn: true}
	changed := c.changes.next()
	call := c.start(context.WithoutCancel(ctx), "wait for news", x, func(lib *imapclient.Client) func() error {
		idle, err := lib.Idle()
		if err != nil {
			return func() error { return err }
		}
		c.conn.SetSilence(0)
		timer := time.NewTimer(idlePeriod)
		defer timer.Stop()
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		case <-x.answered:
		case <-c.Done():
		}
		c.conn.SetSilence(c.conn.Timeout())
		if err := idle.Close(); err != nil {
			return func() error { return err }
		}
		return idle.Wait
	})
	if _, err := call.finish(); err != nil {
		return err
	}
	return ctx.Err()
}
