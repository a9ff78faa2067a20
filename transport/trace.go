package transport

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxTraceLine is how much of an unfinished line is kept back, in bytes.
const maxTraceLine = 64 << 10

var connections atomic.Int64 // numbers the connections in a trace

// trace writes one connection's talk, line by line, without its secrets. A nil trace does nothing.
type trace struct {
	w      io.Writer
	now    func() time.Time
	number int64

	mu      sync.Mutex
	in, out []byte   // lines not ended yet
	secrets []string // never to be written
}

func newTrace(w io.Writer, now func() time.Time, addr string) *trace {
	if now == nil {
		now = time.Now
	}
	t := &trace{w: w, now: now, number: connections.Add(1)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line("--", []byte("connected to "+addr))
	return t
}

// hide keeps value out of the trace from now on.
func (t *trace) hide(value string) {
	if t == nil || value == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.secrets = append(t.secrets, value)
}

func (t *trace) received(p []byte) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.in = t.lines("<-", append(t.in, p...))
}

func (t *trace) sent(p []byte) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out = t.lines("->", append(t.out, p...))
}

func (t *trace) closed(err error) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.in) > 0 {
		t.line("<-", t.in)
	}
	t.line("--", fmt.Appendf(nil, "closed: %v", err))
}

// lines writes the whole lines of b, and the beginning of one that is too long, and returns what is left.
func (t *trace) lines(direction string, b []byte) []byte {
	for {
		line, rest, found := bytes.Cut(b, []byte("\n"))
		if !found {
			break
		}
		t.line(direction, line)
		b = rest
	}
	if len(b) > maxTraceLine {
		keep := 0 // a secret may lie across the cut
		for _, s := range t.secrets {
			keep = max(keep, len(s)-1)
		}
		if cut := len(b) - keep; cut > 0 {
			t.line(direction, b[:cut])
			b = b[cut:]
		}
	}
	return bytes.Clone(b)
}

// line writes one line with its secrets blotted out and its control characters made visible.
func (t *trace) line(direction string, line []byte) {
	text := strings.TrimSuffix(string(line), "\r")
	for _, s := range t.secrets {
		text = strings.ReplaceAll(text, s, "***")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %s ", t.now().Format("15:04:05.000"), t.number, direction)
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && n == 1 || unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Cf, r) {
			for _, c := range []byte(text[:n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		} else {
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	b.WriteByte('\n')
	io.WriteString(t.w, b.String()) // a trace that cannot be written must not stop the mail
}
