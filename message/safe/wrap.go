package safe

import (
	"strings"
	"unicode/utf8"
)

// Range is a part of a Text, as byte offsets.
type Range struct{ From, To int }

// Wrap breaks t into lines of at most width columns: at spaces, after hyphens,
// and between Chinese or Japanese characters where their rules allow it; words
// longer than a line anywhere. The spaces at a break go. There is always at
// least one line.
func Wrap(t Text, width int) []Text {
	if len(t) <= width {
		return []Text{t}
	}
	ranges := Breaks(t, width, width)
	lines := make([]Text, len(ranges))
	for i, r := range ranges {
		lines[i] = t[r.From:r.To]
	}
	return lines
}

// Breaks is Wrap for text in several styles: it tells where the lines are.
// The first line may have another width than the rest.
func Breaks(t Text, first, rest int) []Range {
	if len(t) <= first {
		return []Range{{0, len(t)}}
	}
	w := wrapper{s: string(t), width: max(first, 1), rest: max(rest, 1), cut: -1}
	for w.pos < len(w.s) {
		w.step()
	}
	return append(w.lines, Range{w.start, max(w.start, w.end)})
}

// HardBreaks cuts t into lines of at most width columns wherever they are full:
// for text whose columns matter more than its words.
func HardBreaks(t Text, width int) []Range {
	var lines []Range
	for from := 0; from < len(t); {
		n, _ := fit(string(t[from:]), width)
		if n == 0 {
			_, n = utf8.DecodeRuneInString(string(t[from:]))
		}
		lines = append(lines, Range{from, from + n})
		from += n
	}
	if lines == nil {
		return []Range{{0, 0}}
	}
	return lines
}

// wrapper holds the line being filled. It looks at each character once.
type wrapper struct {
	s           string
	width, rest int
	lines       []Range

	start, end int // the current line: where it starts, where its last non-space ends
	pos, col   int // the next character, and its column
	cut        int // where the line may end, -1 if nowhere yet
	next       int // where the line after that cut starts
	nextCol    int // its column in the current line

	before, prev rune // the last two characters, ' ' for any space
}

func (w *wrapper) step() {
	n, cw := cluster(w.s[w.pos:])
	r, size := utf8.DecodeRuneInString(w.s[w.pos:])
	if n == size && isSpace(r) {
		w.pos += n
		w.col += cw
		w.cut, w.next, w.nextCol = w.end, w.pos, w.col
		w.before, w.prev = w.prev, ' '
		return
	}
	if w.prev != ' ' && w.pos > w.start && mayBreak(w.before, w.prev, r) {
		w.cut, w.next, w.nextCol = w.pos, w.pos, w.col
	}
	if cw > w.width && n > size { // a cluster of many parts: not even alone on a line
		n, cw = size, Width(Text(w.s[w.pos:w.pos+size]))
	}
	for w.col+cw > w.width && w.pos > w.start {
		w.newLine()
	}
	w.pos += n
	w.col += cw
	w.end = w.pos
	w.before, w.prev = w.prev, r
}

// newLine ends the current line at its last opportunity, or else right here.
func (w *wrapper) newLine() {
	switch {
	case w.cut > w.start:
		w.lines = append(w.lines, Range{w.start, w.cut})
		w.start, w.col = w.next, w.col-w.nextCol
	case w.end <= w.start: // nothing but spaces so far
		w.start, w.col = w.pos, 0
	default:
		w.lines = append(w.lines, Range{w.start, w.end})
		w.start, w.col = w.pos, 0
	}
	w.cut = -1
	w.width = w.rest
}

func isSpace(r rune) bool {
	return r == ' ' || r >= 0x2000 && r <= 0x200a && r != 0x2007 || r == 0x205f || r == 0x3000
}

// mayBreak tells whether a line may end between prev and next, neither a space.
func mayBreak(before, prev, next rune) bool {
	if prev < utf8.RuneSelf && next < utf8.RuneSelf {
		return prev == '-' && isLetter(before) && isLetter(next)
	}
	if glues(prev) || glues(next) || isNoStart(next) || isNoEnd(prev) {
		return false
	}
	if prev == next && (prev == '—' || prev == '…') {
		return false
	}
	return ideographic(prev) || ideographic(next) || prev == '—' || prev == '-' && isLetter(before)
}

func isLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xc0
}

// glues reports the spaces and hyphens that forbid a break beside them.
func glues(r rune) bool {
	return r == 0xa0 || r == 0x202f || r == 0x2007 || r == 0x2011
}

// The rules for line edges in Chinese and Japanese (kinsoku): what may not
// start a line, and what may not end one.
const (
	noStart = "，。、．！？：；）」』】》〉〕｝］”’…—～·・‥ヽヾゝゞ々〻ー" +
		"ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ゠–〜％‰℃°｡｣､･" + ",.!?:;)]}%"
	noEnd = "（「『【《〈〔｛［“‘￥＄£＃｢" + "([{$#"
)

func isNoStart(r rune) bool {
	return (r < 0x100 || r >= 0x2000) && strings.ContainsRune(noStart, r)
}

func isNoEnd(r rune) bool {
	return (r < 0x100 || r >= 0x2000) && strings.ContainsRune(noEnd, r)
}

// ideographic reports characters written without spaces between them.
func ideographic(r rune) bool {
	switch {
	case r < 0x2e80:
		return false
	case r < 0xa4d0, r >= 0xf900 && r < 0xfb00, r >= 0xff01 && r < 0xffa0, r >= 0xffe0 && r <= 0xffe6:
		return true
	}
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x20000 && r <= 0x3ffff
}
