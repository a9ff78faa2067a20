package transport

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"

	"tmail/account"
)

// Credentials are what one signs in with on one connection. They do not appear in its trace, nor in
// errors that went through Conn.redact.
type Credentials struct {
	Username, Secret string
	Token            bool // Secret is an access token (OAuth 2), not a password

	conn *Conn
}

// Credentials asks the endpoint for its secret; nil when it has none, which means not to sign in. It refuses
// (KindTLS) while the connection is not as private as the endpoint wants it, and secrets that no protocol can carry.
func (c *Conn) Credentials(ctx context.Context) (*Credentials, error) {
	ep := c.endpoint
	if ep.Secret == nil {
		return nil, nil
	}
	const op = "sign in"
	if !c.encrypted && (ep.Security != account.SecurityNone || !ep.AllowCleartext && !loopback(ep.Host)) {
		return nil, &Error{Kind: KindTLS, Op: op, Code: CodeCleartext, Err: errors.New("the connection is not encrypted, and cleartext is not allowed")}
	}
	secret, err := ep.Secret(ctx)
	if err != nil {
		refused := &Error{Kind: KindAuth, Op: "get the password of " + ep.Username, Err: err}
		var unreachable net.Error
		if errors.As(err, &unreachable) { // the service that gives access tokens: trying again may help
			refused.Kind = KindNetwork
		}
		return nil, refused
	}
	if strings.ContainsAny(ep.Username+secret, "\x00\r\n") {
		return nil, &Error{Kind: KindAuth, Op: op, Err: errors.New("the user name or password holds a line break or NUL")}
	}
	c.shown = secret
	c.hide(secret)
	c.hide(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(secret))
	c.hide(base64.StdEncoding.EncodeToString([]byte(secret)))
	return &Credentials{Username: ep.Username, Secret: secret, Token: ep.OAuth2, conn: c}, nil
}

// Mechanism is a SASL mechanism that is ready to sign in with. What it says is kept out of the trace and
// of redacted errors.
type Mechanism struct {
	Name string
	sasl.Client
	conn *Conn
}

// SignsInBy says whether there is a Mechanism of this name.
func SignsInBy(mechanism string) bool {
	return slices.Contains([]string{scramSHA256, sasl.Plain, sasl.Login, cramMD5, sasl.OAuthBearer, xoauth2}, mechanism)
}

// Mechanism picks the strongest mechanism among those the server offers. An access token goes by OAUTHBEARER
// (RFC 7628) or XOAUTH2. A password goes by SCRAM-SHA-256 (RFC 7677), which shows it to nobody; then, behind TLS, by
// PLAIN (RFC 4616) or LOGIN before CRAM-MD5 (RFC 2195), for which servers have to keep it readable; in clear by
// CRAM-MD5 first.
func (cr *Credentials) Mechanism(offered func(name string) bool) (*Mechanism, error) {
	choice := []string{scramSHA256, sasl.Plain, sasl.Login, cramMD5}
	switch {
	case cr.Token:
		choice = []string{sasl.OAuthBearer, xoauth2}
	case !cr.conn.encrypted:
		choice = []string{scramSHA256, cramMD5, sasl.Plain, sasl.Login}
	}
	for _, name := range choice {
		if offered(name) {
			return &Mechanism{Name: name, Client: cr.client(name), conn: cr.conn}, nil
		}
	}
	err := fmt.Errorf("the server offers none of %s", strings.Join(choice, ", "))
	for _, name := range []string{sasl.OAuthBearer, xoauth2} {
		if offered(name) {
			err = fmt.Errorf("the server takes no passwords but access tokens (%s, or %s)", sasl.OAuthBearer, xoauth2)
		}
	}
	return nil, &Error{Kind: KindAuth, Op: "sign in", Err: err}
}

func (cr *Credentials) client(name string) sasl.Client {
	switch name {
	case scramSHA256:
		return newScram(cr.Username, cr.Secret, rand.Text())
	case cramMD5:
		return &cramClient{cr.Username, cr.Secret}
	case sasl.Login:
		return &loginClient{answers: []string{cr.Username, cr.Secret}}
	case sasl.OAuthBearer:
		ep := cr.conn.endpoint
		bearer := sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: saslName(cr.Username), Token: cr.Secret, Host: ep.Host, Port: ep.Port})
		return tokenClient{bearer, []byte{1}}
	case xoauth2:
		return tokenClient{xoauth2Client{cr.Username, cr.Secret}, []byte{}}
	}
	return sasl.NewPlainClient("", cr.Username, cr.Secret)
}

// Finish has to be called when the server says that we are signed in: a mechanism in which the server proves that it
// knows the password too fails when it has not.
func (m *Mechanism) Finish() error {
	if scram, ok := m.Client.(*scramClient); ok && !scram.proven {
		return &Error{Kind: KindAuth, Op: "sign in", Err: errors.New("the server did not prove that it knows the password")}
	}
	return nil
}

// Start implements sasl.Client.
func (m *Mechanism) Start() (string, []byte, error) {
	name, response, err := m.Client.Start()
	m.hide(response)
	return name, response, err
}

// Next implements sasl.Client.
func (m *Mechanism) Next(challenge []byte) ([]byte, error) {
	response, err := m.Client.Next(challenge)
	m.hide(response)
	return response, err
}

func (m *Mechanism) hide(response []byte) {
	m.conn.hide(base64.StdEncoding.EncodeToString(response))
}

// loginClient is the LOGIN mechanism of servers that are too old for PLAIN: two questions, worded by each in its own
// way, which go-sasl's client does not put up with.
type loginClient struct {
	answers []string
}

func (l *loginClient) Start() (string, []byte, error) { return sasl.Login, nil, nil }

func (l *loginClient) Next([]byte) ([]byte, error) {
	if len(l.answers) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return []byte(answer), nil
}

const cramMD5 = "CRAM-MD5"

// cramClient is CRAM-MD5 (RFC 2195).
type cramClient struct{ username, password string }

func (c *cramClient) Start() (string, []byte, error) { return cramMD5, nil, nil }

func (c *cramClient) Next(challenge []byte) ([]byte, error) {
	mac := hmac.New(md5.New, []byte(c.password))
	mac.Write(challenge)
	return fmt.Appendf(nil, "%s %x", c.username, mac.Sum(nil)), nil
}

const xoauth2 = "XOAUTH2"

// xoauth2Client is Google's mechanism from before OAUTHBEARER, the only one for tokens that Microsoft has.
type xoauth2Client struct{ username, token string }

func (x xoauth2Client) Start() (string, []byte, error) {
	return xoauth2, []byte("user=" + x.username + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

func (x xoauth2Client) Next([]byte) ([]byte, error) { return nil, sasl.ErrUnexpectedServerChallenge }

// tokenClient says what is to be said to a server that explains why it does not take a token (RFC 7628 §3.2.3): the
// refusal proper comes then.
type tokenClient struct {
	sasl.Client
	heard []byte
}

func (t tokenClient) Next([]byte) ([]byte, error) { return t.heard, nil }
