package message

import (
	"strings"
	"testing"
	"unicode"

	"tmail/mailtest/modest"
)

func TestHTMLDocument(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"white space", " <p> one\n  two&nbsp; three </p>\n\n<p>four</p>", lines("one two three", "", "four")},
		{"divs", "<div>a</div><div><br></div><div>b</div><div>c</div>", lines("a", "", "b", "c")},
		{"breaks", "a<br>b<br><br><br>c", lines("a", "b", "", "c")},
		{"entities", "&lt;b&gt; &amp; &#20013; &copy;", lines("<b> & 中 ©")},
		{"headings and rule", "<h1>Title</h1>text<hr>more", lines("# Title", "", "text", "rule ----", "more")},
		{"lists", "<ul><li>a<li><p>b</p><ul><li>c</ul></li></ul><ol start=9><li>x<li>y</ol>", lines("- a", "- b", "··- c", "", "9. x", "10. y")},
		{"definition", "<dl><dt>term<dd>meaning</dl>", lines("term", "····meaning")},
		{"quotes", "x<blockquote>one<blockquote>two</blockquote></blockquote>y", lines("x", "", "> one", "> ", ">> two", "", "y")},
		{"indented by an editor", `<blockquote style="margin:0 0 0 40px; border:none; padding:0"><div>a</div></blockquote>`, lines("····a")},
		{"pre", "<pre>\na  b\n\n  c\n</pre>", lines("pre a  b", "", "pre   c")},
		{"script and style", "<style>p{}</style><script>x<p>y</script><title>t</title>a<!-- c -->b", lines("ab")},
		{"noscript is shown", "<noscript>a</noscript>", lines("a")},
		{"hidden", `a<div style="display:none">b<p>c</p></div><span style="DISPLAY : NONE !important">d</span><p hidden>e</p>f`, lines("a", "f")},
		{"preheader", `<div style="font-size:0px;max-height:0">hi</div><div style="max-height:0;overflow:hidden">there &zwnj;&nbsp;</div>&zwnj;&nbsp;&zwnj;&nbsp;<p>Body</p>`, lines("Body")},
		{"font size of nothing undone", `<td style="font-size:0"><div style="font-size:14px">seen</div></td>`, lines("seen")},
		{"images", `<img src=x width=1 height=1 alt="track"><img alt="Acme" src=y><img src=z>`, lines("[Acme]")},
		{"picture link with words", `<a href="http://x.org/"><img src=b.png alt="" title="To the shop"></a>`, lines("To the shop [1] x.org")},
		{"white on white", `<p style="color:#ffffff">a</p><p style="color:#FEFEFE;background:white">b</p><font color=white>c</font><p style="color:rgba(0,0,0,0)">d</p><p style="color:transparent">e</p>f`, lines("f")},
		{"white on black", `<table bgcolor="#000000"><tr><td><font color="#fff">a</font><span style="color:#000">b</span></td></tr></table>`, lines("a")},
		{"white on a colour set elsewhere", `<p class=button style="color:#fff">a</p><p style="color:#fff;background-image:url(x)">b</p>`, lines("a", "", "b")},
		{"white on what a style sheet may have set", `<style>body{background:navy}</style><body><p style="color:#fff">a</p>`, lines("a")},
		{"dark page", `<body bgcolor=black text=white><p style="color:white">a</p></body>`, lines("a")},
		{"hidden by a style sheet", `<style>/* x */ .pre, span.m{display:none!important} @media print{.a{display:none}} .a{color:red}</style><div class="pre">x</div><span class="b m">y</span><b class=a>z</b>`, lines("z")},
		{"picture where text has no colour", `<body><div style="color:#fff;font-size:0"><img src=x alt="A bird"></div>`, lines("[A bird]")},
		{"link", `see <a href="https://example.com/plan">the plan</a>.`, lines("see the plan [1] example.com.")},
		{"link that names its host", `<a href="https://www.example.com/x">example.com</a>`, lines("example.com [1]")},
		{"link that is its words", `<a href="mailto:a@x.org">a@x.org</a> <a href="http://x.org/b">http://x.org/b</a> <a href="http://x.org/">x.org</a>`, lines("a@x.org http://x.org/b x.org [3]")},
		{"table with lines in cells", "<table><tr><th>Item<th>Price<tr><td>Teapot<br><small>blue</small><td>24.00<tr><td>Cup<td>8.50</table>",
			lines("tab Item    Price", "tab Teapot  24.00", "tab blue", "tab Cup      8.50")},
		{"link twice", `<a href="http://x.org/">a</a> <a href="http://x.org/">b</a>`, lines("a [1] x.org b [1]")},
		{"picture link", `<a href="http://x.org/"><img src=b.png></a> <a href="http://y.org/"></a>z`, lines("z")},
		{"no link", `<a href="javascript:x()">a</a> <a name=b>c</a>`, lines("a c")},
		{"link over blocks", `<a href="http://x.org/"><div>a</div><div>b</div></a>c`, lines("a", "b [1] x.org", "c")},
		{"bare address", `at https://x.org/y now`, lines("at https://x.org/y now")},
		{"real table", `<table><tr><th>Item<th>Price<tr><td>Tea<td>5.00<tr><td>Coffee<td>12.50</table>`, lines("tab Item    Price", "tab Tea      5.00", "tab Coffee  12.50")},
		{"table in Chinese", `<table border=1><tr><td>姓名</td><td>部门</td></tr><tr><td>王小明</td><td>财务</td></tr></table>`, lines("tab 姓名    部门", "tab 王小明  财务")},
		{"spans", `<table><tr><td colspan=2>all<tr><td>a<td>b<tr><td rowspan=2>c<td>d<tr><td>e</table>`, lines("tab all", "tab a  b", "tab c  d", "tab    e")},
		{"layout table", `<table><tr><td><table><tr><td><p>Hello</p><p>World</p></td></tr></table></td></tr><tr><td>Bye</td></tr></table>`, lines("Hello", "", "World", "", "Bye")},
		{"spacer columns", `<table><tr><td>&nbsp;<td>a<td><tr><td><td>b<td></table>`, lines("a", "b")},
		{"cells of several lines", `<table><tr><td>a<br>b<td>c<br>d</table>e`, lines("a", "b", "", "c", "d", "", "e")},
		{"hidden rule", `a<div style="display:none"><hr><br></div><div>b</div>`, lines("a", "b")},
		{"row of links", `<table><tr><td>Help<td>Terms<td>Privacy</table>`, lines("Help  Terms  Privacy")},
		{"Outlook", `<p class=MsoNormal>a<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>b</p>`, lines("a", "", "b")},
		{"unclosed", `<div><b>bold<p>para<table><tr><td>cell`, lines("bold", "", "para", "", "cell")},
		{"overlapping", `<b>a<i>b</b>c</i>d</p>`, lines("abcd")},
		{"Chinese across lines", "会议\n纪要", lines("会议 纪要")},
		{"signature", `a<div class="gmail_signature">Ann</div>`, lines("a", "sig Ann")},
		{"hostile", "a&#27;]0;x&#7;b &#x202e;c\x1b[2J", lines("a\ufffdb \ufffdc\ufffd")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := layoutOf(htmlDocument(tt.in)); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestHTMLStyles(t *testing.T) {
	d := htmlDocument(`<b>bold <span style="font-weight:normal">not</span></b> <i>it</i> <s>gone</s> <code>x</code> <a href="http://evil.example/">http://bank.example/</a>`)
	var got strings.Builder
	for _, s := range d.Blocks[0].Spans {
		if strings.TrimSpace(string(s.Text)) == "" {
			continue
		}
		for _, f := range []struct {
			style Style
			name  string
		}{{Bold, "B"}, {Dim, "D"}, {Italic, "I"}, {Strike, "S"}, {Code, "C"}, {Linked, "L"}, {Warn, "W"}} {
			if s.Style&f.style != 0 {
				got.WriteString(f.name)
			}
		}
		got.WriteString("(" + strings.TrimSpace(string(s.Text)) + ")")
	}
	if want := "B(bold)(not)I(it)S(gone)C(x)L(http://bank.example/)D([1])W(evil.example)"; got.String() != want {
		t.Errorf("got %s\nwant %s", got.String(), want)
	}
	if l := d.Links[0]; l.Text != "http://bank.example/" || l.Host != "evil.example" || l.URL != "http://evil.example/" {
		t.Errorf("link %+v", l)
	}
}

func TestWideTableIsSqueezed(t *testing.T) {
	long := strings.Repeat("many words ", 9)
	d := htmlDocument("<table><tr><th>Name<th>Notes<tr><td>Tea<td>" + long + "<tr><td>Coffee<td>short</table>")
	for _, b := range d.Blocks {
		if n := len(b.text()); b.Kind != Table || n > maxTableWidth {
			t.Errorf("%d columns of kind %d: %q", n, b.Kind, b.text())
		}
	}
	if len(d.Blocks) != 4 {
		t.Errorf("%d lines:\n%s", len(d.Blocks), d.Text())
	}
}

// Each of these is a way to make a careless layout slow or deep.
func TestHostileHTML(t *testing.T) {
	const n = 30_000
	for name, src := range map[string]string{
		"deep divs":       strings.Repeat("<div>", n) + "x" + strings.Repeat("</div>", n) + "y",
		"deep quotes":     strings.Repeat("<blockquote>", n) + "x",
		"deep tables":     strings.Repeat("<table><tr><td>", n) + "x",
		"open inline":     strings.Repeat("<b><i>", n) + "x" + strings.Repeat("</b></i>", n),
		"stray ends":      strings.Repeat("</td></b></div>", n) + "x",
		"wide table":      "<table><tr>" + strings.Repeat("<td>x", n),
		"long table":      "<table>" + strings.Repeat("<tr><td>x<td>y", n),
		"colspan":         "<table>" + strings.Repeat("<tr><td colspan=999999999 rowspan=999999999>x", 1000),
		"links":           strings.Repeat("<a href=http://x.org/>x", n),
		"attributes":      "<p " + strings.Repeat("a=b ", n) + ">x",
		"lists":           strings.Repeat("<ul><li>", n) + "x",
		"open tag":        strings.Repeat("<div ", n) + "x",
		"style":           `<p style="` + strings.Repeat("a:b;", n) + `">x`,
		"unended comment": "x<!--" + strings.Repeat("<!-- ", n),
	} {
		d := htmlDocument(src)
		if !strings.Contains(d.Text(), "x") && name != "open tag" {
			t.Errorf("%s: text lost: %.100q", name, d.Text())
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add("", `<style>.a{display:none}@media x{.b{c:d}}</style><body bgcolor=#fff><p class=a style="color:rgb(255,255,255);border-top:1px solid">x<img title=y>`, false)
	f.Add("plain > text\n> quoted https://x.org\n-- \nsig", "<p>rich <a href=http://x.org>x</a>", true)
	f.Add("a \nb\n>>c \n", "<table><tr><td>a<td>b<tr><td colspan=9>c<td>d</table><ul><li>x<ol><li>y", false)
	f.Add("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "<b><p></b><blockquote style='display:none'><pre>\n\tx\n", true)
	f.Fuzz(func(t *testing.T, plain, html string, flowed bool) {
		defer modest.Watch(t)()
		m := &Message{Plain: plain, HTML: html, Flowed: flowed, DelSp: flowed && len(plain)%2 == 0}
		for _, d := range []*Document{m.Document(false), m.Document(true)} {
			checkDocument(t, d)
		}
	})
}

func checkDocument(t *testing.T, d *Document) {
	for _, b := range d.Blocks {
		for _, s := range b.Spans {
			for _, r := range s.Text {
				if unicode.IsControl(r) || r == '\u202e' {
					t.Fatalf("%U in %q", r, s.Text)
				}
			}
			if s.Link < 0 || s.Link > len(d.Links) {
				t.Fatalf("link %d of %d", s.Link, len(d.Links))
			}
		}
		var rows strings.Builder
		for _, row := range b.Wrap(20) {
			for _, s := range row {
				rows.WriteString(string(s.Text))
			}
		}
		squash := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got, want := squash(rows.String()), squash(string(b.text())); got != want {
			t.Fatalf("Wrap lost text: %q of %q", got, want)
		}
	}
	for _, l := range d.Links {
		if l.URL == "" || strings.ContainsFunc(l.URL, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Fatalf("link %q", l.URL)
		}
	}
}

// newsletter is HTML as mailing services write it, of about size bytes.
func newsletter(size int) string {
	const item = `<table role="presentation" width="100%" cellpadding="0" style="border-collapse:collapse;mso-table-lspace:0pt"><tr>
<td align="center" style="padding:20px 0;font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:22px;color:#333333">
<a href="https://click.example.com/ls/click?upn=abcdef0123456789" style="text-decoration:none"><img src="https://img.example.com/a.png" width="600" alt="Autumn offers" style="display:block"></a>
<h2 style="margin:0 0 10px">Our picks this week &amp; more</h2><p style="margin:0">Here is the sheet we talked about, with a few <b>important</b>
changes since last time. 会议纪要，周五下午三点。<a href="https://click.example.com/ls/click?upn=9876">Read more</a></p></td></tr></table>`
	return "<html><body><table><tr><td>" + strings.Repeat(item, size/len(item)+1) + "</td></tr></table></body></html>"
}

func BenchmarkHTML(b *testing.B) {
	for name, size := range map[string]int{"100KB": 100 << 10, "1MB": 1 << 20, "10MB": 10 << 20} {
		src := newsletter(size)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				htmlDocument(src)
			}
		})
	}
}

func BenchmarkPlain(b *testing.B) {
	m := Message{Plain: strings.Repeat("here is the sheet we talked about, see https://example.com/plan for more\n> 会议纪要，周五下午三点\n\n", 10000)}
	b.SetBytes(int64(len(m.Plain)))
	b.ReportAllocs()
	for b.Loop() {
		m.Document(false)
	}
}
