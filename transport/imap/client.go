// Package imap is the client side of IMAP4rev1 (RFC 3501) and the extensions that keep it cheap: CONDSTORE and QRESYNC
// (RFC 7162), UIDPLUS, MOVE, IDLE, ID, LIST-STATUS, SPECIAL-USE, ESEARCH and COMPRESS where the server has them, plain
// commands where it has not. What is used of what a server announces, uses.go lists.
//
// A Client is one connection with at most one mailbox selected. It gives mailboxes, UIDs, flags, header fields and
// bytes as the server has them and knows nothing of the store, of what has to be synchronised, or of MIME.
//
// go-imap writes the commands; what the server says is read by the tap, which takes any server as it is.
package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2/imapclient"

	"tmail/account"
	"tmail/message"
	"tmail/transport"
)

// Client is a connection to an IMAP server. Its methods are for one goroutine, except Done and Close. When the context
// of a call ends, so does the connection (Idle excepted); then every method fails at once.
//
// Every error is, or wraps, a *transport.Error or the context's error.
type Client struct {
	conn *transport.Conn
	tap  *tap
	lib  *imapclient.Client
	caps map[string]bool

	qresync   bool // is enabled
	rawTags   int
	pieceSize int           // of Body, in bytes: what the link did in pieceTime
	keywords  message.Flags // those that the selected mailbox keeps
	changes   changes
}

// Dial connects and signs in: greeting, STARTTLS when ep wants it, LOGIN or AUTHENTICATE, the capabilities again, and
// ID, which some servers (NetEase) insist on before the first SELECT.
func Dial(ctx context.Context, d *transport.Dialer, ep account.Endpoint) (*Client, error) {
	return transport.Begin(ctx, d, ep, func(conn *transport.Conn) (*Client, error) { return open(ctx, conn, ep) })
}

func open(ctx context.Context, conn *transport.Conn, ep account.Endpoint) (*Client, error) {
	defer conn.Guard(ctx)()
	greeting, err := greet(ctx, conn, ep)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, pieceSize: firstPiece}
	c.tap = newTap(conn, c.changes.note)
	c.lib = imapclient.New(c.tap, nil)
	if err := c.signIn(ctx, greeting); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close ends the connection; it does not wait for the server.
func (c *Client) Close() error {
	c.conn.Close()
	c.lib.Close() // fails always: the connection is closed; what matters is that its goroutine has ended
	return nil
}

// Done is closed when the connection has ended, whatever ended it.
func (c *Client) Done() <-chan struct{} { return c.lib.Closed() }

// Stands says whether the connection can be used: an error was the server's answer to what was asked, then.
func (c *Client) Stands() bool { return c.conn.Err() == nil }

// Has says whether the server announced a capability, as in "MOVE" or "AUTH=PLAIN".
func (c *Client) Has(name string) bool { return c.caps[strings.ToUpper(name)] }

// Capabilities returns all that the server announced, sorted.
func (c *Client) Capabilities() []string { return slices.Sorted(maps.Keys(c.caps)) }

// Alert returns what the server wants a person to read (RFC 3501 §7.1), raw, once; "" when there is nothing.
func (c *Client) Alert() string { return c.tap.takeAlert() }

// call is a command on its way.
type call struct {
	c    *Client
	op   string // for errors
	x    *exchange
	wait func() error // returns when the library is done with it
	stop func()       // lets go of the context
}

// start sends a command by letting the library write it: send returns what waits for its end. Before the next command
// the call has to be finished.
func (c *Client) start(ctx context.Context, op string, x *exchange, send func(*imapclient.Client) func() error, following ...*exchange) *call {
	call := &call{c: c, op: op, x: x, stop: c.conn.Guard(ctx)}
	c.tap.begin(x, following...)
	if err := c.tap.cause(); err != nil {
		call.wait = func() error { return err }
		return call
	}
	call.wait = send(c.lib)
	return call
}

// do sends a command and waits for its answer; data may be nil.
func (c *Client) do(ctx context.Context, op string, data listener, send func(*imapclient.Client) func() error) error {
	_, err := c.start(ctx, op, &exchange{data: data}, send).finish()
	return err
}

// rawTag begins the tags of the commands the library does not know of.
const rawTag = "R"

// doRaw sends a command that the library cannot write: the line without tag and CRLF. Whatever is in it has to be
// quoted already.
func (c *Client) doRaw(ctx context.Context, op, line string, data listener) error {
	return c.raw(ctx, op, []string{line}, &exchange{data: data})[0]
}

// doLiteral sends such a command that ends with a literal (RFC 3501 §4.3), which may be any text.
func (c *Client) doLiteral(ctx context.Context, op, line, text string, x *exchange) error {
	goAhead := make(chan struct{})
	x.goAhead = goAhead
	c.rawTags++
	x.tag = rawTag + strconv.Itoa(c.rawTags)
	_, err := c.start(ctx, op, x, func(*imapclient.Client) func() error {
		_, err := fmt.Fprintf(c.tap, "%s %s {%d}\r\n", x.tag, line, len(text))
		return func() error {
			if err != nil {
				return err
			}
			select {
			case <-goAhead:
				if _, err = io.WriteString(c.tap, text+"\r\n"); err != nil {
					return err
				}
				select {
				case <-x.answered:
				case <-c.Done():
				}
			case <-x.answered: // no, without waiting for the rest
			case <-c.Done():
			}
			return nil
		}
	}).finish()
	return err
}

// raw sends such commands all at once, one for each exchange, and waits for all answers; one error for each.
func (c *Client) raw(ctx context.Context, op string, lines []string, exchanges ...*exchange) []error {
	var text strings.Builder
	for i, x := range exchanges {
		c.rawTags++
		x.tag = rawTag + strconv.Itoa(c.rawTags)
		text.WriteString(x.tag + " " + c.tap.respell(lines[i]) + "\r\n")
	}
	first := c.start(ctx, op, exchanges[0], func(*imapclient.Client) func() error {
		_, err := io.WriteString(c.tap, text.String())
		return func() error { return err }
	}, exchanges[1:]...)
	errs := make([]error, len(exchanges))
	for i, x := range exchanges {
		call := *first
		call.x = x
		if i < len(exchanges)-1 {
			call.stop = func() {} // ctx holds to the last
		}
		call.wait = func() error {
			err := first.wait()
			if err == nil {
				select {
				case <-x.answered:
				case <-c.Done():
				}
			}
			return err
		}
		_, errs[i] = call.finish()
	}
	return errs
}

// finish waits for the answer. An answer that is not OK is an error with the server's words.
func (call *call) finish() (response, error) {
	err := call.wait()
	call.c.tap.end(call.x)
	call.stop()
	select {
	case <-call.x.answered:
		return call.x.answer, call.c.refusal(call.op, call.x.answer)
	default:
	}
	// The library closes the connection when it cannot write a command: then its own error says more.
	if cause := call.c.tap.cause(); cause != nil && (!errors.Is(cause, net.ErrClosed) || err == nil || errors.Is(err, io.ErrUnexpectedEOF)) {
		err = cause
	}
	if err == nil {
		err = errors.New("the command was not answered")
	}
	call.c.conn.Fail(err) // half a command may be on the wire
	return response{}, transport.Wrap(call.op, err)
}

// refusal is what a tagged answer means as an error: nil for OK.
func (c *Client) refusal(op string, r response) error {
	if r.kind == "OK" {
		return nil
	}
	e := &transport.Error{Kind: transport.KindRefused, Op: op, Words: r.text, Code: r.code}
	switch r.code {
	case "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "WEBALERT":
		e.Kind = transport.KindAuth
	case "PRIVACYREQUIRED":
		e.Kind = transport.KindTLS
	case "UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT", "THROTTLED":
		e.Kind = transport.KindTemporary
	default:
		if r.kind != "NO" {
			e.Kind = transport.KindProtocol
		}
	}
	if e.Words == "" {
		e.Words = c.tap.takeAlert()
	}
	if e.Words == "" {
		e.Err = fmt.Errorf("the server answered %s without a reason", r.kind)
	}
	return e
}
