package smtp

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"tmail/account"
	"tmail/transport"
)

// talk is the server's end of a connection in a scripted test.
type talk struct {
	net.Conn
	in *bufio.Reader
}

// say sends bytes as they are; a peer that has gone is the test's business elsewhere.
func (s *talk) say(text string) { s.Write([]byte(text)) }

// hear reads a command; "" when there are no more.
func (s *talk) hear() string {
	line, err := s.in.ReadString('\n')
	if err != nil {
		return ""
	}
	return strings.TrimRight(line, "\r\n")
}

// drain reads until the client goes.
func (s *talk) drain() { io.Copy(io.Discard, s.in) }

func (s *talk) startTLS(cert tls.Certificate) {
	secure := tls.Server(s.Conn, &tls.Config{Certificates: []tls.Certificate{cert}})
	s.Conn, s.in = secure, bufio.NewReader(secure)
}

// wiretap records what clients say.
type wiretap struct {
	mu   sync.Mutex
	said strings.Builder
}

func (w *wiretap) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.String()
}

// tapped is a connection with a wiretap.
type tapped struct {
	net.Conn
	tap *wiretap
}

func (c tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	c.tap.said.Write(p[:n])
	return n, err
}

// serve runs script for each connection to the endpoint it returns. The
// wiretap has what clients said, as it was on the wire.
func serve(t *testing.T, security account.Security, script func(*talk)) (account.Endpoint, *wiretap) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tap := &wiretap{}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				s := &talk{Conn: tapped{conn, tap}}
				s.in = bufio.NewReader(s.Conn)
				script(s)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return endpoint(listener.Addr().(*net.TCPAddr).Port, security), tap
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
				if _, err := s.in.Peek(1); err != nil {
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

// hurried is a dialer that waits for a silent server no longer than a test can.
func hurried() *transport.Dialer { return &transport.Dialer{Timeout: 100 * time.Millisecond} }

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
