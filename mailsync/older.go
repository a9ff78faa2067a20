package mailsync

import (
	"context"
	"time"
)

// How many older messages are tied to conversations at once, and the pause after each batch.
const (
	olderBatch = 200
	olderPause = 50 * time.Millisecond
)

// tieOlder ties what was here before there were conversations to theirs, and what a program of ours sent, in the
// background until ctx ends.
func (e *Engine) tieOlder(ctx context.Context) {
	changed := e.store.Watch(ctx)
	for ctx.Err() == nil {
		more, err := e.store.Remote.TieOlder(ctx, olderBatch)
		if err != nil && ctx.Err() == nil {
			e.opts.Log.Error("tie older messages to conversations", "error", err)
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
		case <-time.After(olderPause):
		}
	}
}
