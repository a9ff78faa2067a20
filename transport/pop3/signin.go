package pop3

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	pop "github.com/knadh/go-pop3"

	"tmail/account"
	"tmail/transport"
)

const (
	maxCapabilities = 200     // lines of the answer to CAPA
	maxLine         = 1 << 10 // bytes of a line of any such answer; RFC 2449 §4 says 512
)

// begin reads the greeting, makes the connection private, learns what the
// server can do, and signs in.
func (c *Client) begin(ctx context.Context, ep account.Endpoint) error {
	op := "connect to " + ep.Addr()
	if ep.Security == account.SecurityStartTLS {
		if err := startTLS(ctx, c.wire.Conn); err != nil {
			return err
		}
		c.wire.unread = "+OK\r\n" // the greeting is behind us, and go-pop3 wants one
	}
	var err error
	if c.pop, err = pop.New(pop.Opt{Dialer: c.wire}).NewConn(); err != nil {
		return c.wire.explain(op, err, transport.KindTemporary)
	}
	if c.caps, err = c.capabilities(); err != nil {
		return err
	}
	if c.caps.has("PIPELINING", "") {
		c.ahead = maxUnanswered
	}
	return c.signIn(ctx, c.caps)
}

// startTLS is STLS (RFC 2595 §4). The talk before it is read by Conn alone, so
// that Conn sees whatever came along behind the server's agreement.
func startTLS(ctx context.Context, conn *transport.Conn) error {
	const op = "start TLS"
	answer := func() (string, error) {
		line, err := conn.ReadLine()
		if err != nil {
			return "", transport.Wrap(op, err)
		}
		if line, err = statusLine(line); err != nil {
			return "", transport.Wrap(op, err)
		}
		words, refused := strings.CutPrefix(line, "-ERR")
		if refused {
			return strings.TrimSpace(words), errRefused
		}
		return "", nil
	}
	if words, err := answer(); errors.Is(err, errRefused) {
		return refusal("connect", words, transport.KindTemporary)
	} else if err != nil {
		return err
	}
	if _, err := conn.Write([]byte("STLS\r\n")); err != nil {
		return transport.Wrap(op, err)
	}
	if words, err := answer(); errors.Is(err, errRefused) {
		return &transport.Error{Kind: transport.KindTLS, Op: op, Words: words, Code: transport.CodeNoStartTLS}
	} else if err != nil {
		return err
	}
	return conn.StartTLS(ctx)
}

var errRefused = errors.New("refused")

// capabilities is what CAPA announced: upper-case keyword to upper-case
// arguments. It is nil when the server does not know CAPA.
type capabilities map[string][]string

// has says whether a keyword was announced, with the argument unless that is "".
func (caps capabilities) has(keyword, argument string) bool {
	arguments, found := caps[keyword]
	return found && (argument == "" || slices.Contains(arguments, argument))
}

func (c *Client) capabilities() (capabilities, error) {
	const op = "ask what the server can do"
	if err := c.pop.Send("CAPA"); err != nil {
		return nil, c.wire.explain(op, err, transport.KindRefused)
	}
	if _, err := c.status(op); err != nil {
		if c.isRefusal(err) {
			return nil, nil
		}
		return nil, err
	}
	caps := capabilities{}
	return caps, c.lines(op, maxCapabilities, func(line string) error {
		if words := strings.Fields(strings.ToUpper(line)); len(words) > 0 {
			caps[words[0]] = words[1:]
		}
		return nil
	})
}

// lines calls each for every line of a multi-line answer of at most limit
// lines; what each finds wrong with one is a protocol error.
func (c *Client) lines(op string, limit int, each func(line string) error) error {
	scanner := bufio.NewScanner(c.wire.body())
	scanner.Buffer(nil, maxLine)
	for n := 1; scanner.Scan(); n++ {
		err := each(scanner.Text())
		if n > limit {
			err = fmt.Errorf("the server sent more than %d lines", limit)
		}
		if err != nil {
			c.wire.Close()
			return &transport.Error{Kind: transport.KindProtocol, Op: op, Words: scanner.Text(), Err: err}
		}
	}
	err := scanner.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		c.wire.Close()
		return &transport.Error{Kind: transport.KindProtocol, Op: op, Err: err}
	}
	return transport.Wrap(op, err)
}

// signIn uses AUTH when the server offers a mechanism we have, else USER and
// PASS. It does nothing when the endpoint has no secret.
func (c *Client) signIn(ctx context.Context, caps capabilities) error {
	cred, err := c.wire.Credentials(ctx)
	if err != nil || cred == nil {
		return err
	}
	mechanism, err := cred.Mechanism(func(name string) bool { return caps.has("SASL", name) })
	if err == nil {
		return c.authenticate(mechanism)
	}
	if cred.Token || caps != nil && !caps.has("USER", "") && caps.has("SASL", "") {
		return err
	}
	err = c.pop.User(cred.Username)
	if err == nil {
		err = c.pop.Pass(cred.Secret)
	}
	if err != nil {
		return c.wire.explain("sign in", err, transport.KindAuth)
	}
	return nil
}

// maxAuthLine is how long an AUTH line may be, in bytes without CRLF, to carry
// the initial response (RFC 5034 §4).
const maxAuthLine = 253

// authenticate signs in by a SASL mechanism (RFC 5034).
func (c *Client) authenticate(mechanism *transport.Mechanism) error {
	const op = "sign in"
	name, response, err := mechanism.Start()
	if err != nil {
		return transport.Wrap(op, err)
	}
	command := "AUTH " + name
	if response != nil {
		if with := command + " " + initialResponse(response); len(with) <= maxAuthLine {
			command, response = with, nil
		}
	}
	for {
		if err := c.pop.Send(command); err != nil {
			return c.wire.explain(op, err, transport.KindAuth)
		}
		challenge, more, err := c.challenge()
		if err != nil {
			return c.wire.explain(op, err, transport.KindAuth)
		}
		if !more {
			return mechanism.Finish()
		}
		if response == nil {
			if response, err = mechanism.Next(challenge); err != nil {
				return transport.Wrap(op, err)
			}
		}
		command, response = base64.StdEncoding.EncodeToString(response), nil
	}
}

// initialResponse encodes a response that goes with AUTH, where "=" stands for
// an empty one.
func initialResponse(response []byte) string {
	if len(response) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(response)
}

// challenge reads the server's next word in a sign-in: a challenge, or the end.
func (c *Client) challenge() (challenge []byte, more bool, err error) {
	line, err := c.wire.readLine()
	if err != nil {
		return nil, false, err
	}
	if text, found := strings.CutPrefix(line+" ", "+ "); found {
		if challenge, err = base64.StdEncoding.DecodeString(strings.TrimSpace(text)); err != nil {
			return nil, false, nonsense("sign in", line, "read the server's challenge: %w", err)
		}
		return challenge, true, nil
	}
	if c.wire.last, err = statusLine(line); err != nil {
		return nil, false, err
	}
	if strings.HasPrefix(c.wire.last, "-ERR") {
		return nil, false, errRefused
	}
	return nil, false, nil
}
