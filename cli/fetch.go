package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tmail/account"
	"tmail/mailsync"
	"tmail/store"
	"tmail/ui"
)

// fetch gets the bytes of a message unless they are here: by an engine of our
// own or, where another tmail talks to the servers of the account, by that.
func (s *session) fetch(ctx context.Context, row store.Row) error {
	if stored, err := s.isStored(ctx, row.ID); stored || err != nil {
		return err
	}
	i := slices.IndexFunc(s.accounts, func(a account.Account) bool { return a.Name == row.Account })
	if i < 0 {
		return failed("cli.not_in_use", "ID", row.ID, "Account", strconv.Quote(row.Account))
	}
	working, stop := context.WithCancel(ctx)
	engine := mailsync.New(s.store, s.accounts[i:i+1], s.options)
	changed := s.store.Watch(working)
	ended := make(chan error, 1)
	begin := time.Now()
	engine.Want(row.ID)
	go func() { ended <- engine.Run(working) }()
	err := s.awaitBody(ctx, row, begin, changed)
	stop()
	return errors.Join(err, <-ended)
}

// isStored reports whether the bytes of a message are here.
func (s *session) isStored(ctx context.Context, id store.ID) (bool, error) {
	body, _, err := s.store.Bodies.Open(ctx, id)
	if errors.Is(err, store.ErrNotStored) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read message %s: %w", id, err)
	}
	return true, body.Close()
}

// fetchSilence is how long nothing may happen in the store while a message is
// awaited. Where another tmail talks to the server, it may have given up
// before we asked.
const fetchSilence = time.Minute

// awaitBody waits until the bytes of a message are here, or its account failed
// or its server denied them since begin.
func (s *session) awaitBody(ctx context.Context, row store.Row, begin time.Time, changed <-chan struct{}) error {
	silence := time.NewTimer(fetchSilence)
	defer silence.Stop()
	for {
		if stored, err := s.isStored(ctx, row.ID); stored || err != nil {
			return err
		}
		status, err := s.store.Accounts.Status(ctx, row.Account)
		if err != nil {
			return fmt.Errorf("read the state of account %s: %w", row.Account, err)
		}
		if status.Problem != nil && !status.At.Before(begin) {
			return failed("cli.not_stored", "ID", row.ID, "What", ui.ProblemText(status.Problem))
		}
		denied, err := s.store.Bodies.Denied(ctx, row.ID)
		if err != nil {
			return err
		}
		if denied != nil && !denied.At.Before(begin) {
			return failed("cli.not_stored", "ID", row.ID, "What", ui.ProblemText(denied))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
			silence.Reset(fetchSilence)
		case <-silence.C:
			return failed("cli.not_fetched", "ID", row.ID, "Time", fetchSilence)
		}
	}
}
