package ui

import (
	"strings"
	"testing"

	"tmail/message"
)

// A key in a list of ten thousand, and the frame it makes.
func BenchmarkKey(b *testing.B) {
	s := start(b, 120, 40, large(10_000))
	s.Shows("Budget 2027").Idle()
	keys := []string{"j", "k"}
	for i := 0; b.Loop(); i++ {
		s.feed(keyPress(b, keys[i%2]))
		s.m.View()
	}
}

// A letter typed into a long message.
func BenchmarkTyping(b *testing.B) {
	s := start(b, 120, 40, sample)
	s.Shows("Budget 2027").Press("c", "tab", "tab", "tab", "tab")
	for range 10_000 {
		s.m.composer.texts[fieldBody].insert("一行不短的文字 and some more of it\n", false)
	}
	for b.Loop() {
		s.feed(keyPress(b, "x"))
		s.feed(keyPress(b, "backspace"))
		s.m.View()
	}
}

// Messages that are long or made to be: from their bytes to the first screen, and a page on.
func BenchmarkFirstScreen(b *testing.B) {
	const paragraph = `<tr><td style="padding:8px"><h2>Autumn</h2><p>Here is the <b>sheet</b> we talked about, 会议纪要, and <a href="https://x.example/1">more</a>.</p></td></tr>` + "\n"
	html := func(size int) string {
		return "Content-Type: text/html; charset=utf-8\n\n<table>" + strings.Repeat(paragraph, size/len(paragraph)) + "</table>"
	}
	for name, raw := range map[string]string{
		"newsletter_100KB": html(100 << 10), "html_10MB": html(10 << 20), "line_100MB": "Subject: x\n\n" + strings.Repeat("word ", 20<<20),
		"wide_line_2MB": "Content-Type: text/plain; charset=utf-8\n\n" + strings.Repeat("会议", 350_000),
	} {
		b.Run(name, func(b *testing.B) {
			s := start(b, 120, 40, nil)
			open := func() {
				msg, err := message.Read(strings.NewReader(raw))
				if err != nil {
					b.Fatal(err)
				}
				s.m.focus = onMessage
				s.m.reader = reader{id: 1, content: s.m.viewpoint().content(1, "", msg)}
				s.m.reader.doc = s.m.reader.content.doc
				s.m.layOut()
				s.m.screen()
			}
			b.Run("open", func(b *testing.B) {
				for b.Loop() {
					open()
				}
			})
			open()
			b.Run("page", func(b *testing.B) {
				for b.Loop() {
					if !s.m.reader.pager.page(1) {
						s.m.reader.pager.home()
					}
					s.m.screen()
				}
			})
		})
	}
}
