package message

import "golang.org/x/text/unicode/bidi"

// RightToLeft reports whether the block is read from right to left: its first
// letter is of such a script (UAX #9, rules P2 and P3). Its text stands in the
// order it is read in, as terminals that know such scripts want it; the controls
// with which a text could say otherwise are not in it.
func (b *Block) RightToLeft() bool {
	for _, s := range b.Spans {
		text := string(s.Text)
		for text != "" {
			p, size := bidi.LookupString(text)
			switch p.Class() {
			case bidi.L:
				return false
			case bidi.R, bidi.AL:
				return true
			}
			text = text[max(size, 1):]
		}
	}
	return false
}
