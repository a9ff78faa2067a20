package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"tmail/message/safe"
)

// Measuring and breaking text by what people see as one character. Text for the screen and text being written
// break alike, so both come here.

const tabWidth = 4

// cluster is the first thing of s that people see as one character: its bytes and its columns.
func cluster(s string) (size, width int) {
	if s == "" {
		return 0, 0
	}
	c := s[0]
	if c == '\t' {
		return 1, tabWidth
	}
	if c < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, 1
	}
	if c >= 0xe3 && c <= 0xe9 && isPlainWide(s) && (len(s) == 3 || s[3] < utf8.RuneSelf || isPlainWide(s[3:])) {
		return 3, 2
	}
	first, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return len(first), safe.Width(safe.Line(first))
}

// isPlainWide reports whether s begins with a Chinese or Japanese character that nothing joins with: most of such
// text, measured without looking further.
func isPlainWide(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3001 && r <= 0x3029 || r >= 0x3041 && r <= 0x3096
}

// lastCluster is the size of the last character of s. It looks back no further than it must.
func lastCluster(s string) int {
	n := len(s)
	if s[n-1] < utf8.RuneSelf {
		return 1
	}
	start := max(0, n-128)
	for start > 0 && !utf8.RuneStart(s[start]) {
		start--
	}
	last := 1
	for rest := s[start:]; rest != ""; {
		size, _ := cluster(rest)
		last = size
		rest = rest[size:]
	}
	return last
}

// columns is the width of s as the editor draws it.
func columns(s string) int {
	total := 0
	for s != "" {
		size, w := cluster(s)
		total += w
		s = s[size:]
	}
	return total
}

// display is s as it is drawn.
func display(s string) safe.Text {
	return safe.Line(strings.ReplaceAll(s, "\t", strings.Repeat(" ", tabWidth)))
}

// clip is as much of the beginning of s as width columns hold.
func clip(s string, width int) string {
	used := 0
	for i := 0; i < len(s); {
		size, w := cluster(s[i:])
		if used+w > width {
			return s[:i]
		}
		i, used = i+size, used+w
	}
	return s
}

// Punctuation that Chinese typesetting keeps off the start and off the end of a row.
const (
	notFirst = "，。、；：？！）》」』】〉”’…—·.,!?;:)]%"
	notLast  = "（《「『【〈“‘(["
)

// mayBreak reports whether a row may end before s[i], one side of which is a wide character.
func mayBreak(s string, i int) bool {
	next, _ := utf8.DecodeRuneInString(s[i:])
	last, _ := utf8.DecodeLastRuneInString(s[:i])
	return !strings.ContainsRune(notFirst, next) && !strings.ContainsRune(notLast, last)
}

// wrapStarts breaks behind blanks and beside wide characters, and inside a word only where it is wider than a row.
func wrapStarts(s string, width int) []int {
	starts := []int{0}
	if width < 1 {
		return starts
	}
	col, from, breakAt, breakCol := 0, 0, -1, 0
	for i := 0; i < len(s); {
		size, w := cluster(s[i:])
		blank := s[i] == ' ' || s[i] == '\t'
		if w >= 2 && !blank && i > from && mayBreak(s, i) {
			breakAt, breakCol = i, col
		}
		if col+w > width && !blank && i > from {
			if breakAt > from {
				col -= breakCol
				from = breakAt
			} else {
				col = 0
				from = i
			}
			starts = append(starts, from)
			breakAt = -1
		}
		col += w
		i += size
		if blank || w >= 2 && (i == len(s) || mayBreak(s, i)) {
			breakAt, breakCol = i, col
		}
	}
	return starts
}
