package imap

import (
	"context"
	"errors"
	"runtime/debug"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"tmail/account"
	"tmail/transport"
)

// greet reads the greeting and does STARTTLS (RFC 3501 §6.2.1) when ep wants it, on the bare connection: nothing that
// was said before TLS reaches the client. It returns the greeting, unless TLS made it void.
func greet(ctx context.Context, conn *transport.Conn, ep account.Endpoint) (greeting response, err error) {
	const op = "connect"
	r, err := readLine(conn)
	if err != nil {
		return response{}, transport.Wrap(op, err)
	}
	switch {
	case r.tag == "*" && r.kind == "BYE":
		return response{}, &transport.Error{Kind: transport.KindTemporary, Op: op, Words: r.text, Code: r.code}
	case r.tag != "*" || r.kind != "OK" && r.kind != "PREAUTH":
		return response{}, &transport.Error{Kind: transport.KindProtocol, Op: op, Words: r.text, Err: errors.New("the server does not greet as IMAP servers do")}
	case ep.Security != account.SecurityStartTLS:
		return r, nil
	case r.kind == "PREAUTH": // would leave no way to start TLS: CVE-2020-14093
		return response{}, noStartTLS("the server claims to know us and so rules out TLS", response{})
	}
	const tag = "S1"
	if _, err := conn.Write([]byte(tag + " STARTTLS\r\n")); err != nil {
		return response{}, transport.Wrap(op, err)
	}
	for range 100 { // untagged lines are not believed, but an honest server may send some
		r, err := readLine(conn)
		if err != nil {
			return response{}, transport.Wrap(op, err)
		}
		if r.tag == "*" {
			continue
		}
		if r.tag != tag || r.kind != "OK" {
			return response{}, noStartTLS("the server does not start TLS", r)
		}
		return response{}, conn.StartTLS(ctx)
	}
	return response{}, noStartTLS("the server does not answer STARTTLS", response{})
}

func noStartTLS(why string, r response) error {
	return &transport.Error{Kind: transport.KindTLS, Op: "start TLS", Code: transport.CodeNoStartTLS, Words: r.text, Err: errors.New(why)}
}

func readLine(conn *transport.Conn) (response, error) {
	line, err := conn.ReadLine()
	return parseResponse([]byte(line)), err
}

// signIn makes the session ready for its first SELECT.
func (c *Client) signIn(ctx context.Context, greeting response) error {
	if err := c.learnCapabilities(ctx, greeting); err != nil {
		return err
	}
	if greeting.kind != "PREAUTH" {
		credentials, err := c.conn.Credentials(ctx)
		if err != nil {
			return err
		}
		if credentials != nil {
			answer, err := c.authenticate(ctx, credentials)
			if err != nil {
				return err
			}
			if err := c.learnCapabilities(ctx, answer); err != nil { // there may be more of them now
				return err
			}
		}
	}
	return c.agree(ctx)
}

// learnCapabilities takes the capabilities from what the server just said, or asks for them.
func (c *Client) learnCapabilities(ctx context.Context, said response) error {
	if said.code != "CAPABILITY" {
		return c.readCapabilities(ctx)
	}
	c.caps = map[string]bool{}
	c.addCapabilities(said.arg)
	return nil
}

func (c *Client) addCapabilities(list string) {
	for name := range strings.FieldsSeq(list) {
		c.caps[strings.ToUpper(name)] = true
	}
}

func (c *Client) readCapabilities(ctx context.Context) error {
	var list string
	data := func(r response) bool {
		if r.kind != "CAPABILITY" {
			return false
		}
		list += " " + string(r.rest)
		return true
	}
	err := c.do(ctx, "ask for capabilities", data, func(lib *imapclient.Client) func() error {
		cmd := lib.Capability()
		return func() error { _, err := cmd.Wait(); return err }
	})
	c.caps = map[string]bool{}
	c.addCapabilities(list)
	return err
}

// authenticate takes the LOGIN command, which every server has, where it can carry the credentials in one line and the
// server offers nothing stronger than showing it the password; else AUTHENTICATE without an initial response.
func (c *Client) authenticate(ctx context.Context, cr *transport.Credentials) (response, error) {
	op := "sign in as " + cr.Username
	x := &exchange{goesOn: true, signIn: true}
	mechanism, err := cr.Mechanism(func(name string) bool { return c.Has("AUTH=" + name) })
	shown := err != nil || mechanism.Name == sasl.Plain || mechanism.Name == sasl.Login
	var send func(*imapclient.Client) func() error
	switch {
	case shown && !cr.Token && !c.Has("LOGINDISABLED") && isASCII(cr.Username+cr.Secret):
		send = func(lib *imapclient.Client) func() error { return lib.Login(cr.Username, cr.Secret).Wait }
		mechanism = nil
	case err != nil:
		return response{}, transport.Wrap(op, err)
	default:
		send = func(lib *imapclient.Client) func() error {
			err := lib.Authenticate(mechanism)
			return func() error { return err }
		}
	}
	answer, err := c.start(ctx, op, x, send).finish()
	var refused *transport.Error
	if errors.As(err, &refused) && refused.Kind == transport.KindRefused {
		refused.Kind = transport.KindAuth // most servers give no code
	}
	if err == nil && mechanism != nil {
		err = transport.Wrap(op, mechanism.Finish())
	}
	return answer, err
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// agree says who we are and asks for the extensions that have to be agreed on. A refusal is no reason not to work with
// the server.
func (c *Client) agree(ctx context.Context) error {
	var lines []string
	var exchanges []*exchange
	if c.Has("ID") {
		lines, exchanges = append(lines, identity()), append(exchanges, &exchange{})
	}
	if c.Has("ENABLE") && c.Has("QRESYNC") {
		lines, exchanges = append(lines, "ENABLE QRESYNC"), append(exchanges, &exchange{data: func(r response) bool {
			c.qresync = c.qresync || r.kind == "ENABLED" && strings.Contains(strings.ToUpper(string(r.rest)), "QRESYNC")
			return r.kind == "ENABLED"
		}})
	}
	if len(lines) == 0 {
		return nil
	}
	began := time.Now()
	for _, err := range c.raw(ctx, "agree on extensions", lines, exchanges...) {
		if err != nil && c.conn.Err() != nil {
			return err
		}
	}
	if !c.Has("COMPRESS=DEFLATE") || time.Since(began) < slowLink {
		return nil
	}
	return c.compress(ctx)
}

// slowLink is from what round trip on compression is worth its work: over a faster link it would be what one waits for.
const slowLink = 5 * time.Millisecond

// compress makes both directions compressed (RFC 4978).
func (c *Client) compress(ctx context.Context) error {
	x := &exchange{agreed: func() {
		ahead, _ := c.tap.in.Peek(c.tap.in.Buffered())
		c.conn.Compress(ahead)
		c.tap.in.Reset(c.conn)
	}}
	if err := c.raw(ctx, "agree on compression", []string{"COMPRESS DEFLATE"}, x)[0]; c.conn.Err() != nil {
		return err
	}
	return nil
}

// identity is the command that says who we are (RFC 2971). go-imap's ID cannot carry support-email, which NetEase's
// servers ask for.
func identity() string {
	fields := []string{"name", "tmail", "version", version(), "vendor", "tmail", "support-email", "support@tmail.invalid"}
	for i := range fields {
		fields[i] = quote(fields[i])
	}
	return "ID (" + strings.Join(fields, " ") + ")"
}

// version is the program's, as far as the build knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return info.Main.Version
	}
	return "1"
}
