package imap_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"tmail/account"
	"tmail/transport"
	"tmail/transport/imap"
)

// server is one connection of a scripted server: it says what honest servers never do.
type server struct {
	net.Conn
	r    *bufio.Reader
	said *safeBuffer // the commands that came, one a line
}

// script runs a server; every connection plays play. heard gives all commands so far.
func script(t *testing.T, play func(*server)) (ep account.Endpoint, heard func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var plays sync.WaitGroup
	said := new(safeBuffer)
	plays.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			plays.Go(func() {
				defer conn.Close()
				play(&server{Conn: conn, r: bufio.NewReader(conn), said: said})
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		plays.Wait() // every play ends when its client hangs up
	})
	return account.Endpoint{
		Protocol: account.ProtocolIMAP, Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: account.SecurityNone,
		Username: "ann", Secret: func(context.Context) (string, error) { return "secret", nil },
	}, said.String
}

// say sends text with CRLF after each line.
func (s *server) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"))
}

// command reads one line; ok is false when the client has hung up.
func (s *server) command() (tag, command string, ok bool) {
	line, err := s.r.ReadString('\n')
	if err != nil {
		return "", "", false
	}
	tag, command, _ = strings.Cut(strings.TrimRight(line, "\r\n"), " ")
	s.said.Write([]byte(command + "\n"))
	return tag, command, true
}

// hangUp waits until the client does.
func (s *server) hangUp() {
	for {
		if _, _, ok := s.command(); !ok {
			return
		}
	}
}

// serve greets and answers like a plain server with capabilities, except for what answer says it has dealt with.
func (s *server) serve(capabilities string, answer func(tag, command string) bool) {
	s.say("* OK ready")
	for {
		tag, command, ok := s.command()
		if !ok {
			return
		}
		if answer != nil && answer(tag, command) {
			continue
		}
		switch word, _, _ := strings.Cut(command, " "); word {
		case "CAPABILITY":
			s.say("* CAPABILITY IMAP4rev1 %s", capabilities)
		case "SELECT":
			s.say("* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 4] ok")
		}
		s.say("%s OK done", tag)
	}
}

// on answers commands that begin with prefix with text, in which %s is the tag.
func (s *server) on(prefix, text string) func(tag, command string) bool {
	return func(tag, command string) bool {
		if !strings.HasPrefix(command, prefix) {
			return false
		}
		s.say("%s", strings.ReplaceAll(text, "%s", tag))
		return true
	}
}

// replies is a server that answers commands that begin with prefix in its own way.
func replies(t *testing.T, capabilities, prefix, text string) (account.Endpoint, func() string) {
	return script(t, func(s *server) { s.serve(capabilities, s.on(prefix, text)) })
}

// open dials a scripted server and selects INBOX.
func open(t *testing.T, ep account.Endpoint) *imap.Client {
	t.Helper()
	c := dialWithin(t, ep, time.Minute)
	selectBox(t, c, "INBOX")
	return c
}

func dialWithin(t *testing.T, ep account.Endpoint, silence time.Duration) *imap.Client {
	t.Helper()
	c, err := imap.Dial(t.Context(), &transport.Dialer{Timeout: silence}, ep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// safeBuffer is a bytes.Buffer for several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
