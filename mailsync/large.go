package mailsync

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"tmail/store"
	"tmail/transport/imap"
)

// Large messages: of one that is opened the beginning comes first, where its text is, and all of it only when a person
// wants what is attached, or the policy wants everything.

// excerptBytes is how much of a large message is fetched for its text. What is attached comes after the text in nearly
// all mail.
const excerptBytes = 128 << 10

// excerpt fetches the beginning of a message.
func (s *imapSide) excerpt(ctx context.Context, want store.BodyWant) error {
	raw, err := s.client.Beginning(ctx, imap.UID(want.UID), excerptBytes)
	if err == nil && len(raw) == 0 {
		err = errNotThere // nothing is no beginning
	}
	if err != nil {
		return err
	}
	return s.store.Bodies.PutExcerpt(ctx, want.ID, raw)
}

// errEnough says that nobody waits for the rest of a message.
var errEnough = errors.New("no more of the message is wanted")

// noteEvery is how often it is noted how far a large message has come.
const noteEvery = 200 * time.Millisecond

// largeBody fetches one body into the store, its beginning first. Between its pieces, and not behind it, the person is
// served, who may take the wish back.
func (s *imapSide) largeBody(ctx context.Context, folder store.FolderRef, want store.BodyWant) error {
	s.fetched[want.ID] = true
	came, noted := int64(0), time.Time{}
	fetch := func(w io.Writer) error {
		return s.client.Body(ctx, imap.UID(want.UID), want.Size, pausing{w, func(n int) error {
			came += int64(n)
			if now := s.now(); want.Asked && now.Sub(noted) >= noteEvery {
				noted = now
				if wanted, err := s.store.Bodies.Came(ctx, want.ID, came); err != nil || !wanted {
					return cmp.Or(err, errEnough)
				}
			}
			if err := s.urgent(ctx, s); err != nil {
				return err
			}
			return s.openAgain(ctx, folder)
		}})
	}
	err := s.excerptFirst(ctx, want)
	if err == nil {
		err = storeLarge(ctx, s.store, want.ID, fetch)
	}
	if errors.Is(err, errEnough) {
		delete(s.fetched, want.ID) // it may be wanted again
	}
	return s.passOverDeclined(ctx, err, want)
}

// excerptFirst is excerpt for who asked for the whole message before there was anything to see of it.
func (s *imapSide) excerptFirst(ctx context.Context, want store.BodyWant) error {
	if !want.Asked {
		return nil
	}
	if x, err := s.store.Bodies.Excerpt(ctx, want.ID); err != nil || x.Raw != nil {
		return err
	}
	return s.excerpt(ctx, want)
}
