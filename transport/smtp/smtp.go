// Package smtp hands a message over for delivery: by SMTP (RFC 5321, RFC
// 6409), by LMTP (RFC 2033), or to a sendmail program.
//
// It tells exactly what became of each recipient, and when that cannot be
// known it says ErrUnconfirmed rather than guess. It sends what it is given:
// building the message, leaving out Bcc and trying again are its caller's job.
package smtp

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"tmail/account"
	"tmail/transport"
)

// ErrUnconfirmed says that the message was handed over completely and that no
// sensible answer came back: it may or may not have been accepted.
var ErrUnconfirmed = errors.New("handed over, but not confirmed by the server")

// Envelope says from whom and to whom, apart from what the header says.
type Envelope struct {
	From string   // "" is the null reverse-path, <>
	To   []string // bare addresses; duplicates are sent once
	Size int64    // octets of the message, 0 when not known
	UTF8 bool     // the header needs SMTPUTF8 (RFC 6531); addresses are looked at here
	// Notify asks for reports on what becomes of the message (RFC 3461), where
	// the server can do that. They name ID, printable ASCII, if it is not "".
	Notify bool
	ID     string
}

// Recipient is one recipient that was not accepted, and why.
type Recipient struct {
	Addr string
	Err  *transport.Error // KindTemporary: may be tried again; KindRefused: not
}

// Result says what became of each recipient. One that is in neither list was
// not decided: see the error that came along.
type Result struct {
	Accepted []string
	Refused  []Recipient
	Reply    string // the server's words on taking the message
}

// Step is a point in the handing over at which the caller may want to write
// down how far it got.
type Step int

// The steps, each told before it is done; StepAccepted before the connection
// is closed.
const (
	StepConnecting Step = iota
	StepRecipients
	StepData
	StepFinalDot
	StepAccepted
)

// Send hands the message over. Recipients are asked for one by one: those that
// are refused are in Result.Refused, and the message goes to the others. When
// none is accepted, nothing is sent and the error is why the first was refused.
//
// step is called before each step with what became of the recipients so far,
// and an error from it stops: nothing was
// delivered when it comes from a step up to StepFinalDot. body is opened after
// StepData, and what it gives goes out with every CRLF, lone CR and lone LF as
// CRLF, else unchanged. Errors are of type *transport.Error or from step and
// body; those of which nobody can say whether the message was delivered wrap
// ErrUnconfirmed.
func Send(ctx context.Context, d *transport.Dialer, ep account.Endpoint, env Envelope,
	body func() (io.ReadCloser, error), step func(Step, Result) error) (Result, error) {
	m := &handover{env: env, body: body, step: step}
	if err := m.checkAddresses(); err != nil {
		return m.result, err
	}
	if err := step(StepConnecting, m.result); err != nil {
		return m.result, err
	}
	var err error
	if ep.Protocol == account.ProtocolSendmail {
		err = m.runProgram(ctx, ep.Command)
	} else {
		err = m.talk(ctx, d, ep)
	}
	return m.result, err
}

// The extensions Check looks for: those that change what we do, and others.
var (
	used   = []string{"8BITMIME", "AUTH", "DSN", "ENHANCEDSTATUSCODES", "SIZE", "SMTPUTF8", "STARTTLS"}
	unused = []string{"BINARYMIME", "CHUNKING", "DELIVERBY", "FUTURERELEASE", "LIMITS", "MT-PRIORITY", "PIPELINING", "REQUIRETLS", "VRFY"}
)

// Uses says whether we make use of an extension that a server announces.
func Uses(extension string) bool {
	name, _, _ := strings.Cut(extension, " ")
	return slices.Contains(used, name)
}

// Check connects and signs in, nothing more, and returns which extensions the
// server offers, with their parameters; for sendmail it looks whether the
// program is there.
func Check(ctx context.Context, d *transport.Dialer, ep account.Endpoint) ([]string, error) {
	if ep.Protocol == account.ProtocolSendmail {
		_, err := findProgram(ep.Command)
		return nil, err
	}
	s, err := open(ctx, d, ep, 1)
	if err != nil {
		return nil, err
	}
	var offers []string
	for _, name := range slices.Concat(used, unused) {
		if ok, parameters := s.client.Extension(name); ok {
			offers = append(offers, strings.TrimSpace(name+" "+parameters))
		}
	}
	defer s.wire.Guard(ctx)()
	s.quit()
	return offers, nil
}
