package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainPrefix returns how many leading bytes of s need no look at all. It is
// what keeps ordinary mail, Latin or Chinese, free of copies.
func plainPrefix(s string) int {
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf {
			if b < ' ' || b == 0x7f {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !ordinary(r) || n == 1 {
			return i
		}
		i += n
	}
	return len(s)
}

// ordinary reports whether r is a printing character that neither combines nor
// depends on its neighbours: the great majority of what is written.
func ordinary(r rune) bool {
	switch {
	case r < 0xa0:
		return r >= ' ' && r < 0x7f
	case r < 0x300:
		return r != 0xad
	case r < 0x483:
		return r >= 0x370
	case r < 0x3000:
		return r >= 0x2010 && r <= 0x2027 || r >= 0x2030 && r <= 0x205e || r >= 0x20a0 && r <= 0x20c0 || r >= 0x2100 && r < 0x2c00
	case r < 0xd7a4:
		return (r < 0x302a || r > 0x302f) && r != 0x3099 && r != 0x309a && r != 0x3164 && (r < 0xa4d0 || r >= 0xac00)
	}
	return r >= 0xff01 && r <= 0xff9d || r >= 0xffe0 && r <= 0xffe6
}

// cleaner makes one line of src printable.
type cleaner struct {
	src string
	pos int // next byte of src to read
	out strings.Builder

	base   rune // the last base character written, 0 at the start of the line
	marks  int  // combining marks written since base
	joiner bool // the last rune written is ZWJ inside an emoji sequence

	col    int // width of out[:colEnd]
	colEnd int

	unended int // no control string ends before this offset of src
}

// line reads up to the next line break, or with join to the end of src. The
// first plain bytes are known to be harmless.
func (c *cleaner) line(plain int, join bool) Text {
	c.pos = plain
	if c.atBreak() && !join {
		c.skipBreak()
		return Text(c.src[:plain])
	}
	if plain == len(c.src) {
		return Text(c.src)
	}
	c.out.Grow(len(c.src[:plain]) + 64)
	c.out.WriteString(c.src[:plain])
	c.base, _ = utf8.DecodeLastRuneInString(c.src[:plain])
	if plain == 0 {
		c.base = 0
	}
	for c.pos < len(c.src) {
		if c.atBreak() {
			c.skipBreak()
			if !join {
				break
			}
			c.put(' ')
			continue
		}
		c.next()
	}
	return Text(c.out.String())
}

// atBreak reports whether a line break starts at pos.
func (c *cleaner) atBreak() bool { return breakLen(c.src[c.pos:]) > 0 }

func (c *cleaner) skipBreak() { c.pos += breakLen(c.src[c.pos:]) }

// breakLen returns the length of the line break at the start of s, 0 if none.
func breakLen(s string) int {
	if s == "" {
		return 0
	}
	switch s[0] {
	case '\n', '\v', '\f':
		return 1
	case '\r':
		if len(s) > 1 && s[1] == '\n' {
			return 2
		}
		return 1
	case 0xc2:
		if len(s) > 1 && s[1] == 0x85 {
			return 2
		}
	case 0xe2:
		if strings.HasPrefix(s, "\u2028") || strings.HasPrefix(s, "\u2029") {
			return 3
		}
	}
	return 0
}

// next reads one character or escape sequence at pos.
func (c *cleaner) next() {
	r, n := utf8.DecodeRuneInString(c.src[c.pos:])
	if n == 1 && r == utf8.RuneError { // not UTF-8: a bare C1 byte counts as the control it is
		r = rune(c.src[c.pos])
		if r >= 0xa0 {
			r = utf8.RuneError
		}
	}
	switch {
	case r == '\t':
		c.pos++
		c.tab()
	case r == 0x1b || r >= 0x80 && r < 0xa0:
		length, harmless := c.escape(r, n)
		c.pos += length
		if !harmless {
			c.put(mark)
		}
	case r < ' ' || r == 0x7f:
		c.pos += n
		c.put(mark)
	default:
		c.pos += n
		c.char(r)
	}
}

// char writes a character that is no control, or leaves it out.
func (c *cleaner) char(r rune) {
	switch {
	case ordinary(r):
		c.put(r)
	case deceives(r):
		c.put(mark)
	case r == zwj || r == zwnj:
		c.join(r)
	case r == emojiStyle:
		if pictorial(c.base) && c.marks == 0 {
			c.combine(r)
		}
	case invisible(r):
	case unicode.In(r, unicode.Mn, unicode.Me):
		if c.base == 0 {
			c.put(' ') // nothing to sit on: not on what the screen shows to the left
		}
		if c.marks < maxMarks {
			c.combine(r)
		}
	default:
		c.put(r)
	}
}

func (c *cleaner) put(r rune) {
	c.out.WriteRune(r)
	c.base, c.marks, c.joiner = r, 0, false
}

func (c *cleaner) combine(r rune) {
	c.out.WriteRune(r)
	c.marks++
	c.joiner = false
}

// join keeps a joiner where it shapes what is seen, between the parts of an
// emoji and in scripts that join; elsewhere it only hides differences.
func (c *cleaner) join(r rune) {
	next, _ := utf8.DecodeRuneInString(c.src[c.pos:])
	switch {
	case c.joiner || c.marks >= maxMarks || invisible(next): // what is left out joins nothing
	case r == zwj && c.base > 0xff && pictorial(c.base) && pictorial(next) && next > 0xff:
		c.combine(r)
		c.joiner = true
	case joining(c.base) && joining(next) && unicode.IsLetter(next) && !deceives(next):
		c.combine(r)
		c.joiner = true
	}
}

// tab moves to the next tab stop. What was measured is not measured again.
func (c *cleaner) tab() {
	s := c.out.String()
	c.col += Width(Text(s[c.colEnd:]))
	for n := tabStop - c.col%tabStop; n > 0; n-- {
		c.put(' ')
		c.col++
	}
	c.colEnd = c.out.Len()
}

const (
	zwnj       = '\u200c'
	zwj        = '\u200d'
	emojiStyle = '\ufe0f' // VS16: show the character before as an emoji
)

// deceives reports characters that change the order or meaning of others and
// have hardly an honest use in mail, and code points that are no characters.
func deceives(r rune) bool {
	return r == 0x202d || r == 0x202e || // overrides
		r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe ||
		unicode.Is(prepended, r)
}

// prepended are the rare signs that join what follows them into one cluster
// (UAX #29 rule 9b): they would swallow the space that pads a column.
var prepended = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x600, Hi: 0x605, Stride: 1}, {Lo: 0x6dd, Hi: 0x70f, Stride: 0x70f - 0x6dd},
		{Lo: 0x890, Hi: 0x891, Stride: 1}, {Lo: 0x8e2, Hi: 0x8e2, Stride: 1}, {Lo: 0xd4e, Hi: 0xd4e, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x110bd, Hi: 0x110cd, Stride: 0x10}, {Lo: 0x111c2, Hi: 0x111c3, Stride: 1}, {Lo: 0x113d1, Hi: 0x113d1, Stride: 1},
		{Lo: 0x1193f, Hi: 0x11941, Stride: 2}, {Lo: 0x11a3a, Hi: 0x11a3a, Stride: 1}, {Lo: 0x11a84, Hi: 0x11a89, Stride: 1},
		{Lo: 0x11d46, Hi: 0x11d46, Stride: 1}, {Lo: 0x11f02, Hi: 0x11f02, Stride: 1},
	},
}

// invisible reports characters that are not seen: direction marks and
// isolates, zero-width spaces, fillers, annotation anchors, tag characters.
func invisible(r rune) bool {
	switch {
	case r == 0xad || r == 0x34f || r == 0x61c || r == 0x180e || r == 0x3164 || r == 0xfeff || r == 0xffa0,
		r == 0x115f || r == 0x1160 || r == 0x17b4 || r == 0x17b5,
		r >= 0x200b && r <= 0x200f,
		r >= 0x202a && r <= 0x202e,
		r >= 0x2060 && r <= 0x206f,
		r >= 0xfff0 && r <= 0xfffb,
		r >= 0x1bca0 && r <= 0x1bca3,
		r >= 0x1d173 && r <= 0x1d17a,
		r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

// pictorial reports whether r can start or continue an emoji sequence.
func pictorial(r rune) bool {
	switch {
	case r == '#' || r == '*' || r >= '0' && r <= '9' || r == 0xa9 || r == 0xae:
		return true
	case r >= 0x203c && r <= 0x3299:
		return !(r >= 0x3000 && r < 0x3297) || r == 0x3030 || r == 0x303d
	}
	return r >= 0x1f000 && r <= 0x1faff
}

// joining reports whether r belongs to a script whose spelling uses joiners:
// Arabic, Syriac, the scripts of India, Tibetan, Myanmar, Khmer, Mongolian.
func joining(r rune) bool {
	return r >= 0x600 && r <= 0x109f || r >= 0x1780 && r <= 0x18af || r >= 0xa800 && r <= 0xabff || r >= 0x11000 && r <= 0x11fff
}
