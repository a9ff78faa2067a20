package mailsync

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"tmail/store"
	"tmail/transport"
	"tmail/transport/imap"
)

// How many missing bodies are looked up at once. Between those that are fetched together, about 200 ms of the link,
// the worker does what is more urgent.
const (
	maxAskedBodies      = 20
	maxBackgroundBodies = 5000
)

// errChanged says that the message is not where it was any more.
var errChanged = errors.New("the message was moved meanwhile")

// bodies fetches some of the missing bodies, each complete or not stored. It may be called while it runs, between what
// is fetched together.
func (s *imapSide) bodies(ctx context.Context, background bool) (more bool, err error) {
	policy, limit := store.BodyPolicy{}, maxAskedBodies
	if background {
		policy, limit = s.policy(), maxBackgroundBodies
	}
	if s.fetched == nil {
		s.fetched, s.rooms = map[store.ID]bool{}, newRooms[store.Body]()
		defer func() { s.fetched, s.rooms = nil, nil }()
	}
	limit += len(s.beaten) + len(s.fetched)
	wants, err := s.store.Remote.MissingBodies(ctx, s.account.Name, policy, limit)
	if err != nil || len(wants) == 0 {
		return false, err
	}
	for _, w := range wants {
		if w.Asked {
			delete(s.beaten, w.ID)
		}
	}
	refs, err := s.store.Remote.Folders(ctx, s.account.Name)
	if err != nil {
		return false, err
	}
	storing := before(convey(func(batch bodyBatch) error {
		defer batch.leave()
		return s.store.Bodies.Put(ctx, batch.messages)
	}), readBodies)
	before := len(s.fetched)
	all := true
	for _, ref := range refs {
		of := slices.DeleteFunc(slices.Clone(wants), func(w store.BodyWant) bool { return w.Folder != ref.ID })
		if all, err = s.bodiesOf(ctx, ref, of, background, storing); err != nil || !all {
			break
		}
	}
	err = cmp.Or(storing.close(), err)
	return !all || len(s.fetched) > before && len(wants) == limit, err
}

// bodiesOf fetches bodies of one folder. In the background it stops when the worker is asked for something else; all
// is false then.
func (s *imapSide) bodiesOf(ctx context.Context, folder store.FolderRef, wants []store.BodyWant, background bool, storing *conveyor[bodyBatch]) (all bool, err error) {
	for {
		wants = slices.DeleteFunc(wants, func(w store.BodyWant) bool { return s.fetched[w.ID] || s.beaten[w.ID] })
		if len(wants) == 0 {
			return true, nil
		}
		err := s.openAgain(ctx, folder)
		if err == nil {
			err = s.someBodies(ctx, folder, wants, storing)
		}
		if errors.Is(err, errEnough) {
			wants, err = wants[1:], nil
		}
		if s.declined(err) || errors.Is(err, errChanged) {
			return true, s.passOver(ctx, err, wants...)
		}
		if err != nil {
			return false, err
		}
		if background {
			if err := s.urgent(ctx, s); err != nil {
				return false, err
			}
			if s.todo.asked() {
				return false, nil
			}
		}
	}
}

// passOver leaves bodies alone that are not to be had. Who asked for one that the server does not give is told why; nil
// where it only says nothing of it.
func (s *imapSide) passOver(ctx context.Context, why error, wants ...store.BodyWant) error {
	var asked []store.ID
	for _, w := range wants {
		s.beaten[w.ID] = true
		if w.Asked {
			asked = append(asked, w.ID)
		}
	}
	s.log.Warn("bodies not fetched", "messages", len(wants), "first", wants[0].ID, "error", why)
	if len(asked) == 0 || errors.Is(why, errChanged) { // where it went, it is asked for again
		return nil
	}
	problem := problemOf(cmp.Or(why, error(errNotThere)), s.account, s.now())
	problem.Op = opFetch
	return s.store.Bodies.Deny(ctx, *problem, asked...)
}

// passOverDeclined is passOver for one message, unless the connection is no more.
func (s *imapSide) passOverDeclined(ctx context.Context, err error, want store.BodyWant) error {
	if s.declined(err) || errors.Is(err, errChanged) {
		return s.passOver(ctx, err, want)
	}
	return err
}

// errNotThere is the server's silence about a message.
var errNotThere = &transport.Error{Kind: transport.KindRefused, Op: opFetch, Err: errors.New("the message is no longer on the server")}

// opFetch is the Op of problems with messages that a server does not give.
const opFetch = "fetch"

// openAgain opens a folder whose UIDs have to be those that are known.
func (s *imapSide) openAgain(ctx context.Context, folder store.FolderRef) error {
	if err := s.open(ctx, folder.ID, folder.Name); err != nil {
		return err
	}
	if s.state.UIDValidity != folder.UIDValidity {
		return errChanged
	}
	return nil
}

// someBodies fetches the first of the wants: a large one straight into the store, or many small ones together.
func (s *imapSide) someBodies(ctx context.Context, folder store.FolderRef, wants []store.BodyWant, storing *conveyor[bodyBatch]) error {
	switch first := wants[0]; {
	case first.Size <= maxSmallBody:
	case first.Whole:
		return s.largeBody(ctx, folder, first)
	default:
		if err := s.excerpt(ctx, first); err != nil {
			return s.passOverDeclined(ctx, err, first)
		}
		return errEnough
	}
	var asks []imap.Want
	ids := map[imap.UID]store.ID{}
	for _, w := range wants {
		if w.Size > maxSmallBody {
			break
		}
		asks = append(asks, imap.Want{UID: imap.UID(w.UID), Size: w.Size})
		ids[imap.UID(w.UID)] = w.ID
	}
	batch := s.rooms.enter()
	take := func(uid imap.UID, raw []byte) error {
		if id := ids[uid]; len(raw) > 0 {
			batch.messages = append(batch.messages, store.Body{ID: id, Raw: raw})
			s.fetched[id] = true
		}
		return nil
	}
	asked, err := s.client.Bodies(ctx, asks, batch.bytes[:0], take)
	alone := s.declined(err) && asked > 1 // one of them may be to blame
	for i, w := range wants[:asked] {
		if alone {
			_, err = s.client.Bodies(ctx, asks[i:i+1], nil, take)
		}
		if err != nil && !s.declined(err) {
			return err
		}
		if !s.fetched[w.ID] {
			if err := s.passOver(ctx, err, w); err != nil {
				return err
			}
		}
	}
	if len(batch.messages) == 0 {
		return nil
	}
	return storing.put(batch)
}

// bodyBatch are messages fetched together.
type bodyBatch = *room[store.Body]

// readBodies reads what was fetched and makes it ready to be stored, while more is fetched and what came before is stored.
func readBodies(batch bodyBatch) bodyBatch {
	for i := range batch.messages {
		b := &batch.messages[i]
		l := learn(bytes.NewBuffer(b.Raw))
		b.Preview, b.HasAttachments = l.preview, l.attachments
		b.Pack()
		b.Raw = nil
	}
	return batch
}

// pausing is a writer that does something else after each write.
type pausing struct {
	w     io.Writer
	pause func(written int) error
}

func (p pausing) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	if err == nil {
		err = p.pause(n)
	}
	return n, err
}
