package message

import (
	"sort"
	"strings"
)

// maxParams is how many parameters of one field are read, each piece of a
// continued one counted.
const maxParams = 1_000

// mediaType is the type of a Content-Type field (RFC 2045 §5.1) in lower case,
// without parameters, comments and quotes; "" when it is none. Of several, the
// first counts.
func mediaType(value string) string {
	value = strings.TrimLeft(afterComment(value), " \t\r\n\"'")
	end := strings.IndexAny(value, ";,(\"'\r\n")
	if end < 0 {
		end = len(value)
	}
	typ := strings.TrimSpace(value[:end])
	if i := strings.IndexAny(typ, " \t"); i >= 0 {
		typ = strings.ReplaceAll(strings.ReplaceAll(typ, " /", "/"), "/ ", "/")
		typ, _, _ = strings.Cut(typ, " ")
	}
	switch main, sub, ok := strings.Cut(typ, "/"); {
	case main == "":
		return ""
	case !ok || sub == "" || strings.IndexByte(sub, '/') >= 0: // RFC 1049 had types without a subtype
		switch strings.ToLower(main) {
		case "text":
			return "text/plain"
		case "multipart":
			return "multipart/mixed"
		}
		return ""
	}
	return strings.ToLower(typ)
}

// afterComment takes the comment off that a value begins with.
func afterComment(value string) string {
	trimmed := strings.TrimLeft(value, " \t\r\n")
	if _, after, ok := strings.Cut(trimmed, ")"); ok && trimmed[0] == '(' {
		return after
	}
	return value
}

// parseParams reads the parameters of a Content-Type or Content-Disposition
// field, whatever its quoting. Values are decoded text: RFC 2231 with its
// continuations and charsets, encoded words, raw 8-bit. Of repeated ones the
// first counts.
func parseParams(value string) map[string]string {
	params := map[string]string{}
	var sections []section
	count := 0
	scanParams(unfold(value), func(name, value string) bool {
		name = strings.ToLower(name)
		base, extended := strings.CutSuffix(name, "*")
		base, number, split := strings.Cut(base, "*")
		n, digits := leadingInt(number)
		count++
		switch {
		case split && (digits == 0 || digits != len(number)):
		case split || extended:
			sections = append(sections, section{base, n, extended, value})
		default:
			if _, ok := params[base]; !ok {
				params[base] = paramText(base, value)
			}
		}
		return count < maxParams
	})
	for name, text := range joinSections(sections) {
		if text != "" || params[name] == "" {
			params[name] = text
		}
	}
	return params
}

// paramText decodes a plain value. Boundaries are compared as bytes.
func paramText(name, value string) string {
	if name == "boundary" {
		return value
	}
	if label, text, ok := cutCharset(value); ok && strings.IndexByte(text, '%') >= 0 {
		if cs, known := lookupCharset(label); known { // written as RFC 2231 §4 says, but for the star
			return oneLine(cs.decode([]byte(unescapePercent(text))))
		}
	}
	return decodeWords(value)
}

// cutCharset takes the charset and the language off an extended value (RFC 2231 §4).
func cutCharset(value string) (label, text string, ok bool) {
	label, rest, ok := strings.Cut(value, "'")
	if ok {
		_, text, ok = strings.Cut(rest, "'")
	}
	return label, text, ok
}

// section is one piece of a parameter written as RFC 2231 §3 and §4 say.
type section struct {
	name    string
	number  int
	encoded bool // with percent signs; the first names the charset
	value   string
}

// joinSections puts the pieces of each parameter together.
func joinSections(sections []section) map[string]string {
	sort.SliceStable(sections, func(i, j int) bool {
		a, b := sections[i], sections[j]
		return a.name < b.name || a.name == b.name && a.number < b.number
	})
	joined := map[string]string{}
	for len(sections) > 0 {
		name, n := sections[0].name, 1
		for n < len(sections) && sections[n].name == name {
			n++
		}
		joined[name] = joinPieces(name, sections[:n])
		sections = sections[n:]
	}
	return joined
}

// joinPieces is the value of one parameter, whose pieces are in order.
func joinPieces(name string, pieces []section) string {
	var bytes []byte
	var charset string
	encoded, last := false, -1
	for _, s := range pieces {
		if s.number <= last { // repeated
			continue
		}
		if s.encoded {
			if label, text, ok := cutCharset(s.value); ok && last < 0 {
				charset, s.value = label, text
			}
			s.value = unescapePercent(s.value)
			encoded = true
		}
		last = s.number
		bytes = append(bytes, s.value...)
	}
	if !encoded {
		return paramText(name, string(bytes))
	}
	text, _ := decodeText(bytes, charset)
	return oneLine(text)
}

// unescapePercent decodes %41 and leaves what is no escape.
func unescapePercent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		} else {
			out = append(out, s[i])
		}
	}
	return string(out)
}

// scanParams hands each name and value after the first ';' to each, until it
// returns false; also those in front where the field begins with one. Values
// without quotes may hold blanks, quoted ones may lack the closing quote, and
// the ';' between two parameters may be missing.
func scanParams(s string, each func(name, value string) bool) {
	i := strings.IndexByte(s, ';')
	if i < 0 {
		i = strings.IndexAny(s, " \t")
	}
	name, _, _ := strings.Cut(s, "=")
	switch {
	case isKnownParam(strings.TrimSpace(name)):
	case i < 0:
		return
	default:
		s = s[i+1:]
	}
	for s != "" {
		s = strings.TrimLeft(s, "; \t")
		eq := strings.IndexAny(s, "=;")
		if eq < 0 {
			return
		}
		if s[eq] == ';' {
			s = s[eq:]
			continue
		}
		name := strings.TrimSpace(s[:eq])
		if blank := strings.LastIndexByte(name, ' '); blank >= 0 {
			name = name[blank+1:]
		}
		var value string
		value, s = cutParamValue(strings.TrimLeft(s[eq+1:], " \t"))
		if name != "" && !each(name, value) {
			return
		}
	}
}

// cutParamValue reads a value at the start of s and returns what follows.
func cutParamValue(s string) (value, rest string) {
	if strings.HasPrefix(s, `"`) {
		if value, rest, ok := cutQuoted(s[1:]); ok {
			return value, rest
		}
		s = s[1:] // not closed
	}
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	if next := nextParam(s[:end]); next > 0 {
		end = next
	}
	return withoutComment(strings.TrimRight(s[:end], " \t")), s[end:]
}

// withoutComment takes the comment off that ends a value without quotes, unless
// blanks are in the value itself, as in a file name that lacks its quotes.
func withoutComment(value string) string {
	if strings.HasSuffix(value, ")") {
		if token, comment, _ := strings.Cut(value, " "); strings.HasPrefix(strings.TrimLeft(comment, " \t"), "(") {
			return token
		}
	}
	return value
}

// cutQuoted reads a quoted string whose opening quote is taken off. Only quotes
// and backslashes can be escaped: others in file names are a path's.
func cutQuoted(s string) (value, rest string, ok bool) {
	end := strings.IndexByte(s, '"')
	if end < 0 {
		return "", "", false
	}
	if strings.IndexByte(s[:end], '\\') < 0 {
		return s[:end], s[end+1:], true
	}
	out := make([]byte, 0, end)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return string(out), s[i+1:], true
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			out = append(out, s[i])
		default:
			out = append(out, c)
		}
	}
	return "", "", false
}

// nextParam finds, in a value without quotes, a well-known parameter that begins
// without a ';' before it; 0: there is none.
func nextParam(s string) int {
	for i := range len(s) {
		if !isBlank(s[i]) {
			continue
		}
		if name, _, _ := strings.Cut(s[i+1:min(len(s), i+12)], "="); isKnownParam(name) {
			return i
		}
	}
	return 0
}

func isKnownParam(name string) bool {
	name, _, _ = strings.Cut(name, "*")
	switch strings.ToLower(name) {
	case "boundary", "charset", "name", "filename", "format", "type":
		return true
	}
	return false
}
