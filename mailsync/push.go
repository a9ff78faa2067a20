package mailsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tmail/message"
	"tmail/store"
	"tmail/transport"
	"tmail/transport/imap"
)

// push tells an IMAP server what waits, after settling what was under way when a connection died.
func (s *imapSide) push(ctx context.Context) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := s.findSent(ctx); err != nil {
		return err
	}
	for !s.now().Before(s.notBefore) {
		change, err := s.store.Changes.Next(ctx, s.account.Name)
		if err != nil || change == nil {
			return err
		}
		if err := s.pushOne(ctx, change); err != nil {
			return err
		}
	}
	return nil
}

// pushPause is how long nothing is pushed after the server said that it cannot now.
const pushPause = 30 * time.Second

// pushOne carries out one change. What the server refuses is given back to the person and is no error; when the
// connection fails the change stays in flight, to be settled on the next one.
func (s *imapSide) pushOne(ctx context.Context, ch *store.Change) error {
	ready, err := s.prepare(ctx, ch)
	if err != nil || !ready {
		return s.answer(ctx, ch, err)
	}
	if err := s.store.Changes.Begin(ctx, ch); err != nil {
		if errors.Is(err, store.ErrOvertaken) {
			err = nil // the person was faster: Next tells what is to be done now
		}
		return err
	}
	outcome, err := s.tellServer(ctx, ch)
	if err != nil {
		return s.answer(ctx, ch, err)
	}
	if ch.Kind == store.ChangeCopy && len(outcome.UIDs) == 0 {
		// OK without COPYUID is also what a server says that found nothing to copy.
		return s.settleArrivals(ctx, ch, s.notCopied)
	}
	s.counts.pushed += max(1, len(ch.Items))
	return s.store.Changes.Done(ctx, ch, outcome)
}

// prepare opens the folder of a change and notes where its messages will appear. It is not ready when UIDVALIDITY
// changed: the UIDs of the change are void, and the store hands it out again once the messages are known again.
func (s *imapSide) prepare(ctx context.Context, ch *store.Change) (ready bool, err error) {
	switch ch.Kind {
	case store.ChangeFlag, store.ChangeMove, store.ChangeCopy, store.ChangeExpunge:
		if err := s.open(ctx, ch.Folder.ID, ch.Folder.Name); err != nil {
			return false, err
		}
		if s.state.UIDValidity != ch.Folder.UIDValidity {
			return false, s.pull(ctx, scope{folder: ch.Folder.ID})
		}
	}
	switch ch.Kind {
	case store.ChangeMove, store.ChangeCopy, store.ChangeAppend:
		status, err := s.client.Status(ctx, ch.Dest.Name)
		if err != nil {
			return false, err
		}
		ch.Dest.UIDNext = status.UIDNext
	}
	return true, nil
}

// tellServer gives the command.
func (s *imapSide) tellServer(ctx context.Context, ch *store.Change) (store.Outcome, error) {
	switch ch.Kind {
	case store.ChangeCreate:
		err := s.client.Create(ctx, ch.Folder.Name)
		if codeIs(err, "ALREADYEXISTS") {
			err = nil
		}
		if err == nil {
			err = s.client.Subscribe(ctx, ch.Folder.Name)
		}
		return store.Outcome{}, err
	case store.ChangeRename:
		s.selected = 0
		return store.Outcome{}, s.client.Rename(ctx, ch.Folder.Name, ch.Dest.Name)
	case store.ChangeRemove:
		err := s.removeEmpty(ctx, ch)
		if codeIs(err, "NONEXISTENT") {
			err = nil
		}
		return store.Outcome{}, err
	case store.ChangeSubscribe:
		return store.Outcome{}, s.client.Subscribe(ctx, ch.Folder.Name)
	case store.ChangeUnsubscribe:
		return store.Outcome{}, s.client.Unsubscribe(ctx, ch.Folder.Name)
	case store.ChangeFlag:
		return store.Outcome{}, s.client.Store(ctx, itemUIDs(ch), ch.Add, ch.Remove)
	case store.ChangeExpunge:
		return store.Outcome{}, s.client.Delete(ctx, itemUIDs(ch))
	case store.ChangeMove:
		moved, err := s.client.Move(ctx, itemUIDs(ch), ch.Dest.Name)
		if half := (*imap.CopiedError)(nil); errors.As(err, &half) && s.declined(half.Err) {
			err = s.takeBackCopies(ctx, ch, half)
		}
		return s.partly(ctx, ch, moved, err)
	case store.ChangeCopy:
		copied, err := s.client.Copy(ctx, itemUIDs(ch), ch.Dest.Name)
		return s.partly(ctx, ch, copied, err)
	case store.ChangeAppend:
		return s.append(ctx, ch)
	}
	return store.Outcome{}, fmt.Errorf("a change of kind %q", ch.Kind)
}

// removeEmpty removes a mailbox unless mail has come into it that the person has not seen. What is marked \Deleted is
// gone as far as anybody sees: a server without UIDPLUS keeps it there.
func (s *imapSide) removeEmpty(ctx context.Context, ch *store.Change) error {
	s.selected = 0
	if _, err := s.client.Select(ctx, ch.Folder.Name); err != nil {
		return err
	}
	left, err := s.client.Flags(ctx, nil)
	if err != nil {
		return err
	}
	for _, f := range left {
		if !f.Flags.Has(message.Deleted) {
			return &transport.Error{Kind: transport.KindTemporary, Op: "remove " + ch.Folder.Name,
				Err: errors.New("mail has come into the folder meanwhile")}
		}
	}
	return s.client.Remove(ctx, ch.Folder.Name)
}

// partly writes down what a move or copy did before it failed, and cuts the change down to the rest.
func (s *imapSide) partly(ctx context.Context, ch *store.Change, moved imap.Moved, err error) (store.Outcome, error) {
	outcome := store.Outcome{UIDValidity: moved.UIDValidity, UIDs: map[uint32]uint32{}}
	for i := range moved.To {
		outcome.UIDs[uint32(moved.From[i])] = uint32(moved.To[i])
	}
	if err == nil || len(moved.From) == 0 {
		return outcome, err
	}
	done, left := divide(ch, func(it store.Item) bool { return slices.Contains(moved.From, imap.UID(it.UID)) })
	ch.Items = left.Items
	return store.Outcome{}, errors.Join(err, s.store.Changes.Done(ctx, &done, outcome))
}

// append stores a message of ours on the server: a sent one, a draft, one from another account.
func (s *imapSide) append(ctx context.Context, ch *store.Change) (store.Outcome, error) {
	item := ch.Items[0]
	body, size, err := s.store.Bodies.Open(ctx, item.ID)
	if err != nil {
		return store.Outcome{}, fmt.Errorf("read the message to append: %w", err)
	}
	defer body.Close()
	uid, validity, err := s.client.Append(ctx, ch.Dest.Name, item.Flags, item.Date, size, body)
	if err != nil {
		return store.Outcome{}, err
	}
	outcome := store.Outcome{UIDValidity: validity}
	if uid != 0 {
		outcome.UIDs = map[uint32]uint32{item.UID: uint32(uid)}
	}
	return outcome, nil
}

// answer settles a change that did not go through, by what the error means. It returns the errors that end the
// connection.
func (s *imapSide) answer(ctx context.Context, ch *store.Change, err error) error {
	if err == nil {
		return nil
	}
	var te *transport.Error
	if !errors.As(err, &te) || ctx.Err() != nil {
		return err
	}
	problem := *problemOf(err, s.account, s.now())
	switch {
	case te.Kind == transport.KindRefused, te.Kind == transport.KindProtocol && s.client.Stands():
		if problem.Kind == store.ProblemProtocol && te.Words != "" {
			problem.Kind = store.ProblemRefused // it calls this BAD and takes all else: nothing is wrong with the settings
		}
		s.log.Warn("change refused", "kind", ch.Kind, "folder", ch.Folder.Name, "to", ch.Dest.Name, "error", err)
		return s.afterRefusal(s.store.Changes.Refuse(ctx, ch, problem))
	case te.Kind == transport.KindTemporary:
		s.notBefore, s.waits = s.now().Add(pushPause), err
		return s.afterRefusal(s.store.Changes.Retry(ctx, ch, problem))
	}
	return err
}

// afterRefusal tells of a connection that the refusal ended: what is in flight no more must not be told on it.
func (s *imapSide) afterRefusal(err error) error {
	if err != nil {
		return err
	}
	select {
	case <-s.client.Done():
		return &transport.Error{Kind: transport.KindNetwork, Op: "go on after a refusal", Words: "the connection ended"}
	default:
		return nil
	}
}

// codeIs says whether the server refused with this response code (RFC 5530).
func codeIs(err error, code string) bool {
	var te *transport.Error
	return errors.As(err, &te) && te.Kind == transport.KindRefused && te.Code == code
}

func itemUIDs(ch *store.Change) []imap.UID {
	uids := make([]imap.UID, len(ch.Items))
	for i, it := range ch.Items {
		uids[i] = imap.UID(it.UID)
	}
	return uids
}
