package message

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"tmail/message/safe"
)

// linked splits text into spans, those that are links marked and numbered.
func (d *Document) linked(text safe.Text, style Style) []Span {
	var spans []Span
	s := string(text)
	done := 0
	for from := 0; ; {
		start, end := findURL(s, from)
		if start < 0 {
			break
		}
		from = end
		n := d.link(s[start:end], s[start:end])
		if n == 0 {
			continue
		}
		if start > done {
			spans = append(spans, Span{Text: text[done:start], Style: style})
		}
		spans = append(spans, Span{Text: text[start:end], Style: style | Linked, Link: n})
		done = end
	}
	if done < len(text) {
		spans = append(spans, Span{Text: text[done:], Style: style})
	}
	return spans
}

// link adds a link and returns its number, 0 if target is none to follow.
func (d *Document) link(text, target string) int {
	address, host := resolve(target)
	if address == "" {
		return 0
	}
	d.Links = append(d.Links, Link{Text: safe.Line(text), URL: address, Host: host})
	return len(d.Links)
}

// findURL finds the next URL in s at or after from. Only what starts with a
// scheme or with www. counts; punctuation that ends a sentence is not part of it.
func findURL(s string, from int) (start, end int) {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case ':':
			if start = schemeStart(s, from, i); start < 0 {
				continue
			}
		case 'w', 'W':
			if len(s)-i < 5 || !strings.EqualFold(s[i:i+4], "www.") || !boundary(s, from, i) {
				continue
			}
			start = i
		default:
			continue
		}
		if end = urlEnd(s, i); end > i+3 {
			return start, end
		}
	}
	return -1, -1
}

// schemeStart returns where the scheme before the ':' at colon begins, -1 if
// none is there that we follow.
func schemeStart(s string, from, colon int) int {
	for _, scheme := range [...]string{"https", "http", "ftp", "mailto"} {
		i := colon - len(scheme)
		if i < from || !strings.EqualFold(s[i:colon], scheme) || !boundary(s, from, i) {
			continue
		}
		if scheme == "mailto" || strings.HasPrefix(s[colon:], "://") {
			return i
		}
	}
	return -1
}

// boundary reports whether no ASCII word runs into position i.
func boundary(s string, from, i int) bool {
	if i == from {
		return true
	}
	c := s[i-1]
	return c >= utf8.RuneSelf || !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')
}

// urlEnd returns where the URL that goes on at i ends.
func urlEnd(s string, i int) int {
	end := i
	parens := 0
	for end < len(s) && s[end] > ' ' && s[end] < 0x7f && !strings.ContainsRune("<>\"`{}|\\^", rune(s[end])) {
		switch s[end] {
		case '(':
			parens++
		case ')':
			parens--
		}
		if parens < 0 {
			break
		}
		end++
	}
	return i + len(strings.TrimRight(s[i:end], ".,;:!?'*_~["))
}

// resolve checks a link target and returns it as printable ASCII together with
// the place it leads to. Both are empty for schemes that are not followed,
// such as javascript:, and for what no browser would understand.
func resolve(target string) (address string, host safe.Text) {
	target = strings.Map(func(r rune) rune { // as browsers do
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.TrimSpace(target))
	if len(target) >= 4 && strings.EqualFold(target[:4], "www.") {
		target = "http://" + target
	}
	u, err := url.Parse(escapePercent(target))
	if err != nil {
		return "", ""
	}
	switch u.Scheme {
	case "http", "https", "ftp":
		name := u.Hostname()
		ascii, err := idna.Lookup.ToASCII(name)
		if err != nil {
			ascii = name
		}
		if ascii == "" || !isASCII(ascii) {
			return "", ""
		}
		u.Host = strings.Replace(u.Host, name, ascii, 1)
		return printableASCII(u.String()), shownHost(ascii)
	case "mailto":
		to, _, _ := strings.Cut(u.Opaque, "?")
		if plain, err := url.PathUnescape(to); err == nil {
			to = plain
		}
		if to == "" {
			return "", ""
		}
		return printableASCII(u.String()), safe.Line(to)
	}
	return "", ""
}

// shownHost decodes an internationalised host name for the screen if it is in
// Chinese, Japanese or Korean; letters that could pass for Latin ones stay encoded.
func shownHost(ascii string) safe.Text {
	ascii = strings.ToLower(ascii)
	if !strings.Contains(ascii, "xn--") {
		return safe.Line(ascii)
	}
	decoded, err := idna.Display.ToUnicode(ascii)
	if err != nil {
		return safe.Line(ascii)
	}
	for _, r := range decoded {
		if r >= utf8.RuneSelf && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			return safe.Line(ascii)
		}
	}
	return safe.Line(decoded)
}

// escapePercent escapes the percent signs that escape nothing.
func escapePercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	isHex := func(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		out.WriteByte(s[i])
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			out.WriteString("25")
		}
	}
	return out.String()
}

// printableASCII escapes every byte a URL may not have.
func printableASCII(s string) string {
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("<>\"`\\^{}|'", c) >= 0 {
			out.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}
