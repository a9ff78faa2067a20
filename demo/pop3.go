package demo

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	popIdle     = 10 * time.Minute // RFC 1939 §3: the least a server waits
	popLineSize = 512              // RFC 2449 §4: the longest command, with some room
)

// popServer serves the personal account's inbox (RFC 1939, CAPA by RFC 2449).
type popServer struct {
	server *Server

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

func newPOPServer(s *Server) *popServer {
	return &popServer{server: s, conns: make(map[net.Conn]bool)}
}

// serve accepts connections until the listener is closed.
func (p *popServer) serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		if !p.open(conn) {
			return net.ErrClosed
		}
		p.server.running.Go(func() {
			defer p.done(conn)
			c := &popSession{server: p.server, conn: conn, r: bufio.NewReaderSize(conn, popLineSize), w: bufio.NewWriter(conn)}
			c.run()
		})
	}
}

func (p *popServer) open(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = conn.Close()
		return false
	}
	p.conns[conn] = true
	return true
}

func (p *popServer) done(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
	_ = conn.Close()
}

// close ends every connection and takes no more.
func (p *popServer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// popSession is one POP3 connection. The messages are those of the moment of
// signing in; deleting is remembered until QUIT.
type popSession struct {
	server *Server
	conn   net.Conn
	r      *bufio.Reader
	w      *bufio.Writer

	user     string
	drop     *maildrop // nil until signed in
	validity uint32
	messages []message
	deleted  map[int]bool // by index
	quit     bool
}

// run answers commands until the client is done. Answers are sent when no more
// commands are waiting, which is what makes pipelining pay.
func (s *popSession) run() {
	s.ok("tmail demo, POP3")
	for !s.quit {
		if s.r.Buffered() == 0 {
			if s.w.Flush() != nil {
				return
			}
		}
		_ = s.conn.SetDeadline(time.Now().Add(popIdle))
		line, err := s.r.ReadSlice('\n')
		if err != nil {
			return // gone, or a line no client sends: nothing is deleted
		}
		command, args, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
		s.handle(strings.ToUpper(command), args)
	}
	_ = s.w.Flush()
}

func (s *popSession) handle(command, args string) {
	switch command {
	case "CAPA":
		s.lines("capabilities follow", "TOP", "UIDL", "USER", "PIPELINING", "AUTH-RESP-CODE", "RESP-CODES")
		return
	case "QUIT":
		s.commit()
		s.quit = true
		s.ok("bye")
		return
	case "USER":
		s.user = args
		s.ok("and the password?")
		return
	case "PASS":
		s.signIn(args)
		return
	}
	if s.drop == nil {
		s.err("sign in first")
		return
	}
	switch command {
	case "STAT":
		n, size := s.stat()
		s.ok("%d %d", n, size)
	case "LIST":
		s.listing(args, func(i int) string { return strconv.Itoa(len(s.messages[i].Raw)) })
	case "UIDL":
		s.listing(args, func(i int) string { return fmt.Sprintf("%d.%d", s.validity, s.messages[i].UID) })
	case "RETR":
		s.retrieve(args)
	case "TOP":
		s.top(args)
	case "DELE":
		if i, ok := s.index(args); ok {
			s.deleted[i] = true
			s.ok("deleted at QUIT")
		}
	case "RSET":
		clear(s.deleted)
		s.ok("nothing is deleted")
	case "NOOP":
		s.ok("")
	default:
		s.err("no such command")
	}
}

func (s *popSession) signIn(password string) {
	drop := s.server.personal
	if s.server.login(s.user, password) != drop {
		s.err("[AUTH] wrong name or password")
		return
	}
	drop.mu.Lock()
	defer drop.mu.Unlock()
	box := drop.Mailboxes[inbox]
	s.drop, s.validity, s.messages, s.deleted = drop, box.Validity, nil, make(map[int]bool)
	for _, m := range box.Messages {
		s.messages = append(s.messages, *m)
	}
	s.ok("welcome")
}

// commit deletes what was marked (RFC 1939 §6).
func (s *popSession) commit() {
	if len(s.deleted) == 0 {
		return
	}
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	s.drop.Mailboxes[inbox].remove(func(m *message) bool {
		for i := range s.deleted {
			if s.messages[i].UID == m.UID {
				return true
			}
		}
		return false
	})
}

func (s *popSession) stat() (n int, size int) {
	for i, m := range s.messages {
		if !s.deleted[i] {
			n++
			size += len(m.Raw)
		}
	}
	return n, size
}

// listing answers LIST and UIDL, for one message or for all.
func (s *popSession) listing(args string, about func(i int) string) {
	if args != "" {
		if i, ok := s.index(args); ok {
			s.ok("%d %s", i+1, about(i))
		}
		return
	}
	var lines []string
	for i := range s.messages {
		if !s.deleted[i] {
			lines = append(lines, fmt.Sprintf("%d %s", i+1, about(i)))
		}
	}
	s.lines("listing follows", lines...)
}

func (s *popSession) retrieve(args string) {
	if i, ok := s.index(args); ok {
		s.ok("%d octets", len(s.messages[i].Raw))
		s.body(s.messages[i].Raw)
	}
}

func (s *popSession) top(args string) {
	number, count, _ := strings.Cut(args, " ")
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 {
		s.err("TOP wants a message and a number of lines")
		return
	}
	i, ok := s.index(number)
	if !ok {
		return
	}
	header, body := split(s.messages[i].Raw)
	s.ok("top follows")
	s.body(append(bytes.Clone(header), firstLines(body, n)...))
}

func firstLines(body []byte, n int) []byte {
	end := 0
	for line := range bytes.Lines(body) {
		if n == 0 {
			break
		}
		end += len(line)
		n--
	}
	return body[:end]
}

// index reads a message number, and answers itself when it is wrong.
func (s *popSession) index(args string) (int, bool) {
	n, err := strconv.Atoi(args)
	if err != nil || n < 1 || n > len(s.messages) || s.deleted[n-1] {
		s.err("no such message")
		return 0, false
	}
	return n - 1, true
}

func (s *popSession) ok(format string, args ...any) {
	fmt.Fprintf(s.w, "+OK "+format+"\r\n", args...)
}

func (s *popSession) err(text string) {
	fmt.Fprintf(s.w, "-ERR %s\r\n", text)
}

func (s *popSession) lines(status string, lines ...string) {
	s.ok("%s", status)
	for _, line := range lines {
		fmt.Fprintf(s.w, "%s\r\n", line)
	}
	s.w.WriteString(".\r\n")
}

// body writes a message with its dots doubled and a line end behind it.
func (s *popSession) body(raw []byte) {
	for line := range bytes.Lines(raw) {
		if line[0] == '.' {
			s.w.WriteByte('.')
		}
		s.w.Write(line)
	}
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		s.w.WriteString("\r\n")
	}
	s.w.WriteString(".\r\n")
}
