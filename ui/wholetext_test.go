package ui

import (
	"strings"
	"testing"
	"time"

	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// Of a long message the beginning is shown, and the rest follows in the same place.
func TestLongHTML(t *testing.T) {
	s := start(t, 80, 24, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliverFirst(t, st, letter{from: "Ann <ann@example.com>", to: "me@example.com", subject: "A long one", ago: time.Minute, extra: "Content-Type: text/html\r\n",
			body: "<h1>Chapter one</h1>" + strings.Repeat("<p>It was a <b>dark</b> night.</p>\n", 40_000) + "<p>They <a href=http://x.example>lived</a> happily.</p>\n"})
	})
	s.Shows("A long one").Idle().Press("enter").Shows("Chapter one", "dark night")
	s.Await("the rest", func() bool { return s.m.reader.content.whole && s.m.reader.doc == s.m.reader.content.doc })
	s.Shows("Chapter one").Press("G").Shows("happily", "100 %")
}

// What is too long to be wrapped at once is cut into pieces that read as it did.
func TestPieces(t *testing.T) {
	for name, b := range map[string]message.Block{
		"words":      {Indent: 2, Hang: 3, Spans: []message.Span{{Text: "- "}, {Text: safe.Text(strings.Repeat("word ", 10_000)), Style: message.Bold}, {Text: "end"}}},
		"characters": {Spans: []message.Span{{Text: safe.Text(strings.Repeat("会议", 20_000)), Link: 1}}},
	} {
		var text strings.Builder
		for i, c := range pieces(b) {
			piece := c.blocks[0]
			if c.weight > maxPiece+1 || len(c.blocks) != 1 || i > 0 && piece.Indent != b.Indent+b.Hang {
				t.Errorf("%s: piece %d weighs %d, is indented by %d", name, i, c.weight, piece.Indent)
			}
			text.WriteString(string(blockText(piece)))
		}
		if text.String() != string(blockText(b)) {
			t.Errorf("%s: the pieces are not the whole", name)
		}
	}
}
