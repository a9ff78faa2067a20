package message

import (
	"strings"
	"unicode/utf8"
)

// decodeHeader turns a field value as received into one line of text: unfolded,
// encoded words (RFC 2047) decoded, raw 8-bit text decoded as what it looks
// like.
func decodeHeader(value string) string { return decodeWords(unfold(value)) }

// decodeWords decodes the encoded words in one line of header text. Neighbours
// in one charset are put together before they are decoded, since many writers
// split a character between two words.
func decodeWords(s string) string {
	if isASCII(s) && !strings.Contains(s, "=?") && strings.IndexByte(s, 0x1b) < 0 {
		return s
	}
	var (
		out     strings.Builder
		run     wordRun
		pending int // start of the text not yet written
	)
	for i := 0; i < len(s); {
		at := strings.Index(s[i:], "=?")
		if at < 0 {
			break
		}
		at += i
		word, n := parseWord(s[at:])
		if n == 0 {
			i = at + 2
			continue
		}
		if between := s[pending:at]; !run.open || strings.Trim(between, " ") != "" {
			run.flush(&out)
			out.WriteString(guessText([]byte(between)))
		}
		run.add(word, &out)
		i = at + n
		pending = i
	}
	run.flush(&out)
	out.WriteString(guessText([]byte(s[pending:])))
	return oneLine(out.String())
}

// encodedWord is one =?charset?encoding?text?= of RFC 2047 §2.
type encodedWord struct {
	charset string
	base64  bool
	text    string
}

// parseWord reads the encoded word that s begins with and returns its length, 0
// when it is none. Blanks within the text and a missing end are tolerated.
func parseWord(s string) (w encodedWord, n int) {
	head := s[2:]
	q := strings.IndexByte(head[:min(len(head), longestCharset)], '?')
	if q < 0 || len(head) < q+3 || head[q+2] != '?' {
		return w, 0
	}
	w.charset, _, _ = strings.Cut(head[:q], "*") // RFC 2231 §5: a language may follow
	switch head[q+1] {
	case 'b', 'B':
		w.base64 = true
	case 'q', 'Q':
	default:
		return w, 0
	}
	text := head[q+3:]
	begin := len(s) - len(text)
	end, closed := wordEnd(text, w.base64)
	if closed {
		w.text = text[:end]
		return w, begin + end + 2
	}
	if blank := strings.IndexByte(text[:end], ' '); blank >= 0 {
		end = blank
	}
	w.text = strings.TrimSuffix(text[:end], "?")
	return w, begin + end
}

// wordEnd finds the "?=" that closes the text of an encoded word. When the next
// word begins first, or nothing follows, the word is not closed. In the Q
// encoding a '?' may stand bare before an escape.
func wordEnd(text string, base64 bool) (end int, closed bool) {
	for i := 0; i+1 < len(text); i++ {
		switch {
		case text[i] == '?' && text[i+1] == '=' && !base64 && isEscapeInWord(text[i+1:]):
		case text[i] == '?' && text[i+1] == '=':
			return i, true
		case text[i] == '=' && text[i+1] == '?' && !strings.HasPrefix(text[i+2:], "="):
			return i, false
		}
	}
	return len(text), false
}

// isEscapeInWord reports whether s begins with an escape of the Q encoding, and
// the word goes on to its end without a blank.
func isEscapeInWord(s string) bool {
	const longest = 80 // characters of a word, RFC 2047 §2
	if len(s) < 3 || !isHex(s[1]) || !isHex(s[2]) {
		return false
	}
	s = s[:min(len(s), longest)]
	if blank := strings.IndexByte(s, ' '); blank >= 0 {
		s = s[:blank]
	}
	end := strings.Index(s, "?=")
	return end > 0 && !strings.Contains(s[:end], "=?")
}

// wordRun gathers encoded words that follow each other in one charset.
type wordRun struct {
	open    bool
	charset string
	bytes   []byte
	rest    string // base64 text that does not yet fill four characters
}

func (r *wordRun) add(w encodedWord, out *strings.Builder) {
	if r.open && !strings.EqualFold(r.charset, w.charset) {
		r.flush(out)
	}
	r.open, r.charset = true, w.charset
	if !w.base64 {
		r.endBase64()
		r.bytes = appendQ(r.bytes, w.text)
		return
	}
	text := onlyBase64(w.text)
	if len(text)%4 == 0 { // whole by itself: the one before lacks its padding
		r.endBase64()
	}
	text, r.rest = r.rest+text, ""
	if cut := len(text) % 4; cut != 0 && !strings.HasSuffix(text, "=") {
		text, r.rest = text[:len(text)-cut], text[len(text)-cut:]
	}
	r.bytes = appendBase64(r.bytes, text)
}

// onlyBase64 takes out of s what is neither of the alphabet nor padding.
func onlyBase64(s string) string {
	return strings.Map(func(c rune) rune {
		if c < utf8.RuneSelf && base64Value[c] >= 0 || c == '=' {
			return c
		}
		return -1
	}, s)
}

func (r *wordRun) endBase64() {
	r.bytes = appendBase64(r.bytes, r.rest)
	r.rest = ""
}

func (r *wordRun) flush(out *strings.Builder) {
	if !r.open {
		return
	}
	r.endBase64()
	text, _ := decodeText(r.bytes, r.charset)
	out.WriteString(text)
	r.open, r.bytes = false, r.bytes[:0]
}

// appendQ decodes the Q encoding (RFC 2047 §4.2).
func appendQ(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			dst = append(dst, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendBase64 decodes what of s is base64, whatever its padding.
func appendBase64(dst []byte, s string) []byte {
	var acc, bits uint
	for i := range len(s) {
		v := base64Value[s[i]]
		if v < 0 {
			if s[i] == '=' {
				acc, bits = 0, 0
			}
			continue
		}
		acc = acc<<6 | uint(v)
		if bits += 6; bits >= 8 {
			bits -= 8
			dst = append(dst, byte(acc>>bits))
			acc &= 1<<bits - 1
		}
	}
	return dst
}

// base64Value maps a byte to its six bits, -1 for those outside the alphabet.
var base64Value = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = int8(i)
	}
	return t
}()

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// oneLine takes the line ends out of decoded text.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\t\x00") {
		return s
	}
	return strings.TrimSpace(lineEnds.Replace(s))
}

var lineEnds = strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ", "\t", " ", "\x00", "")
