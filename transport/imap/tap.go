package imap

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"

	"tmail/transport"
)

// libraryCaps are the capabilities go-imap is told of, whatever the server has: enough that it sends what it is asked
// to send, and neither SASL-IR, which NetEase's servers announce and refuse, nor IMAP4rev2, for which it would send
// names that were not agreed on.
const libraryCaps = "IMAP4rev1 UIDPLUS MOVE IDLE"

// tap lies between go-imap and the connection: the library speaks, the tap listens. Commands pass as the library
// writes them. Of what the server says the library gets only the answers to its commands and the continuation
// requests they wait for; data, which it would end the connection over if a byte is unusual, goes to the exchange
// under way.
type tap struct {
	*transport.Conn
	in  *bufio.Reader
	raw []byte // the response being read
	out []byte // what the library has yet to read

	// unilateral gets the data that no exchange takes. It runs in the reading goroutine.
	unilateral func(response)
	// spelling maps the quoted names that the library writes to what the server calls these mailboxes.
	spelling map[string]string

	mu    sync.Mutex
	queue []*exchange // those under way; the first gets the data
	alert string      // the last ALERT, which a person must see (RFC 3501 §7.1)
	bye   response    // why the server hangs up, when it said so
}

func newTap(conn *transport.Conn, unilateral func(response)) *tap {
	return &tap{
		Conn: conn, in: bufio.NewReaderSize(conn, 64<<10), unilateral: unilateral, spelling: map[string]string{},
		out: []byte("* OK [CAPABILITY " + libraryCaps + "] ready\r\n"), // the real greeting was read before
	}
}

// exchange is one command and what the server says until it has answered.
type exchange struct {
	limit    int           // how large one response may be, in bytes; 0: defaultLimit
	data     listener      // nil: the command asks for no data
	cut      bool          // a literal beyond limit is cut off; else it ends the connection
	goesOn   bool          // the library's command goes on after a continuation request
	signIn   bool          // by SASL
	agreed   func()        // called in the reading goroutine at an OK: what comes next is to be read differently
	goAhead  chan struct{} // closed by a continuation request, where our own command goes on after one
	tag      string        // "" until the command is written
	answer   response      // the tagged response, valid when answered is closed
	answered chan struct{}
}

// listener gets the untagged responses that come during an exchange, in the reading goroutine, and says which of them
// it takes: those that nobody else has to know of.
type listener func(response) (taken bool)

// defaultLimit bounds a response nobody asked for, in bytes.
const defaultLimit = 1 << 20

// begin makes x, and those that are sent along with it, the exchanges under way and starts the watch over the server's
// silence.
func (t *tap) begin(x *exchange, following ...*exchange) {
	t.mu.Lock()
	t.queue = append(append(t.queue[:0], x), following...)
	for _, x := range t.queue {
		x.answered = make(chan struct{})
	}
	t.mu.Unlock()
	t.SetSilence(t.Timeout())
}

// end takes x away, answered or not: it gets nothing more, and when it was the last the server may be silent.
func (t *tap) end(x *exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove(x)
}

func (t *tap) remove(x *exchange) {
	t.queue = slices.DeleteFunc(t.queue, func(q *exchange) bool { return q == x })
	if len(t.queue) == 0 {
		t.SetSilence(0)
	}
}

// current is the exchange that gets the data, nil when none is under way; mu is held.
func (t *tap) current() *exchange {
	if len(t.queue) == 0 {
		return nil
	}
	return t.queue[0]
}

// limit is what the server may send at once.
func (t *tap) limit() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.current(); x != nil && x.limit > 0 {
		return x.limit
	}
	return defaultLimit
}

// cut says whether a literal beyond the limit is to be cut off.
func (t *tap) cut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.current()
	return x != nil && x.cut
}

// Write passes on what is to be sent. The first line of an exchange is its command: its tag is noted, and mailbox
// names are spelled as the server does.
func (t *tap) Write(p []byte) (int, error) {
	t.mu.Lock()
	x := t.current()
	isCommand := x != nil && x.tag == ""
	signIn := x != nil && x.signIn
	if isCommand {
		tag, _, _ := bytes.Cut(p, []byte(" "))
		x.tag = string(tag)
	}
	t.mu.Unlock()
	if signIn && string(p) == "=\r\n" { // so an empty answer is written only behind AUTHENTICATE (RFC 4959 §3)
		_, err := t.Conn.Write([]byte("\r\n"))
		return len(p), err
	}
	if !isCommand || len(t.spelling) == 0 {
		return t.Conn.Write(p)
	}
	line, rest, _ := bytes.Cut(p, []byte("\n"))
	if _, err := t.Conn.Write([]byte(t.respell(string(line)) + "\n")); err != nil {
		return 0, err
	}
	if len(rest) > 0 {
		if _, err := t.Conn.Write(rest); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (t *tap) respell(line string) string {
	for ours, theirs := range t.spelling {
		line = strings.ReplaceAll(line, ours, theirs)
	}
	return line
}

// spell remembers how the server writes a name that the library would write differently.
func (t *tap) spell(name, raw string) {
	if ours := encodeName(name); ours != raw && name != "INBOX" {
		t.spelling[quote(ours)] = quote(raw)
	}
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Read gives the library what it may read. It is called by the library's one reading goroutine.
func (t *tap) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if err := t.listen(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// listen takes in one response. A panic over one, in here or in an exchange, must end the connection only.
func (t *tap) listen() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &transport.Error{Kind: transport.KindProtocol, Err: fmt.Errorf("the server's response made no sense: %v", v)}
		}
		if err != nil {
			err = t.Fail(err)
		}
	}()
	t.raw, err = readResponse(t.in, t.raw, t.limit, t.cut)
	if err != nil {
		return err
	}
	if cap(t.raw) > defaultLimit {
		defer func() { t.raw = nil }() // a large one is no reason to keep its memory
	}
	t.dispatch(parseResponse(t.raw))
	return nil
}

// cause says why the connection ended, in the server's words when it said why it hangs up; nil while it stands.
func (t *tap) cause() error {
	err := t.Err()
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == io.EOF && t.bye.kind != "" {
		return &transport.Error{Kind: transport.KindNetwork, Words: t.bye.text, Code: t.bye.code}
	}
	return err
}

func (t *tap) dispatch(r response) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.current()
	if r.code == "ALERT" {
		t.alert = r.text
	}
	switch {
	case r.tag == "+":
		switch {
		case x != nil && x.goesOn:
			t.out = append(t.out[:0], continuation(r.text)...)
		case x != nil && x.goAhead != nil:
			close(x.goAhead)
			x.goAhead = nil
		}
	case r.tag == "*":
		if r.kind == "BYE" {
			t.bye = r
		}
		if x == nil || x.data == nil || !x.data(r) {
			t.unilateral(r)
		}
	default: // an answer to nothing is not heard, so that a server cannot run ahead
		if i := slices.IndexFunc(t.queue, func(x *exchange) bool { return x.tag == r.tag }); i >= 0 {
			t.answer(t.queue[i], r)
		}
	}
}

// answer ends x: the server owes nothing any more. The library hears of its own commands only, in words it knows.
func (t *tap) answer(x *exchange, r response) {
	x.answer = r
	t.remove(x)
	if x.agreed != nil && r.kind == "OK" {
		x.agreed()
	}
	close(x.answered)
	if strings.HasPrefix(x.tag, rawTag) {
		return
	}
	switch r.kind {
	case "OK":
		t.out = append(t.out[:0], x.tag+" OK [CAPABILITY "+libraryCaps+"] done\r\n"...)
	default:
		t.out = append(t.out[:0], x.tag+" NO refused\r\n"...)
	}
}

// continuation is a continuation request with only what the library can use: a SASL challenge.
func continuation(text string) string {
	if _, err := base64.StdEncoding.DecodeString(text); err != nil {
		text = ""
	}
	return "+ " + text + "\r\n"
}

// takeAlert returns the last alert and forgets it.
func (t *tap) takeAlert() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	alert := t.alert
	t.alert = ""
	return alert
}

var _ net.Conn = (*tap)(nil)
