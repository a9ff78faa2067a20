package mailsync

import (
	"context"
	"errors"
	"slices"
	"time"

	"tmail/store"
	"tmail/transport/imap"
)

// settle finds out what became of the changes that were under way when the connection, or the program, died. Flags and
// expunges are simply told again. A message that was to be moved, copied or appended is looked for where it went, and
// only what is not there is told again: otherwise it would be there twice.
func (s *imapSide) settle(ctx context.Context) error {
	changes, err := s.store.Changes.InFlight(ctx, s.account.Name)
	if err != nil {
		return err
	}
	for _, ch := range changes {
		var err error
		switch ch.Kind {
		case store.ChangeMove, store.ChangeCopy, store.ChangeAppend:
			err = s.settleArrivals(ctx, ch)
		default:
			err = s.retry(ctx, ch, nil)
		}
		if err != nil && !refused(err) {
			return err
		}
		if err != nil {
			if err := s.retry(ctx, ch, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// retry hands a change back to be told again.
func (s *imapSide) retry(ctx context.Context, ch *store.Change, why error) error {
	problem := store.Problem{Kind: store.ProblemNetwork, Op: string(ch.Kind), Host: s.account.Incoming.Host, At: s.now()}
	if why != nil {
		problem = *problemOf(why, s.account, s.now())
	}
	return s.store.Changes.Retry(ctx, ch, problem)
}

// settleArrivals looks in the destination, among what arrived since the command was given, for the messages under way.
func (s *imapSide) settleArrivals(ctx context.Context, ch *store.Change) error {
	arrived, validity, err := s.arrivals(ctx, ch.Dest)
	if err != nil {
		return err
	}
	there, missing := *ch, *ch
	there.Items, missing.Items = nil, nil
	outcome := store.Outcome{UIDValidity: validity, UIDs: map[uint32]uint32{}}
	for _, it := range ch.Items {
		i := slices.IndexFunc(arrived, func(a arrival) bool { return a.is(it) })
		if i < 0 {
			missing.Items = append(missing.Items, it)
			continue
		}
		outcome.UIDs[it.UID] = uint32(arrived[i].uid)
		there.Items = append(there.Items, it)
		arrived = slices.Delete(arrived, i, i+1)
	}
	if len(there.Items) > 0 {
		if ch.Kind == store.ChangeMove {
			if err := s.finishMove(ctx, &there); err != nil {
				return err
			}
		}
		if err := s.store.Changes.Done(ctx, &there, outcome); err != nil {
			return err
		}
	}
	if len(missing.Items) > 0 {
		return s.retry(ctx, &missing, nil)
	}
	return nil
}

// finishMove removes from the source what was copied already: a move without MOVE can end between its steps.
func (s *imapSide) finishMove(ctx context.Context, ch *store.Change) error {
	err := s.open(ctx, ch.Folder.ID, ch.Folder.Name)
	if refused(err) {
		return nil // the folder is gone, and what was in it
	}
	if err != nil || s.state.UIDValidity != ch.Folder.UIDValidity {
		return err
	}
	left, err := s.client.Flags(ctx, itemUIDs(ch))
	if err != nil || len(left) == 0 {
		return err
	}
	uids := make([]imap.UID, len(left))
	for i, f := range left {
		uids[i] = f.UID
	}
	return s.client.Delete(ctx, uids)
}

// arrival is a message that came to a folder lately.
type arrival struct {
	uid       imap.UID
	messageID string
	size      int64
	date      time.Time
}

// is says whether the message is the item: by Message-ID, and where it has none by size and date.
func (a arrival) is(it store.Item) bool {
	if it.MessageID != "" || a.messageID != "" {
		return it.MessageID == a.messageID
	}
	return it.Size == a.size && it.Date.Unix() == a.date.Unix()
}

// arrivals lists what is in a folder at or above the UIDNEXT noted before the command.
func (s *imapSide) arrivals(ctx context.Context, dest store.FolderRef) ([]arrival, uint32, error) {
	s.selected = 0
	if err := s.open(ctx, dest.ID, dest.Name); err != nil {
		return nil, 0, err
	}
	if dest.UIDValidity != 0 && s.state.UIDValidity != dest.UIDValidity {
		dest.UIDNext = 0 // renumbered: it can be any
	}
	uids, err := s.client.UIDs(ctx)
	if err != nil {
		return nil, 0, err
	}
	uids = slices.DeleteFunc(uids, func(u imap.UID) bool { return uint32(u) < dest.UIDNext })
	var found []arrival
	err = s.client.Headers(ctx, uids, func(h imap.Header) error {
		m := newMessage(h)
		found = append(found, arrival{h.UID, m.Envelope.MessageID, h.Size, h.Date})
		return nil
	})
	return found, s.state.UIDValidity, errors.Join(err)
}
