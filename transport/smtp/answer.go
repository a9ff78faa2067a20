package smtp

import (
	"errors"
	"fmt"

	gosmtp "github.com/emersion/go-smtp"

	"tmail/transport"
)

// CodeSize is the Error.Code of a message that is bigger than the server
// takes; Words has both numbers.
const CodeSize = "SIZE"

// Codes of refusals that are ours, from RFC 3463 and RFC 6531.
const (
	codeBadAddress = "5.1.3"
	codeNonASCII   = "5.6.7"
)

// unavailable is the reply code of a server that shuts down; it may come at
// any time (RFC 5321 §3.8).
const unavailable = 421

// explain makes what go-smtp or the connection reported a *transport.Error.
func (s *session) explain(op string, err error) *transport.Error {
	var reply *gosmtp.SMTPError
	if errors.As(err, &reply) {
		return refusal(op, reply)
	}
	return s.broken(op, err)
}

// broken makes what ended the talk a *transport.Error: what wire found wrong,
// why the connection ended, or else what go-smtp could not make sense of.
func (s *session) broken(op string, err error) *transport.Error {
	var known *transport.Error
	if !errors.As(err, &known) {
		if cause := s.wire.Err(); cause != nil {
			err = cause
		} else {
			err = &transport.Error{Kind: transport.KindProtocol, Err: err}
		}
	}
	errors.As(transport.Wrap(op, err), &known)
	return known
}

// refusal is a reply that is no success. A reply that starts neither with 4
// nor 5 makes no sense where one is expected.
func refusal(op string, reply *gosmtp.SMTPError) *transport.Error {
	refused := &transport.Error{Kind: transport.KindProtocol, Op: op, Code: fmt.Sprint(reply.Code),
		Words: fmt.Sprintf("%d %s", reply.Code, reply.Message)}
	if e := reply.EnhancedCode; e[0] > 0 {
		refused.Code = fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])
		refused.Words = fmt.Sprintf("%d %s %s", reply.Code, refused.Code, reply.Message)
	}
	switch {
	case reply.Code == 530 || reply.Code == 534 || reply.Code == 535 || reply.Code == 538: // RFC 4954 §6
		refused.Kind = transport.KindAuth
	case reply.Code/100 == 4:
		refused.Kind = transport.KindTemporary
	case reply.Code/100 == 5:
		refused.Kind = transport.KindRefused
	}
	return refused
}

// accepted says whether a reply that go-smtp reports as an error is positive
// after all: only its first digit decides (RFC 5321 §4.3.2).
func accepted(reply *gosmtp.SMTPError) bool { return reply.Code/100 == 2 }

// decided says whether a reply to the final dot is a refusal to rely on.
func decided(reply *gosmtp.SMTPError) bool {
	return reply.Code != unavailable && (reply.Code/100 == 4 || reply.Code/100 == 5)
}

// unconfirmed is the error for a final dot without an answer to rely on.
func unconfirmed(cause *transport.Error) error {
	doubt := *cause
	doubt.Err = ErrUnconfirmed
	if cause.Err != nil {
		doubt.Err = fmt.Errorf("%w: %w", ErrUnconfirmed, cause.Err)
	}
	return &doubt
}
