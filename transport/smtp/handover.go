package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"

	gosmtp "github.com/emersion/go-smtp"

	"tmail/account"
	"tmail/transport"
)

// handover is one message on its way out, and what became of it so far.
type handover struct {
	env    Envelope
	body   func() (io.ReadCloser, error)
	step   func(Step, Result) error
	result Result
}

// refuse notes that a recipient does not get the message.
func (m *handover) refuse(addr string, why *transport.Error) {
	why.Op = "send to " + addr
	m.result.Refused = append(m.result.Refused, Recipient{Addr: addr, Err: why})
}

// anyLeft is the error when no recipient is left.
func (m *handover) anyLeft() error {
	switch {
	case len(m.env.To) > 0:
		return nil
	case len(m.result.Refused) > 0:
		return m.result.Refused[0].Err
	}
	return &transport.Error{Kind: transport.KindRefused, Op: "send the message", Code: codeBadAddress, Err: errors.New("it has no recipient")}
}

// talk hands the message over by SMTP or LMTP.
func (m *handover) talk(ctx context.Context, d *transport.Dialer, ep account.Endpoint) error {
	s, err := open(ctx, d, ep, commandPatience)
	if err != nil {
		return err
	}
	defer s.wire.Guard(ctx)()
	defer s.wire.Close()
	if err := m.step(StepRecipients, m.result); err != nil {
		return err
	}
	if err := m.envelope(s); err != nil {
		s.quit()
		return err
	}
	if err := m.step(StepData, m.result); err != nil {
		return err
	}
	data, err := m.data(s)
	if err != nil {
		return err
	}
	if err := m.step(StepFinalDot, m.result); err != nil {
		return err
	}
	s.wait(dotPatience)
	if ep.Protocol == account.ProtocolLMTP {
		err = m.finishLMTP(s, data)
	} else {
		err = m.finish(s, data)
	}
	if len(m.result.Accepted) > 0 {
		if failed := m.step(StepAccepted, m.result); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	if !errors.Is(err, ErrUnconfirmed) {
		s.quit()
	}
	return err
}

// envelope is MAIL and RCPT. It leaves in env.To who gets the message.
func (m *handover) envelope(s *session) error {
	utf8, err := m.needs(s)
	if err != nil {
		return err
	}
	options := &gosmtp.MailOptions{Size: m.env.Size, UTF8: utf8}
	if m.env.Notify {
		options.Return, options.EnvelopeID = gosmtp.DSNReturnHeaders, m.env.ID
	}
	if err := s.client.Mail(onWire(m.env.From), options); err != nil {
		return s.explain("send from "+m.env.From, err)
	}
	var taken []string
	for _, addr := range m.env.To {
		err := s.client.Rcpt(onWire(addr), m.report(addr))
		if err == nil {
			taken = append(taken, addr)
			continue
		}
		var reply *gosmtp.SMTPError
		refused := s.explain("send to "+addr, err)
		if !errors.As(err, &reply) || reply.Code == unavailable {
			return refused // the session is over
		}
		if reply.Code == 552 && len(taken) > 0 && reply.EnhancedCode[0] == 0 {
			refused.Kind = transport.KindTemporary // too many at a time: RFC 5321 §4.5.3.1.10
		}
		m.refuse(addr, refused)
	}
	m.env.To = taken
	return m.anyLeft()
}

// report asks the servers on the way to tell the sender what becomes of the
// message to one recipient (RFC 3461 §4); nil when that is not wanted.
func (m *handover) report(addr string) *gosmtp.RcptOptions {
	if !m.env.Notify {
		return nil
	}
	options := &gosmtp.RcptOptions{Notify: []gosmtp.DSNNotify{gosmtp.DSNNotifySuccess, gosmtp.DSNNotifyDelayed, gosmtp.DSNNotifyFailure}}
	if isASCII(addr) {
		options.OriginalRecipientType, options.OriginalRecipient = gosmtp.DSNAddressTypeRFC822, addr
	}
	return options
}

// needs compares what the message needs with what the server offers: room for
// its size, and SMTPUTF8 when an address or the header is not ASCII.
func (m *handover) needs(s *session) (utf8 bool, err error) {
	if limit, ok := s.client.MaxMessageSize(); ok && limit > 0 && m.env.Size > int64(limit) {
		return false, &transport.Error{Kind: transport.KindRefused, Op: "send the message", Code: CodeSize,
			Words: fmt.Sprintf("the message has %d bytes, the server takes %d", m.env.Size, limit)}
	}
	utf8, _ = s.client.Extension("SMTPUTF8")
	if utf8 {
		needed := m.env.UTF8 || !isASCII(onWire(m.env.From))
		for _, addr := range m.env.To {
			needed = needed || !isASCII(onWire(addr))
		}
		return needed, nil
	}
	cannot := func() *transport.Error {
		return &transport.Error{Kind: transport.KindRefused, Op: "send the message", Code: codeNonASCII,
			Err: errors.New("the server does not take addresses beyond ASCII (SMTPUTF8)")}
	}
	if m.env.UTF8 || !isASCII(onWire(m.env.From)) {
		return false, cannot()
	}
	var plain []string
	for _, addr := range m.env.To {
		if isASCII(onWire(addr)) {
			plain = append(plain, addr)
		} else {
			m.refuse(addr, cannot())
		}
	}
	m.env.To = plain
	return false, m.anyLeft()
}

// data sends the message but for the final dot. After an error the connection
// has to be dropped: anything said on it would end the message.
func (m *handover) data(s *session) (*gosmtp.DataCommand, error) {
	const op = "send the message"
	message, err := m.body()
	if err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	defer message.Close()
	s.wait(dataPatience)
	data, err := s.client.Data()
	if err != nil {
		refused := s.explain(op, err)
		if s.wire.Err() == nil {
			s.quit()
		}
		return nil, refused
	}
	s.wire.SetWriteLimit(blockPatience * s.wire.Timeout())
	source := &source{Reader: message}
	if _, err := io.Copy(data, newLineReader(source, "\r\n")); source.err != nil {
		return nil, fmt.Errorf("read the message: %w", source.err)
	} else if err != nil {
		return nil, s.explain(op, err)
	}
	return data, nil
}

// source tells errors of reading the message from those of writing it.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// finish sends the final dot and learns what became of the message. From the
// first byte of the dot on, only a sensible answer says that it was not taken.
func (m *handover) finish(s *session, data *gosmtp.DataCommand) error {
	const op = "confirm the message"
	answer, err := data.CloseWithResponse()
	var reply *gosmtp.SMTPError
	switch {
	case err == nil:
		m.result.Reply = answer.StatusText
	case errors.As(err, &reply) && accepted(reply):
		m.result.Reply = reply.Message
	case errors.As(err, &reply) && decided(reply):
		return refusal("send the message", reply)
	default:
		return unconfirmed(s.explain(op, err))
	}
	m.result.Accepted = m.env.To
	return nil
}

// finishLMTP is finish for LMTP, where each recipient has an answer of its own
// (RFC 2033 §4.2). The error is why the first was refused, when all were.
func (m *handover) finishLMTP(s *session, data *gosmtp.DataCommand) error {
	const op = "confirm the message"
	answers, err := data.CloseWithLMTPResponse()
	var refusals gosmtp.LMTPDataError
	errors.As(err, &refusals)
	var doubt error
	for _, addr := range m.env.To {
		answer, reply := answers[onWire(addr)], refusals[onWire(addr)]
		switch {
		case answer != nil:
			m.result.Reply = answer.StatusText
			m.result.Accepted = append(m.result.Accepted, addr)
		case reply != nil && accepted(reply):
			m.result.Reply = reply.Message
			m.result.Accepted = append(m.result.Accepted, addr)
		case reply != nil && decided(reply):
			m.refuse(addr, refusal("", reply))
		case reply != nil:
			doubt = unconfirmed(refusal(op, reply))
		case doubt == nil:
			doubt = unconfirmed(s.broken(op, err))
		}
	}
	if doubt == nil && len(m.result.Accepted) == 0 {
		return m.result.Refused[0].Err
	}
	return doubt
}
