package message

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	gomime "mime"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tmail/mailtest"
)

// Dovecot reads from what we write the same fields, the same structure, and attachments of the same bytes.
func TestDovecotReadsTheSame(t *testing.T) {
	count := 100
	if mailtest.Long() {
		count = 5000
	}
	t.Parallel()
	server := mailtest.StartDovecot(t, mailtest.DovecotOptions{})
	const user = "ann"
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := maker{rand.New(rand.NewPCG(seed, 0))}
	c := signIn(t, server.IMAP, user)
	var drafts []*Draft
	for range count {
		d := g.draft()
		d.Subject = "s " + d.Subject // Fetch leaves empty lines out
		raw := wire(t, d)
		c.send("APPEND INBOX {%d+}\r\n%s", len(raw), raw)
		c.answer()
		drafts = append(drafts, d)
	}
	c.send("SELECT INBOX")
	c.answer()
	for i, d := range drafts {
		c.checkMessage(i+1, d)
		if t.Failed() {
			t.Fatalf("%+v\n%s", d, wire(t, d))
		}
	}
	subjects := server.Fetch(user, "INBOX", "hdr.subject.utf8")
	if len(subjects) != count {
		t.Fatalf("%d subjects of %d", len(subjects), count)
	}
	for i, d := range drafts {
		if asRead(subjects[i]) != asRead(d.Subject) {
			t.Errorf("Subject %q is %q", d.Subject, subjects[i])
		}
	}
}

// imapReader talks IMAP as far as this takes: the rooms that do it build on this one.
type imapReader struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func signIn(t *testing.T, port int, user string) *imapReader {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &imapReader{t, conn, bufio.NewReader(conn)}
	c.line() // the greeting
	c.send("LOGIN %s pw", user)
	c.answer()
	return c
}

func (c *imapReader) send(format string, args ...any) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.conn, "a "+format+"\r\n", args...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *imapReader) line() string {
	c.t.Helper()
	line, err := c.in.ReadString('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimRight(line, "\r\n")
}

// answer reads up to the end of a command, which must have gone well, and returns the data of the one FETCH in it.
func (c *imapReader) answer() (fetched []any) {
	c.t.Helper()
	for {
		switch word := c.word(' '); word {
		case "a":
			if line := c.line(); !strings.HasPrefix(line, "OK") {
				c.t.Fatalf("the server says %s", line)
			}
			return fetched
		case "*":
			first := c.word(' ')
			if _, err := strconv.Atoi(first); err != nil {
				c.line()
				continue
			}
			if next, err := c.in.Peek(6); err == nil && string(next) == "FETCH " {
				c.word(' ')
				fetched = c.value().([]any)
			}
			c.line()
		default:
			c.t.Fatalf("an answer begins with %q", word)
		}
	}
}

func (c *imapReader) word(end byte) string {
	c.t.Helper()
	word, err := c.in.ReadString(end)
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimSuffix(word, string(end))
}

// value reads a list, a string, an atom or NIL (RFC 3501 §9).
func (c *imapReader) value() any {
	c.t.Helper()
	b, err := c.in.ReadByte()
	if err != nil {
		c.t.Fatal(err)
	}
	switch b {
	case '(':
		list := []any{}
		for {
			next, err := c.in.Peek(1)
			if err != nil {
				c.t.Fatal(err)
			}
			switch next[0] {
			case ')':
				c.in.Discard(1)
				return list
			case ' ':
				c.in.Discard(1)
			default:
				list = append(list, c.value())
			}
		}
	case '"':
		var text strings.Builder
		for {
			b, err := c.in.ReadByte()
			if b == '\\' {
				b, err = c.in.ReadByte()
			} else if b == '"' {
				return text.String()
			}
			if err != nil {
				c.t.Fatal(err)
			}
			text.WriteByte(b)
		}
	case '~', '{':
		size, err := strconv.Atoi(strings.Trim(c.line(), "{}"))
		if err != nil {
			c.t.Fatal(err)
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(c.in, text); err != nil {
			c.t.Fatal(err)
		}
		return string(text)
	}
	atom := string(b)
	for {
		next, err := c.in.Peek(1)
		if err != nil || strings.IndexByte(" ()\r", next[0]) >= 0 {
			if atom == "NIL" {
				return nil
			}
			return atom
		}
		c.in.Discard(1)
		atom += string(next)
	}
}

// checkMessage compares what the server reads in message n with the draft it was made of.
func (c *imapReader) checkMessage(n int, d *Draft) {
	c.t.Helper()
	items := "ENVELOPE BODYSTRUCTURE"
	for i := range d.Files {
		items += fmt.Sprintf(" BINARY.PEEK[%d]", i+2)
	}
	c.send("FETCH %d (%s)", n, items)
	data := c.answer()
	fetched := map[string]any{}
	for i := 0; i+1 < len(data); i += 2 {
		fetched[data[i].(string)] = data[i+1]
	}
	envelope, ok := fetched["ENVELOPE"].([]any)
	if !ok || len(envelope) != 10 {
		c.t.Fatalf("the envelope of message %d is %v", n, fetched["ENVELOPE"])
	}
	want := []any{d.Date.Format(time.RFC1123Z), nil, addressesMeant(d.From), addressesMeant(d.From), addressesMeant(d.From),
		addressesMeant(d.To), addressesMeant(d.Cc), nil, nil, "<" + d.MessageID + ">"}
	if d.InReplyTo != "" {
		want[8] = "<" + d.InReplyTo + ">"
	}
	for i, got := range envelope {
		switch list, isList := got.([]any); {
		case i == 1: // the subject: see hdr.subject.utf8
		case isList:
			if read := addressesRead(list); !slices.Equal(read, want[i].([]string)) {
				c.t.Errorf("field %d of the envelope is %q, want %q", i, read, want[i])
			}
		case got == nil && (want[i] == nil || len(want[i].([]string)) == 0):
		case got != want[i]:
			c.t.Errorf("field %d of the envelope is %q, want %q", i, got, want[i])
		}
	}
	parts, _ := fetched["BODYSTRUCTURE"].([]any)
	for i, f := range d.Files {
		content, _ := fetched[fmt.Sprintf("BINARY[%d]", i+2)].(string)
		if sum := sha256.Sum256([]byte(content)); hex.EncodeToString(sum[:]) != hashOf(c.t, f) {
			c.t.Errorf("attachment %d has %d other bytes", i, len(content))
		}
		if len(parts) <= i+1 {
			c.t.Errorf("attachment %d is not in the structure %v", i, parts)
			continue
		}
		name, err := fileNameIn(parts[i+1].([]any))
		if meant := baseName(f.Name); err != nil || asRead(name) != asRead(meant) {
			c.t.Errorf("attachment %q is called %q, %v", meant, name, err)
		}
	}
}

// addressesMeant are addresses as addressesRead returns them.
func addressesMeant(list []Address) []string {
	meant := []string{}
	for _, a := range list {
		addr, _ := wireAddr(a.Addr)
		local, domain := addr[:strings.LastIndexByte(addr, '@')], addr[strings.LastIndexByte(addr, '@')+1:]
		if unquoted, ok := strings.CutPrefix(local, `"`); ok {
			local = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(strings.TrimSuffix(unquoted, `"`))
		}
		meant = append(meant, fmt.Sprintf("%s <%s@%s>", asRead(a.Name), local, domain))
	}
	return meant
}

// addressesRead are those of an ENVELOPE, names decoded by Go's reader of encoded words.
func addressesRead(list []any) []string {
	read := []string{}
	for _, entry := range list {
		a := entry.([]any)
		name, _ := a[0].(string)
		if decoded, err := new(gomime.WordDecoder).DecodeHeader(name); err == nil {
			name = decoded
		}
		read = append(read, fmt.Sprintf("%s <%s@%s>", asRead(name), a[2], a[3]))
	}
	return read
}

// fileNameIn is the name in the disposition of a part that holds no others, decoded by Go's reader of parameters.
func fileNameIn(part []any) (string, error) {
	for _, field := range part {
		disposition, ok := field.([]any)
		if !ok || len(disposition) != 2 || disposition[0] != "attachment" {
			continue
		}
		params, _ := disposition[1].([]any)
		header := "attachment"
		for i := 0; i+1 < len(params); i += 2 {
			name, value := params[i].(string), params[i+1].(string)
			if !strings.HasSuffix(name, "*") {
				value = strconv.Quote(value)
			}
			header += "; " + name + "=" + value
		}
		_, read, err := gomime.ParseMediaType(header)
		return read["filename"], err
	}
	return "", errors.New("it is no attachment")
}
