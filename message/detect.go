package message

import (
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
	charset  charset
	score    func([]byte) float64
	handicap float64
}

var candidates = []candidate{
	{multi(simplifiedchinese.GB18030), pairScore(gbPair), 0},
	{multi(traditionalchinese.Big5), pairScore(big5Pair), 2},
	{multi(japanese.ShiftJIS), pairScore(sjisPair), 2},
	{multi(japanese.EUCJP), pairScore(eucJPPair), 4},
	{multi(korean.EUCKR), pairScore(eucKRPair), 4},
	{single(charmap.Windows1252), latinScore, 0},
	{single(charmap.KOI8R), cyrillicScore(koi8Case), 3},
	{single(charmap.Windows1251), cyrillicScore(cp1251Case), 3},
}

// detect guesses the charset of 8-bit text that is not UTF-8, from its first
// 64 KB.
func detect(b []byte) charset {
	const enough = 64 << 10
	b = b[:min(len(b), enough)]
	best, bestScore := candidates[0].charset, candidates[0].score(b)
	for _, c := range candidates[1:] {
		if score := c.score(b) - c.handicap; score > bestScore {
			best, bestScore = c.charset, score
		}
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

// latinScore rates windows-1252: single 8-bit letters among ASCII ones.
func latinScore(b []byte) (score float64) {
	run := 0
	for _, c := range b {
		if c < 0x80 {
			run = 0
			continue
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
