package message

import (
	"bytes"
	"iter"
	"strings"
	"unicode/utf8"
)

// What is read of a header section; the rest is dropped and noted.
const (
	maxHeader = 1 << 20 // bytes
	maxFields = 10_000
)

// Header is the header section of a message (RFC 5322 §2.2). The zero Header
// has no fields. It is read-only and may be shared between goroutines.
type Header struct {
	raw    string
	fields []field
	cut    bool // there was more than is kept
}

// field is one header field as received: the folds are still in value.
type field struct{ name, value string }

// ParseHeader reads a header section, tolerating whatever it holds. It stops
// at the first empty line. raw is copied and may be used again.
func ParseHeader(raw []byte) Header {
	cut := len(raw) > maxHeader
	if cut {
		raw = raw[:maxHeader]
	}
	block := string(raw)
	block = block[headerStart(block):]
	if strings.IndexByte(block, '\n') < 0 {
		block = strings.ReplaceAll(block, "\r", "\n")
	}
	h, _ := splitHeader(block)
	h.cut = h.cut || cut
	return h
}

// as reads the 8-bit text of the header in a charset chosen by a person.
func (h Header) as(chosen charset) Header {
	if isASCII(h.raw) || chosen.shape == shapeStateful {
		return h
	}
	read, _ := splitHeader(chosen.decode([]byte(h.raw)))
	read.raw, read.cut = h.raw, h.cut
	return read
}

// headerStart is where the header begins in a block that may have a byte order
// mark or empty lines in front.
func headerStart(block string) int {
	rest := strings.TrimPrefix(block, utf8BOM)
	rest = strings.TrimLeft(rest, "\r\n")
	return len(block) - len(rest)
}

// splitHeader finds the fields at the start of block and where they end: at an
// empty line, at the end of block, or where text begins without an empty line
// before it.
func splitHeader(block string) (h Header, end int) {
	sc := fieldScanner{block: block, colon: -1, lastKnown: -1}
	sc.header.fields = make([]field, 0, min(maxFields, 4+len(block)/64))
	for end < len(block) {
		line := firstLine(block[end:])
		if isEmptyLine(line) || !sc.line(end, line) {
			break
		}
		end += len(line)
	}
	sc.finish(end)
	sc.header.raw = block[:end]
	sc.header.settle()
	return sc.header, end
}

// settle reads the 8-bit text of the header that is not UTF-8, in one charset
// throughout: the one declared for the body or the one that all of it together
// looks like. A name alone is too short to tell. Fields of MIME keep their
// bytes, which boundaries are.
func (h *Header) settle() {
	if utf8.ValidString(h.raw) {
		return
	}
	var text []byte
	var unsettled []*field
	for i := range h.fields {
		f := &h.fields[i]
		if !isContentField(f.name) && !mostlyUTF8([]byte(f.value)) {
			unsettled = append(unsettled, f)
			text = append(text, f.value...)
		}
	}
	if len(unsettled) == 0 {
		return
	}
	read := headerCharset(text, parseParams(h.value("Content-Type"))["charset"])
	for _, f := range unsettled {
		f.value = read.decode([]byte(f.value))
	}
}

// headerCharset decides which charset 8-bit text is in that stands in the header
// of a message whose body is declared as label.
func headerCharset(text []byte, label string) charset {
	declared, ok := lookupCharset(label)
	ok = ok && (declared.shape == shapeSingle || declared.shape == shapeMulti)
	if !ok || strings.Contains(declared.decode(text), "\ufffd") {
		return detect(text)
	}
	if declared.western {
		if guess := detect(text); guess.shape == shapeMulti {
			return guess
		}
	}
	return declared
}

func isContentField(name string) bool {
	const prefix = "content-"
	return len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// fieldScanner gathers fields line by line.
type fieldScanner struct {
	block     string
	header    Header
	begin     int // of the field being read
	colon     int // of the field being read; -1: there is none
	lastKnown int // offset of the last line that is surely a field; -1: not looked for yet
}

// line takes the line at pos. It returns false when that is text. A line that
// is no field but has fields after it is a broken fold, and counts to the field
// before it.
func (sc *fieldScanner) line(pos int, line string) bool {
	switch n := fieldName(line); {
	case n > 0:
		sc.finish(pos)
		sc.begin, sc.colon = pos, pos+n
	case isBlank(line[0]):
		if sc.colon >= 0 {
			break
		}
		indented := strings.TrimLeft(line, " \t") // a fold of nothing: a field perhaps
		if n := fieldName(indented); n > 0 {
			sc.begin = pos + len(line) - len(indented)
			sc.colon = sc.begin + n
		}
	case isMboxFrom(line):
		sc.finish(pos)
	default:
		if sc.lastKnown < 0 {
			sc.lastKnown = pos + lastKnownField(sc.block[pos:])
		}
		return sc.lastKnown > pos
	}
	return true
}

// finish ends the field being read.
func (sc *fieldScanner) finish(end int) {
	if sc.colon < 0 {
		return
	}
	if len(sc.header.fields) == maxFields {
		sc.header.cut = true
	} else {
		name := strings.TrimPrefix(strings.TrimRight(sc.block[sc.begin:sc.colon], " \t"), utf8BOM)
		sc.header.fields = append(sc.header.fields, field{name, sc.block[sc.colon+1 : end]})
	}
	sc.colon = -1
}

// firstLine is the first line of s with its end.
func firstLine(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i+1]
	}
	return s
}

// fieldName returns the offset of the colon when line begins with a field name
// (RFC 5322 §2.2, and §4.5 with blanks before the colon), else 0. Names with
// 8-bit characters pass.
func fieldName(line string) int {
	const longest = 200
	for i := 0; i < len(line) && i < longest; i++ {
		switch c := line[i]; {
		case c == ':':
			return i
		case isBlank(c):
			rest := strings.TrimLeft(line[i:], " \t")
			if i == 0 || rest == "" || rest[0] != ':' {
				return 0
			}
			return len(line) - len(rest)
		case c < '!' || c == 0x7f:
			return 0
		}
	}
	return 0
}

// isMboxFrom recognises the line mbox files put before a message, also quoted.
func isMboxFrom(line string) bool {
	return strings.HasPrefix(strings.TrimPrefix(line, ">"), "From ")
}

func isEmptyLine(line string) bool {
	return line == "\n" || line == "\r\n" || line == "\r" || line == ""
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// lastKnownField returns the offset of the last line before the empty line that
// is surely a header field, 0 when there is none.
func lastKnownField(block string) (last int) {
	for pos := 0; pos < len(block); {
		line := firstLine(block[pos:])
		if isEmptyLine(line) || strings.HasPrefix(line, "--") { // the latter is a delimiter
			break
		}
		if n := fieldName(line); n > 0 && isKnownField(line[:n]) {
			last = pos
		}
		pos += len(line)
	}
	return last
}

// isKnownField knows the names that make a line a header field and not text.
func isKnownField(name string) bool {
	var buf [32]byte
	switch lower := lowerName(&buf, strings.TrimRight(name, " \t")); string(lower) {
	case "from", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "received", "sender",
		"reply-to", "in-reply-to", "references", "return-path", "delivered-to", "dkim-signature", "importance",
		"priority", "precedence", "errors-to", "user-agent", "status", "authentication-results":
		return true
	default:
		return bytes.HasPrefix(lower, []byte("content-")) || bytes.HasPrefix(lower, []byte("x-")) ||
			bytes.HasPrefix(lower, []byte("list-")) || bytes.HasPrefix(lower, []byte("resent-")) ||
			bytes.HasPrefix(lower, []byte("arc-"))
	}
}

// lowerName puts a field name in lower case into buf, without allocating. Names
// that do not fit are none we know.
func lowerName(buf *[32]byte, name string) []byte {
	if len(name) > len(buf) {
		return nil
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return buf[:len(name)]
}

// Get returns the first field called name, in any case, as one line of decoded
// text (RFC 2047), or "" when there is none. It is not safe for the screen.
func (h Header) Get(name string) string { return decodeHeader(h.value(name)) }

// Values returns every field called name as Get would, in order.
func (h Header) Values(name string) []string {
	var values []string
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			values = append(values, decodeHeader(f.value))
		}
	}
	return values
}

// Fields yields every field in order: its name as written and its decoded text.
func (h Header) Fields() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, f := range h.fields {
			if !yield(decodeUTF8([]byte(f.name)), decodeHeader(f.value)) {
				return
			}
		}
	}
}

// value is the first field called name as received.
func (h Header) value(name string) string {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// unfold joins the lines of a field value (RFC 5322 §2.2.3) and trims it. Line
// ends that are no folds, and tabs, become spaces.
func unfold(s string) string {
	s = strings.Trim(s, " \t\r\n")
	if !strings.ContainsAny(s, "\r\n\t\x00") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case 0:
		case '\r', '\n':
			for i+1 < len(s) && (s[i+1] == '\r' || s[i+1] == '\n') {
				i++
			}
			if !isBlank(s[i+1]) { // s does not end in a line end
				out = append(out, ' ')
			}
		case '\t':
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
