package mailtest

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Scripted is a server that says what the test makes it say.
type Scripted struct {
	Port  int
	count atomic.Int64

	mu    sync.Mutex
	heard strings.Builder
}

// Conversation is one connection to a Scripted server: what is written to it goes out as it is.
type Conversation struct {
	net.Conn
	In *bufio.Reader // what the client says
}

// Script starts a server that answers every connection with talk, and closes it when talk returns.
func Script(t testing.TB, talk func(*Conversation)) *Scripted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &Scripted{Port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.count.Add(1)
			go func() {
				defer conn.Close()
				c := &Conversation{Conn: attentive{conn, s}}
				c.In = bufio.NewReader(c.Conn)
				talk(c)
			}()
		}
	}()
	return s
}

// Conversations counts the connections so far.
func (s *Scripted) Conversations() int { return int(s.count.Load()) }

// Heard is all that clients said so far, as it was on the wire.
func (s *Scripted) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String()
}

// maxHeard bounds what is kept of it.
const maxHeard = 64 << 10

// attentive is a connection of a server that keeps what it hears.
type attentive struct {
	net.Conn
	server *Scripted
}

func (l attentive) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.server.mu.Lock()
	defer l.server.mu.Unlock()
	if l.server.heard.Len() < maxHeard {
		l.server.heard.Write(p[:n])
	}
	return n, err
}

// Say sends a line.
func (c *Conversation) Say(line string) { io.WriteString(c.Conn, line+"\r\n") }

// StartTLS goes on in private, as the server.
func (c *Conversation) StartTLS(cert tls.Certificate) {
	secure := tls.Server(c.Conn, &tls.Config{Certificates: []tls.Certificate{cert}})
	c.Conn, c.In = secure, bufio.NewReader(secure)
}

// Reset ends the connection as a machine does that lost it: what was not read is lost, too.
func (c *Conversation) Reset() {
	if l, ok := c.Conn.(attentive); ok {
		l.Conn.(*net.TCPConn).SetLinger(0)
	}
	c.Conn.Close()
}

// Hear returns the next line the client sent; false when it is gone.
func (c *Conversation) Hear() (string, bool) {
	line, err := c.In.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err == nil
}
