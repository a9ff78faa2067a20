package imap

import (
	"context"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Select opens a mailbox for reading and writing (RFC 3501 §6.3.1): what the methods with UIDs are about from now on.
// When it fails none is open.
func (c *Client) Select(ctx context.Context, name string) (Status, error) {
	return c.selecting(ctx, name, nil, func(x *exchange, op string) error {
		_, err := c.start(ctx, op, x, func(lib *imapclient.Client) func() error {
			cmd := lib.Select(name, &goimap.SelectOptions{CondStore: c.Has("CONDSTORE")})
			return func() error { _, err := cmd.Wait(); return err }
		}).finish()
		return err
	})
}

// selecting opens a mailbox by what send sends; data gets what is no news of the mailbox as it is now.
func (c *Client) selecting(ctx context.Context, name string, data listener, send func(x *exchange, op string) error) (Status, error) {
	var status Status
	c.keywords = anyKeyword
	c.changes.reset()
	err := send(&exchange{data: func(r response) bool {
		switch {
		case r.kind == "EXISTS":
			status.Messages = r.num
		case data != nil && data(r):
			return true
		case r.kind != "OK":
		case r.code == "UIDVALIDITY":
			status.UIDValidity = token{text: []byte(r.arg)}.uint32()
		case r.code == "UIDNEXT":
			status.UIDNext = token{text: []byte(r.arg)}.uint32()
		case r.code == "HIGHESTMODSEQ":
			status.HighestModSeq = token{text: []byte(r.arg)}.number()
		case r.code == "PERMANENTFLAGS":
			c.keywords = parseKeywords(r.arg)
		}
		return false // how many there are is to be known further on
	}}, "open "+name)
	c.changes.take()
	return status, err
}

// Known is how far a mailbox is known from earlier: its Status then.
type Known struct {
	UIDValidity uint32
	ModSeq      uint64
}

// Delta is what happened in a mailbox since it was known (RFC 7162).
type Delta struct {
	Flags []UIDFlags // of the messages that are new and of those whose flags changed, by UID
	Gone  []Range    // what is gone, and perhaps UIDs that never were; none without QRESYNC, where the number of messages tells
}

// SelectSince is Select, and says what happened since the mailbox was known: with QRESYNC in the same round trip, with
// CONDSTORE in one more when something did. The Delta is nil when the server cannot tell: then what is known has to be
// compared.
func (c *Client) SelectSince(ctx context.Context, name string, known Known) (Status, *Delta, error) {
	if known.ModSeq == 0 {
		status, err := c.Select(ctx, name)
		return status, nil, err
	}
	if c.qresync {
		return c.resume(ctx, name, known)
	}
	status, err := c.Select(ctx, name)
	if err != nil || !tells(status, known) {
		return status, nil, err
	}
	delta := &Delta{}
	if status.HighestModSeq == known.ModSeq || status.Messages == 0 { // to some servers 1:* of nothing is an error
		return status, delta, nil
	}
	all := goimap.UIDSet{{Start: 1, Stop: 0}} // 1:*
	if err := c.appendFlags(ctx, &delta.Flags, all, known.ModSeq); err != nil {
		return status, nil, err
	}
	delta.Flags = newestOfEach(delta.Flags)
	return status, delta, nil
}

// tells says whether what the server counts is what it counted when the mailbox was known.
func tells(status Status, known Known) bool {
	return status.UIDValidity == known.UIDValidity && status.HighestModSeq >= known.ModSeq
}

// resume is SELECT with QRESYNC, which go-imap does not know.
func (c *Client) resume(ctx context.Context, name string, known Known) (Status, *Delta, error) {
	delta, sense := &Delta{}, true
	data := func(r response) bool {
		switch r.kind {
		case "VANISHED":
			ranges, earlier, ok := parseVanished(r.rest)
			delta.Gone = append(delta.Gone, ranges...)
			sense = sense && ok
			return earlier // what vanishes right now is to be counted
		case "FETCH":
			f := parseFetch(r.rest)
			if f.uid == 0 || !f.hasFlags {
				return false
			}
			delta.Flags = append(delta.Flags, UIDFlags{f.uid, f.flags})
			return true
		}
		return false
	}
	status, err := c.selecting(ctx, name, data, func(x *exchange, op string) error {
		line := "SELECT " + quote(encodeName(name)) + " (QRESYNC (" + decimal(known.UIDValidity) + " " + decimal(known.ModSeq) + "))"
		x.limit = maxNumbers
		return c.raw(ctx, op, []string{line}, x)[0]
	})
	if err != nil || !sense || !tells(status, known) {
		return status, nil, err
	}
	delta.Flags = newestOfEach(delta.Flags)
	return status, delta, nil
}

// parseVanished reads a VANISHED response (RFC 7162 §3.2.10).
func parseVanished(rest []byte) (ranges []Range, earlier, ok bool) {
	s := scanner{rest}
	t := s.next()
	if t.kind == tokenOpen {
		s.list(func(t token) { earlier = earlier || t.is("EARLIER") })
		t = s.next()
	}
	ranges, ok = parseRanges(string(t.text))
	return ranges, earlier, ok
}
