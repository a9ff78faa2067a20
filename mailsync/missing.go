package mailsync

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"tmail/store"
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
		s.fetched = map[store.ID]bool{}
		defer func() { s.fetched = nil }()
	}
	limit += len(s.beaten) + len(s.fetched)
	wants, err := s.store.Remote.MissingBodies(ctx, s.account.Name, policy, limit)
	if err != nil || len(wants) == 0 {
		return false, err
	}
	refs, err := s.store.Remote.Folders(ctx, s.account.Name)
	if err != nil {
		return false, err
	}
	storing := before(convey(func(batch []store.Body) error { return s.store.Bodies.Put(ctx, batch) }), readBodies)
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
		if s.declined(err) || errors.Is(err, errChanged) {
			s.log.Warn("bodies not fetched", "folder", folder.Name, "error", err)
			for _, w := range wants {
				s.beaten[w.ID] = true
			}
			return true, nil
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
	if wants[0].Size > maxSmallBody {
		return s.largeBody(ctx, folder, wants[0])
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
	batch := bodyBatch{in: newRoom()}
	take := func(uid imap.UID, raw []byte) error {
		if id := ids[uid]; len(raw) > 0 {
			batch.bodies = append(batch.bodies, store.Body{ID: id, Raw: raw})
			s.fetched[id] = true
		}
		return nil
	}
	asked, err := s.client.Bodies(ctx, asks, batch.in.bytes[:0], take)
	if s.declined(err) && asked > 1 { // one of them may be to blame
		for _, ask := range asks[:asked] {
			if _, err = s.client.Bodies(ctx, []imap.Want{ask}, nil, take); err != nil && !s.declined(err) {
				return err
			}
		}
		err = nil
	}
	if err != nil && !s.declined(err) {
		return err
	}
	for _, ask := range asks[:asked] {
		if id := ids[ask.UID]; !s.fetched[id] {
			s.log.Warn("body not given", "id", id, "error", err)
			s.beaten[id] = true
		}
	}
	if len(batch.bodies) == 0 {
		return nil
	}
	return storing.put(batch)
}

// bodyBatch are messages fetched together, in a room.
type bodyBatch struct {
	bodies []store.Body
	in     *room
}

// readBodies reads what was fetched and makes it ready to be stored, while more is fetched and what came before is stored.
func readBodies(batch bodyBatch) []store.Body {
	defer batch.in.leave()
	for i := range batch.bodies {
		b := &batch.bodies[i]
		l := learn(bytes.NewBuffer(b.Raw))
		b.Preview, b.HasAttachments = l.preview, l.attachments
		b.Pack()
		b.Raw = nil
	}
	return batch.bodies
}

// largeBody fetches one body into the store. Between its pieces, and not behind it, the person is served.
func (s *imapSide) largeBody(ctx context.Context, folder store.FolderRef, want store.BodyWant) error {
	s.fetched[want.ID] = true
	err := storeLarge(ctx, s.store, want.ID, func(w writer) error {
		return s.client.Body(ctx, imap.UID(want.UID), want.Size, pausing{w, func() error {
			if err := s.urgent(ctx, s); err != nil {
				return err
			}
			return s.openAgain(ctx, folder)
		}})
	})
	if s.declined(err) || errors.Is(err, errChanged) {
		s.log.Warn("body not fetched", "id", want.ID, "error", err)
		s.beaten[want.ID] = true
		return nil
	}
	return err
}

// pausing is a writer that does something else after each write.
type pausing struct {
	w     writer
	pause func() error
}

func (p pausing) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	if err == nil {
		err = p.pause()
	}
	return n, err
}
