package pop3

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"

	"tmail/transport"
)

const (
	maxStatus  = 8 << 10  // bytes of a status line; RFC 1939 says 512
	readBuffer = 32 << 10 // bytes
)

// wire is the connection as go-pop3 sees it: it reads nothing but status
// lines, one at a time, so that the library's own buffer is always empty and
// multi-line answers can be read past it, from in. It is also the library's
// Dialer, because the connection stands already.
type wire struct {
	*transport.Conn
	in     *bufio.Reader // over Conn; owns all bytes from the server
	anyLF  bool          // the last status line ended with LF alone
	last   string        // the last status line
	unread string        // what go-pop3 has not read of it
}

func newWire(conn *transport.Conn) *wire {
	return &wire{Conn: conn, in: bufio.NewReaderSize(conn, readBuffer)}
}

// Dial implements go-pop3's Dialer.
func (w *wire) Dial(string, string) (net.Conn, error) { return w, nil }

// Read gives the next status line, in the only form that go-pop3 takes.
func (w *wire) Read(p []byte) (int, error) {
	if w.unread == "" {
		if err := w.readStatus(); err != nil {
			return 0, err
		}
		w.unread = w.last + "\r\n"
	}
	n := copy(p, w.unread)
	w.unread = w.unread[n:]
	return n, nil
}

// readStatus reads the next status line into last, or fails when what comes is
// none: an empty line above all, which go-pop3 takes for success.
func (w *wire) readStatus() error {
	line, err := w.readLine()
	if err != nil {
		return err
	}
	w.last, err = statusLine(line)
	return err
}

// readLine reads one line and learns from its end what ends lines here.
func (w *wire) readLine() (string, error) {
	line, err := w.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(line) > maxStatus {
		return "", &transport.Error{Kind: transport.KindProtocol, Err: fmt.Errorf("the server sent a status line of more than %d bytes", maxStatus)}
	}
	if err != nil {
		return "", err
	}
	text, crlf := strings.CutSuffix(string(line), "\r\n")
	w.anyLF = !crlf
	return strings.TrimSuffix(text, "\n"), nil
}

// statusLine checks a status line (RFC 1939 §3) and puts a missing space
// behind its first word.
func statusLine(line string) (string, error) {
	for _, word := range []string{"+OK", "-ERR"} {
		if rest, found := strings.CutPrefix(line, word); found {
			if rest != "" && rest[0] != ' ' {
				rest = " " + rest
			}
			return word + rest, nil
		}
	}
	return "", &transport.Error{Kind: transport.KindProtocol, Words: line, Err: errors.New("this is no POP3 answer")}
}

// body reads the multi-line answer that follows the status line read last.
func (w *wire) body() *dotReader { return newDotReader(w.in, w.anyLF) }

// explain makes what go-pop3 or the connection reported a *transport.Error.
// unless is the kind of a refusal that says no code.
func (w *wire) explain(op string, err error, unless transport.Kind) error {
	if cause := w.Err(); cause != nil {
		return transport.Wrap(op, cause)
	}
	var known *transport.Error
	words, refused := strings.CutPrefix(w.last, "-ERR")
	if errors.As(err, &known) || !refused {
		w.Close()
		return transport.Wrap(op, err)
	}
	return refusal(op, strings.TrimSpace(words), unless)
}

// kinds says what the response codes of RFC 2449 §8 and RFC 3206 mean.
var kinds = map[string]transport.Kind{
	"AUTH":        transport.KindAuth,
	"SYS/TEMP":    transport.KindTemporary,
	"SYS/PERM":    transport.KindRefused,
	"IN-USE":      transport.KindTemporary,
	"LOGIN-DELAY": transport.KindTemporary,
}

// refusal is what the server said after -ERR, told by its response code, else
// of the kind unless.
func refusal(op, words string, unless transport.Kind) *transport.Error {
	refused := &transport.Error{Kind: unless, Op: op, Words: words}
	if code, _, found := strings.Cut(words, "]"); found && strings.HasPrefix(code, "[") {
		refused.Code = strings.ToUpper(code[1:])
		if kind, known := kinds[refused.Code]; known {
			refused.Kind = kind
		}
	}
	return refused
}
