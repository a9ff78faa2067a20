package message

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"tmail/mailtest/modest"
)

// The examples of MS-OXRTFCP §4.1.
func TestDecompressRTF(t *testing.T) {
	for in, want := range map[string]string{
		"2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0": "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
		"1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0":                                       "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
		"10000000060000004d454c41000000007b5c7274667d":                                                       "{\\rtf}",
	} {
		raw, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := decompressRTF(raw); string(got) != want {
			t.Errorf("%s: %q, not %q", in, got, want)
		}
	}
}

func TestRTFText(t *testing.T) {
	for _, test := range []struct{ name, rtf, plain, html string }{
		{"words", `{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\colortbl;\red0;}{\*\generator X;}\f0 One \'93two\'94\par three\tab{\b four}}`, "One “two”\nthree\tfour", ""},
		{"Unicode", `{\rtf1\ansi\uc1 \u20250?\u35758? \u-10179?\u-8704? {\uc2\u233\'c3\'a9x}}`, "会议 😀 éx", ""},
		{"fonts with charsets", `{\rtf1\ansi{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 SimSun;}}\f1 \'bb\'e1\'d2\'e9\f0  caf\'e9}`, "会议 café", ""},
		{"escapes", `{\rtf1 a\{b\}\\c\~d\_e\-f\bin3 xyz}`, "a{b}\\c\u00a0d-ef", ""},
		{"HTML inside", `{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0 A;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 caf\'e9 {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 x{\*\mhtmltag84 <a>}` +
			`\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}\par\htmlrtf \par\htmlrtf0}`, "", "<p>café &lt;x</p>\n"},
		{"broken off", `{\rtf1 One {\b two\`, "One two", ""},
		{"more ends than beginnings", `{\rtf1 One}}}} two`, "One two", ""},
		{"no RTF", "One", "", ""},
	} {
		if plain, html := rtfText([]byte(test.rtf)); plain != test.plain || html != test.html {
			t.Errorf("%s: %q, %q", test.name, plain, html)
		}
	}
}

// uncompressed is RTF in the frame of compressed RTF.
func uncompressed(rtf string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(12+len(rtf)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(rtf)))
	return append(append(b, "MELA\x00\x00\x00\x00"...), rtf...)
}

// A winmail.dat whose only text is in RTF is read.
func TestWinmailDatWithRTF(t *testing.T) {
	for rtf, want := range map[string]string{
		`{\rtf1\ansi Only \b here\b0 .}`: "Only here.\n",
		`{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}See {\*\htmltag64 <b>}this{\*\htmltag64 </b>}{\*\htmltag72 </p>}}`: "See this\n",
	} {
		value := uncompressed(rtf)
		props := binary.LittleEndian.AppendUint32(nil, 1)
		props = append(props, 0x02, 0x01, byte(mapiRTF&0xff), byte(mapiRTF>>8), 1, 0, 0, 0)
		props = binary.LittleEndian.AppendUint32(props, uint32(len(value)))
		props = append(props, value...)
		for len(props)%4 != 0 {
			props = append(props, 0)
		}
		tnef := append([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0}, tnefAttr(1, tnefMessage, props)...)
		m, _ := read(t, "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString(tnef)+"\n")
		if got := m.Document(false).Text(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestRTFIsBounded(t *testing.T) {
	for name, rtf := range map[string]string{
		"groups":     strings.Repeat("{", 1_000_000),
		"characters": strings.Repeat(`\u1?`, 1_000_000),
		"fonts":      `{\fonttbl` + strings.Repeat(`{\f9\fcharset134 x;}`, 100_000),
	} {
		if plain, html := rtfText([]byte(`{\rtf1 x` + rtf)); !strings.HasPrefix(plain, "x") || html != "" || len(plain) > 2*maxRTF {
			t.Errorf("%s: %d bytes of text", name, len(plain)+len(html))
		}
	}
	bomb := append(uncompressed(""), 0xff)
	binary.LittleEndian.PutUint32(bomb[4:], 1<<31-1)
	binary.LittleEndian.PutUint32(bomb[8:], rtfCompressed)
	bomb = append(bomb, bytes.Repeat([]byte{0, 0xf, 0, 0xf, 0, 0xf, 0, 0xf, 0, 0xf, 0, 0xf, 0, 0xf, 0, 0xf, 0xff}, 100_000)...)
	if n := len(decompressRTF(bomb)); n == 0 || n > maxRTF {
		t.Errorf("%d bytes of a bomb", n)
	}
}

func FuzzRTF(f *testing.F) {
	f.Add([]byte(`{\rtf1\ansi\ansicpg936\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 \'bb\'e1 \u20250?\uc0{\fonttbl{\f1\fcharset134;}}\f1 \'bb\bin2 xx`), true)
	f.Add([]byte("\x03\x00\x0a\x00rcpg125B2\x0a\xf3 hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0"), false)
	f.Fuzz(func(t *testing.T, raw []byte, plain bool) {
		defer modest.Watch(t)()
		packed := append(uncompressed(""), raw...)
		binary.LittleEndian.PutUint32(packed[4:], maxRTF)
		if !plain {
			binary.LittleEndian.PutUint32(packed[8:], rtfCompressed)
		}
		text, html := rtfText(decompressRTF(packed))
		for _, s := range []string{text, html} {
			if strings.ToValidUTF8(s, "") != s || strings.ContainsAny(s, "\r\x00") {
				t.Errorf("text is not UTF-8 with \\n: %q", s)
			}
		}
	})
}
