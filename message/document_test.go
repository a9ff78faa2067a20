package message

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"tmail/message/safe"
)

// layoutOf writes a document as a test reads it: the kind of special blocks,
// quotes, indentation, and the text.
func layoutOf(d *Document) string {
	names := map[Kind]string{Heading: "# ", Pre: "pre ", Table: "tab ", Signature: "sig ", Rule: "rule ", DiffHeader: "dh ", DiffHunk: "@ ", DiffAdd: "+ ", DiffDel: "- "}
	var out strings.Builder
	for _, b := range d.Blocks {
		if b.Quote > 0 {
			out.WriteString(strings.Repeat(">", b.Quote) + " ")
		}
		out.WriteString(names[b.Kind] + strings.Repeat("·", b.Indent) + string(b.text()) + "\n")
	}
	return out.String()
}

// lines joins lines, so that tables of tests read like text.
func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

func TestPlainDocument(t *testing.T) {
	for _, tt := range []struct {
		name    string
		in      Message
		want    string
		linkURL []string
	}{
		{
			name: "paragraphs, quotes, signature",
			in:   Message{Plain: lines("", "Hi Ann,", "", "yes.", "", "> one", "> > two", ">> deux", ">", "> back", "", "-- ", "Bob", "Sales", "", "")},
			want: lines("Hi Ann,", "", "yes.", "", "> one", ">> two", ">> deux", "> ", "> back", "", "sig -- ", "sig Bob", "sig Sales"),
		},
		{
			name: "signature ends where another quote level begins",
			in:   Message{Plain: lines("-- ", "Bob", "> > old", "> -- ", "> Ann", "more")},
			want: lines("sig -- ", "sig Bob", ">> old", "> sig -- ", "> sig Ann", "more"),
		},
		{
			name: "flowed",
			in:   Message{Flowed: true, Plain: lines("This is one ", "paragraph in ", "three lines.", "  stuffed", ">> quoted ", ">> on", "> less ", "-- ", "Bob")},
			want: lines("This is one paragraph in three lines.", " stuffed", ">> quoted on", "> less", "sig --", "sig Bob"),
		},
		{
			name: "flowed with DelSp",
			in:   Message{Flowed: true, DelSp: true, Plain: lines("会议 ", "纪要", "two  ", "words")},
			want: lines("会议纪要", "two words"),
		},
		{
			name: "columns",
			in:   Message{Plain: lines("+---+---+", "| a | b |", "+---+---+", "Name   Qty", "\tindented", "┌─┐", strings.Repeat("-", 40), "a -- b")},
			want: lines("pre +---+---+", "pre | a | b |", "pre +---+---+", "pre Name   Qty", "pre         indented", "pre ┌─┐", "rule "+strings.Repeat("-", 40), "a -- b"),
		},
		{
			name: "patch",
			in:   Message{Plain: lines("Fix it.", "", "--- a/x.go", "+++ b/x.go", "@@ -1,3 +1,3 @@ func x", " same", "-old", "+new", " -- ", "", "- a list, no change", "-- ", "2.40")},
			want: lines("Fix it.", "", "dh --- a/x.go", "dh +++ b/x.go", "@ @@ -1,3 +1,3 @@ func x", " same", "- -old", "+ +new", " --", "", "- a list, no change", "sig -- ", "sig 2.40"),
		},
		{
			name:    "links",
			in:      Message{Plain: "see https://example.com/a(b)c, (http://x.org/y). www.example.net! mailto:ann@example.com 看http://例子.cn。xhttp://no javascript:x"},
			want:    "see https://example.com/a(b)c, (http://x.org/y). www.example.net! mailto:ann@example.com 看http://例子.cn。xhttp://no javascript:x\n",
			linkURL: []string{"https://example.com/a(b)c", "http://x.org/y", "http://www.example.net", "mailto:ann@example.com"},
		},
		{
			name: "hostile",
			in:   Message{Plain: "a\x1b]0;evil\x07b\x1b[2J\u202e\r\nnext\x00"},
			want: lines("a\ufffdb\ufffd\ufffd", "next\ufffd"),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := tt.in.Document(false)
			got := strings.ReplaceAll(layoutOf(d), "sig -- \n", "sig --\n")
			if want := strings.ReplaceAll(tt.want, "sig -- \n", "sig --\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			var urls []string
			for _, l := range d.Links {
				urls = append(urls, l.URL)
			}
			if tt.linkURL != nil && fmt.Sprint(urls) != fmt.Sprint(tt.linkURL) {
				t.Errorf("links %q, want %q", urls, tt.linkURL)
			}
		})
	}
}

func TestWhichForm(t *testing.T) {
	const html = "<p>rich</p>"
	for _, tt := range []struct {
		name   string
		m      Message
		prefer bool
		want   string
	}{
		{"plain first", Message{Plain: "plain", HTML: html}, false, "plain\n"},
		{"HTML asked for", Message{Plain: "plain", HTML: html}, true, "rich\n"},
		{"no HTML to prefer", Message{Plain: "plain"}, true, "plain\n"},
		{"no plain", Message{HTML: html, Plain: " \n"}, false, "rich\n"},
		{"placeholder", Message{HTML: html, Plain: "Your email client does not support HTML."}, false, "rich\n"},
		{"Chinese placeholder", Message{HTML: html, Plain: "您的邮件客户端不支持HTML格式邮件"}, false, "rich\n"},
		{"placeholder with nothing behind", Message{Plain: "View this email in your browser"}, false, "View this email in your browser\n"},
		{"empty HTML", Message{Plain: "plain", HTML: "<style>x</style>"}, true, "plain\n"},
	} {
		if got := tt.m.Document(tt.prefer).Text(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBlockWrap(t *testing.T) {
	join := func(rows [][]Span) string {
		var out strings.Builder
		for _, row := range rows {
			for _, s := range row {
				if s.Style&Bold != 0 {
					out.WriteString("*")
				}
				out.WriteString(string(s.Text))
			}
			out.WriteString("\n")
		}
		return out.String()
	}
	spans := []Span{{Text: "- "}, {Text: "the quick ", Style: Bold}, {Text: "brown fox"}}
	for _, tt := range []struct {
		name  string
		b     Block
		width int
		want  string
	}{
		{"empty", Block{}, 10, "\n"},
		{"hanging", Block{Indent: 2, Hang: 2, Spans: spans}, 9, "- *the quick\nbrown fox\n"},
		{"spans cut", Block{Spans: spans}, 9, "- *the\n*quick\nbrown fox\n"},
		{"columns", Block{Pre: true, Spans: []Span{{Text: "| a | b |"}}}, 4, "| a \n| b \n|\n"},
		{"no room", Block{Spans: []Span{{Text: "abcdef"}}}, 0, "a\nb\nc\nd\ne\nf\n"},
	} {
		if got := join(tt.b.Wrap(tt.width)); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestShownHost(t *testing.T) {
	for target, want := range map[string]safe.Text{
		"https://example.com/x":              "example.com",
		"http://bank.com@evil.example/":      "evil.example",
		"http://EXAMPLE.com:8080/":           "example.com",
		"https://例子.中国/x":                    "例子.中国",
		"https://аррӏе.com/":                 "xn--80ak6aa92e.com", // Cyrillic
		"javascript:alert(1)":                "",
		"java\nscript:alert(1)":              "",
		"data:text/html,x":                   "",
		"file:///etc/passwd":                 "",
		"mailto:ann@example.com?subject=Hi":  "ann@example.com",
		"https://example.com/100%":           "example.com",
		" \thttps://example.com/\x1b[2Jx\n ": "example.com",
		"//example.com/x":                    "",
		"#top":                               "",
	} {
		address, host := resolve(target)
		if host != want {
			t.Errorf("resolve(%q): host %q, want %q", target, host, want)
		}
		if !isASCII(address) || strings.ContainsAny(address, " \x1b\n\"'<>") {
			t.Errorf("resolve(%q) = %q", target, address)
		}
	}
}

func TestBeginning(t *testing.T) {
	long := &Message{Plain: "in your browser", HTML: newsletter(1 << 20)}
	d, whole := long.Beginning(false)
	all := long.Document(false)
	if whole || !d.FromHTML || len(d.Blocks) < 200 || len(d.Blocks) > len(all.Blocks)/4 {
		t.Fatalf("whole %v, %d blocks of %d", whole, len(d.Blocks), len(all.Blocks))
	}
	for i := range d.Blocks[:len(d.Blocks)-20] {
		if !reflect.DeepEqual(d.Blocks[i], all.Blocks[i]) {
			t.Fatalf("block %d is %+v, in the whole %+v", i, d.Blocks[i], all.Blocks[i])
		}
	}
	for name, m := range map[string]*Message{
		"short":           {HTML: newsletter(10 << 10)},
		"plain preferred": {Plain: "text", HTML: newsletter(1 << 20)},
		"hardly any text": {HTML: "<style>" + strings.Repeat(".a{color:red}", 100_000) + "</style><p>text"},
		"one paragraph":   {HTML: "<p>" + strings.Repeat("word ", 100_000)},
	} {
		if d, whole := m.Beginning(false); !whole || !reflect.DeepEqual(d, m.Document(false)) {
			t.Errorf("%s: whole %v, %d blocks", name, whole, len(d.Blocks))
		}
	}
}
