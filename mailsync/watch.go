package mailsync

import (
	"context"
	"errors"
	"slices"
	"time"

	"tmail/account"
	"tmail/store"
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
		err := s.idle(ctx, &retry)
		if errors.Is(err, imap.ErrNoIdle) || ctx.Err() != nil {
			return
		}
		s.log.Info("the connection that waits for news ended", "error", err)
		var te *transport.Error
		s.sleep(ctx, retry.next(errors.As(err, &te) && te.Kind == transport.KindAuth))
	}
}

func (s *imapSide) idle(ctx context.Context, retry *backoff) error {
	inbox, err := s.store.Index.FolderByRole(ctx, s.account.Name, account.RoleInbox)
	if err != nil {
		return err
	}
	client, err := imap.Dial(ctx, &s.dialer, s.account.Incoming)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Select(ctx, inbox.Name); err != nil {
		return err
	}
	s.todo.inboxChanged() // what came between the last pull and the SELECT
	for {
		if err := s.notify(ctx, client, inbox.ID); err != nil {
			return err
		}
		retry.reset()
		err := s.idleOnce(ctx, client)
		if err != nil {
			return err
		}
	}
}

// notify asks to be told also of the folder on the screen, where the server can watch more than one.
func (s *imapSide) notify(ctx context.Context, client *imap.Client, inbox store.ID) error {
	screen := s.todo.onScreen()
	if !client.Has("NOTIFY") || screen == 0 || screen == inbox {
		return nil
	}
	refs, err := s.store.Remote.Folders(ctx, s.account.Name)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(refs, func(ref store.FolderRef) bool { return ref.ID == screen })
	if i < 0 {
		return nil // it is another account's
	}
	if err := client.Notify(ctx, refs[i].Name); err != nil && !refused(err) {
		return err
	}
	s.todo.lookAgain() // what came before
	return nil
}

// idleOnce waits until something changed or another folder came on the screen.
func (s *imapSide) idleOnce(ctx context.Context, client *imap.Client) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-s.todo.turned:
			stop()
		case <-waiting.Done():
		}
	}()
	err := client.Idle(waiting)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return nil
	}
	if err == nil {
		s.todo.inboxChanged()
		if client.Elsewhere() {
			s.todo.lookAgain()
		}
	}
	return err
}
