// Package safe is the border between words that came from outside (mail,
// servers, file names) and the terminal. What is printed is a Text, and a Text
// is made here only: no byte of it can move the cursor, change a colour, set a
// title, reorder the line or hide.
//
// It also owns the one measure of display width that all layout uses. It knows
// nothing of mail and nothing of the screen.
package safe

import (
	"strings"
	"unicode/utf8"
)

// Text is text that may be printed on one line of a terminal: valid UTF-8
// without control characters, escape sequences, bidirectional overrides or
// invisible characters; tabs are expanded and there is no newline.
type Text string

// mark stands where something that could have harmed was taken out.
const mark = utf8.RuneError

// maxMarks is how many combining marks one base character keeps.
const maxMarks = 4

// tabStop is the distance of tab stops in columns.
const tabStop = 8

// Line makes s printable on one line: line breaks become spaces.
func Line(s string) Text {
	if i := plainPrefix(s); i < len(s) {
		c := cleaner{src: s}
		return c.line(i, true)
	}
	return Text(s)
}

// Lines splits s at its line breaks (LF, CR, CRLF, form feed, vertical tab,
// NEL, U+2028, U+2029) and makes each line printable. A break at the very end
// does not make another, empty line; the empty string has none.
func Lines(s string) []Text {
	if s == "" {
		return nil
	}
	lines := make([]Text, 0, 1+strings.Count(s, "\n"))
	for len(s) > 0 {
		c := cleaner{src: s}
		lines = append(lines, c.line(plainPrefix(s), false))
		s = s[c.pos:]
	}
	return lines
}
