package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// maxMessage is the size in bytes the SMTP server takes and announces.
const maxMessage = 50 << 20

func newSMTPServer(ctx context.Context, s *Server) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &submission{ctx: ctx, server: s}, nil
	}))
	server.Domain = "localhost"
	server.AllowInsecureAuth = true // loopback only
	server.EnableSMTPUTF8 = true
	server.MaxMessageBytes = maxMessage
	server.MaxLineLength = 0 // whatever a draft contains, the demo takes it
	server.ReadTimeout = 5 * time.Minute
	server.WriteTimeout = time.Minute
	server.ErrorLog = log.New(io.Discard, "", 0)
	return server
}

// submission is one SMTP connection (RFC 6409): who is signed in, and the
// message being handed over.
type submission struct {
	ctx      context.Context
	server   *Server
	signedIn bool
	from     string
	to       []recipient
}

// recipient is where one copy goes: into a maildrop, or to a colleague.
type recipient struct {
	drop      *maildrop
	colleague *colleague
}

func (s *submission) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *submission) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(identity, username, password string) error {
		if identity != "" && identity != username || s.server.login(username, password) == nil {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *submission) Mail(from string, _ *smtp.MailOptions) error {
	if !s.signedIn {
		return smtp.ErrAuthRequired
	}
	if s.server.maildropOf(from) == nil {
		return &smtp.SMTPError{
			Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1},
			Message: fmt.Sprintf("the demo sends only as %s, %s or %s", WorkAddress, aliasOfWork, PersonalAddress),
		}
	}
	s.from = from
	return nil
}

func (s *submission) Rcpt(to string, _ *smtp.RcptOptions) error {
	if drop := s.server.maildropOf(to); drop != nil {
		s.to = append(s.to, recipient{drop: drop})
		return nil
	}
	if c := findColleague(to); c != nil {
		s.to = append(s.to, recipient{colleague: c})
		return nil
	}
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: undeliverable(to)}
}

// undeliverable says why an address is refused, and where mail can go instead.
func undeliverable(to string) string {
	known := []string{WorkAddress, PersonalAddress}
	for _, c := range colleagues {
		known = append(known, c.address)
	}
	if strings.HasSuffix(strings.ToLower(to), "@demo.example") {
		return "nobody here has this address; the demo knows " + strings.Join(known, ", ")
	}
	return "nothing leaves this machine: the demo delivers only to " + strings.Join(known, ", ")
}

func (s *submission) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	now := s.server.clock()
	var trace bytes.Buffer
	fmt.Fprintf(&trace, "Return-Path: <%s>\r\n", s.from)
	fmt.Fprintf(&trace, "Received: by localhost (tmail demo) with ESMTPA; %s\r\n", now.Format(time.RFC1123Z))
	arrived := append(trace.Bytes(), raw...)
	filed := make(map[*maildrop]bool)
	for _, to := range s.to {
		switch {
		case to.colleague != nil:
			s.server.answer(s.ctx, to.colleague, s.from, raw)
		case !filed[to.drop]: // two addresses of one person are one copy
			filed[to.drop] = true
			to.drop.deliver(arrived, now)
		}
	}
	return nil
}

func (s *submission) Reset() { s.from, s.to = "", nil }

func (s *submission) Logout() error { return nil }
