package safe

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tmail/mailtest/modest"
)

func TestLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "Hello, world", "Hello, world"},
		{"chinese", "会议纪要 — 周五", "会议纪要 — 周五"},
		{"line breaks", "a\r\nb\nc\rd\u2028e\u2029f\u0085g\fh", "a b c d e f g h"},
		{"tab", "a\tb\t\tc", "a       b               c"},
		{"tab after wide", "中文\tb", "中文    b"},
		{"controls", "a\x00b\x07c\bd\x7fe", "a\ufffdb\ufffdc\ufffdd\ufffde"},
		{"colours are just dropped", "\x1b[1;31mred\x1b[0m", "red"},
		{"cursor movement", "a\x1b[2Jb\x1b[10;10Hc", "a\ufffdb\ufffdc"},
		{"title, BEL", "a\x1b]0;evil title\x07b", "a\ufffdb"},
		{"clipboard, ST", "a\x1b]52;c;cm0gLXJm\x1b\\b", "a\ufffdb"},
		{"hyperlink", "\x1b]8;;http://evil/\x1b\\text\x1b]8;;\x1b\\", "\ufffdtext\ufffd"},
		{"DCS APC PM SOS", "1\x1bPx\x1b\\2\x1b_x\x1b\\3\x1b^x\x1b\\4\x1bXx\x1b\\5", "1\ufffd2\ufffd3\ufffd4\ufffd5"},
		{"open string", "a\x1b]0;never ends", "a\ufffd"},
		{"open string ends with its line", "a\x1b]0;x\nb", "a\ufffd b"},
		{"C1 CSI", "a\u009b31mb\u009b2Jc", "ab\ufffdc"},
		{"C1 CSI as a byte", "a\x9b31mb\x9b2Jc", "ab\ufffdc"},
		{"C1 OSC", "a\u009d0;x\u009cb", "a\ufffdb"},
		{"C1 that opens nothing loses nothing", "a\u009dno end", "a\ufffdno end"},
		{"reset, charset", "a\x1bcb\x1b(0c", "a\ufffdb\ufffdc"},
		{"ESC at the end", "a\x1b", "a\ufffd"},
		{"ESC ESC", "a\x1b\x1b[2Jb", "a\ufffd\ufffdb"},
		{"invalid", "a\xffb\xe4\xbd", "a\ufffdb\ufffd\ufffd"},
		{"override", "exe.\u202egpj", "exe.\ufffdgpj"},
		{"isolates and marks", "\u2068Ann\u2069\u200e\u200f\u061c\u202a\u202c", "Ann"},
		{"zero width", "pay\u200bpal\ufeff\u2060\u00ad.com", "paypal.com"},
		{"joiner between Latin letters", "pay\u200dpal\u200cx", "paypalx"},
		{"joiner in Persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"joiner in Hindi", "क्\u200dष", "क्\u200dष"},
		{"family", "👨\u200d👩\u200d👧 ok", "👨\u200d👩\u200d👧 ok"},
		{"heart", "❤\ufe0f a\ufe0f", "❤\ufe0f a"},
		{"joiners in a row", "👨\u200d\u200d\u200d👩", "👨\u200d👩"},
		{"skin tone", "👍🏽", "👍🏽"},
		{"tag characters", "a\U000e0041\U000e0042b", "ab"},
		{"noncharacters", "a\ufffeb\U0001ffffc\ufdd0", "a\ufffdb\ufffdc\ufffd"},
		{"accents", "e\u0301a\u0308", "e\u0301a\u0308"},
		{"zalgo", "z" + strings.Repeat("\u0301", 50) + "x", "z" + strings.Repeat("\u0301", maxMarks) + "x"},
		{"mark without base", "\u0301a", " \u0301a"},
		{"fillers", "a\u3164b\u115fc\uffa0d", "abcd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Line(tt.in); string(got) != tt.want {
				t.Errorf("Line(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		in   string
		want []Text
	}{
		{"", nil},
		{"a", []Text{"a"}},
		{"a\n", []Text{"a"}},
		{"a\n\nb", []Text{"a", "", "b"}},
		{"a\r\nb\rc\u2028d\u0085", []Text{"a", "b", "c", "d"}},
		{"\n", []Text{""}},
		{"a\tb\n\tc", []Text{"a       b", "        c"}},
		{"中\x1b[2J\n文", []Text{"中\ufffd", "文"}},
	}
	for _, tt := range tests {
		if got := Lines(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("Lines(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestPlainTextIsNotCopied(t *testing.T) {
	for _, s := range []string{"Budget 2027, the sheet", "会议纪要，周五下午三点", "Grüße aus Köln"} {
		if n := testing.AllocsPerRun(10, func() { Line(s) }); n != 0 {
			t.Errorf("Line(%q) allocates %v times", s, n)
		}
		if n := testing.AllocsPerRun(10, func() { Width(Text(s)); Truncate(Text(s), 9, "") }); n != 0 {
			t.Errorf("measuring %q allocates %v times", s, n)
		}
	}
}

// printable fails for whatever a terminal would act on or a person not see.
func printable(t *testing.T, text Text) {
	t.Helper()
	if !utf8.ValidString(string(text)) {
		t.Fatalf("not UTF-8: %q", text)
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' ||
			r == '\ufeff' || r == '\u200b' || unicode.Is(unicode.Noncharacter_Code_Point, r) || r >= 0xe0000 && r <= 0xe007f {
			t.Fatalf("%U in %q", r, text)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "Hello", "会议纪要 — 周五下午三点，二号会议室。", "a\tb\x1b[31mc\x1b]0;x\x07", "\x9b2J\u009b2J", "👨\u200d👩\u200d👧 ❤\ufe0f 🇨🇳🇨",
		"z\u0301\u0301\u0301\u0301\u0301\u0301", "می\u200cخواهم क्\u200dष ᄀᄀᄀ각", "exe.\u202egpj", "\u0301\t\u0301",
		"a-b-c https://example.com/" + strings.Repeat("x", 100), "（「『，。、", "\xff\xfe",
	} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		defer modest.Watch(t)()
		width = 2 + (width&0x7fffffff)%90
		for _, graphemes := range []bool{false, true} {
			SetGraphemes(graphemes)
			checkText(t, s, width)
		}
		SetGraphemes(false)
		if name := FileName(s); name == "" || len(name) > 255 || name[0] == '.' || strings.ContainsAny(name, `/\:*?"<>|`+"\x00\n") {
			t.Fatalf("FileName(%q) = %q", s, name)
		}
	})
}

func checkText(t *testing.T, s string, width int) {
	line := Line(s)
	printable(t, line)
	if again := Line(string(line)); again != line {
		t.Fatalf("Line twice: %q, then %q", line, again)
	}
	for _, l := range Lines(s) {
		printable(t, l)
	}
	if cut := Truncate(line, width, "…"); Width(cut) > width {
		t.Fatalf("Truncate(%q, %d) = %q, %d columns", line, width, cut, Width(cut))
	}
	if got := Width(Pad(Truncate(line, width, ""), width)); got != width {
		t.Fatalf("Pad of %q: %d columns, not %d", line, got, width)
	}
	noSpace := func(s Text) string {
		return strings.Map(func(r rune) rune {
			if isSpace(r) {
				return -1
			}
			return r
		}, string(s))
	}
	var joined strings.Builder
	for _, row := range Wrap(line, width) {
		if Width(row) > width {
			t.Fatalf("Wrap(%q, %d): %q takes %d", line, width, row, Width(row))
		}
		joined.WriteString(noSpace(row))
	}
	if joined.String() != noSpace(line) {
		t.Fatalf("Wrap(%q, %d) lost text: %q", line, width, joined.String())
	}
}
