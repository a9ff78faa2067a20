package mailsync

import (
	"context"
	"errors"
	"time"

	"tmail/account"
	"tmail/transport"
	"tmail/transport/imap"
)

// aliveWithin is how long a server may take to show that it still hears us after the network came back.
const aliveWithin = 5 * time.Second

// alive asks the server for a sign of life.
func (s *imapSide) alive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, aliveWithin)
	defer cancel()
	_, err := s.client.Noop(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return &transport.Error{Kind: transport.KindNetwork, Op: "ask for a sign of life", Words: "the connection ended"}
	}
	return err
}

// watch idles on the inbox over a connection of its own, and makes a new one when that dies. A server without IDLE is
// polled by the worker instead.
func (s *imapSide) watch(ctx context.Context) {
	var retry backoff
	for ctx.Err() == nil {
		began := time.Now()
		err := s.idle(ctx)
		retry.lasted(time.Since(began))
		if errors.Is(err, imap.ErrNoIdle) || ctx.Err() != nil {
			return
		}
		s.log.Info("the connection that waits for news ended", "error", err)
		var te *transport.Error
		s.sleep(ctx, retry.next(errors.As(err, &te) && te.Kind == transport.KindAuth))
	}
}

func (s *imapSide) idle(ctx context.Context) error {
	inbox, err := s.store.Index.FolderByRole(ctx, s.account.Name, account.RoleInbox)
	if err != nil {
		return err
	}
	client, err := imap.Dial(ctx, &s.dialer, s.account.Incoming)
	if err != nil {
		return err
	}
	defer client.Close()
	defer context.AfterFunc(ctx, func() { client.Close() })() // a server that has gone silent does not hold up the end
	if _, err := client.Select(ctx, inbox.Name); err != nil {
		return err
	}
	s.todo.inboxChanged() // what came between the last pull and the SELECT
	for {
		if err := client.Idle(ctx); err != nil {
			return err
		}
		s.todo.inboxChanged()
	}
}
