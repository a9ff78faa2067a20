package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

const utf8BOM = "\xef\xbb\xbf"

// charset is a way to turn bytes into text.
type charset struct {
	decode  func([]byte) string
	shape   charsetShape
	western bool // what programs declare that know no other
}

// charsetShape says how far the bytes themselves can be trusted to be what was
// declared.
type charsetShape int

const (
	shapeUTF8     charsetShape = iota // ASCII included
	shapeSingle                       // one byte a character: every byte string is "valid"
	shapeMulti                        // pairs of bytes: another charset mostly shows as errors
	shapeStateful                     // 7-bit with escapes, or two and four bytes a character
)

// Charsets are those to choose from where a message declares a wrong one, by
// their preferred MIME names.
func Charsets() []string {
	return []string{
		"UTF-8", "GB18030", "Big5", "Shift_JIS", "EUC-JP", "ISO-2022-JP", "EUC-KR", "windows-1252", "ISO-8859-2", "ISO-8859-15",
		"windows-1251", "KOI8-R", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-874", "UTF-7", "UTF-16",
	}
}

// decodeText turns text of a declared charset into UTF-8. A charset that is not
// declared, not known or clearly not the one used is guessed; repaired tells of
// the last two.
func decodeText(b []byte, label string) (text string, repaired bool) {
	if cs, n, ok := byteOrderMark(b); ok {
		return cs.decode(b[n:]), false
	}
	cs, known := lookupCharset(label)
	if !known {
		return guessText(b), cleanLabel(label) != ""
	}
	switch cs.shape {
	case shapeStateful:
		return cs.decode(b), false
	case shapeUTF8:
		if mostlyUTF8(b) && !isISO2022JP(b) {
			return cs.decode(b), false
		}
		return guessText(b), true
	}
	if isASCII(b) && cs.shape == shapeSingle {
		return string(b), false
	}
	if surelyUTF8(b, cs) {
		return string(b), true
	}
	if cs.shape == shapeSingle {
		if cs.western && surelyCJK(b) {
			return guessText(b), true
		}
		return cs.decode(b), false
	}
	text = cs.decode(b)
	if errors := strings.Count(text, "\ufffd"); errors > 2 && errors > utf8.RuneCountInString(text)/20 {
		if guess := guessText(b); strings.Count(guess, "\ufffd") < errors {
			return guess, true
		}
	}
	return text, false
}

// guessText decodes text nothing is known of.
func guessText(b []byte) string {
	if cs, n, ok := byteOrderMark(b); ok {
		return cs.decode(b[n:])
	}
	if isISO2022JP(b) {
		return decodeWith(japanese.ISO2022JP)(b)
	}
	if mostlyUTF8(b) {
		return decodeUTF8(b)
	}
	return detect(b).decode(b)
}

// byteOrderMark recognises a Unicode text by its first bytes, and their number.
func byteOrderMark(b []byte) (cs charset, n int, ok bool) {
	s := string(b[:min(4, len(b))])
	switch {
	case strings.HasPrefix(s, utf8BOM):
		return charset{decode: decodeUTF8}, 3, true
	case s == "\xff\xfe\x00\x00":
		return charset{decode: decodeWith(utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM))}, 4, true
	case s == "\x00\x00\xfe\xff":
		return charset{decode: decodeWith(utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM))}, 4, true
	case strings.HasPrefix(s, "\xff\xfe"):
		return charset{decode: decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))}, 2, true
	case strings.HasPrefix(s, "\xfe\xff"):
		return charset{decode: decodeWith(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))}, 2, true
	}
	return charset{}, 0, false
}

// isISO2022JP recognises the charset of RFC 1468 by its escape sequences.
func isISO2022JP(b []byte) bool {
	return isASCII(b) && (bytes.Contains(b, []byte("\x1b$B")) || bytes.Contains(b, []byte("\x1b$@")))
}

// mostlyUTF8 reports UTF-8 with at most a few damaged characters, as a cut or a
// broken filter leaves.
func mostlyUTF8(b []byte) bool {
	if utf8.Valid(b) {
		return true
	}
	var good, bad int
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			if good > 0 && !utf8.FullRune(b) {
				return good >= 4*bad // cut off within a character
			}
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	return good >= 4*bad
}

// surelyUTF8 reports UTF-8 that was declared as something else: text in other
// charsets practically never is valid UTF-8, but for short pairs in double-byte
// ones and a single pair in those that somebody chose.
func surelyUTF8(b []byte, declared charset) bool {
	if isASCII(b) || !utf8.Valid(b) {
		return false
	}
	if declared.shape == shapeSingle && (declared.western || len(b)-utf8.RuneCount(b) > 1) {
		return true
	}
	for _, c := range b {
		if c >= 0xe0 { // begins a character of three bytes or more
			return true
		}
	}
	return false
}

// surelyCJK reports text declared with a single-byte charset that is made of
// double-byte characters only, as some webmailers send.
func surelyCJK(b []byte) bool {
	const enough = 8
	high, runs := 0, 0
	for i, c := range b {
		if c >= 0x80 {
			high++
			if i == 0 || b[i-1] < 0x80 {
				runs++
			}
		}
	}
	return high >= enough && high >= 4*runs && detect(b).shape == shapeMulti
}

// longestCharset is the most bytes that the name of a charset has, with a language.
const longestCharset = 60

// lookupCharset finds a charset by the name a message gives it.
func lookupCharset(label string) (charset, bool) {
	label = cleanLabel(label)
	if len(label) > longestCharset {
		return charset{}, false
	}
	switch label {
	case "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "646", "utf8mb4", "unicode-1-1-utf-8":
		return charset{decode: decodeUTF8, shape: shapeUTF8}, true
	case "gb18030", "gb2312", "gbk", "gb_2312-80", "gb_2312", "csgb2312", "gb-2312", "euc-cn", "euccn", "cp936", "936",
		"ms936", "x-gbk", "gb", "chinese", "gb18030-2000", "gb18030-2005", "gb18030-2022", "eucgb2312_cn":
		return multi(simplifiedchinese.GB18030), true
	case "big5", "big-5", "big5-hkscs", "big5hkscs", "cp950", "ms950", "x-big5", "csbig5", "big5_tw":
		return multi(traditionalchinese.Big5), true
	case "shift_jis", "shift-jis", "sjis", "x-sjis", "cp932", "ms932", "windows-31j", "cswindows31j", "ms_kanji":
		return multi(japanese.ShiftJIS), true
	case "euc-kr", "euckr", "ks_c_5601-1987", "ks_c_5601", "ksc5601", "ks_c_5601-1989", "cp949", "ms949", "uhc", "korean",
		"windows-949":
		return multi(korean.EUCKR), true
	case "iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-2004", "iso-2022-jp-ms",
		"csiso2022jp", "cp50220", "cp50221", "cp50222", "jis":
		return stateful(decodeWith(japanese.ISO2022JP)), true
	case "iso-2022-kr", "csiso2022kr":
		return stateful(decodeShifted(korean.EUCKR)), true
	case "iso-2022-cn", "iso-2022-cn-ext":
		return stateful(decodeShifted(simplifiedchinese.GB18030)), true
	case "hz-gb-2312", "hz":
		return stateful(decodeWith(simplifiedchinese.HZGB2312)), true
	case "utf-7", "utf7", "unicode-1-1-utf-7", "csunicode11utf7", "x-unicode-2-0-utf-7":
		return stateful(decodeUTF7), true
	case "utf-16", "utf16", "ucs-2", "iso-10646-ucs-2", "unicode":
		return stateful(decodeUTF16), true
	case "utf-16le", "utf16le", "ucs-2le":
		return stateful(decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))), true
	case "utf-16be", "utf16be", "ucs-2be":
		return stateful(decodeWith(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))), true
	case "utf-32", "utf32", "ucs-4", "utf-32be", "utf32be", "ucs-4be":
		return stateful(decodeWith(utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM))), true
	case "utf-32le", "utf32le", "ucs-4le":
		return stateful(decodeWith(utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM))), true
	}
	return indexedCharset(label)
}

// indexedCharset finds the single-byte charsets, and the few double-byte ones
// that need no care, in the indexes of the text module.
func indexedCharset(label string) (charset, bool) {
	for _, prefix := range []string{"cp125", "win-125", "win125", "windows125", "x-cp125", "ms-125"} {
		if rest, ok := strings.CutPrefix(label, prefix); ok {
			label = "windows-125" + rest
		}
	}
	for _, prefix := range []string{"iso8859", "iso_8859", "8859"} {
		if rest, ok := strings.CutPrefix(label, prefix); ok {
			number, _, _ := strings.Cut(rest, ":") // a year may follow
			label = "iso-8859-" + strings.Trim(number, "-_")
		}
	}
	if label == "cp874" {
		label = "windows-874"
	}
	enc, err := htmlindex.Get(label)
	if err != nil || enc == encoding.Replacement {
		enc, err = ianaindex.MIME.Encoding(label)
	}
	if err != nil || enc == nil || enc == encoding.Replacement {
		if rest, ok := strings.CutPrefix(label, "x-"); ok {
			return lookupCharset(rest)
		}
		if dashed := strings.ReplaceAll(label, "_", "-"); dashed != label {
			return lookupCharset(dashed)
		}
		return charset{}, false
	}
	cs := single(enc)
	switch name, _ := htmlindex.Name(enc); name {
	case "euc-jp":
		return multi(enc), true
	case "windows-1252", "iso-8859-2", "iso-8859-15", "macintosh":
		cs.western = true
	}
	return cs, true
}

func single(e encoding.Encoding) charset     { return charset{decode: decodeWith(e), shape: shapeSingle} }
func multi(e encoding.Encoding) charset      { return charset{decode: decodeWith(e), shape: shapeMulti} }
func stateful(f func([]byte) string) charset { return charset{decode: f, shape: shapeStateful} }

// cleanLabel normalises the name of a charset. Names that say "I do not know"
// become "".
func cleanLabel(label string) string {
	label = strings.TrimPrefix(strings.ToLower(strings.Trim(label, " \t\"'")), "charset=")
	switch label {
	case "unknown-8bit", "x-unknown", "unknown", "8bit", "binary", "default", "default_charset", "x-user-defined", "none",
		"_autodetect", "_autodetect_all", "_autodetect_kr", "(null)", "null":
		return ""
	}
	return label
}

func decodeUTF8(b []byte) string { return strings.ToValidUTF8(string(b), "\ufffd") }

func decodeWith(e encoding.Encoding) func([]byte) string {
	return func(b []byte) string {
		text, err := e.NewDecoder().Bytes(b)
		if err != nil { // decoders replace what they cannot read; this one gave up
			return decodeUTF8(b)
		}
		return string(text)
	}
}

// decodeUTF16 reads UTF-16 without a byte order mark: big-endian (RFC 2781
// §4.3) unless the zero bytes of ASCII characters say otherwise.
func decodeUTF16(b []byte) string {
	var zeros [2]int
	for i, c := range b {
		if c == 0 {
			zeros[i%2]++
		}
	}
	order := unicode.BigEndian
	if zeros[1] > zeros[0] {
		order = unicode.LittleEndian
	}
	return decodeWith(unicode.UTF16(order, unicode.IgnoreBOM))(b)
}

// decodeShifted reads the 7-bit charsets that shift into a double-byte one with
// SO and back with SI (RFC 1557, RFC 1922).
func decodeShifted(e encoding.Encoding) func([]byte) string {
	return func(b []byte) string {
		const so, si, esc = 0x0e, 0x0f, 0x1b
		out := make([]byte, 0, len(b))
		shifted := false
		for i := 0; i < len(b); i++ {
			switch c := b[i]; {
			case c == so:
				shifted = true
			case c == si:
				shifted = false
			case c == '\n':
				shifted = false
				out = append(out, c)
			case c == esc && i+3 < len(b) && b[i+1] == '$': // names the charset
				i += 3
			case shifted && c > ' ':
				out = append(out, c|0x80)
			default:
				out = append(out, c)
			}
		}
		return decodeWith(e)(out)
	}
}
