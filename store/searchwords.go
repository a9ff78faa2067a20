package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A text is searched as the words it consists of, without regard to case,
// accents and width. What is written without spaces (Chinese, Japanese,
// Korean, Thai) has no words that could be told apart: there each character
// is one, and what is looked for is a row of them. Everything that finds
// anything, in the index or without it, cuts texts up here.

// maxWord is what counts of a word, in bytes: the rest of longer ones, which
// nobody types, is taken for the same.
const maxWord = 32

// eachWord calls f for every word of text with the place it stands at and the
// word as it is compared. The slice is valid during the call only.
func eachWord(text string, f func(from, to int, word []byte)) {
	var buf [maxWord]byte
	word, start, full := buf[:0], 0, false
	end := func(at int) {
		if len(word) > 0 {
			f(start, at, word)
		}
		word, full = buf[:0], false
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(text[i:])
			switch folded := foldRune(r); {
			case unicode.Is(unicode.Mn, r): // an accent that stands by itself
			case folded == "":
				end(i)
			case standsAlone(r):
				end(i)
				f(i, i+n, []byte(folded))
			case full || len(word)+len(folded) > maxWord:
				full = true
			default:
				if len(word) == 0 {
					start = i
				}
				word = append(word, folded...)
			}
			i += n
			continue
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		switch {
		case !isWordByte(c):
			end(i)
		case full || len(word) == maxWord:
			full = true
		default:
			if len(word) == 0 {
				start = i
			}
			word = append(word, c)
		}
		i++
	}
	end(len(text))
}

func isWordByte(b byte) bool { return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' }

// alone are the scripts written without spaces.
var alone = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// isPlain reports the characters of those scripts that most texts consist of;
// they are compared as they are.
func isPlain(r rune) bool {
	return 0x4e00 <= r && r <= 0x9fff || 0x3041 <= r && r <= 0x3096 || 0x30a1 <= r && r <= 0x30fa || r == 0x30fc || 0xac00 <= r && r <= 0xd7a3
}

// standsAlone reports a character that is a word by itself; pictures are.
func standsAlone(r rune) bool {
	return isPlain(r) || r >= 0x0e00 && !(r >= 0xff00 && r <= 0xffef) && (unicode.In(r, alone...) || isPicture(r))
}

func isPicture(r rune) bool { return r >= 0x2600 && r != utf8.RuneError && unicode.Is(unicode.So, r) }

// foldRune is how a character is compared; "" for what parts words.
func foldRune(r rune) string {
	switch {
	case isPlain(r):
		return string(r)
	case r == 'ς':
		return "σ"
	case !unicode.In(r, unicode.L, unicode.N, unicode.Mc, unicode.Co) && !isPicture(r):
		return ""
	}
	var out strings.Builder
	for _, d := range norm.NFKD.String(string(r)) {
		if d = unicode.ToLower(d); !unicode.Is(unicode.Mn, d) && (d >= utf8.RuneSelf || isWordByte(byte(d))) {
			out.WriteRune(d)
		}
	}
	return out.String()
}

// whole puts together what some systems write apart: Korean syllables, voiced
// kana, narrow kana.
func whole(text string) string {
	for _, r := range text {
		switch {
		case 0x1100 <= r && r <= 0x11ff, r == 0x3099, r == 0x309a:
			return norm.NFC.String(text)
		case 0xff66 <= r && r <= 0xffdc:
			return norm.NFKC.String(text)
		}
	}
	return text
}

// appendWords writes the words of text with a space behind each.
func appendWords(dst []byte, text string) []byte {
	eachWord(whole(text), func(_, _ int, word []byte) {
		dst = append(append(dst, word...), ' ')
	})
	return dst
}

// indexed is what the index is given of a text: its words, or the text itself
// when the index, which parts words by all but the letters and digits of ASCII,
// finds the same in it. It disregards the case of ASCII, too.
func indexed(text string) string {
	word := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= utf8.RuneSelf || c == 0 || word == maxWord:
			return string(appendWords(nil, text))
		case isWordByte(c | 0x20):
			word++
		default:
			word = 0
		}
	}
	return text
}

// wordsOf returns the words of text.
func wordsOf(text string) []string { return strings.Fields(string(appendWords(nil, text))) }

// phrase is a row of words that is looked for. With open set, the last one is
// only the beginning of a word.
type phrase struct {
	words []string
	open  bool
}

// phraseOf reads what a person typed. The last word is open only when nothing
// stands behind it, and it is no character that is a word by itself.
func phraseOf(text string, open bool) phrase {
	text = whole(text)
	var p phrase
	eachWord(text, func(_, to int, word []byte) {
		p.words = append(p.words, string(word))
		r, _ := utf8.DecodeRune(word)
		p.open = open && to == len(text) && !standsAlone(r)
	})
	return p
}

// in reports whether the phrase stands in a text of these words.
func (p phrase) in(text []string) bool {
	n := len(p.words)
	for i := 0; i+n <= len(text); i++ {
		if p.at(text[i : i+n]) {
			return true
		}
	}
	return false
}

func (p phrase) at(text []string) bool {
	n := len(p.words)
	if !p.open {
		return slices.Equal(p.words, text)
	}
	return slices.Equal(p.words[:n-1], text[:n-1]) && strings.HasPrefix(text[n-1], p.words[n-1])
}
