package imap

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
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

	mu       sync.Mutex
	exchange *exchange
	alert    string   // the last ALERT, which a person must see (RFC 3501 §7.1)
	bye      response // why the server hangs up, when it said so
}

func newTap(conn *transport.Conn, unilateral func(response)) *tap {
	return &tap{
		Conn: conn, in: bufio.NewReaderSize(conn, 64<<10), unilateral: unilateral, spelling: map[string]string{},
		out: []byte("* OK [CAPABILITY " + libraryCaps + "] ready\r\n"), // the real greeting was read before
	}
}

// exchange is one command and what the server says until it has answered.
type exchange struct {
	limit    int      // how large one response may be, in bytes; 0: defaultLimit
	data     listener // nil: the command asks for no data
	goesOn   bool     // the command goes on after a continuation request
	signIn   bool     // by SASL
	tag      string   // "" until the command is written
	answer   response // the tagged response, valid when answered is closed
	answered chan struct{}
}

// listener gets the untagged responses that come during an exchange, in the reading goroutine, and says which of them
// it takes: those that nobody else has to know of.
type listener func(response) (taken bool)

// defaultLimit bounds a response nobody asked for, in bytes.
const defaultLimit = 1 << 20

// begin makes x the exchange under way and starts the watch over the server's silence.
func (t *tap) begin(x *exchange) {
	x.answered = make(chan struct{})
	t.mu.Lock()
	t.exchange = x
	t.mu.Unlock()
	t.SetSilence(t.Timeout())
}

// end takes x away, answered or not: it gets nothing more, and the server may be silent.
func (t *tap) end(x *exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.exchange == x {
		t.exchange = nil
	}
	t.SetSilence(0)
}

// limit is what the server may send at once.
func (t *tap) limit() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.exchange != nil && t.exchange.limit > 0 {
		return t.exchange.limit
	}
	return defaultLimit
}

// Write passes on what is to be sent. The first line of an exchange is its command: its tag is noted, and mailbox
// names are spelled as the server does.
func (t *tap) Write(p []byte) (int, error) {
	t.mu.Lock()
	isCommand := t.exchange != nil && t.exchange.tag == ""
	signIn := t.exchange != nil && t.exchange.signIn
	if isCommand {
		tag, _, _ := bytes.Cut(p, []byte(" "))
		t.exchange.tag = string(tag)
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
	t.raw, err = readResponse(t.in, t.raw, t.limit)
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
	x := t.exchange
	if r.code == "ALERT" {
		t.alert = r.text
	}
	switch {
	case r.tag == "+":
		if x != nil && x.goesOn {
			t.out = append(t.out[:0], continuation(r.text)...)
		}
	case r.tag == "*":
		if r.kind == "BYE" {
			t.bye = r
		}
		if x == nil || x.data == nil || !x.data(r) {
			t.unilateral(r)
		}
	case x != nil && x.tag == r.tag: // any other answer is one to nothing: a server that runs ahead must not be heard
		t.answer(x, r)
	}
}

// answer ends x: the server owes nothing any more. The library hears of its own commands only, in words it knows.
func (t *tap) answer(x *exchange, r response) {
	x.answer = r
	t.exchange = nil
	t.SetSilence(0)
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
