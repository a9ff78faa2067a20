// Package pop3 reads a POP3 mailbox (RFC 1939, with CAPA and PIPELINING of
// RFC 2449, STLS of RFC 2595 and AUTH of RFC 5034).
//
// It hands on messages byte for byte, in constant memory, and takes one off
// the server only when Delete and then Quit say so. It knows nothing of what
// was fetched before: telling old messages from new ones is its caller's job.
package pop3

import (
	"context"
	"io"

	"tmail/account"
	"tmail/transport"
)

// Item is one message of the mailbox as this session numbers it.
type Item struct {
	Number int    // valid in this session only
	UIDL   string // "" when the server has none for it; not necessarily unique
	Size   int64  // octets, as announced by the server
}

// Client is a session with one mailbox. It belongs to one goroutine.
type Client struct{}

// Dial connects, secures the connection as the endpoint says, and signs in.
// Errors are of type *transport.Error.
func Dial(ctx context.Context, d *transport.Dialer, ep account.Endpoint) (*Client, error) {
	panic("not written")
}

// List returns all messages, ordered by number. The answers to LIST and UIDL
// are checked against STAT: a short list is an error, never fewer messages.
// Duplicate UIDLs are handed on as they are.
func (c *Client) List(ctx context.Context) ([]Item, error) { panic("not written") }

// Fetch retrieves messages in the order given and calls each with the exact
// bytes of every one; the reader is valid during the call only. When the
// server refuses a message, reading it gives a *transport.Error of
// KindRefused, and each decides whether to go on by what it returns. An error
// from each or from the connection ends Fetch and closes the connection.
func (c *Client) Fetch(ctx context.Context, items []Item, each func(Item, io.Reader) error) error {
	panic("not written")
}

// Delete marks messages for deletion. Nothing is gone before Quit; Close takes
// the marks back.
func (c *Client) Delete(ctx context.Context, items []Item) error { panic("not written") }

// Quit ends the session, with which the server removes what was marked. After
// an error it is not known whether it did.
func (c *Client) Quit(ctx context.Context) error { panic("not written") }

// Close drops the connection; nothing is removed from the server.
func (c *Client) Close() error { panic("not written") }
