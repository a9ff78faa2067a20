package imap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"tmail/message"
	"tmail/transport"
)

// maxNumbers bounds what lists every message of a mailbox in one line, in bytes: some three million UIDs.
const maxNumbers = 32 << 20

// UIDs gives all messages of the selected mailbox, oldest first. It is checked against the number of messages the
// server told of: what is left out by mistake would be taken for deleted.
func (c *Client) UIDs(ctx context.Context) ([]UID, error) {
	uids, err := c.search(ctx, "list the messages", &goimap.SearchCriteria{})
	if c.conn.Err() != nil || err == nil && len(uids) >= int(c.changes.messages()) {
		return uids, err
	}
	flags, err := c.Flags(ctx, nil) // the servers whose SEARCH is of no use have this at least
	if err != nil {
		return nil, err
	}
	uids = make([]UID, len(flags))
	for i, f := range flags {
		uids[i] = f.UID
	}
	return uids, nil
}

// search runs UID SEARCH, with the answer as a compact set where the server has ESEARCH (RFC 4731).
func (c *Client) search(ctx context.Context, op string, criteria *goimap.SearchCriteria) ([]UID, error) {
	var options *goimap.SearchOptions
	if c.Has("ESEARCH") {
		options = &goimap.SearchOptions{ReturnAll: true}
	}
	return c.searchBy(op, func(data listener) error {
		x := &exchange{data: data, limit: maxNumbers, goesOn: true} // words that are not ASCII go as literals
		_, err := c.start(ctx, op, x, func(lib *imapclient.Client) func() error {
			cmd := lib.UIDSearch(criteria, options)
			return func() error { _, err := cmd.Wait(); return err }
		}).finish()
		return err
	})
}

// searchBy reads the answer to the search that send sends.
func (c *Client) searchBy(op string, send func(listener) error) ([]UID, error) {
	var uids []UID
	var bad error
	err := send(func(r response) bool {
		s := scanner{r.rest}
		switch r.kind {
		case "SEARCH":
			for t := s.next(); t.kind == tokenAtom; t = s.next() {
				if uid := t.uint32(); uid != 0 {
					uids = append(uids, UID(uid))
				}
			}
		case "ESEARCH":
			for t := s.next(); t.kind != tokenEnd; t = s.next() {
				if !t.is("ALL") {
					continue
				}
				// No mailbox has more messages than the server said there are, but more may have come since.
				found, ok := parseSet(string(s.next().text), 2*int(c.changes.messages())+1000)
				if !ok {
					bad = &transport.Error{Kind: transport.KindProtocol, Op: op, Err: errors.New("the server's list of messages makes no sense")}
				}
				uids = append(uids, found...)
			}
		default:
			return false
		}
		return true
	})
	slices.Sort(uids)
	return slices.Compact(uids), cmp.Or(err, bad)
}

// UIDFlags are the flags of one message.
type UIDFlags struct {
	UID   UID
	Flags message.Flags
}

// Flags gives the flags of these messages of the selected mailbox, or with nil of all, by UID. Messages that are not
// there are left out; with nil their number is checked as with UIDs.
func (c *Client) Flags(ctx context.Context, uids []UID) ([]UIDFlags, error) {
	if uids == nil {
		return c.allFlags(ctx)
	}
	var all []UIDFlags
	for _, batch := range batches(uids) {
		if err := c.appendFlags(ctx, &all, uidSet(batch), 0); err != nil {
			return nil, err
		}
	}
	return newestOfEach(all), nil
}

func (c *Client) allFlags(ctx context.Context) ([]UIDFlags, error) {
	if c.changes.messages() == 0 {
		return nil, nil // where 1:* would be an error to some servers
	}
	var all []UIDFlags
	for range 2 { // a message that comes meanwhile is found the second time
		all = all[:0]
		if err := c.appendFlags(ctx, &all, goimap.UIDSet{{Start: 1, Stop: 0}}, 0); err != nil { // 1:*
			return nil, err
		}
		if all = newestOfEach(all); len(all) >= int(c.changes.messages()) {
			return all, nil
		}
	}
	return nil, &transport.Error{Kind: transport.KindProtocol, Op: "list the messages",
		Err: fmt.Errorf("the server says there are %d messages and lists %d", c.changes.messages(), len(all))}
}

// appendFlags asks for the flags of a set, or with since (RFC 7162 §3.1.4.1) of those in it that changed after it.
func (c *Client) appendFlags(ctx context.Context, all *[]UIDFlags, set goimap.UIDSet, since uint64) error {
	data := func(r response) bool {
		if r.kind != "FETCH" {
			return false
		}
		f := parseFetch(r.rest)
		if f.uid == 0 || !f.hasFlags {
			return false
		}
		*all = append(*all, UIDFlags{f.uid, f.flags})
		return true
	}
	items := &goimap.FetchOptions{UID: true, Flags: true, ChangedSince: since}
	return c.do(ctx, "read flags", data, func(lib *imapclient.Client) func() error { return lib.Fetch(set, items).Close })
}

// newestOfEach sorts by UID; of several for one message the last that came stays.
func newestOfEach(all []UIDFlags) []UIDFlags {
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b UIDFlags) int { return cmp.Compare(a.UID, b.UID) })
	return slices.CompactFunc(all, func(a, b UIDFlags) bool { return a.UID == b.UID })
}

// Header is what a list of messages needs of one.
type Header struct {
	UID   UID
	Flags message.Flags
	Date  time.Time // INTERNALDATE: when the server got it; zero when that makes no sense
	Size  int64     // RFC822.SIZE in bytes, which servers may have wrong
	Raw   []byte    // header fields as they stand in the message, then an empty line; the caller's to keep
}

// headerFields are those a list, its threads and an answer need. No ENVELOPE: servers spoil dates, names and ids in it.
var headerFields = &goimap.FetchItemBodySection{
	Specifier: goimap.PartSpecifierHeader,
	HeaderFields: []string{"DATE", "FROM", "SENDER", "REPLY-TO", "TO", "CC", "BCC", "SUBJECT", "MESSAGE-ID", "IN-REPLY-TO", "REFERENCES",
		"CONTENT-TYPE", "LIST-ID", "LIST-POST", "MAIL-FOLLOWUP-TO"},
	Peek: true,
}

// maxHeader bounds the header fields of one message, in bytes; what is more is cut off.
const maxHeader = 4 << 20

// Headers calls each for these messages of the selected mailbox, in their order, in the caller's goroutine; the next
// ones are on their way meanwhile, so each must not use the Client. Messages that are not there, asked for twice, are left out. An error of each ends
// it and is returned as it is.
//
// When the server sends what no message can have, the connection ends with a KindProtocol error: each has not been
// called for the message at fault nor for any of the batch it is in (2,000 at most). Asking for fewer finds it.
func (c *Client) Headers(ctx context.Context, uids []UID, each func(Header) error) error {
	var before *headerBatch
	all := batches(uids)
	for i := 0; i <= len(all); i++ {
		var next *headerBatch
		if i < len(all) {
			next = c.startHeaders(ctx, all[i])
		}
		var err error
		if before != nil {
			err = before.deliver(each)
		}
		if next != nil {
			err = cmp.Or(err, next.complete(ctx))
		}
		if err != nil {
			return err
		}
		before = next
	}
	return nil
}

// headerBatch is what one FETCH asks for.
type headerBatch struct {
	c    *Client
	uids []UID
	got  map[UID]Header
	call *call
}

func (c *Client) startHeaders(ctx context.Context, uids []UID) *headerBatch {
	b := &headerBatch{c: c, uids: uids, got: make(map[UID]Header, len(uids))}
	b.start(ctx, uids)
	return b
}

func (b *headerBatch) start(ctx context.Context, uids []UID) {
	items := &goimap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true, BodySection: []*goimap.FetchItemBodySection{headerFields}}
	x := &exchange{data: b.take, limit: maxHeader, cut: true}
	op := fmt.Sprintf("read %d headers from message %d to %d", len(uids), uids[0], uids[len(uids)-1])
	b.call = b.c.start(ctx, op, x, func(lib *imapclient.Client) func() error { return lib.Fetch(uidSet(uids), items).Close })
}

func (b *headerBatch) take(r response) bool {
	if r.kind != "FETCH" {
		return false
	}
	f := parseFetch(r.rest)
	if f.uid == 0 || !f.hasBody {
		return false
	}
	b.got[f.uid] = Header{f.uid, f.flags, f.date, f.size, slices.Clone(f.section)}
	return true
}

// complete waits for the answer and asks once more for what is missing: a server may have told of a change instead.
func (b *headerBatch) complete(ctx context.Context) error {
	if _, err := b.call.finish(); err != nil {
		return err
	}
	var missing []UID
	for _, uid := range b.uids {
		if _, ok := b.got[uid]; !ok {
			missing = append(missing, uid)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	b.start(ctx, missing)
	_, err := b.call.finish()
	return err
}

func (b *headerBatch) deliver(each func(Header) error) error {
	for _, uid := range b.uids {
		if h, ok := b.got[uid]; ok {
			if err := each(h); err != nil {
				return err
			}
		}
	}
	return nil
}
