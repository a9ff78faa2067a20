package message

import (
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	m := &Message{HTML: `<html><head><meta http-equiv="refresh" content="0;url=http://evil.example"><base href="http://evil.example/"><link rel=stylesheet href=x>
<script>alert(1)</script><style>p{color:red}</style><title>No</title></head><body onload="x()"><p onclick="y()" class=a>Hello &lt;you&gt;</p>
<a href="javascript:z()">a</a><a href="https://x.example/?a=1&amp;b=2" ping="http://evil.example">b</a><form action="http://evil.example"><input name=q></form>
<iframe src="http://evil.example"><p>in</p></iframe><object data=x>o</object><img src="http://evil.example/p.gif"><svg onload=q()><script>w()</script></svg><p>End`}
	m.Envelope.Subject = "A <b> & c"
	page := m.Page(false)
	for _, want := range []string{"default-src 'none'", "img-src data:;", "<title>A &lt;b&gt; &amp; c</title>", "<p class=\"a\">Hello &lt;you&gt;</p>", "p{color:red}",
		`<a href="https://x.example/?a=1&amp;b=2">b</a>`, "<a>a</a>", "<p>End"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	for _, bad := range []string{"refresh", "<base", "<link", "<script", "alert", "onload", "onclick", "javascript", "ping", "<form", "<input", "<iframe", "<object", "<svg", "w()"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s:\n%s", bad, page)
		}
	}
	if !strings.Contains(m.Page(true), "img-src data: https: http:;") {
		t.Error("pictures are not let in where asked")
	}
	if plain := (&Message{Plain: "a < b\n"}).Page(true); !strings.Contains(plain, "a &lt; b") {
		t.Errorf("plain text: %s", plain)
	}
}
