package message

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

const (
	foldAt      = 78 // columns of a header line, RFC 5322 §2.1.1
	maxWord     = 75 // octets of an encoded word, RFC 2047 §2
	phraseWord  = 60 // octets of one in a name, so that it fits behind any field name
	maxThread   = 20 // References that are written
	maxThreadID = 400
)

// fieldWriter writes the fields of a header, folded. Whatever it is given, it
// writes these fields and no others.
type fieldWriter struct {
	out   strings.Builder
	col   int
	first bool // the next token is the first of its field
}

func (f *fieldWriter) begin(name string) {
	f.out.WriteString(name + ":")
	f.col, f.first = len(name)+1, true
}

func (f *fieldWriter) end() { f.out.WriteString("\r\n") }

// token writes what must not be broken, after a space, on the next line if
// this one is full. No line is left with the name of the field alone.
func (f *fieldWriter) token(s string) {
	if f.col+1+len(s) > foldAt && !f.first {
		f.out.WriteString("\r\n")
		f.col = 0
	}
	f.out.WriteString(" " + s)
	f.col += 1 + len(s)
	f.first = false
}

// raw writes a field whose value is known to be short and plain.
func (f *fieldWriter) raw(name, value string) {
	f.out.WriteString(name + ": " + value + "\r\n")
}

// text writes an unstructured field (RFC 5322 §2.2.1), encoded when it is not
// plain or could not be folded without changing.
func (f *fieldWriter) text(name, value string) {
	value = cleanText(value)
	if value == "" {
		return
	}
	f.begin(name)
	if isPlainText(value, foldAt-len(name)-2) {
		for word := range foldable(value) {
			f.token(word)
		}
	} else {
		for _, word := range encodedWords(value, foldAt-len(name)-2, maxWord) {
			f.token(word)
		}
	}
	f.end()
}

// cleanText makes s a single line of valid UTF-8 without control characters.
func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == 0x85 || r == 0x2028 || r == 0x2029:
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", " "), "\ufffd"))
}

// isPlainText reports ASCII text that survives folding as it is: no blanks at
// its ends, no word too long for a line, nothing that reads as an encoded word.
func isPlainText(s string, first int) bool {
	if !isASCII(s) || strings.Contains(s, "=?") || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	for word := range foldable(s) {
		if len(word) > first {
			return false
		}
		first = foldAt - 1
	}
	return true
}

// foldable splits s at single spaces, where a line can be folded and unfolded
// without a trace; runs of several stay inside a piece.
func foldable(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := 1; i+1 < len(s); i++ {
			if s[i] == ' ' && s[i-1] != ' ' && s[i+1] != ' ' {
				if !yield(s[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(s[start:])
	}
}

// encodedWords writes s as encoded words (RFC 2047) of at most most octets,
// the first of at most first. Each holds whole characters.
func encodedWords(s string, first, most int) []string {
	const overhead = len("=?UTF-8?B??=")
	quotedSize := 0
	for i := range len(s) {
		quotedSize += qSize(s[i])
	}
	useQ := quotedSize <= base64.StdEncoding.EncodedLen(len(s))
	var words []string
	for room := min(first, most) - overhead; s != ""; room = most - overhead {
		n, size := 0, 0
		for n < len(s) {
			_, runeLen := utf8.DecodeRuneInString(s[n:])
			next := 0
			for i := n; i < n+runeLen; i++ {
				next += qSize(s[i])
			}
			next += size
			if !useQ {
				next = base64.StdEncoding.EncodedLen(n + runeLen)
			}
			if next > room && n > 0 {
				break
			}
			n, size = n+runeLen, next
		}
		if useQ {
			words = append(words, "=?UTF-8?Q?"+qEncode(s[:n])+"?=")
		} else {
			words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		}
		s = s[n:]
	}
	return words
}

// qSize is how many octets c takes in the Q encoding as names allow it.
func qSize(c byte) int {
	if c == ' ' || isQPlain(c) {
		return 1
	}
	return 3
}

func isQPlain(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("!*+-/", c) >= 0
}

func qEncode(s string) string {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, 3*len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			out = append(out, '_')
		case isQPlain(c):
			out = append(out, c)
		default:
			out = append(out, '=', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}

// addresses writes an address list (RFC 5322 §3.4); addresses that are none
// are left out. Without any there is no field.
func (f *fieldWriter) addresses(name string, list []Address) {
	var tokens []string
	for _, a := range list {
		wire, ok := wireAddr(a.Addr)
		if !ok {
			continue
		}
		if tokens != nil {
			tokens[len(tokens)-1] += ","
		}
		if phrase := phraseTokens(cleanText(a.Name)); phrase != nil {
			tokens = append(tokens, phrase...)
			wire = "<" + wire + ">"
		}
		tokens = append(tokens, wire)
	}
	if tokens == nil {
		return
	}
	f.begin(name)
	for _, t := range tokens {
		f.token(t)
	}
	f.end()
}

// phraseTokens writes a display name: as words, in quotes, or encoded.
func phraseTokens(name string) []string {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil
	}
	if !isASCII(name) || strings.Contains(name, "=?") || len(quoted(name)) > phraseWord {
		return encodedWords(name, phraseWord, phraseWord)
	}
	words := strings.Split(name, " ")
	for _, w := range words {
		if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~") != "" {
			return []string{quoted(name)}
		}
	}
	return words
}

// ids writes message identifiers (RFC 5322 §3.6.4); of a long thread the first
// and the newest.
func (f *fieldWriter) ids(name string, ids ...string) {
	var good []string
	for _, id := range ids {
		if isWireID(id) {
			good = append(good, id)
		}
	}
	if len(good) == 0 {
		return
	}
	if len(good) > maxThread {
		good = append(good[:1:1], good[len(good)-maxThread+1:]...)
	}
	f.begin(name)
	for _, id := range good {
		f.token("<" + id + ">")
	}
	f.end()
}

// isWireID accepts identifiers that can stand between angle brackets.
func isWireID(id string) bool {
	if id == "" || len(id) > maxThreadID {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return false
		}
	}
	return !strings.Contains(id, "=?")
}
