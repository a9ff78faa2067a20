package mailsync

import (
	"context"
	"errors"
	"time"

	"tmail/account"
	"tmail/store"
)

const (
	seekAgain = time.Minute    // between two looks for one message in Sent
	seekFor   = 24 * time.Hour // afterwards nobody looks for it any more
)

// findSent looks in the server's Sent folder for messages that were handed over and never confirmed. A provider that
// files a copy by itself has put it there when it accepted the message: it is sent then. A message that is not there
// stays unconfirmed, which proves nothing either way.
func (s *imapSide) findSent(ctx context.Context) error {
	list, err := s.store.Outbox.List(ctx, s.account.Name)
	if err != nil {
		return err
	}
	for _, out := range list {
		now := s.now()
		if out.Status != store.OutUnconfirmed || out.Resent || // the original may lie in Sent
			now.Sub(out.Updated) > seekFor || now.Sub(s.sought[out.ID]) < seekAgain {
			continue
		}
		s.sought[out.ID] = now
		found, err := s.isInSent(ctx, out.MessageID)
		if err != nil && !refused(err) {
			return err
		}
		if !found {
			continue
		}
		// The server's own copy is fetched like any other message: ours is done with.
		if err := s.store.Outbox.Sent(ctx, out.ID, 0); err != nil && !errors.Is(err, store.ErrNoSuch) {
			return err
		}
	}
	return nil
}

// isInSent asks the server for a message in Sent.
func (s *imapSide) isInSent(ctx context.Context, messageID string) (bool, error) {
	folder, err := s.store.Index.FolderByRole(ctx, s.account.Name, account.RoleSent)
	if errors.Is(err, store.ErrNoSuch) || err == nil && (folder.Local || messageID == "") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := s.open(ctx, folder.ID, folder.Name); err != nil {
		return false, err
	}
	uids, err := s.client.FindMessageID(ctx, messageID)
	return len(uids) > 0, err
}
