package imap

import (
	"context"
	"errors"
	"runtime/debug"
	"strings"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"tmail/account"
	"tmail/transport"
)

// greet reads the greeting and does STARTTLS (RFC 3501 §6.2.1) when ep wants it, on the bare connection: nothing that
// was said before TLS reaches the client. It tells whether the server takes us as signed in already (PREAUTH).
func greet(ctx context.Context, conn *transport.Conn, ep account.Endpoint) (signedIn bool, err error) {
	const op = "connect"
	r, err := readLine(conn)
	if err != nil {
		return false, transport.Wrap(op, err)
	}
	switch {
	case r.tag == "*" && r.kind == "BYE":
		return false, &transport.Error{Kind: transport.KindTemporary, Op: op, Words: r.text, Code: r.code}
	case r.tag != "*" || r.kind != "OK" && r.kind != "PREAUTH":
		return false, &transport.Error{Kind: transport.KindProtocol, Op: op, Words: r.text, Err: errors.New("the server does not greet as IMAP servers do")}
	case ep.Security != account.SecurityStartTLS:
		return r.kind == "PREAUTH", nil
	case r.kind == "PREAUTH": // would leave no way to start TLS: CVE-2020-14093
		return false, noStartTLS("the server claims to know us and so rules out TLS", response{})
	}
	const tag = "S1"
	if _, err := conn.Write([]byte(tag + " STARTTLS\r\n")); err != nil {
		return false, transport.Wrap(op, err)
	}
	for range 100 { // untagged lines are not believed, but an honest server may send some
		r, err := readLine(conn)
		if err != nil {
			return false, transport.Wrap(op, err)
		}
		if r.tag == "*" {
			continue
		}
		if r.tag != tag || r.kind != "OK" {
			return false, noStartTLS("the server does not start TLS", r)
		}
		return false, conn.StartTLS(ctx)
	}
	return false, noStartTLS("the server does not answer STARTTLS", response{})
}

func noStartTLS(why string, r response) error {
	return &transport.Error{Kind: transport.KindTLS, Op: "start TLS", Code: transport.CodeNoStartTLS, Words: r.text, Err: errors.New(why)}
}

func readLine(conn *transport.Conn) (response, error) {
	line, err := conn.ReadLine()
	return parseResponse([]byte(line)), err
}

// signIn makes the session ready for its first SELECT.
func (c *Client) signIn(ctx context.Context, done bool) error {
	if err := c.readCapabilities(ctx); err != nil {
		return err
	}
	if !done {
		credentials, err := c.conn.Credentials(ctx)
		if err != nil {
			return err
		}
		if credentials != nil {
			if err := c.authenticate(ctx, credentials); err != nil {
				return err
			}
			if err := c.readCapabilities(ctx); err != nil { // there may be more of them now
				return err
			}
		}
	}
	if c.Has("ID") {
		return c.identify(ctx)
	}
	return nil
}

func (c *Client) readCapabilities(ctx context.Context) error {
	caps := map[string]bool{}
	data := func(r response) bool {
		if r.kind != "CAPABILITY" {
			return false
		}
		for name := range strings.FieldsSeq(string(r.rest)) {
			caps[strings.ToUpper(name)] = true
		}
		return true
	}
	err := c.do(ctx, "ask for capabilities", data, func(lib *imapclient.Client) func() error {
		cmd := lib.Capability()
		return func() error { _, err := cmd.Wait(); return err }
	})
	c.caps = caps
	return err
}

// authenticate takes the LOGIN command, which every server has, where it can carry the credentials in one line and the
// server offers nothing stronger than showing it the password; else AUTHENTICATE without an initial response.
func (c *Client) authenticate(ctx context.Context, cr *transport.Credentials) error {
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
		return transport.Wrap(op, err)
	default:
		send = func(lib *imapclient.Client) func() error {
			err := lib.Authenticate(mechanism)
			return func() error { return err }
		}
	}
	_, err = c.start(ctx, op, x, send).finish()
	var refused *transport.Error
	if errors.As(err, &refused) && refused.Kind == transport.KindRefused {
		refused.Kind = transport.KindAuth // most servers give no code
	}
	if err == nil && mechanism != nil {
		err = transport.Wrap(op, mechanism.Finish())
	}
	return err
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// identify says who we are (RFC 2971). go-imap's ID cannot carry support-email, which NetEase's servers ask for. A
// refusal is no reason not to work with the server.
func (c *Client) identify(ctx context.Context) error {
	fields := []string{"name", "tmail", "version", version(), "vendor", "tmail", "support-email", "support@tmail.invalid"}
	for i := range fields {
		fields[i] = quote(fields[i])
	}
	err := c.doRaw(ctx, "say who we are", "ID ("+strings.Join(fields, " ")+")", nil)
	if err != nil && c.conn.Err() == nil {
		return nil
	}
	return err
}

// version is the program's, as far as the build knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return info.Main.Version
	}
	return "1"
}
