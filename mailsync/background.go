package mailsync

import (
	"context"
	"time"
)

// background does what there is to do in batches, with a pause after each, and waits for the store to change when
// there is no more. What fails is tried again after a minute.
func (e *Engine) background(ctx context.Context, what string, pause time.Duration, batch func() (more bool, err error)) {
	changed := e.store.Watch(ctx)
	for ctx.Err() == nil {
		more, err := batch()
		rest := pause
		if err != nil && ctx.Err() == nil {
			e.opts.Log.Error(what, "error", err)
			more, rest = true, time.Minute
		}
		if !more {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
}

// How much Index takes at once, and the pause after each batch: who types or reads is not to notice.
const (
	indexBatch = 1000
	indexPause = 20 * time.Millisecond
)

// index keeps the index of words up with what comes in, in the background, until ctx ends.
func (e *Engine) index(ctx context.Context) {
	e.background(ctx, "index", indexPause, func() (more bool, err error) {
		left, err := e.store.Search.Index(ctx, indexBatch)
		return left > 0, err
	})
}

// How many older messages are tied to conversations at once, and the pause after each batch.
const (
	olderBatch = 200
	olderPause = 50 * time.Millisecond
)

// tieOlder ties what was here before there were conversations to theirs, and what a program of ours sent, in the
// background until ctx ends.
func (e *Engine) tieOlder(ctx context.Context) {
	e.background(ctx, "tie older messages to conversations", olderPause, func() (more bool, err error) {
		return e.store.Remote.TieOlder(ctx, olderBatch)
	})
}
