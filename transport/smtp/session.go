package smtp

import (
	"bufio"
	"context"
	"errors"
	"net/textproto"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"tmail/account"
	"tmail/transport"
)

// localName is how we introduce ourselves: an address literal (RFC 5321
// §4.1.3) that says nothing about this machine or its network.
const localName = "[127.0.0.1]"

// How long a server may take, as multiples of the dialer's timeout: with its
// default of 30 seconds they are the figures of RFC 5321 §4.5.3.2.
const (
	commandPatience = 10 // 5 minutes for the greeting, MAIL and RCPT
	dataPatience    = 4  // 2 minutes to agree to DATA
	blockPatience   = 6  // 3 minutes to take a piece of the content
	dotPatience     = 20 // 10 minutes to answer the final dot
)

// session is a connection on which one has signed in.
type session struct {
	wire   *wire
	client *gosmtp.Client
}

// open connects, secures the connection as the endpoint says, introduces us
// and signs in. ctx must guard the connection afterwards.
func open(ctx context.Context, d *transport.Dialer, ep account.Endpoint, patience time.Duration) (*session, error) {
	return transport.Begin(ctx, d, ep, func(conn *transport.Conn) (*session, error) {
		defer conn.Guard(ctx)()
		s := &session{wire: &wire{Conn: conn}}
		s.wait(patience)
		return s, s.begin(ctx, ep)
	})
}

func (s *session) begin(ctx context.Context, ep account.Endpoint) error {
	if ep.Security == account.SecurityStartTLS {
		hello := "EHLO "
		if ep.Protocol == account.ProtocolLMTP {
			hello = "LHLO "
		}
		if err := s.startTLS(ctx, hello+localName); err != nil {
			return err
		}
		s.wire.unread = "220 \r\n" // the greeting is behind us, and go-smtp wants one
	}
	if ep.Protocol == account.ProtocolLMTP {
		s.client = gosmtp.NewClientLMTP(s.wire)
	} else {
		s.client = gosmtp.NewClient(s.wire)
	}
	if err := s.client.Hello(localName); err != nil {
		return s.explain("connect to "+ep.Addr(), err)
	}
	return s.signIn(ctx)
}

// startTLS makes the connection private (RFC 3207) whatever the server offers:
// what it says before that anybody could have said.
func (s *session) startTLS(ctx context.Context, hello string) error {
	in := textproto.NewReader(bufio.NewReader(s.wire))
	for _, command := range []string{"", hello, "STARTTLS"} { // the greeting answers to nothing
		op := "start TLS"
		if command == "" {
			op = "connect"
		} else if _, err := s.wire.Write([]byte(command + "\r\n")); err != nil {
			return transport.Wrap(op, err)
		}
		_, _, err := in.ReadResponse(2)
		var reply *textproto.Error
		if errors.As(err, &reply) {
			refused := refusal(op, &gosmtp.SMTPError{Code: reply.Code, Message: reply.Msg})
			if command != "" && reply.Code != unavailable {
				refused.Kind, refused.Code = transport.KindTLS, transport.CodeNoStartTLS
			}
			return refused
		}
		if err != nil {
			return s.explain(op, err)
		}
	}
	return s.wire.StartTLS(ctx)
}

func (s *session) signIn(ctx context.Context) error {
	const op = "sign in"
	cred, err := s.wire.Credentials(ctx)
	if err != nil || cred == nil {
		return err
	}
	mechanism, err := cred.Mechanism(s.client.SupportsAuth)
	if err != nil {
		return err
	}
	if err := s.client.Auth(mechanism); err != nil {
		refused := s.explain(op, err)
		if refused.Kind == transport.KindRefused {
			refused.Kind = transport.KindAuth
		}
		return refused
	}
	return mechanism.Finish()
}

// wait sets how long the server may be silent from now on.
func (s *session) wait(patience time.Duration) {
	s.wire.SetSilence(patience * s.wire.Timeout())
}

// quit ends the session politely, and the connection in any case. Nothing
// depends on the server's answer.
func (s *session) quit() {
	s.wait(1)
	s.client.Quit()
	s.wire.Close()
}
