package smtp

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"tmail/account"
)

// lmtpBackend is a go-smtp server that takes a message for some.
type lmtpBackend struct{ got chan string }

func (b lmtpBackend) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &lmtpSession{b: b}, nil }

type lmtpSession struct {
	b  lmtpBackend
	to []string
}

func (s *lmtpSession) Mail(string, *gosmtp.MailOptions) error { return nil }
func (s *lmtpSession) Reset()                                 {}
func (s *lmtpSession) Logout() error                          { return nil }
func (s *lmtpSession) Data(io.Reader) error                   { return errors.New("this is LMTP") }

func (s *lmtpSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody") {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *lmtpSession) LMTPData(r io.Reader, status gosmtp.StatusCollector) error {
	raw, err := io.ReadAll(r)
	s.b.got <- string(raw)
	for _, to := range s.to {
		switch {
		case strings.HasPrefix(to, "full"):
			status.SetStatus(to, &gosmtp.SMTPError{Code: 552, EnhancedCode: gosmtp.EnhancedCode{5, 2, 2}, Message: "mailbox full"})
		case strings.HasPrefix(to, "later"):
			status.SetStatus(to, &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 3, 0}, Message: "later"})
		default:
			status.SetStatus(to, nil)
		}
	}
	return err
}

func TestLMTPAnswersForEachRecipient(t *testing.T) {
	backend := lmtpBackend{make(chan string, 1)}
	server := gosmtp.NewServer(backend)
	server.LMTP, server.Domain = true, "localhost"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })

	ep := endpoint(listener.Addr().(*net.TCPAddr).Port, account.SecurityNone)
	ep.Protocol = account.ProtocolLMTP
	env := Envelope{From: "ann@x", To: []string{"bob@x", "full@x", "nobody@x", "later@x", "carl@x"}}
	result, err := Send(t.Context(), patient(), ep, env, text("Subject: x\n\n.\nend"), anyStep)
	if err != nil || fmt.Sprint(result.Accepted) != "[bob@x carl@x]" {
		t.Errorf("got %+v, %v", result, err)
	}
	var refused []string
	for _, r := range result.Refused {
		refused = append(refused, fmt.Sprintf("%s %v %s", r.Addr, r.Err.Kind, r.Err.Code))
	}
	if got := fmt.Sprint(refused); got != "[nobody@x refused 5.1.1 full@x refused 5.2.2 later@x temporary 4.3.0]" {
		t.Errorf("refused %v", got)
	}
	if got := <-backend.got; got != "Subject: x\r\n\r\n.\r\nend\r\n" {
		t.Errorf("the server got %q", got)
	}
}

func TestLMTPAnswersThatFail(t *testing.T) {
	for _, test := range []struct{ name, answers, accepted, refused, err string }{
		{"all refused", "550 5.1.1 a\r\n450 4.0.0 b\r\n", "[]", "[a@x b@x]", "5.1.1"},
		{"the second missing", "250 ok\r\n", "[a@x]", "[]", "unconfirmed"},
		{"the second garbage", "550 no\r\nwhat\r\n", "[]", "[a@x]", "unconfirmed"},
		{"the second shutting down", "250 ok\r\n421 bye\r\n", "[a@x]", "[]", "unconfirmed"},
		{"the first shutting down", "421 bye\r\n250 ok\r\n", "[b@x]", "[]", "unconfirmed"},
		{"none", "", "[]", "[]", "unconfirmed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, _ := serve(t, account.SecurityNone, func(s *talk) {
				relay{answers: map[string]string{".": ""}}.script(s)
				s.say(test.answers)
			})
			ep.Protocol = account.ProtocolLMTP
			var last Step
			result, err := Send(t.Context(), patient(), ep, Envelope{From: "ann@x", To: []string{"a@x", "b@x"}}, text(message),
				func(s Step, _ Result) error { last = s; return nil })
			got := problem(t, err).Code
			if errors.Is(err, ErrUnconfirmed) {
				got = "unconfirmed"
			}
			refused := []string{}
			for _, r := range result.Refused {
				refused = append(refused, r.Addr)
			}
			if got != test.err || fmt.Sprint(result.Accepted) != test.accepted || fmt.Sprint(refused) != test.refused {
				t.Errorf("got %+v, %v", result, err)
			}
			if want := len(result.Accepted) > 0; want != (last == StepAccepted) {
				t.Errorf("the last step was %v", last)
			}
		})
	}
}
