package ui

import (
	"strings"
	"unicode/utf8"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
)

// How the text of a message is drawn: a chunk for each block, long quotes folded into one line.

const foldOver = 4 // quotes of more blocks than this are folded

// bodyChunks must be quick: a long message has some 100,000 blocks, and all of them pass here within a frame.
func (m *model) bodyChunks(r *post) []chunk {
	blocks := r.doc.Blocks
	chunks := make([]chunk, 0, len(blocks))
	for i := 0; i < len(blocks); {
		n := quoteRun(blocks[i:])
		if n > foldOver && !r.unfolded {
			chunks = append(chunks, m.foldChunk(blocks[i:i+n]))
			i += n
			continue
		}
		for range max(n, 1) {
			if weight := blockWeight(&blocks[i]); weight <= maxPiece {
				chunks = append(chunks, chunk{weight: weight, blocks: blocks[i : i+1]})
			} else {
				chunks = append(chunks, pieces(blocks[i])...)
			}
			i++
		}
	}
	return chunks
}

const maxPiece = 16 << 10 // bytes that are wrapped at a time

// pieces cuts a block that would take too long to wrap, at a blank where there is one.
func pieces(b message.Block) []chunk {
	var cut []chunk
	piece, weight := b, 1
	piece.Spans = nil
	end := func() {
		cut = append(cut, chunk{weight: weight, blocks: []message.Block{piece}})
		piece.Spans, weight = nil, 1
		piece.Indent, piece.Hang = b.Indent+b.Hang, 0
	}
	for _, s := range b.Spans {
		for rest := s.Text; rest != ""; {
			n := len(rest)
			if weight+n > maxPiece {
				n = cutAt(rest, max(1, maxPiece-weight))
			}
			part := s
			part.Text = rest[:n]
			piece.Spans, weight, rest = append(piece.Spans, part), weight+n, rest[n:]
			if weight >= maxPiece || rest != "" {
				end()
			}
		}
	}
	if piece.Spans != nil {
		end()
	}
	return cut
}

// cutAt is where the first n bytes of a text can end: behind the last blank among them, else between characters.
func cutAt(text safe.Text, n int) int {
	if blank := strings.LastIndexByte(string(text[:n]), ' '); blank > 0 {
		return blank + 1
	}
	for n < len(text) && !utf8.RuneStart(text[n]) {
		n++
	}
	return n
}

// quoteRun is how many blocks from the first on are quoted.
func quoteRun(blocks []message.Block) int {
	n := 0
	for n < len(blocks) && blocks[n].Quote > 0 {
		n++
	}
	return n
}

// hasLongQuote reports whether there is anything to fold.
func hasLongQuote(blocks []message.Block) bool {
	for len(blocks) > 0 {
		n := quoteRun(blocks)
		if n > foldOver {
			return true
		}
		blocks = blocks[max(n, 1):]
	}
	return false
}

func blockText(b message.Block) safe.Text {
	var t strings.Builder
	for _, s := range b.Spans {
		t.WriteString(string(s.Text))
	}
	return safe.Text(t.String())
}

func blockWeight(b *message.Block) int {
	n := 1
	for _, s := range b.Spans {
		n += len(s.Text)
	}
	return n
}

// foldChunk is a quote in one line: how it begins, and how much there is.
func (m *model) foldChunk(blocks []message.Block) chunk {
	look, key := m.look, m.keys.keyOf("fold", m.place())
	weight := 0
	var first safe.Text
	for i := range blocks {
		weight += blockWeight(&blocks[i])
		if first == "" {
			first = blockText(blocks[i])
		}
	}
	return chunk{weight: weight, blocks: blocks, wrap: func(width int) []pageLine {
		folded := safe.Line(lang.T("message.folded", "Count", len(blocks), "Key", key))
		line := look.row(width).to(2).put(look.accent, look.quote+" ")
		line.cell(look.dim, first, width-line.used-safe.Width(folded)-4)
		return []pageLine{{text: line.right(look.dim, folded+"  ").String(), spots: []spot{{to: width, fold: true}}}}
	}}
}

// blockDrawing is how blocks are drawn now, with the words that were found marked.
func (m *model) blockDrawing() func(message.Block, int) []pageLine {
	look, found := m.look, m.reader.found
	return func(b message.Block, width int) []pageLine { return look.blockLines(markFound(b, found), width) }
}

// blockLines draws a block width columns wide.
func (l look) blockLines(b message.Block, width int) []pageLine {
	left := 2 + 2*b.Quote + b.Indent
	left = min(left, max(0, width/2))
	room := max(1, width-left-2)
	whole := blockText(b)
	if safe.Width(whole) <= width-left {
		room = max(1, width-left) // what just fits is not broken for the sake of the margin
	}
	if !b.Pre {
		room = min(room, proseWidth)
	}
	if b.Kind == message.Rule {
		return []pageLine{{text: l.margin(b, width, 0).put(l.dim, safe.Text(strings.Repeat(string(l.glyphs.rule), min(room, 24)))).String()}}
	}
	var lines []pageLine
	offset := 0
	for i, spans := range l.wrapBlock(b, room) {
		hang := 0
		if i > 0 {
			hang = b.Hang
		}
		line := l.margin(b, width, hang)
		text := blockText(message.Block{Spans: spans})
		at := offset + max(0, strings.Index(string(whole[offset:]), string(text))) // blanks are left out between rows
		var spots []spot
		for _, s := range spans {
			from := line.used
			if line.put(l.spanStyle(b, s), s.Text); s.Link > 0 {
				spots = append(spots, spot{from: from, to: line.used, link: s.Link})
			}
		}
		offset = min(at+len(text), len(whole))
		lines = append(lines, pageLine{line.String(), at, spots})
	}
	if lines == nil {
		lines = []pageLine{{text: l.margin(b, width, 0).String()}}
	}
	return lines
}

// wrapBlock breaks a block into rows. What is better not wrapped is cut into rows where it is wider than the
// screen, so that nothing is lost.
func (l look) wrapBlock(b message.Block, room int) [][]message.Span {
	if !b.Pre {
		return b.Wrap(max(1, room-b.Hang))
	}
	var rows [][]message.Span
	var row []message.Span
	used := 0
	for _, s := range b.Spans {
		for rest := s.Text; rest != ""; {
			part := safe.Text(clip(string(rest), room-used))
			if part == "" && used == 0 {
				part, _ = safe.Next(rest) // wider than the whole row
			}
			if part == "" {
				rows, row, used = append(rows, row), nil, 0
				continue
			}
			row = append(row, message.Span{Text: part, Style: s.Style, Link: s.Link})
			used += safe.Width(part)
			rest = rest[len(part):]
		}
	}
	return append(rows, row)
}

// margin begins a line with the quote bars and the indent of its block, and marks what is read from right to left:
// not every terminal draws it so.
func (l look) margin(b message.Block, width, hang int) *row {
	line := l.row(width)
	if b.RightToLeft() {
		line.put(l.dim, l.leftward)
	}
	line.to(2)
	for i := 0; i < b.Quote && line.used < width/2; i++ {
		line.put(l.accent, l.glyphs.quote).to(line.used + 1)
	}
	return line.to(min(line.used+b.Indent+hang, width/2))
}

func (l look) spanStyle(b message.Block, s message.Span) style {
	st := plain
	switch b.Kind {
	case message.Heading, message.DiffHeader:
		st = bold
	case message.Signature, message.DiffDel:
		st = l.dim
	case message.DiffHunk, message.DiffAdd:
		st = l.accent
	}
	if b.Quote > 1 {
		st = l.dim
	}
	for _, a := range []struct {
		bit   message.Style
		style style
	}{
		{message.Bold, bold}, {message.Dim, l.dim}, {message.Italic, italic}, {message.Underline, underline},
		{message.Strike, l.dim}, {message.Linked, l.accent}, {message.Warn, bold + reverse},
	} {
		if s.Style&a.bit != 0 {
			st += a.style
		}
	}
	return st
}
