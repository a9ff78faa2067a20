package mailtest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a client and a server on loopback and can break the link at a chosen word. It sees cleartext
// only, and so hides that an IMAP server can compress.
type Proxy struct {
	Port   int
	target int
	delay  time.Duration

	mu      sync.Mutex
	request string // cut when the client sends this …
	reply   bool   // … after the server has got it, but before its answer passes; else before the server gets it
	refuse  bool
	conns   map[net.Conn]bool
	seen    bytes.Buffer // what clients sent
}

// NewProxy starts a proxy in front of a loopback port. It ends with the test.
func NewProxy(t testing.TB, target int) *Proxy { return NewSlowLink(t, target, 0) }

// NewSlowLink starts a proxy that lets every piece of talk wait, in each direction, and hides nothing.
func NewSlowLink(t testing.TB, target int, delay time.Duration) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Port: l.Addr().(*net.TCPAddr).Port, target: target, delay: delay, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); p.cutAll() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

// CutBefore breaks the link, once, when a client sends a line that contains word; the server never sees the line.
func (p *Proxy) CutBefore(word string) { p.arm(word, false) }

// CutAfter breaks the link, once, when a client sends a line that contains word: the server gets and carries out the
// line, but its answer does not come back.
func (p *Proxy) CutAfter(word string) { p.arm(word, true) }

func (p *Proxy) arm(word string, reply bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.request, p.reply = word, reply
}

// Armed says whether a cut is still to come.
func (p *Proxy) Armed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.request != ""
}

// Refuse makes the proxy turn new connections away, and cuts the others, until it is called with false.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	p.refuse = on
	p.mu.Unlock()
	if on {
		p.cutAll()
	}
}

// cutAll breaks every link now.
func (p *Proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// Idle says whether nobody is linked.
func (p *Proxy) Idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns) == 0
}

// Sent is everything clients have sent so far.
func (p *Proxy) Sent() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.String()
}

// serve is one link: what the client says passes here, what the server answers in a goroutine beside.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", addr(p.target))
	if err != nil {
		return
	}
	defer server.Close()
	if !p.linked(client, server) {
		return
	}
	defer p.unlinked(client, server)

	muted := make(chan struct{}) // closed when answers must not pass any more
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.answer(client, server, muted)
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			server.Close()
			break
		}
		time.Sleep(p.delay)
		switch p.look(buf[:n]) {
		case cutNow:
			server.Close()
			client.Close()
		case cutAfter:
			close(muted)
			server.Write(buf[:n])
			io.Copy(io.Discard, client)
		default:
			server.Write(buf[:n])
		}
	}
	<-ended
}

// linked notes a link, and reports whether there may be one.
func (p *Proxy) linked(client, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse {
		return false
	}
	p.conns[client], p.conns[server] = true, true
	return true
}

func (p *Proxy) unlinked(client, server net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
	delete(p.conns, server)
}

// answer passes on what the server says.
func (p *Proxy) answer(client, server net.Conn, muted <-chan struct{}) {
	defer client.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		select {
		case <-muted: // the server has answered what was to be carried out: now the link is gone
			return
		default:
		}
		answer := buf[:n]
		if time.Sleep(p.delay); p.delay == 0 {
			answer = bytes.Replace(answer, []byte(" COMPRESS=DEFLATE"), nil, 1)
		}
		if _, werr := client.Write(answer); err != nil || werr != nil {
			return
		}
	}
}

type verdict int

const (
	pass verdict = iota
	cutNow
	cutAfter
)

func (p *Proxy) look(sent []byte) verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen.Write(sent)
	if p.request == "" || !bytes.Contains(sent, []byte(p.request)) {
		return pass
	}
	p.request = ""
	if p.reply {
		return cutAfter
	}
	return cutNow
}
