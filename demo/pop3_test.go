package demo

import (
	"fmt"
	"io"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"
)

// popClient speaks POP3 line by line.
type popClient struct {
	*textproto.Conn
	t *testing.T
	s *Server
}

func dialPOP(t *testing.T, s *Server) *popClient {
	t.Helper()
	conn, err := textproto.Dial("tcp", address(s.popPort))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	p := &popClient{conn, t, s}
	p.answer("greeting", "+OK")
	return p
}

func (p *popClient) signIn() {
	p.t.Helper()
	p.ok("USER " + PersonalAddress)
	p.ok("PASS " + p.s.secret)
}

// ok sends a command and returns the line that answers it.
func (p *popClient) ok(command string) string {
	p.t.Helper()
	must(p.t, p.PrintfLine("%s", command))
	return p.answer(command, "+OK")
}

func (p *popClient) refused(command string) string {
	p.t.Helper()
	must(p.t, p.PrintfLine("%s", command))
	return p.answer(command, "-ERR")
}

func (p *popClient) answer(command, want string) string {
	p.t.Helper()
	line, err := p.ReadLine()
	if err != nil || !strings.HasPrefix(line, want) {
		p.t.Fatalf("%s: %q, %v, want %s", command, line, err, want)
	}
	return line
}

// multiline returns the lines of an answer as they were on the server.
func (p *popClient) multiline(command string) string {
	p.t.Helper()
	p.ok(command)
	return p.body()
}

func (p *popClient) body() string {
	p.t.Helper()
	var out strings.Builder
	for {
		line, err := p.R.ReadString('\n')
		must(p.t, err)
		if line == ".\r\n" {
			return out.String()
		}
		out.WriteString(strings.TrimPrefix(line, "."))
	}
}

func TestPOP3ListsWhatItServes(t *testing.T) {
	s := start(t, "")
	p := dialPOP(t, s)
	if capa := p.multiline("CAPA"); !strings.Contains(capa, "PIPELINING\r\n") || !strings.Contains(capa, "UIDL\r\n") {
		t.Errorf("CAPA %q", capa)
	}
	p.refused("STAT")
	p.ok("USER " + PersonalAddress)
	p.refused("PASS wrong")
	p.ok("USER " + WorkAddress) // the work account has no POP3
	p.refused("PASS " + s.secret)
	p.signIn()

	var n, size, sum int
	_, err := fmt.Sscanf(p.ok("STAT"), "+OK %d %d", &n, &size)
	must(t, err)
	sizes := strings.Fields(p.multiline("LIST"))
	ids := strings.Fields(p.multiline("UIDL"))
	if len(sizes) != 2*n || len(ids) != 2*n {
		t.Fatalf("%d messages, LIST has %d words and UIDL %d", n, len(sizes), len(ids))
	}
	seen := map[string]bool{}
	for i := range n {
		raw := p.multiline(fmt.Sprintf("RETR %d", i+1))
		if got := fmt.Sprint(len(raw)); got != sizes[2*i+1] {
			t.Errorf("message %d has %s bytes, LIST says %s", i+1, got, sizes[2*i+1])
		}
		sum += len(raw)
		seen[ids[2*i+1]] = true
	}
	if sum != size || len(seen) != n {
		t.Errorf("%d bytes, STAT says %d; %d different ids of %d", sum, size, len(seen), n)
	}
	if got := p.ok("UIDL 2"); got != "+OK 2 "+ids[3] {
		t.Errorf("UIDL 2: %s, want %s", got, ids[3])
	}
	for _, command := range []string{"RETR 0", "RETR 99", "RETR x", "LIST 99", "TOP 1", "TOP 1 -1", "DELE", "WHAT"} {
		p.refused(command)
	}
	p.ok("NOOP")
}

func TestPOP3BodyIsExact(t *testing.T) {
	s := start(t, "")
	text := "Subject: dots\r\n\r\n.\r\n..\r\n.a\r\nb\rc\x00\xff\r\n" + strings.Repeat("x", 10_000) + "\r\nend\r\n"
	s.personal.deliver([]byte(text), time.Now())
	s.personal.deliver([]byte("no end of line"), time.Now())
	p := dialPOP(t, s)
	p.signIn()
	n := len(s.personal.Mailboxes[inbox].Messages)
	if got := p.multiline(fmt.Sprintf("RETR %d", n-1)); got != text {
		t.Errorf("got %.200q", got)
	}
	if got := p.multiline(fmt.Sprintf("RETR %d", n)); got != "no end of line\r\n" {
		t.Errorf("got %q", got)
	}
	if got, want := p.multiline(fmt.Sprintf("TOP %d 2", n-1)), "Subject: dots\r\n\r\n.\r\n..\r\n"; got != want {
		t.Errorf("TOP 2: %q, want %q", got, want)
	}
}

func TestPOP3DeletesAtQuitOnly(t *testing.T) {
	s := start(t, "")
	n := func() int {
		s.personal.mu.Lock()
		defer s.personal.mu.Unlock()
		return len(s.personal.Mailboxes[inbox].Messages)
	}
	before := n()
	dropped := dialPOP(t, s)
	dropped.signIn()
	dropped.ok("DELE 1")
	dropped.refused("RETR 1")
	_ = dropped.Close()

	reset := dialPOP(t, s)
	reset.signIn()
	reset.ok("DELE 1")
	reset.ok("RSET")
	reset.ok("RETR 1")
	reset.body()
	reset.ok("QUIT")
	if n() != before {
		t.Errorf("%d messages, want %d", n(), before)
	}

	quit := dialPOP(t, s)
	quit.signIn()
	s.personal.deliver([]byte("Subject: meanwhile\r\n\r\n"), time.Now())
	ids := strings.Fields(quit.multiline("UIDL"))
	quit.ok("DELE 2")
	if list := quit.multiline("LIST"); strings.Contains(list, "2 ") && strings.HasPrefix(list, "2 ") || len(strings.Fields(list)) != 2*(before-1) {
		t.Errorf("LIST %q", list)
	}
	quit.ok("QUIT")
	if _, err := quit.R.ReadByte(); err != io.EOF {
		t.Errorf("after QUIT: %v", err)
	}

	after := dialPOP(t, s)
	after.signIn()
	left := strings.Fields(after.multiline("UIDL"))
	if slices.Contains(left, ids[3]) || !slices.Contains(left, ids[1]) || len(left) != 2*before {
		t.Errorf("left %v of %v", left, ids)
	}
}

func TestPOP3Pipelines(t *testing.T) {
	s := start(t, "")
	p := dialPOP(t, s)
	must(t, p.PrintfLine("USER %s\r\nPASS %s\r\nSTAT\r\nRETR 1\r\nRETR 2\r\nQUIT", PersonalAddress, s.secret))
	for _, command := range []string{"USER", "PASS", "STAT"} {
		p.answer(command, "+OK")
	}
	for _, command := range []string{"RETR 1", "RETR 2"} {
		p.answer(command, "+OK")
		if p.body() == "" {
			t.Errorf("%s: nothing", command)
		}
	}
	p.answer("QUIT", "+OK")
}

func TestPOP3EndsAtALineNoClientSends(t *testing.T) {
	p := dialPOP(t, start(t, ""))
	_ = p.PrintfLine("%s", strings.Repeat("x", 4000)) // may fail: the server hangs up
	if line, err := p.ReadLine(); err == nil {
		t.Errorf("answered %q", line)
	}
}
