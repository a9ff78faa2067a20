package message

import (
	"fmt"
	"math"
	"sync/atomic"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A candidate is a charset that text of unknown charset may be in. Its score
// rates how much the 8-bit bytes look like everyday text in it, about one point
// a byte; the handicap is what it has to be better by than those before it, so
// that a few bytes that fit several are read as GB18030.
type candidate struct {
	label    string
	charset  charset
	score    func([]byte) float64
	handicap float64
}

var candidates = []candidate{
	{"gb18030", multi(simplifiedchinese.GB18030), pairScore(gbPair), 0},
	{"big5", multi(traditionalchinese.Big5), pairScore(big5Pair), 2},
	{"shift_jis", multi(japanese.ShiftJIS), pairScore(sjisPair), 2},
	{"euc-jp", multi(japanese.EUCJP), pairScore(eucJPPair), 4},
	{"euc-kr", multi(korean.EUCKR), pairScore(eucKRPair), 4},
	{"windows-1252", single(charmap.Windows1252), latinScore, 0},
	{"koi8-r", single(charmap.KOI8R), cyrillicScore(koi8Case), 3},
	{"windows-1251", single(charmap.Windows1251), cyrillicScore(cp1251Case), 3},
}

// fallback is the charset a person expects of undeclared 8-bit text; nil when
// they have not said.
var fallback atomic.Pointer[fallbackCharset]

type fallbackCharset struct {
	label string
	charset
}

// SetFallback says what undeclared 8-bit text is when it is neither UTF-8 nor
// surely in another charset: single-byte charsets look alike, so a single-byte
// one is taken for all of them, and one of double bytes when there is doubt. ""
// goes back to guessing. It is a setting of the whole program, like a locale.
func SetFallback(label string) error {
	if label == "" {
		fallback.Store(nil)
		return nil
	}
	cs, ok := lookupCharset(label)
	if !ok || cs.shape != shapeSingle && cs.shape != shapeMulti {
		return fmt.Errorf("charset %q is not known as one of 8-bit text", label)
	}
	fallback.Store(&fallbackCharset{cleanLabel(label), cs})
	return nil
}

// detect guesses the charset of 8-bit text that is not UTF-8, from its first
// 64 KB.
func detect(b []byte) charset {
	const enough, favour = 64 << 10, 8
	b = b[:min(len(b), enough)]
	wanted := fallback.Load()
	best, bestScore := charset{}, math.Inf(-1)
	for _, c := range candidates {
		score := c.score(b) - c.handicap
		if wanted != nil && c.label == wanted.label {
			score += c.handicap + favour
		}
		if score > bestScore {
			best, bestScore = c.charset, score
		}
	}
	if wanted != nil && (best.shape == shapeSingle && wanted.shape == shapeSingle || bestScore <= 0) {
		return wanted.charset
	}
	return best
}

const (
	invalid = -5   // this byte cannot stand here
	rare    = -1.5 // possible, but not in everyday text
	common  = 2
)

// pairScore sums what rate says of every 8-bit lead byte and its successor.
// rate also returns how many bytes it took.
func pairScore(rate func(lead, trail byte) (float64, int)) func([]byte) float64 {
	return func(b []byte) (score float64) {
		for i := 0; i < len(b); {
			if b[i] < 0x80 {
				i++
				continue
			}
			var trail byte
			if i+1 < len(b) {
				trail = b[i+1]
			}
			points, n := rate(b[i], trail)
			score += points
			i += n
		}
		return score
	}
}

func gbPair(lead, trail byte) (float64, int) {
	switch {
	case lead == 0x80 || lead == 0xff || trail < 0x30 || trail == 0x7f || trail == 0xff:
		return invalid, 1
	case trail < 0x3a: // half of a four-byte character
		return rare, 2
	case trail < 0x40:
		return invalid, 1
	case trail >= 0xa1 && (lead >= 0xb0 && lead <= 0xd7 || lead >= 0xa1 && lead <= 0xa3):
		return common, 2 // the 3,755 hanzi of level 1, punctuation, full-width forms
	case trail >= 0xa1 && lead >= 0xd8 && lead <= 0xf7:
		return -0.5, 2 // the less used hanzi of level 2
	}
	return rare, 2
}

func big5Pair(lead, trail byte) (float64, int) {
	switch {
	case lead < 0x81 || lead == 0xff || trail < 0x40 || trail > 0x7e && trail < 0xa1 || trail == 0xff:
		return invalid, 1
	case lead >= 0xa4 && lead <= 0xc6 || lead == 0xa1:
		return common, 2
	}
	return rare, 2
}

func sjisPair(lead, trail byte) (float64, int) {
	switch {
	case lead >= 0xa1 && lead <= 0xdf:
		return -0.75, 1 // half-width katakana
	case lead == 0x80 || lead == 0xa0 || lead > 0xfc || trail < 0x40 || trail == 0x7f || trail > 0xfc:
		return invalid, 1
	case lead >= 0x81 && lead <= 0x83 || lead >= 0x88 && lead <= 0x97:
		return common, 2
	}
	return rare, 2
}

func eucJPPair(lead, trail byte) (float64, int) {
	switch {
	case lead < 0xa1 || lead == 0xff || trail < 0xa1 || trail == 0xff:
		return invalid, 1
	case lead == 0xa4 || lead == 0xa5: // kana
		return 3, 2
	case lead == 0xa1 || lead >= 0xb0 && lead <= 0xcf:
		return 1.5, 2
	}
	return rare, 2
}

func eucKRPair(lead, trail byte) (float64, int) {
	switch {
	case lead < 0x81 || lead == 0xff || trail < 0x41 || trail == 0xff:
		return invalid, 1
	case trail >= 0xa1 && lead >= 0xb0 && lead <= 0xc8: // hangul
		return 2.5, 2
	case trail >= 0xa1 && lead >= 0xa1 && lead <= 0xa3:
		return common, 2
	}
	return -2, 2
}

// latinScore rates windows-1252: single 8-bit letters among ASCII ones. Two of
// them alone are rather one character of East Asian writing.
func latinScore(b []byte) (score float64) {
	const alone = -3
	run, inWord := 0, false
	for i, c := range b {
		if c < 0x80 {
			if run == 2 && !inWord && !isLetter(c) {
				score += alone
			}
			run, inWord = 0, isLetter(c)
			continue
		}
		if i == len(b)-1 && run == 1 && !inWord {
			score += alone
		}
		switch run++; {
		case c == 0x81 || c == 0x8d || c == 0x8f || c == 0x90 || c == 0x9d:
			score += invalid
		case run > 2:
			score += rare
		case c >= 0xc0 && c != 0xd7 && c != 0xf7:
			score += 1.5
		case c == 0x80 || c == 0x85 || c >= 0x91 && c <= 0x97 || c >= 0xa0 && c <= 0xbf:
			score++
		}
	}
	return score
}

type letterCase int

const (
	noLetter letterCase = iota
	lowerCase
	upperCase
)

func koi8Case(c byte) letterCase {
	switch {
	case c >= 0xe0 || c == 0xb3:
		return upperCase
	case c >= 0xc0 || c == 0xa3:
		return lowerCase
	}
	return noLetter
}

func cp1251Case(c byte) letterCase {
	switch {
	case c >= 0xe0 || c == 0xb8:
		return lowerCase
	case c >= 0xc0 || c == 0xa8:
		return upperCase
	}
	return noLetter
}

// cyrillicScore rates a charset by its words: of lower-case letters, with
// capitals at the start only, or all in capitals.
func cyrillicScore(caseOf func(byte) letterCase) func([]byte) float64 {
	return func(b []byte) (score float64) {
		before := noLetter
		for _, c := range b {
			now := noLetter
			if c >= 0x80 {
				now = caseOf(c)
			}
			switch {
			case c < 0x80:
			case now == noLetter:
				score--
			case now == lowerCase:
				score += 1.2
			case before == lowerCase: // a capital within a word
				score -= 2
			case before == upperCase:
				score += 0.5
			default:
				score++
			}
			before = now
		}
		return score
	}
}
