package mailtest

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// Scripted is a server that says what the test makes it say.
type Scripted struct {
	Port  int
	count atomic.Int64
}

// Conversation is one connection to a Scripted server.
type Conversation struct {
	conn net.Conn
	in   *bufio.Reader
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
				talk(&Conversation{conn, bufio.NewReader(conn)})
			}()
		}
	}()
	return s
}

// Conversations counts the connections so far.
func (s *Scripted) Conversations() int { return int(s.count.Load()) }

// Say sends a line.
func (c *Conversation) Say(line string) { io.WriteString(c.conn, line+"\r\n") }

// Reset ends the connection as a machine does that lost it: what was not read is lost, too.
func (c *Conversation) Reset() {
	c.conn.(*net.TCPConn).SetLinger(0)
	c.conn.Close()
}

// Hear returns the next line the client sent; false when it is gone.
func (c *Conversation) Hear() (string, bool) {
	line, err := c.in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err == nil
}
