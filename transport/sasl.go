package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"

	"tmail/account"
)

// Credentials are what one signs in with on one connection. They do not appear in its trace.
type Credentials struct {
	Username, Secret string

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
		return nil, &Error{Kind: KindTLS, Op: op, Code: CodeCleartext, Err: errors.New("the connection is not encrypted")}
	}
	secret, err := ep.Secret(ctx)
	if err != nil {
		return nil, &Error{Kind: KindAuth, Op: "get the password of " + ep.Username, Err: err}
	}
	if strings.ContainsAny(ep.Username+secret, "\x00\r\n") {
		return nil, &Error{Kind: KindAuth, Op: op, Err: errors.New("the user name or password holds a line break or NUL")}
	}
	c.trace.hide(secret)
	c.trace.hide(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(secret))
	c.trace.hide(base64.StdEncoding.EncodeToString([]byte(secret)))
	return &Credentials{Username: ep.Username, Secret: secret, conn: c}, nil
}

// Mechanism picks the SASL mechanism to sign in with among those the server offers: PLAIN (RFC 4616), else LOGIN.
func (cr *Credentials) Mechanism(offered func(name string) bool) (sasl.Client, error) {
	var client sasl.Client
	switch {
	case offered(sasl.Plain):
		client = sasl.NewPlainClient("", cr.Username, cr.Secret)
	case offered(sasl.Login):
		client = &loginClient{answers: []string{cr.Username, cr.Secret}}
	default:
		return nil, &Error{Kind: KindAuth, Op: "sign in", Err: fmt.Errorf("the server offers neither %s nor %s", sasl.Plain, sasl.Login)}
	}
	return hiddenClient{client, cr.conn.trace}, nil
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

// hiddenClient keeps what a SASL client answers out of the trace.
type hiddenClient struct {
	sasl.Client
	trace *trace
}

func (h hiddenClient) Start() (string, []byte, error) {
	name, response, err := h.Client.Start()
	h.hide(response)
	return name, response, err
}

func (h hiddenClient) Next(challenge []byte) ([]byte, error) {
	response, err := h.Client.Next(challenge)
	h.hide(response)
	return response, err
}

func (h hiddenClient) hide(response []byte) {
	h.trace.hide(base64.StdEncoding.EncodeToString(response))
}
