package smtp

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
)

// talk is the server's end of a connection in a scripted test.
type talk struct{ *mailtest.Conversation }

// say sends bytes as they are; a peer that has gone is the test's business elsewhere.
func (s *talk) say(text string) { io.WriteString(s, text) }

// hear reads a command; "" when there are no more.
func (s *talk) hear() string {
	line, ok := s.Hear()
	if !ok {
		return ""
	}
	return line
}

// drain reads until the client goes.
func (s *talk) drain() { io.Copy(io.Discard, s.In) }

// serve runs script for each connection to the endpoint it returns, and gives what clients said so far.
func serve(t *testing.T, security account.Security, script func(*talk)) (account.Endpoint, func() string) {
	t.Helper()
	server := mailtest.Script(t, func(c *mailtest.Conversation) { script(&talk{c}) })
	return endpoint(server.Port, security), server.Heard
}

// endpoint is an SMTP server on this machine, without sign-in.
func endpoint(port int, security account.Security) account.Endpoint {
	return account.Endpoint{Protocol: account.ProtocolSMTP, Host: "127.0.0.1", Port: port, Security: security, Username: "ann"}
}

func secret(password string) account.Secret {
	return func(context.Context) (string, error) { return password, nil }
}

// relay is a server that behaves, but where answers says otherwise.
type relay struct {
	offers  []string          // keywords behind EHLO
	answers map[string]string // command, or its first word, to the whole answer; "." is the final dot; "" hangs up
}

func (r relay) script(s *talk) {
	greeting := r.answer("", "220 ready\r\n")
	if greeting == "" {
		return
	}
	s.say(greeting)
	for command := s.hear(); command != ""; command = s.hear() {
		answer := r.answer(command, "250 ok\r\n")
		s.say(answer)
		if answer == "" || command == "QUIT" {
			return
		}
		if strings.HasPrefix(command, "DATA") && strings.HasPrefix(answer, "354") {
			for line := s.hear(); line != "."; line = s.hear() {
				if _, err := s.In.Peek(1); err != nil {
					return
				}
			}
			if answer = r.answer(".", "250 queued\r\n"); answer == "" {
				return
			}
			s.say(answer)
		}
	}
}

func (r relay) answer(command, otherwise string) string {
	verb, _, _ := strings.Cut(command, " ")
	for _, key := range []string{command, verb} {
		if answer, scripted := r.answers[key]; scripted {
			return answer
		}
	}
	switch verb {
	case "EHLO", "LHLO":
		return "250-" + strings.Join(append([]string{"relay"}, r.offers...), "\r\n250-") + "\r\n250 HELP\r\n"
	case "DATA":
		return "354 go\r\n"
	case "AUTH":
		return "235 welcome\r\n"
	case "QUIT":
		return "221 bye\r\n"
	}
	return otherwise
}

// patient is a dialer that waits for as long as a busy machine may need to answer.
func patient() *transport.Dialer { return new(transport.Dialer) }

// hurried is a dialer that waits for a silent server no longer than a test can: from 1 to 4 s.
func hurried() *transport.Dialer { return &transport.Dialer{Timeout: 200 * time.Millisecond} }

func text(s string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func anyStep(Step, Result) error { return nil }

// problem is the *transport.Error that err has to be.
func problem(t *testing.T, err error) *transport.Error {
	t.Helper()
	e, ok := err.(*transport.Error)
	if !ok {
		t.Fatalf("%v (%T) is no *transport.Error", err, err)
	}
	if e.Op == "" {
		t.Errorf("%v does not say what was being done", err)
	}
	return e
}
