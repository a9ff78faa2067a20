package mailsync

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tmail/store"
	"tmail/transport"
	"tmail/transport/imap"
)

// settle finds out what became of the changes that were under way when the connection, or the program, died. Flags and
// expunges are simply told again, flags after looking how they are now: what the person asks for next is put down as a
// change of these. A message that was to be moved, copied or appended is looked for where it went, and
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
			err = s.settleArrivals(ctx, ch, s.tellAgain)
		case store.ChangeFlag:
			err = s.settleFlags(ctx, ch)
		default:
			err = s.retry(ctx, ch, nil)
		}
		if err != nil && !s.declined(err) {
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
	problem := store.Problem{Kind: store.ProblemNetwork, Op: string(ch.Kind), Host: whom(s.account.Incoming), At: s.now()}
	if why != nil {
		problem = *problemOf(why, s.account, s.now())
	}
	return s.store.Changes.Retry(ctx, ch, problem)
}

// settleFlags hands a change of flags back, with the flags that the server has now.
func (s *imapSide) settleFlags(ctx context.Context, ch *store.Change) error {
	if err := s.open(ctx, ch.Folder.ID, ch.Folder.Name); err != nil {
		return err
	}
	if s.state.UIDValidity == ch.Folder.UIDValidity {
		now, err := s.client.Flags(ctx, itemUIDs(ch))
		if err != nil {
			return err
		}
		told := make([]store.UIDFlags, len(now))
		for i, f := range now {
			told[i] = store.UIDFlags{UID: uint32(f.UID), Flags: f.Flags}
		}
		if err := s.store.Remote.SetFlags(ctx, ch.Folder.ID, told); err != nil {
			return err
		}
	}
	return s.retry(ctx, ch, nil)
}

func (s *imapSide) tellAgain(ctx context.Context, ch *store.Change) error {
	return s.retry(ctx, ch, nil)
}

// notCopied is for messages that the server said it copied and that did not arrive. Those that are gone from the source
// are told of as such; the others are given back, for told again they would be copied again and again.
func (s *imapSide) notCopied(ctx context.Context, ch *store.Change) error {
	if _, err := s.compare(ctx, target{FolderRef: ch.Folder}); err != nil {
		return s.answer(ctx, ch, err)
	}
	known, err := s.store.Remote.UIDFlags(ctx, ch.Folder.ID)
	if err != nil {
		return err
	}
	there, gone := divide(ch, func(it store.Item) bool {
		return slices.ContainsFunc(known, func(u store.UIDFlags) bool { return u.UID == it.UID })
	})
	if len(gone.Items) > 0 {
		if err := s.tellAgain(ctx, &gone); err != nil {
			return err
		}
	}
	if len(there.Items) == 0 {
		return nil
	}
	return s.store.Changes.Refuse(ctx, &there, store.Problem{Kind: store.ProblemRefused, Op: string(ch.Kind), Host: whom(s.account.Incoming),
		Words: "OK, but the copy is not there", At: s.now()})
}

// divide makes two changes of one: of the items that belong, and of the others.
func divide(ch *store.Change, belongs func(store.Item) bool) (those, others store.Change) {
	those, others = *ch, *ch
	those.Items, others.Items = nil, nil
	for _, it := range ch.Items {
		if belongs(it) {
			those.Items = append(those.Items, it)
		} else {
			others.Items = append(others.Items, it)
		}
	}
	return those, others
}

// settleArrivals looks in the destination, among what arrived since the command was given, for the messages under way.
// Those that are not there go to missed.
func (s *imapSide) settleArrivals(ctx context.Context, ch *store.Change, missed func(context.Context, *store.Change) error) error {
	arrived, validity, err := s.arrivals(ctx, ch.Dest)
	if err != nil {
		return err
	}
	outcome := store.Outcome{UIDValidity: validity, UIDs: map[uint32]uint32{}}
	there, missing := divide(ch, func(it store.Item) bool {
		i := slices.IndexFunc(arrived, func(a arrival) bool { return a.is(it) })
		if i < 0 {
			return false
		}
		outcome.UIDs[it.UID] = uint32(arrived[i].uid)
		arrived = slices.Delete(arrived, i, i+1)
		return true
	})
	if len(there.Items) > 0 {
		if err := s.arrived(ctx, &there, outcome); err != nil {
			return err
		}
	}
	if len(missing.Items) > 0 {
		return missed(ctx, &missing)
	}
	return nil
}

// arrived settles a change whose messages are where they were to go.
func (s *imapSide) arrived(ctx context.Context, ch *store.Change, outcome store.Outcome) error {
	if ch.Kind == store.ChangeMove {
		err := s.finishMove(ctx, ch)
		if s.declined(err) {
			copied := imap.Moved{UIDValidity: outcome.UIDValidity, From: itemUIDs(ch)}
			for _, uid := range copied.From {
				copied.To = append(copied.To, imap.UID(outcome.UIDs[uint32(uid)]))
			}
			return s.answer(ctx, ch, s.takeBackCopies(ctx, ch, &imap.CopiedError{Moved: copied, Err: err}))
		}
		if err != nil {
			return err
		}
	}
	return s.store.Changes.Done(ctx, ch, outcome)
}

// takeBackCopies deletes the copies of messages that the server would not take away from where they were: the move is
// given back, and nobody is to find them twice. It returns why the move failed, as a refusal for good where they cannot
// be deleted: tried again, there would be more of them each time.
func (s *imapSide) takeBackCopies(ctx context.Context, ch *store.Change, half *imap.CopiedError) error {
	err := s.deleteCopies(ctx, ch, half.Moved)
	if s.declined(err) {
		why := *problemOf(half.Err, s.account, s.now())
		return &transport.Error{Kind: transport.KindRefused, Op: "move messages to " + ch.Dest.Name, Words: why.Words, Err: half}
	}
	return cmp.Or(err, half.Err)
}

func (s *imapSide) deleteCopies(ctx context.Context, ch *store.Change, copies imap.Moved) error {
	if len(copies.To) == 0 { // the server did not say what they became
		found, validity, err := s.arrivals(ctx, ch.Dest)
		if err != nil {
			return err
		}
		copies.UIDValidity = validity
		for _, it := range ch.Items {
			i := slices.IndexFunc(found, func(a arrival) bool { return a.is(it) })
			if i >= 0 && slices.Contains(copies.From, imap.UID(it.UID)) {
				copies.To = append(copies.To, found[i].uid)
				found = slices.Delete(found, i, i+1)
			}
		}
	}
	if err := s.open(ctx, ch.Dest.ID, ch.Dest.Name); err != nil {
		return err
	}
	if s.state.UIDValidity != copies.UIDValidity || len(copies.To) == 0 {
		return nil // they are somebody else's numbers by now, or nothing came of it
	}
	return s.client.Delete(ctx, copies.To)
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
	return s.client.Vacate(ctx, uids)
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
	return found, s.state.UIDValidity, err
}
