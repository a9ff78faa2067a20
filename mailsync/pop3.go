package mailsync

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/store"
	"tmail/transport"
	"tmail/transport/pop3"
)

// pop3Side is a POP3 server as the far side of an account. A session locks the mailbox and sees only what was there
// when it began, so there is one for each pull. Folders and flags exist on this machine only.
type pop3Side struct{ *worker }

func newPOP3Side(w *worker) *pop3Side { return &pop3Side{w} }

func (s *pop3Side) close()                                     {}
func (s *pop3Side) done() <-chan struct{}                      { return nil }
func (s *pop3Side) watch(context.Context)                      {}
func (s *pop3Side) list(context.Context) error                 { return nil }
func (s *pop3Side) alive(context.Context) error                { return nil }
func (s *pop3Side) bodies(context.Context, bool) (bool, error) { return false, nil }

// push deletes on the server what was deleted here. What the server does not let us look at waits for the next pull.
func (s *pop3Side) push(ctx context.Context) error {
	known, err := s.store.Remote.POPDeletes(ctx, s.account.Name, s.account.LeaveOnServer)
	known = slices.DeleteFunc(known, func(m store.POPMessage) bool { return s.refused[m.UIDL] })
	if err != nil || len(known) == 0 {
		return err
	}
	return s.pull(ctx, scope{all: true})
}

// pull fetches what is new, whole messages that are durable here before anything is deleted there, and then deletes
// what need not stay. A single folder is nothing a server knows of: looking at one is no reason to sign in.
func (s *pop3Side) pull(ctx context.Context, what scope) error {
	if !what.all {
		return nil
	}
	client, err := pop3.Dial(ctx, &s.dialer, s.account.Incoming)
	if err != nil {
		return err
	}
	defer client.Close() // without Quit: what was marked stays
	items, err := client.List(ctx)
	if err != nil {
		return err
	}
	items = named(items)
	at := make(map[string]pop3.Item, len(items))
	for _, it := range items {
		at[it.UIDL] = it
	}
	unknown, sure, err := s.settle(ctx, client, items, at)
	if err != nil {
		return err
	}
	if err := s.fetch(ctx, client, newestOf(items, unknown)); err != nil {
		return err
	}
	for _, uidl := range unknown {
		sure[uidl] = true
	}
	return s.remove(ctx, client, items, at, sure)
}

// named gives every message a name of its own. Where several share a UIDL, RFC 1939 is broken, and they are numbered. A
// message without one (the command is optional) is named by the sizes of all messages up to it: that holds while the
// server only adds messages, and when it did not, all are fetched again and the store knows them by their content.
func named(items []pop3.Item) []pop3.Item {
	seen := make(map[string]int, len(items))
	nameless := slices.ContainsFunc(items, func(it pop3.Item) bool { return it.UIDL == "" })
	sizes := sha256.New()
	for i := range items {
		if nameless {
			fmt.Fprintf(sizes, "%d ", items[i].Size)
		}
		if items[i].UIDL == "" {
			items[i].UIDL = "sizes:" + hex.EncodeToString(sizes.Sum(nil))
			continue
		}
		uidl := items[i].UIDL
		for seen[items[i].UIDL] > 0 {
			seen[uidl]++
			items[i].UIDL = fmt.Sprintf("%s#%d", uidl, seen[uidl])
		}
		seen[items[i].UIDL]++
	}
	return items
}

func listed(items []pop3.Item) []store.POPListed {
	list := make([]store.POPListed, len(items))
	for i, it := range items {
		list[i] = store.POPListed{UIDL: it.UIDL, Size: it.Size}
	}
	return list
}

// newestOf returns the items of these UIDLs, newest first: servers number messages as they come.
func newestOf(items []pop3.Item, uidls []string) []pop3.Item {
	var some []pop3.Item
	for i := len(items) - 1; i >= 0 && len(uidls) > 0; i-- {
		if last := len(uidls) - 1; items[i].UIDL == uidls[last] { // both are in the order of the list
			some, uidls = append(some, items[i]), uidls[:last]
		}
	}
	return some
}

// Messages fetched are written down together, for a commit each is what costs the time: as many as a room holds, but no
// more than come in popBatchTime, so that a cut link loses little.
const (
	firstPOPBatch = 20 // the first ones soon, so that the screen has something
	maxPOPBatch   = 500
	popBatchTime  = time.Second
)

// popBatch are messages fetched together.
type popBatch struct {
	*room[store.POPNew]
	begun time.Time
}

// complete says whether the batch is to be stored before an item is fetched.
func (b popBatch) complete(next pop3.Item) bool {
	return len(b.messages) > 0 &&
		(len(b.messages) >= maxPOPBatch || min(next.Size, maxSmallBody) >= b.left() || time.Since(b.begun) > popBatchTime)
}

// fetch retrieves messages and stores them, each complete or not at all, while the next ones come. When it returns they
// are on the disk, whatever happens to this machine: the server may forget them.
func (s *pop3Side) fetch(ctx context.Context, client *pop3.Client, items []pop3.Item) error {
	if len(items) == 0 {
		return nil
	}
	var told time.Time
	added, done := 0, 0
	storing := convey(func(batch popBatch) error {
		defer batch.leave()
		list := batch.messages
		slices.Reverse(list) // older ones get lower ids: those of one second are listed by id
		_, fresh, err := s.store.Remote.AddPOP(ctx, s.account.Name, list)
		if err != nil {
			return err
		}
		messages := make([]store.NewMessage, 0, len(fresh))
		for _, i := range fresh {
			messages = append(messages, list[i].Message)
		}
		added, done = added+len(messages), done+len(list)
		if now := s.now(); now.Sub(told) >= 100*time.Millisecond { // here: who fetches need not wait for the turn to write
			told = now
			s.tell(ctx, store.Status{Phase: store.PhaseSyncing, Done: done, Total: len(items)})
		}
		return s.remember(ctx, account.RoleInbox, messages)
	})
	reading := before(storing, readMessages)
	free := newRooms[store.POPNew]()
	begin := func() popBatch { return popBatch{free.enter(), time.Now()} }
	batch, first := begin(), true
	var no error // to a message, which the person was not told of yet
	flush := func() (err error) {
		if len(batch.messages) > 0 {
			err = reading.put(batch)
			batch = begin()
		}
		return err
	}
	err := client.Fetch(ctx, items, func(it pop3.Item, r io.Reader) error {
		if batch.complete(it) {
			if err := flush(); err != nil {
				return err
			}
		}
		one, err := s.retrieve(ctx, it, r, batch)
		if notGiven(err) {
			s.log.Warn("message refused", "uidl", it.UIDL, "error", err)
			if !s.refused[it.UIDL] {
				s.refused[it.UIDL], no = true, err
			}
			return nil
		}
		if err != nil {
			return err
		}
		batch.messages = append(batch.messages, one)
		if first && len(batch.messages) == firstPOPBatch {
			first = false
			return flush()
		}
		return nil
	})
	// What came whole before a link died is kept; what was being written is not.
	flushed := flush()
	err = cmp.Or(reading.close(), err, flushed)
	s.counts.new += added
	if no != nil {
		err = cmp.Or(err, s.tellRefused(ctx, no))
	}
	if err != nil || added == 0 {
		return err
	}
	return s.store.Remote.Secure(ctx, s.account.Name)
}

// notGiven says whether err is the server's no to giving a message, for now or for good.
func notGiven(err error) bool {
	var te *transport.Error
	return errors.As(err, &te) && (te.Kind == transport.KindRefused || te.Kind == transport.KindTemporary)
}

// tellRefused tells the person that the server lists a message and does not give it. It is asked for again each time.
func (s *pop3Side) tellRefused(ctx context.Context, why error) error {
	problem := problemOf(why, s.account, s.now())
	problem.Op = opRetrieve
	return s.store.Accounts.Tell(ctx, s.account.Name, *problem)
}

// opRetrieve is the Op of the problem that a server lists a message and does not give it.
const opRetrieve = "retrieve"

// retrieve reads one message: a small one into the room, a large one into the store.
func (s *pop3Side) retrieve(ctx context.Context, it pop3.Item, r io.Reader, in popBatch) (store.POPNew, error) {
	head, err := in.take(r, maxSmallBody)
	if err != nil {
		return store.POPNew{}, err
	}
	one := store.POPNew{UIDL: it.UIDL, Size: it.Size, Head: headOf(head)}
	var more [1]byte
	n, err := io.ReadFull(r, more[:])
	if err == io.EOF {
		one.Raw = head
		one.Message.Size = int64(len(head))
		return one, nil
	}
	if err != nil {
		return store.POPNew{}, err
	}
	body, err := stream(ctx, s.store, func(w io.Writer) error {
		_, err := io.Copy(w, io.MultiReader(bytes.NewReader(head), bytes.NewReader(more[:n]), r))
		return err
	})
	if err != nil {
		return store.POPNew{}, err
	}
	in.used -= len(head)
	one.Body, one.Preview, one.HasAttachments = body.BodyWriter, body.learnt.preview, body.learnt.attachments
	one.Message = newPOPMessage(body.learnt.envelope, body.Size())
	return one, nil
}

// readMessages reads what was fetched and makes it ready to be stored, while more is fetched and what came before is
// stored.
func readMessages(batch popBatch) popBatch {
	for i := range batch.messages {
		one := &batch.messages[i]
		if one.Body != nil {
			continue
		}
		l := learn(bytes.NewBuffer(one.Raw))
		one.Preview, one.HasAttachments = l.preview, l.attachments
		one.Message = newPOPMessage(l.envelope, int64(len(one.Raw)))
		one.Pack()
		one.Raw = nil
	}
	return batch
}

// newPOPMessage is a message as its own header tells of it, for the server tells nothing.
func newPOPMessage(e message.Envelope, size int64) store.NewMessage {
	m := store.NewMessage{Envelope: e, Date: e.Received, Size: size}
	if m.Date.IsZero() {
		m.Date = e.Date
	}
	return m
}

// remove deletes on the server what was deleted here and what the policy does not leave there, of what is sure to be the
// message known by its UIDL. What was deleted here only just waits for the next pull.
func (s *pop3Side) remove(ctx context.Context, client *pop3.Client, items []pop3.Item, at map[string]pop3.Item, sure map[string]bool) error {
	doomed, err := s.store.Remote.POPDeletes(ctx, s.account.Name, s.account.LeaveOnServer)
	if err != nil {
		return err
	}
	doomed = slices.DeleteFunc(doomed, func(m store.POPMessage) bool { return !sure[m.UIDL] })
	if len(doomed) > 0 {
		if err := s.store.Remote.Secure(ctx, s.account.Name); err != nil {
			return err
		}
		if err := client.Delete(ctx, itemsOf(doomed, at)); err != nil && !refused(err) {
			return err
		}
	}
	if err := client.Quit(ctx); err != nil || len(doomed) == 0 {
		return err
	}
	s.counts.removed += len(doomed)
	left := map[string]bool{}
	for _, d := range doomed {
		left[d.UIDL] = true
	}
	stay := slices.DeleteFunc(items, func(it pop3.Item) bool { return left[it.UIDL] })
	_, err = s.store.Remote.ListedUIDLs(ctx, s.account.Name, listed(stay))
	return err
}

func itemsOf(messages []store.POPMessage, at map[string]pop3.Item) []pop3.Item {
	items := make([]pop3.Item, len(messages))
	for i, m := range messages {
		items[i] = at[m.UIDL]
	}
	return items
}
