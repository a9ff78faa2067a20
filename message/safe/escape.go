package safe

import "unicode/utf8"

// escape measures the escape sequence (ECMA-48 §5) at pos, whose introducer r,
// ESC or a C1 control, is n bytes long. A sequence goes as a whole, its payload
// with it; harmless says that it only set colours.
func (c *cleaner) escape(r rune, n int) (length int, harmless bool) {
	s := c.src[c.pos:]
	kind := r
	if r == 0x1b {
		if len(s) == 1 {
			return 1, false
		}
		kind, n = rune(s[1])+0x40, 2 // ESC [ is the C1 control U+009B, and so on
	}
	switch kind {
	case 0x9b: // CSI
		return csi(s, n)
	case 0x90, 0x98, 0x9d, 0x9e, 0x9f: // DCS, SOS, OSC, PM, APC
		if c.pos >= c.unended {
			if end := stringEnd(s, n); end > 0 {
				return end, false
			}
			c.unended = c.pos + lineEnd(s, n)
		}
		if r == 0x1b {
			return c.unended - c.pos, false // a terminal would swallow on and on; a line is enough
		}
		return n, false // far more often a wrong charset than an attack
	}
	if r != 0x1b {
		return n, false
	}
	end := 1
	for end < len(s) && s[end] >= 0x20 && s[end] <= 0x2f {
		end++
	}
	if end < len(s) && s[end] >= 0x30 && s[end] <= 0x7e {
		end++
	}
	return end, false
}

// csi measures a control sequence: parameters, intermediates, one final byte.
func csi(s string, n int) (length int, harmless bool) {
	end := n
	for end < len(s) && s[end] >= 0x30 && s[end] <= 0x3f {
		end++
	}
	for end < len(s) && s[end] >= 0x20 && s[end] <= 0x2f {
		end++
	}
	if end < len(s) && s[end] >= 0x40 && s[end] <= 0x7e {
		return end + 1, s[end] == 'm'
	}
	return end, false
}

// stringEnd returns where the control string that starts at n ends, its
// terminator (BEL, ST or whatever cancels it) included; 0 when the line ends first.
func stringEnd(s string, n int) int {
	for i := n; i < len(s); i++ {
		switch s[i] {
		case 0x07, 0x18, 0x1a:
			return i + 1
		case 0x1b:
			if i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
			return i // another sequence begins
		case 0x9c:
			if s[i-1] < utf8.RuneSelf { // bare, not inside a character
				return i + 1
			}
			if s[i-1] == 0xc2 {
				return i + 1
			}
		default:
			if breakLen(s[i:]) > 0 {
				return 0
			}
		}
	}
	return 0
}

// lineEnd returns the offset of the line break at or after n.
func lineEnd(s string, n int) int {
	for n < len(s) && breakLen(s[n:]) == 0 {
		n++
	}
	return n
}
