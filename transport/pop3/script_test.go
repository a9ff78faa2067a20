package pop3

import (
	"context"
	"fmt"
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
func (s *talk) drain() {
	for s.hear() != "" {
	}
}

// serve runs script for each connection to the endpoint it returns, and gives
// what clients said so far.
func serve(t *testing.T, security account.Security, script func(*talk)) (account.Endpoint, func() string) {
	t.Helper()
	server := mailtest.Script(t, func(c *mailtest.Conversation) { script(&talk{c}) })
	return endpoint(server.Port, security), server.Heard
}

func endpoint(port int, security account.Security) account.Endpoint {
	return account.Endpoint{Protocol: account.ProtocolPOP3, Host: "127.0.0.1", Port: port, Security: security,
		Username: "ann", Secret: func(context.Context) (string, error) { return "pw", nil }}
}

// mailbox is a server that behaves, but where answers says otherwise.
type mailbox struct {
	messages []string          // raw, as RETR is to give them
	caps     string            // lines of CAPA; "" means that CAPA is unknown
	answers  map[string]string // command, or its first word, to the whole answer
	before   func(command string)
}

const signInOnly = "USER\r\n"

func (m mailbox) script(s *talk) {
	s.say("+OK ready\r\n")
	for {
		command := s.hear()
		if command == "" {
			return
		}
		if m.before != nil {
			m.before(command)
		}
		verb, argument, _ := strings.Cut(command, " ")
		answer, scripted := m.answers[command]
		if !scripted {
			answer, scripted = m.answers[verb]
		}
		if !scripted {
			answer = m.answer(verb, argument)
		}
		s.say(answer)
		if verb == "QUIT" {
			return
		}
	}
}

func (m mailbox) answer(verb, argument string) string {
	var number int
	fmt.Sscan(argument, &number)
	var b strings.Builder
	switch verb {
	case "CAPA":
		if m.caps == "" {
			return "-ERR what?\r\n"
		}
		return "+OK\r\n" + m.caps + ".\r\n"
	case "STAT":
		return fmt.Sprintf("+OK %d %d\r\n", len(m.messages), len(strings.Join(m.messages, "")))
	case "LIST", "UIDL":
		b.WriteString("+OK\r\n")
		for i, raw := range m.messages {
			if verb == "LIST" {
				fmt.Fprintf(&b, "%d %d\r\n", i+1, len(raw))
			} else {
				fmt.Fprintf(&b, "%d id%d\r\n", i+1, i+1)
			}
		}
		b.WriteString(".\r\n")
		return b.String()
	case "RETR":
		return "+OK\r\n" + stuff(m.messages[number-1])
	default:
		return "+OK\r\n"
	}
}

// stuff encodes a message as RFC 1939 §3 has it: lines end in CRLF.
func stuff(raw string) string {
	if raw != "" && !strings.HasSuffix(raw, "\r\n") {
		raw += "\r\n"
	}
	if strings.HasPrefix(raw, ".") {
		raw = "." + raw
	}
	return strings.ReplaceAll(raw, "\r\n.", "\r\n..") + ".\r\n"
}

// patient is a dialer that waits for as long as a busy machine may need to answer.
func patient() *transport.Dialer { return new(transport.Dialer) }

// hurried is a dialer that waits for a silent server no longer than a test can.
func hurried() *transport.Dialer { return &transport.Dialer{Timeout: time.Second} }

func dial(t *testing.T, d *transport.Dialer, ep account.Endpoint) *Client {
	t.Helper()
	c, err := Dial(t.Context(), d, ep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

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
