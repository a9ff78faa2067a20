// Package pop3 reads a POP3 mailbox (RFC 1939, with CAPA and PIPELINING of
// RFC 2449, STLS of RFC 2595 and AUTH of RFC 5034).
//
// It hands on messages byte for byte, in constant memory, and takes one off
// the server only when Delete and then Quit say so. It knows nothing of what
// was fetched before: telling old messages from new ones is its caller's job.
//
// go-pop3 speaks the commands; it sees only status lines, through wire, and
// everything longer is read here.
package pop3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	pop "github.com/knadh/go-pop3"

	"tmail/account"
	"tmail/transport"
)

// maxUnanswered is how many commands are sent ahead of their answers to a
// server that offers PIPELINING: enough to hide a long link, and few enough
// for the commands to fit into any socket buffer while the server sends.
const maxUnanswered = 64

// Item is one message of the mailbox as this session numbers it.
type Item struct {
	Number int    // valid in this session only
	UIDL   string // "" when the server has none for it; not necessarily unique
	Size   int64  // octets, as announced by the server
}

// Client is a session with one mailbox. It belongs to one goroutine.
type Client struct {
	wire  *wire
	pop   *pop.Conn
	ahead int // commands that may be unanswered at a time
	caps  capabilities
}

// Capabilities returns what the server announced, a capability with its
// arguments each, sorted; none when it does not know CAPA.
func (c *Client) Capabilities() []string {
	var all []string
	for keyword, arguments := range c.caps {
		all = append(all, strings.Join(append([]string{keyword}, arguments...), " "))
	}
	slices.Sort(all)
	return all
}

// Uses says whether we make use of a capability that a server announces.
func Uses(capability string) bool {
	keyword, _, _ := strings.Cut(capability, " ")
	return slices.Contains([]string{"PIPELINING", "SASL", "STLS", "TOP", "UIDL", "USER"}, keyword)
}

// Dial connects, secures the connection as the endpoint says, and signs in.
// Errors are of type *transport.Error.
func Dial(ctx context.Context, d *transport.Dialer, ep account.Endpoint) (*Client, error) {
	return transport.Begin(ctx, d, ep, func(conn *transport.Conn) (*Client, error) {
		defer conn.Guard(ctx)()
		c := &Client{wire: newWire(conn), ahead: 1}
		return c, c.begin(ctx, ep)
	})
}

// pipeline sends n commands, as many ahead of their answers as the server
// allows, and calls answer to read that of each, in order.
func (c *Client) pipeline(n int, command func(i int) string, answer func(i int) error) error {
	sent := 0
	for i := range n {
		if waiting := sent - i; waiting <= c.ahead/2 && sent < n {
			var batch []string
			for ; sent < n && sent-i < c.ahead; sent++ {
				batch = append(batch, command(sent))
			}
			if err := c.pop.Send(strings.Join(batch, "\r\n")); err != nil {
				return c.wire.explain(command(i), err, transport.KindRefused)
			}
		}
		if err := answer(i); err != nil {
			return err
		}
	}
	return nil
}

// status reads the answer to a command, of which it returns what follows +OK.
func (c *Client) status(op string) (string, error) {
	rest, err := c.pop.ReadOne()
	if err != nil {
		return "", c.wire.explain(op, err, transport.KindRefused)
	}
	return string(rest), nil
}

// isRefusal says whether the server answered with -ERR: then the session goes on.
func (c *Client) isRefusal(err error) bool {
	return err != nil && c.wire.Err() == nil
}

// Fetch retrieves messages in the order given and calls each with the exact
// bytes of every one; the reader is valid during the call only. When the
// server refuses a message, reading it gives a *transport.Error of
// KindRefused, and each decides whether to go on by what it returns. An error
// from each or from the connection ends Fetch and closes the connection.
func (c *Client) Fetch(ctx context.Context, items []Item, each func(Item, io.Reader) error) error {
	return c.get(ctx, "RETR %d", items, each)
}

// Heads is Fetch of the headers alone, with TOP, which servers need not have.
func (c *Client) Heads(ctx context.Context, items []Item, each func(Item, io.Reader) error) error {
	return c.get(ctx, "TOP %d 0", items, each)
}

func (c *Client) get(ctx context.Context, command string, items []Item, each func(Item, io.Reader) error) error {
	defer c.wire.Guard(ctx)()
	err := c.pipeline(len(items),
		func(i int) string { return fmt.Sprintf(command, items[i].Number) },
		func(i int) error { return c.fetchOne(items[i], each) })
	if err != nil {
		c.wire.Close() // answers are under way that nobody reads
	}
	return err
}

func (c *Client) fetchOne(item Item, each func(Item, io.Reader) error) error {
	op := fmt.Sprintf("fetch message %d", item.Number)
	_, err := c.status(op)
	if c.isRefusal(err) {
		return each(item, failing{err})
	}
	if err != nil {
		return err
	}
	body := named{c.wire.body(), op}
	if err := each(item, body); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, body)
	return err
}

// failing is a reader of a message that the server does not give.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// named is a reader whose errors say what was being done.
type named struct {
	io.Reader
	op string
}

func (n named) Read(p []byte) (int, error) {
	read, err := n.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = transport.Wrap(n.op, err)
	}
	return read, err
}

// Delete marks messages for deletion. Nothing is gone before Quit; Close takes
// the marks back. What one message is refused for does not keep the others
// from being marked: the errors are joined.
func (c *Client) Delete(ctx context.Context, items []Item) error {
	defer c.wire.Guard(ctx)()
	var refused []error
	err := c.pipeline(len(items),
		func(i int) string { return fmt.Sprintf("DELE %d", items[i].Number) },
		func(i int) error {
			_, err := c.status(fmt.Sprintf("delete message %d", items[i].Number))
			if c.isRefusal(err) {
				refused = append(refused, err)
				return nil
			}
			return err
		})
	if err != nil {
		return err
	}
	return errors.Join(refused...)
}

// Quit ends the session, with which the server removes what was marked. After
// an error it is not known whether it did.
func (c *Client) Quit(ctx context.Context) error {
	defer c.wire.Guard(ctx)()
	if _, err := c.pop.Cmd("QUIT", false); err != nil {
		err = c.wire.explain("end the session", err, transport.KindRefused)
		c.wire.Close()
		return err
	}
	return c.wire.Close()
}

// Close drops the connection; nothing is removed from the server.
func (c *Client) Close() error { return c.wire.Close() }
