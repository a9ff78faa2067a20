package mailsync

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"

	"tmail/message"
	"tmail/store"
)

const (
	draftQuiet = 5 * time.Second // a new draft left alone for so long is given to the server
	draftEvery = time.Minute     // and again this often while it changes
	draftLarge = 1 << 20         // bytes; one that large only when it was left alone for draftEvery
)

// publishDrafts gives the server the drafts that changed, with all also those that are being written. It returns how
// long to wait before it may have more to do. What it does is durable before the server hears of it: the push of the
// account carries it out.
func (s *sender) publishDrafts(ctx context.Context, all bool) (wait time.Duration, err error) {
	wait = time.Hour
	list, err := s.store.Drafts.Unpublished(ctx, s.account.Name)
	if err != nil {
		return wait, err
	}
	for _, u := range list {
		if s.spoilt[u.ID].Equal(u.Updated) {
			continue
		}
		due := u.Updated.Add(draftQuiet)
		switch {
		case u.Size > draftLarge:
			due = u.Updated.Add(draftEvery)
		case !u.Published.IsZero():
			due = u.Published.Add(draftEvery)
		}
		if left := due.Sub(s.now()); left > 0 && !all {
			wait = min(wait, left)
			continue
		}
		if failed := s.publish(ctx, u); failed != nil {
			if s.spoilt == nil {
				s.spoilt = map[store.ID]time.Time{}
			}
			s.spoilt[u.ID] = u.Updated
			err = errors.Join(err, failed)
		}
	}
	return wait, err
}

// publish gives the server one draft.
func (s *sender) publish(ctx context.Context, u store.Unpublished) error {
	draft, err := s.store.Drafts.Get(ctx, u.ID)
	if err != nil {
		return err
	}
	out := s.store.Drafts.Message(ctx, draft)
	if out.Date.IsZero() {
		out.Date = u.Updated
	}
	if out.MessageID == "" {
		out.MessageID = message.NewMessageID(message.Address{Addr: s.account.Email}, rand.Reader, s.now())
	}
	return s.store.Drafts.Publish(ctx, u, out.MessageID, keptForm{out})
}

// keptForm writes a draft as it lies in a Drafts folder, with Bcc.
type keptForm struct{ *message.Draft }

func (k keptForm) WriteTo(w io.Writer) (int64, error) { return k.WriteDraft(w) }
