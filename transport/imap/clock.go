package imap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tmail/transport"
)

// Newest gives the last message of the selected mailbox and when the server got it (its INTERNALDATE); UID 0 when it
// has none.
func (c *Client) Newest(ctx context.Context) (uid UID, got time.Time, err error) {
	if c.changes.messages() == 0 {
		return 0, time.Time{}, nil
	}
	err = c.doRaw(ctx, "look at the last message", "FETCH * (UID INTERNALDATE)", func(r response) bool {
		if r.kind != "FETCH" {
			return false
		}
		if f := parseFetch(r.rest); !f.date.IsZero() {
			uid, got = f.uid, f.date
		}
		return true
	})
	return uid, got, err
}

// IsYounger says whether by the server's clock not more than age has passed since it got a message (RFC 5032). It is
// for servers that announce WITHIN; age counts in whole seconds and is at least one.
func (c *Client) IsYounger(ctx context.Context, uid UID, age time.Duration) (bool, error) {
	if !c.Has("WITHIN") {
		return false, &transport.Error{Kind: transport.KindRefused, Op: "ask for the age of a message", Err: errors.New("the server has no WITHIN")}
	}
	found := false
	line := fmt.Sprintf("UID SEARCH UID %d YOUNGER %d", uid, max(1, age/time.Second))
	err := c.doRaw(ctx, "ask for the age of a message", line, func(r response) bool {
		if r.kind != "SEARCH" {
			return false
		}
		s := scanner{r.rest}
		for t := s.next(); t.kind == tokenAtom; t = s.next() {
			found = found || UID(t.uint32()) == uid
		}
		return true
	})
	return found, err
}
