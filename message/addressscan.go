package message

import (
	"strings"
	"unicode/utf8"
)

// addressScanner cuts an address list into its items.
type addressScanner struct {
	s       string
	pos     int
	inGroup bool
	item    addressItem
	hasAt   bool // the text of the item has an '@'
	named   int  // how much of the text of the item stands before its address
	begin   int  // of the text of the item not yet taken
	each    func(addressItem) bool
	// Once looked for in vain, a closing mark is not looked for again: that
	// keeps hostile lists linear.
	noQuote, noParen bool
}

// scanAddresses hands the items of an address list to each, until it returns
// false. It is linear in s whatever s holds.
func scanAddresses(s string, each func(addressItem) bool) {
	if !isASCII(s) || strings.IndexByte(s, 0x1b) >= 0 {
		s = strings.ReplaceAll(guessText([]byte(s)), "\ufeff", "") // a byte order mark is not part of an address
	}
	if strings.ContainsAny(s, "\r\n\t\x00") {
		s = lineEnds.Replace(s)
	}
	sc := addressScanner{s: s, each: each}
	for sc.pos < len(s) {
		if !sc.step() {
			return
		}
	}
	sc.take(len(s))
	sc.finish()
}

// step reads one token. It returns false when no more items are wanted.
func (sc *addressScanner) step() bool {
	switch c := sc.s[sc.pos]; c {
	case ',', ';':
		return sc.separator(1)
	case '"':
		sc.pos += sc.quoted()
	case '(':
		sc.comment()
	case '<':
		return sc.angle()
	case '>':
		sc.skip(1) // a stray one
	case ':':
		sc.group()
	case '@':
		sc.hasAt = true
		sc.pos++
	case '=':
		sc.pos++
		if sc.pos < len(sc.s) && sc.s[sc.pos] == '?' {
			if _, n := parseWord(sc.s[sc.pos-1:]); n > 0 {
				sc.pos += n - 1 // may hold any character
			}
		}
	default:
		if n := wideSeparator(sc.s[sc.pos:]); n > 0 && (sc.hasAt || sc.item.isAngle) {
			return sc.separator(n)
		}
		sc.pos++
	}
	return true
}

// separator ends the item at pos with the n bytes of a separator.
func (sc *addressScanner) separator(n int) bool {
	sc.take(sc.pos)
	sc.item.comma = sc.s[sc.pos] != ';'
	sc.inGroup = sc.inGroup && sc.item.comma
	sc.pos += n
	sc.begin = sc.pos
	return sc.finish()
}

// wideSeparator returns the length of the separator of East Asian writing that s
// begins with, 0 when it begins with none. After an address it separates.
func wideSeparator(s string) int {
	if s[0] < utf8.RuneSelf {
		return 0
	}
	for _, separator := range []string{"，", "；", "、"} {
		if strings.HasPrefix(s, separator) {
			return len(separator)
		}
	}
	return 0
}

// take adds the text up to end to the item.
func (sc *addressScanner) take(end int) {
	const enough = 4 << 10 // bytes put together from pieces, so that it stays linear
	piece := sc.s[sc.begin:end]
	switch {
	case strings.TrimSpace(sc.item.text) == "":
		sc.item.text = piece
	case len(sc.item.text) < enough:
		sc.item.text += piece
	}
}

// skip leaves n bytes out of the text of the item.
func (sc *addressScanner) skip(n int) {
	sc.take(sc.pos)
	sc.pos += n
	sc.begin = sc.pos
}

// finish hands the item over.
func (sc *addressScanner) finish() bool {
	item := sc.item
	if named := min(sc.named, len(item.text)); item.isAngle && strings.TrimSpace(item.text[:named]) != "" {
		item.text, item.behind = item.text[:named], strings.TrimSpace(item.text[named:])
	}
	sc.item, sc.hasAt, sc.named = addressItem{}, false, 0
	if strings.TrimSpace(item.text) == "" && !item.isAngle {
		return true
	}
	return sc.each(item)
}

// quoted returns the length of the quoted string at pos. A quote that is not
// closed, or whose next one opens the name of a later address, counts as a
// stray character.
func (sc *addressScanner) quoted() int {
	if sc.noQuote {
		return 1
	}
	for i := sc.pos + 1; i < len(sc.s); i++ {
		switch sc.s[i] {
		case '\\':
			i++
		case '"':
			if strings.IndexByte(sc.s[sc.pos:i], '<') >= 0 && startsWord(sc.s[i+1:]) {
				return 1
			}
			return i + 1 - sc.pos
		}
	}
	sc.noQuote = true
	return 1
}

// startsWord reports whether s begins with text, and not with what may follow a
// quoted string.
func startsWord(s string) bool {
	s = strings.TrimLeft(s, " ")
	return s != "" && strings.IndexByte(`<,;(@."`, s[0]) < 0
}

// comment reads the comment at pos, nested ones included. One that is not
// closed counts as text.
func (sc *addressScanner) comment() {
	if sc.noParen {
		sc.pos++
		return
	}
	depth := 0
	for i := sc.pos; i < len(sc.s); i++ {
		switch sc.s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				sc.item.comment = withoutEscapes(sc.s[sc.pos+1 : i])
				sc.skip(i + 1 - sc.pos)
				return
			}
		}
	}
	sc.noParen = true
	sc.pos++
}

// withoutEscapes takes the backslashes out of a comment.
func withoutEscapes(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}

// angle reads the address in angle brackets at pos. A missing '>' is put where
// the next item or address begins.
func (sc *addressScanner) angle() bool {
	more := true
	sc.take(sc.pos)
	if sc.item.isAngle { // a second one: the separator between them is missing
		text := sc.item.text
		named := min(sc.named, len(text))
		sc.item.text = text[:named]
		more = sc.finish()
		sc.item.text = text[named:]
	}
	if strings.TrimSpace(sc.item.text) == "" {
		sc.item.text = "" // what comes next takes its place
	}
	sc.named = len(sc.item.text)
	for sc.pos < len(sc.s) && (sc.s[sc.pos] == '<' || sc.s[sc.pos] == ' ') {
		sc.pos++
	}
	start, route := sc.pos, sc.pos < len(sc.s) && sc.s[sc.pos] == '@'
	end := start
	if end < len(sc.s) && sc.s[end] == '"' { // a quoted local part may hold anything
		const longest = 100
		rest := sc.s[end+1 : min(len(sc.s), end+longest)]
		end += 1 + strings.IndexByte(rest, '"')
	}
scan:
	for end < len(sc.s) {
		switch sc.s[end] {
		case '>', '<':
			break scan
		case ',', ';':
			if !route {
				break scan
			}
		case ':':
			route = false
		}
		end++
	}
	sc.item.angle, sc.item.isAngle = sc.s[start:end], true
	if end < len(sc.s) && sc.s[end] == '>' {
		end++
	}
	sc.pos, sc.begin = end, end
	return more
}

// group drops the name of a group (RFC 5322 §3.4), so that its members are
// items of the list.
func (sc *addressScanner) group() {
	if sc.inGroup || sc.item.isAngle || sc.hasAt || strings.HasSuffix(strings.ToLower(sc.s[max(sc.begin, sc.pos-len("mailto")):sc.pos]), "mailto") {
		sc.pos++
		return
	}
	sc.inGroup = true
	sc.item = addressItem{}
	sc.pos++
	sc.begin = sc.pos
}
