package mailsync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tmail/message"
	"tmail/store"
	"tmail/transport"
	"tmail/transport/imap"
)

// imapSide is an IMAP server as the far side of an account: the connection that works. A second one waits for news
// (see watch).
type imapSide struct {
	*worker
	client   *imap.Client
	selected store.ID               // the folder that is open, 0: none
	state    imap.Status            // of that folder, as SELECT told
	beaten   map[store.ID]bool      // bodies not to be had on this connection, unless a person asks again
	fetched  map[store.ID]bool      // bodies that came in the present run of bodies, stored or about to be; nil: there is none
	rooms    rooms[store.Body]      // of that run
	gone     map[store.ID]bool      // folders that cannot be opened, until the next full pull
	told     time.Time              // when progress was last told
	sought   map[store.ID]time.Time // unconfirmed messages, when they were last looked for in Sent
	// nothing is pushed before: the server asked to be left alone for a while
	notBefore time.Time
}

func dialIMAP(ctx context.Context, w *worker) (farSide, error) {
	client, err := imap.Dial(ctx, &w.dialer, w.account.Incoming)
	if err != nil {
		return nil, err
	}
	if err := w.store.Bodies.WantDenied(ctx, w.account.Name); err != nil {
		client.Close()
		return nil, err
	}
	return &imapSide{worker: w, client: client, beaten: map[store.ID]bool{}, gone: map[store.ID]bool{}, sought: map[store.ID]time.Time{}}, nil
}

func (s *imapSide) close()                { s.client.Close() }
func (s *imapSide) done() <-chan struct{} { return s.client.Done() }

// open selects a folder unless it is.
func (s *imapSide) open(ctx context.Context, folder store.ID, name string) error {
	if s.selected == folder {
		return nil
	}
	_, err := s.openSince(ctx, folder, name, imap.Known{})
	return err
}

// openSince selects a folder and returns what happened in it since it was known, nil when the server cannot tell. It
// settles a change of UIDVALIDITY: every UID known of the folder is void then.
func (s *imapSide) openSince(ctx context.Context, folder store.ID, name string, since imap.Known) (*imap.Delta, error) {
	s.selected = 0
	status, delta, err := s.client.SelectSince(ctx, name, since)
	if err != nil {
		return nil, err
	}
	known, err := s.store.Remote.State(ctx, folder)
	if err != nil {
		return nil, err
	}
	if known.UIDValidity != status.UIDValidity {
		if err := s.store.Remote.ResetUIDs(ctx, folder, status.UIDValidity); err != nil {
			return nil, err
		}
		if known.UIDValidity != 0 {
			s.log.Warn("UIDVALIDITY changed", "folder", name, "from", known.UIDValidity, "to", status.UIDValidity)
			s.todo.refresh()
		}
	}
	s.selected, s.state = folder, status
	return delta, nil
}

// refused says whether err is the server's no to what was asked, on a connection that still stands.
func refused(err error) bool {
	var te *transport.Error
	return errors.As(err, &te) && te.Kind == transport.KindRefused
}

// declined says whether err concerns only what was asked, on a connection that still stands: a no, for now or for good,
// what the server calls BAD, or an answer that makes no sense.
func (s *imapSide) declined(err error) bool {
	var te *transport.Error
	if !errors.As(err, &te) || !s.client.Stands() {
		return false
	}
	return te.Kind == transport.KindRefused || te.Kind == transport.KindTemporary || te.Kind == transport.KindProtocol
}

// newMessage is what the store needs of a header.
func newMessage(h imap.Header) store.NewMessage {
	return store.NewMessage{
		UID: uint32(h.UID), Flags: h.Flags, Date: h.Date, Size: h.Size, Envelope: message.ParseHeader(h.Raw).Envelope(),
	}
}

// passAlert tells the person what the server wants said (RFC 3501 §7.1): once, for servers say it at each sign-in.
func (s *imapSide) passAlert(ctx context.Context) error {
	words := s.client.Alert()
	if words == "" || words == s.alert {
		return nil
	}
	s.alert = words
	return s.store.Accounts.Tell(ctx, s.account.Name, store.Problem{Kind: store.ProblemAlert, Host: whom(s.account.Incoming), Words: heard(words)})
}

// progressed tells how far a long fetch has come, ten times a second at most.
func (s *imapSide) progressed(ctx context.Context, done, total int) {
	if s.now().Sub(s.told) < 100*time.Millisecond {
		return
	}
	s.told = s.now()
	s.tell(ctx, store.Status{Phase: store.PhaseSyncing, Done: done, Total: total})
}

func folderError(name string, err error) error { return fmt.Errorf("folder %s: %w", name, err) }
