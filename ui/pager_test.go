package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

func numbered(n int) []chunk {
	var chunks []chunk
	for i := range n {
		chunks = append(chunks, textChunk(plain, fmt.Sprintf("paragraph %d %s", i, strings.Repeat("word ", 20))))
	}
	return chunks
}

func TestPagerWrapsOnlyWhatItShows(t *testing.T) {
	wrapped := 0
	chunks := numbered(1_000)
	for i, c := range chunks {
		chunks[i].wrap = func(width int) []pageLine { wrapped++; return c.wrap(width) }
	}
	p := newPager(chunks)
	p.resize(40, 10)
	p.draw()
	p.page(3)
	p.draw()
	if wrapped > 40 {
		t.Errorf("%d chunks were wrapped", wrapped)
	}
}

func TestPagerKeepsItsPlace(t *testing.T) {
	p := newPager(numbered(50))
	p.resize(40, 10)
	p.scroll(61)
	line := p.top.line
	for _, width := range []int{80, 20, 33, 40} {
		p.resize(width, 10)
		if p.top.line != line {
			t.Errorf("at %d columns chunk %d is on top, not %d", width, p.top.line, line)
		}
	}
	p.toEnd()
	if !p.atEnd() || p.percent() != 100 || !strings.Contains(strings.Join(p.draw(), "\n"), "paragraph 49") {
		t.Error("the end is not at the end")
	}
	if p.scroll(1) {
		t.Error("there is something behind the end")
	}
	p.home()
	if p.percent() != 0 || p.scroll(-1) {
		t.Error("there is something before the beginning")
	}
}

func TestEmptyPager(t *testing.T) {
	p := newPager(nil)
	p.resize(10, 3)
	p.page(1)
	p.toEnd()
	p.scroll(-5)
	if got := len(p.draw()); got != 3 {
		t.Errorf("%d rows", got)
	}
}

// Every row of a body is as wide as the screen, and no text is lost at any width.
func TestBodiesAtAnyWidth(t *testing.T) {
	raw := "Content-Type: text/html; charset=utf-8\r\n\r\n<h1>标题 Heading</h1><p>Some <b>bold</b> text with a " +
		"<a href=\"https://example.com/a/very/long/path/that/does/not/fit/anywhere\">link</a> and 中文。</p>" +
		"<ul><li>one<li>two</ul><pre>wide   preformatted   text " + strings.Repeat("=", 90) + "</pre><blockquote>quoted<blockquote>twice</blockquote></blockquote>"
	msg, err := message.Read(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	l := look{darkTheme, fineGlyphs}
	for _, b := range msg.Document(true).Blocks {
		want := squeeze(string(blockText(b)))
		for width := 1; width < 130; width++ {
			var got strings.Builder
			for _, line := range l.blockLines(b, width) {
				text := stripped(line.text)
				if w := safe.Width(safe.Text(text)); w != width {
					t.Fatalf("%d columns in %d: %q", w, width, text)
				}
				got.WriteString(text)
			}
			if width < 12 || b.Kind == message.Rule {
				continue // the margins need their room
			}
			if got := squeeze(strings.ReplaceAll(got.String(), "▏", "")); got != want {
				t.Errorf("at %d columns %q became %q", width, want, got)
			}
		}
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// Text broken by hand at 76 columns is not broken again beside the list.
func TestPreviewIsWideEnough(t *testing.T) {
	line := strings.Repeat("abcdefg ", 9) + "last"
	for _, width := range []int{150, 160, 200} {
		s := start(t, width, 45, func(t testing.TB, st *store.Store) {
			sample(t, st)
			deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 900,
				letter{from: "h@example.com", to: "me@example.com", subject: "wide", ago: time.Minute, body: line + "\n> " + line + "\n"})
		})
		s.Shows("wide", line, "▏ "+line)
	}
}
