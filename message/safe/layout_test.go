package safe

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// The renderer and the layout must not disagree about a single character, or
// columns shear.
func TestWidthIsTheRenderers(t *testing.T) {
	for r := rune(' '); r <= unicode.MaxRune; r++ {
		text := Line(string(r))
		if text != Text(string(r)) {
			continue // cannot be printed at all
		}
		if got, want := Width(text), ansi.WcWidth.StringWidth(string(text)); got != want {
			t.Fatalf("%U: %d columns, the renderer says %d", r, got, want)
		}
	}
	SetGraphemes(true)
	defer SetGraphemes(false)
	for _, s := range []string{"👨\u200d👩\u200d👧", "❤\ufe0f", "🇨🇳", "各国", "e\u0301", "각", "नमस्ते", "1\ufe0f\u20e3"} {
		if got, want := Width(Line(s)), ansi.GraphemeWidth.StringWidth(s); got != want {
			t.Errorf("%q: %d columns, the renderer says %d", s, got, want)
		}
	}
}

func TestAmbiguousWide(t *testing.T) {
	SetAmbiguousWide(true)
	defer SetAmbiguousWide(false)
	for s, want := range map[Text]int{"●": 2, "★★": 4, "│": 2, "…": 2, "é": 2, "abc": 3, "中文": 4, "“x”": 5} {
		if got := Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
	if got := Truncate("●●●●", 5, ""); got != "●●" {
		t.Errorf("Truncate = %q", got)
	}
}

func TestTruncatePad(t *testing.T) {
	for _, tt := range []struct {
		in, tail Text
		w        int
		want     Text
	}{
		{"hello", "…", 5, "hello"},
		{"hello", "…", 4, "hel…"},
		{"会议纪要", "…", 8, "会议纪要"},
		{"会议纪要", "…", 6, "会议…"},
		{"会议纪要", "", 5, "会议"},
		{"ae\u0301b", "", 2, "ae\u0301"},
		{"hello", "...", 2, ".."},
		{"hello", "…", 0, ""},
		{"hello", "…", -1, ""},
	} {
		if got := Truncate(tt.in, tt.w, tt.tail); got != tt.want {
			t.Errorf("Truncate(%q, %d, %q) = %q, want %q", tt.in, tt.w, tt.tail, got, tt.want)
		}
	}
	if got := Pad("会议", 6) + "|" + PadLeft("会", 4) + "|" + Pad("long", 2); got != "会议  |  会|long" {
		t.Errorf("Pad: %q", got)
	}
}

func TestNext(t *testing.T) {
	rest := Text("e\u0301中a")
	var got []Text
	for rest != "" {
		c, _ := Next(rest)
		got = append(got, c)
		rest = rest[len(c):]
	}
	if want := []Text{"e\u0301", "中", "a"}; !slices.Equal(got, want) {
		t.Errorf("clusters %q, want %q", got, want)
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		name  string
		in    Text
		width int
		want  []Text
	}{
		{"empty", "", 10, []Text{""}},
		{"words", "the quick brown fox", 10, []Text{"the quick", "brown fox"}},
		{"exact", "the quick brown", 9, []Text{"the quick", "brown"}},
		{"spaces at the break go", "aaa    bbb", 4, []Text{"aaa", "bbb"}},
		{"indent stays", "  aaa bbb", 6, []Text{"  aaa", "bbb"}},
		{"long word", "see abcdefghijkl now", 6, []Text{"see", "abcdef", "ghijkl", "now"}},
		{"hyphen", "well-known fact", 6, []Text{"well-", "known", "fact"}},
		{"option", "use --verbose", 6, []Text{"use", "--verb", "ose"}},
		{"chinese", "会议纪要周五下午", 6, []Text{"会议纪", "要周五", "下午"}},
		{"no full stop first", "会议纪要，周五。", 8, []Text{"会议纪", "要，周", "五。"}},
		{"no bracket last", "请看「计划」一页", 6, []Text{"请看", "「计", "划」一", "页"}},
		{"mixed", "请在Friday之前回复", 10, []Text{"请在Friday", "之前回复"}},
		{"word beside chinese whole", "今天Friday下午", 9, []Text{"今天", "Friday下", "午"}},
		{"dash not split", "这是——对的", 5, []Text{"这", "是——", "对的"}},
		{"nbsp", "in 10\u00a0km or so", 6, []Text{"in", "10\u00a0km", "or so"}},
		{"only stops", "。。。。。", 4, []Text{"。。", "。。", "。"}},
		{"one column", "中a", 1, []Text{"中", "a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Wrap(tt.in, tt.width); !slices.Equal(got, tt.want) {
				t.Errorf("Wrap(%q, %d)\n got %q\nwant %q", tt.in, tt.width, got, tt.want)
			}
		})
	}
}

func TestHardBreaks(t *testing.T) {
	if got, want := HardBreaks("ab cd中ef", 5), []Range{{0, 5}, {5, 10}}; !slices.Equal(got, want) {
		t.Errorf("HardBreaks = %v, want %v", got, want)
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"report.pdf":                      "report.pdf",
		"计划 2027.pdf":                     "计划 2027.pdf",
		"../../etc/passwd":                "passwd",
		`C:\Users\x\a.doc`:                "a.doc",
		".bashrc":                         "bashrc",
		"...":                             "unnamed",
		"":                                "unnamed",
		"a/..":                            "a_",
		"-rf":                             "_-rf",
		"~root":                           "_~root",
		"con":                             "_con",
		"NUL.txt":                         "_NUL.txt",
		"com1.tar.gz":                     "_com1.tar.gz",
		"console.txt":                     "console.txt",
		"a\x00b\nc.txt":                   "a_b c.txt",
		"annexe\u202egpj.exe":             "annexe_gpj.exe",
		"invoice.pdf        .exe":         "invoice.pdf .exe",
		"trailing. . .":                   "trailing",
		`what?*<>|":.txt`:                 "what_______.txt",
		"x\x1b]0;t\x07.sh":                "x_.sh",
		"$(rm -rf).txt":                   "$(rm -rf).txt",
		"e\u0301.txt":                     "e\u0301.txt",
		strings.Repeat("a", 300) + ".pdf": strings.Repeat("a", maxFileName-4) + ".pdf",
	} {
		if got := FileName(in); got != want {
			t.Errorf("FileName(%q) = %q, want %q", in, got, want)
		}
	}
	if got := FileName(strings.Repeat("中", 200) + ".pdf"); len(got) > maxFileName || !utf8.ValidString(got) || !strings.HasSuffix(got, "中.pdf") {
		t.Errorf("long Chinese name: %q", got)
	}
}

// Each of these took quadratic time in some form; now the test is that it ends.
func TestHostileTextIsLinear(t *testing.T) {
	const n = 30_000
	for name, unit := range map[string]string{
		"open C1 strings": "\u009d", "open ESC strings": "\x1b]", "jamo": "\u1100", "flags": "🇨", "family": "👨\u200d",
		"marks": "\u0301", "tabs": "\t中", "stops": "。", "ESC": "\x1b", "Indic": "क्",
	} {
		text := Line(strings.Repeat(unit, n))
		Wrap(text, 5)
		HardBreaks(text, 5)
		if w := Width(Truncate(text, 40, "…")); w > 40 {
			t.Errorf("%s: %d columns", name, w)
		}
	}
}

func BenchmarkLine(b *testing.B) {
	for name, s := range map[string]string{
		"ascii":   strings.Repeat("here is the sheet we talked about ", 6),
		"chinese": strings.Repeat("会议纪要，周五下午三点。", 10),
		"emoji":   strings.Repeat("👨\u200d👩\u200d👧 ❤\ufe0f e\u0301", 10),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				Pad(Truncate(Line(s), 80, "…"), 80)
			}
		})
	}
}

func BenchmarkWrap(b *testing.B) {
	s := Line(strings.Repeat("here is the sheet we talked about，会议纪要，周五下午三点。", 2000))
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Wrap(s, 80)
	}
}
