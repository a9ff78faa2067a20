package message

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
)

const maxRTFDepth = 1_000 // groups within each other that are told apart

// rtfText reads the text out of RTF: the HTML it was made from, where it says so
// (MS-OXRTFEX), else its words.
func rtfText(rtf []byte) (plain, html string) {
	if !bytes.HasPrefix(rtf, []byte(`{\rtf`)) {
		return "", ""
	}
	r := rtfReader{rest: rtf, fonts: map[int]string{}, group: rtfGroup{skip: 1}, label: "cp1252"}
	r.read()
	text := unixLines(r.out.String())
	if r.fromHTML {
		return "", text
	}
	return strings.TrimSpace(text), ""
}

// rtfReader reads RTF as it comes, token by token.
type rtfReader struct {
	rest     []byte
	out      strings.Builder
	group    rtfGroup   // the innermost
	outer    []rtfGroup // the ones around it
	deeper   int        // groups beyond maxRTFDepth
	fonts    map[int]string
	label    string // charset of what no font says
	bytes    []byte // 8-bit text not decoded yet
	units    []uint16
	omit     int // characters that stand for one of Unicode already read
	fromHTML bool
}

// rtfGroup is what holds until the end of a group.
type rtfGroup struct {
	hidden   bool // not of the text: fonts, styles, pictures
	optional bool // begins with \*: hidden unless we know what it is
	markup   bool // of the RTF only, not of the HTML it was made from
	fonts    bool // the table of fonts
	skip     int  // characters to omit after one of Unicode
	font     int
}

func (r *rtfReader) read() {
	for len(r.rest) > 0 && r.out.Len() < maxRTF {
		c := r.rest[0]
		r.rest = r.rest[1:]
		switch c {
		case '{':
			r.flush()
			r.omit = 0
			if len(r.outer) == maxRTFDepth {
				r.deeper++
				continue
			}
			r.outer = append(r.outer, r.group)
		case '}':
			r.flush()
			r.omit = 0
			if r.deeper > 0 {
				r.deeper--
			} else if n := len(r.outer); n > 0 {
				r.group, r.outer = r.outer[n-1], r.outer[:n-1]
			}
		case '\\':
			r.control()
		case '\r', '\n':
		default:
			r.char(c)
		}
	}
	r.flush()
}

// char is one byte of text.
func (r *rtfReader) char(c byte) {
	if r.omit > 0 {
		r.omit--
		return
	}
	if r.shown() {
		r.flushUnits()
		r.bytes = append(r.bytes, c)
	}
}

func (r *rtfReader) shown() bool {
	return !r.group.hidden && !r.group.optional && !(r.group.markup && r.fromHTML)
}

// text is text that needs no decoding.
func (r *rtfReader) text(s string) {
	if r.omit > 0 {
		r.omit--
		return
	}
	if r.shown() {
		r.flush()
		r.out.WriteString(s)
	}
}

// flush decodes the text read so far.
func (r *rtfReader) flush() {
	r.flushUnits()
	if len(r.bytes) > 0 {
		label := r.fonts[r.group.font]
		if label == "" {
			label = r.label
		}
		text, _ := decodeText(r.bytes, label)
		r.out.WriteString(text)
		r.bytes = r.bytes[:0]
	}
}

func (r *rtfReader) flushUnits() {
	if len(r.units) > 0 {
		r.out.WriteString(string(utf16.Decode(r.units)))
		r.units = r.units[:0]
	}
}

// control reads what follows a backslash.
func (r *rtfReader) control() {
	if len(r.rest) == 0 {
		return
	}
	c := r.rest[0]
	if !isLetter(c) {
		r.rest = r.rest[1:]
		r.symbol(c)
		return
	}
	n := 0
	for n < len(r.rest) && n < 32 && isLetter(r.rest[n]) {
		n++
	}
	word := string(r.rest[:n])
	r.rest = r.rest[n:]
	n = 0
	if n < len(r.rest) && r.rest[n] == '-' {
		n++
	}
	for n < len(r.rest) && n < 11 && isDigit(r.rest[n]) {
		n++
	}
	number, err := strconv.Atoi(string(r.rest[:n]))
	if err == nil {
		r.rest = r.rest[n:]
	}
	if len(r.rest) > 0 && r.rest[0] == ' ' {
		r.rest = r.rest[1:]
	}
	r.word(word, number, err == nil)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// symbol is a control of one character that is no letter.
func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\\', '{', '}':
		r.char(c)
	case '\'':
		if len(r.rest) >= 2 && isHex(r.rest[0]) && isHex(r.rest[1]) {
			r.char(unhex(r.rest[0])<<4 | unhex(r.rest[1]))
			r.rest = r.rest[2:]
		}
	case '*':
		r.group.optional = true
	case '~':
		r.text("\u00a0")
	case '_':
		r.text("-")
	case '\r', '\n':
		r.text("\n")
	}
}

// word is a control word, with its number if it has one.
func (r *rtfReader) word(word string, number int, has bool) {
	if text, ok := rtfCharacters[word]; ok {
		r.text(text)
		return
	}
	switch word {
	case "u":
		if r.omit = 0; r.shown() {
			if len(r.bytes) > 0 {
				r.flush()
			}
			r.units = append(r.units, uint16(number))
		}
		r.omit = r.group.skip
	case "uc":
		r.group.skip = max(0, min(number, 100))
	case "bin":
		r.rest = r.rest[max(0, min(number, len(r.rest))):]
	case "fromhtml":
		r.fromHTML = true
	case "htmltag":
		r.group.optional, r.group.markup = false, false
	case "htmlrtf":
		r.flush()
		r.group.markup = !has || number != 0
	case "ansicpg":
		r.label = "cp" + strconv.Itoa(number)
	case "f":
		r.flush()
		r.group.font = number
	case "fcharset":
		if r.group.fonts && len(r.fonts) < 10_000 {
			r.fonts[r.group.font] = rtfCharsets[number]
		}
	case "fonttbl":
		r.group.fonts, r.group.hidden = true, true
	case "colortbl", "stylesheet", "info", "pict", "object", "fldinst", "header", "headerl", "headerr", "headerf", "footer",
		"footerl", "footerr", "footerf", "filetbl", "revtbl", "mhtmltag":
		r.group.hidden = true
	}
}

// rtfCharacters are the control words that stand for text.
var rtfCharacters = map[string]string{
	"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t",
	"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—",
	"enspace": " ", "emspace": " ",
}

// rtfCharsets are the charsets of fonts by their numbers.
var rtfCharsets = map[int]string{
	0: "windows-1252", 77: "macintosh", 128: "shift_jis", 129: "euc-kr", 134: "gb18030", 136: "big5", 161: "windows-1253",
	162: "windows-1254", 163: "windows-1258", 177: "windows-1255", 178: "windows-1256", 186: "windows-1257",
	204: "windows-1251", 222: "windows-874", 238: "windows-1250",
}
