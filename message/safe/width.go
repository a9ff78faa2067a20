package safe

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/mattn/go-runewidth"
)

// The terminal's habits, found out at run time. They are process-wide because
// there is one terminal, and every measure must be the same one.
var (
	ambiguousWide atomic.Bool
	graphemeMode  atomic.Bool
)

// SetAmbiguousWide says that the terminal draws East Asian ambiguous
// characters (● ★ │ …, UAX #11) two columns wide.
func SetAmbiguousWide(wide bool) { ambiguousWide.Store(wide) }

// AmbiguousWide tells what SetAmbiguousWide said last.
func AmbiguousWide() bool { return ambiguousWide.Load() }

// SetGraphemes says that the terminal advances by grapheme cluster (DEC mode
// 2027) and not by code point, as most do.
func SetGraphemes(on bool) { graphemeMode.Store(on) }

// How wide a character is where ambiguous ones are narrow, and where they are wide.
var (
	narrow        = runewidth.Condition{StrictEmojiNeutral: true}
	wideAmbiguous = runewidth.Condition{StrictEmojiNeutral: true, EastAsianWidth: true}
)

// Width returns how many columns t takes.
func Width(t Text) int {
	total := 0
	for s := string(t); s != ""; {
		n, w := cluster(s)
		total += w
		s = s[n:]
	}
	return total
}

// Next returns the first grapheme cluster of t, what a person takes for one
// character, and its width. It is empty only when t is.
func Next(t Text) (first Text, width int) {
	if t == "" {
		return "", 0
	}
	n, w := cluster(string(t))
	return t[:n], w
}

// cluster measures the first grapheme cluster of s: bytes and columns.
func cluster(s string) (n, w int) {
	if s[0] < utf8.RuneSelf {
		if len(s) == 1 || s[1] < utf8.RuneSelf {
			return 1, 1
		}
		n = 1
		w = 1
	} else {
		r, size := utf8.DecodeRuneInString(s)
		if !ordinary(r) {
			return oddCluster(s)
		}
		n, w = size, runeWidth(r)
	}
	if n < len(s) && s[n] >= utf8.RuneSelf {
		if r, _ := utf8.DecodeRuneInString(s[n:]); !ordinary(r) {
			return oddCluster(s)
		}
	}
	return n, w
}

// runeWidth is the width of an ordinary character.
func runeWidth(r rune) int {
	if ambiguousWide.Load() {
		return wideAmbiguous.RuneWidth(r)
	}
	return narrow.RuneWidth(r)
}

// maxCluster is how many bytes are looked at to find where a cluster ends. No
// character a person writes is that long, and without a bound a message that is
// one endless cluster would take quadratic time.
const maxCluster = 128

// oddCluster measures what the quick way cannot, as the renderer does.
func oddCluster(s string) (n, w int) {
	if len(s) > maxCluster {
		end := maxCluster
		for !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	first := graphemes.FromString(s).First()
	if graphemeMode.Load() {
		w = ansi.GraphemeWidth.StringWidth(first)
	} else {
		w = ansi.WcWidth.StringWidth(first)
	}
	if ambiguousWide.Load() && w == 1 {
		if r, _ := utf8.DecodeRuneInString(first); wideAmbiguous.RuneWidth(r) == 2 {
			w = 2
		}
	}
	return len(first), w
}

// fit returns the length in bytes of the longest run of whole clusters at the
// start of s that takes at most w columns, and its width.
func fit(s string, w int) (n, width int) {
	for n < len(s) {
		size, cw := cluster(s[n:])
		if width+cw > w {
			break
		}
		n += size
		width += cw
	}
	return n, width
}

// Truncate returns t if it fits in w columns, else as much of it as fits
// together with tail, which then follows.
func Truncate(t Text, w int, tail Text) Text {
	if len(t) <= w { // no character takes more columns than bytes
		return t
	}
	if n, _ := fit(string(t), w); n == len(t) {
		return t
	}
	tw := Width(tail)
	if tw > w {
		n, _ := fit(string(tail), max(w, 0))
		return tail[:n]
	}
	n, _ := fit(string(t), w-tw)
	return t[:n] + tail
}

// Pad appends spaces up to w columns.
func Pad(t Text, w int) Text { return t + spaces(w-Width(t)) }

// PadLeft puts spaces in front, up to w columns.
func PadLeft(t Text, w int) Text { return spaces(w-Width(t)) + t }

const blanks Text = "                                                                                "

// spaces returns n spaces, none when n is not positive.
func spaces(n int) Text {
	if n <= 0 {
		return ""
	}
	if n <= len(blanks) {
		return blanks[:n]
	}
	return Text(strings.Repeat(" ", n))
}
