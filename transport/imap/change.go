package imap

import (
	"context"
	"errors"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"tmail/message"
	"tmail/transport"
)

// Store adds and removes flags of messages of the selected mailbox (RFC 3501 §6.4.6). Keywords that the mailbox cannot
// keep are left out.
func (c *Client) Store(ctx context.Context, uids []UID, add, remove message.Flags) error {
	for _, batch := range batches(uids) {
		if err := c.storeBatch(ctx, batch, goimap.StoreFlagsAdd, add); err != nil {
			return err
		}
		if err := c.storeBatch(ctx, batch, goimap.StoreFlagsDel, remove); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) storeBatch(ctx context.Context, uids []UID, op goimap.StoreFlagsOp, flags message.Flags) error {
	words := writeFlags(flags, c.keywords)
	if len(words) == 0 {
		return nil
	}
	store := &goimap.StoreFlags{Op: op, Silent: true, Flags: words}
	return c.do(ctx, "change flags", nil, func(lib *imapclient.Client) func() error { return lib.Store(uidSet(uids), store, nil).Close })
}

// Moved tells which messages of one mailbox became which of another.
type Moved struct {
	UIDValidity uint32 // of the mailbox they went to; 0 when the server does not tell
	From, To    []UID  // To[i] was From[i]; To is nil when the server does not tell (no UIDPLUS)
}

func (m *Moved) add(n Moved) {
	m.From = append(m.From, n.From...)
	m.To = append(m.To, n.To...)
	m.UIDValidity = n.UIDValidity
	if len(m.To) != len(m.From) {
		m.To, m.UIDValidity = nil, 0
	}
}

// CopiedError says that a move was done by half: the server has copied the messages and refuses to take them out of
// where they were, so that they are in both mailboxes.
type CopiedError struct {
	Moved // the copies
	Err   error
}

func (e *CopiedError) Error() string { return "copied, and not taken away: " + e.Err.Error() }
func (e *CopiedError) Unwrap() error { return e.Err }

// Move moves messages of the selected mailbox to dest: by MOVE (RFC 6851), else by COPY and, only once the server has
// confirmed it, Vacate. With an error, Moved holds what was done before it; a *CopiedError tells of what was done by
// half.
func (c *Client) Move(ctx context.Context, uids []UID, dest string) (Moved, error) {
	return c.inBatches(ctx, uids, dest, c.moveBatch)
}

// Copy copies messages of the selected mailbox to dest (RFC 3501 §6.4.7). With an error, Moved holds what was done
// before it.
func (c *Client) Copy(ctx context.Context, uids []UID, dest string) (Moved, error) {
	return c.inBatches(ctx, uids, dest, c.copyBatch)
}

func (c *Client) inBatches(ctx context.Context, uids []UID, dest string, one func(context.Context, []UID, string) (Moved, error)) (Moved, error) {
	var all Moved
	for _, batch := range batches(uids) {
		moved, err := one(ctx, batch, dest)
		if err != nil {
			return all, err
		}
		all.add(moved)
	}
	return all, nil
}

func (c *Client) moveBatch(ctx context.Context, uids []UID, dest string) (Moved, error) {
	if c.Has("MOVE") {
		return c.transfer(ctx, "move messages to "+dest, uids, func(lib *imapclient.Client) func() error {
			cmd := lib.Move(uidSet(uids), dest)
			return func() error { _, err := cmd.Wait(); return err }
		})
	}
	moved, err := c.copyBatch(ctx, uids, dest)
	if err != nil || len(moved.From) == 0 {
		return moved, err
	}
	if err := c.Vacate(ctx, moved.From); err != nil { // those only that the server says it copied
		return moved, &CopiedError{moved, err}
	}
	return moved, nil
}

func (c *Client) copyBatch(ctx context.Context, uids []UID, dest string) (Moved, error) {
	return c.transfer(ctx, "copy messages to "+dest, uids, func(lib *imapclient.Client) func() error {
		cmd := lib.Copy(uidSet(uids), dest)
		return func() error { _, err := cmd.Wait(); return err }
	})
}

// transfer runs COPY or MOVE and finds COPYUID, which comes with the answer or before it.
func (c *Client) transfer(ctx context.Context, op string, uids []UID, send func(*imapclient.Client) func() error) (Moved, error) {
	moved := Moved{From: uids}
	take := func(r response) bool {
		if r.code != "COPYUID" {
			return false
		}
		if m, ok := parseCopyUID(r.arg, len(uids)); ok && within(m.From, uids) {
			moved = m
		}
		return true
	}
	answer, err := c.start(ctx, op, &exchange{data: take}, send).finish()
	if err != nil {
		return Moved{}, err
	}
	take(answer)
	return moved, nil
}

// within says whether all of some are among uids, each once. What a server says it copied is deleted where it was, so
// it has to be what it was told to copy: some give sequence numbers.
func within(some, uids []UID) bool {
	left := make(map[UID]bool, len(uids))
	for _, uid := range uids {
		left[uid] = true
	}
	for _, uid := range some {
		if !left[uid] {
			return false
		}
		delete(left, uid)
	}
	return true
}

// parseCopyUID reads "validity from to" (RFC 4315 §3) of at most n messages.
func parseCopyUID(arg string, n int) (Moved, bool) {
	fields := strings.Fields(arg)
	if len(fields) != 3 {
		return Moved{}, false
	}
	from, ok1 := parseSet(fields[1], n)
	to, ok2 := parseSet(fields[2], n)
	validity := token{text: []byte(fields[0])}.uint32()
	if !ok1 || !ok2 || len(from) != len(to) || validity == 0 {
		return Moved{}, false
	}
	return Moved{UIDValidity: validity, From: from, To: to}, true
}

// Delete deletes messages of the selected mailbox for ever where the server has UIDPLUS, and only these, by UID EXPUNGE
// (RFC 4315); elsewhere they stay, marked \Deleted: a plain EXPUNGE would take away what others marked.
func (c *Client) Delete(ctx context.Context, uids []UID) error {
	if err := c.Store(ctx, uids, message.Deleted, 0); err != nil {
		return err
	}
	return c.expunge(ctx, uids)
}

// Vacate is Delete for messages that were copied elsewhere: one who may mark them and not expunge them has done enough,
// for nobody shows them any more.
func (c *Client) Vacate(ctx context.Context, uids []UID) error {
	if err := c.Store(ctx, uids, message.Deleted, 0); err != nil {
		return err
	}
	err := c.expunge(ctx, uids)
	var refused *transport.Error
	if errors.As(err, &refused) && refused.Kind == transport.KindRefused {
		return nil
	}
	return err
}

func (c *Client) expunge(ctx context.Context, uids []UID) error {
	if !c.Has("UIDPLUS") {
		return nil
	}
	for _, batch := range batches(uids) {
		err := c.do(ctx, "delete messages", nil, func(lib *imapclient.Client) func() error { return lib.UIDExpunge(uidSet(batch)).Close })
		if err != nil {
			return err
		}
	}
	return nil
}
