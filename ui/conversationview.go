package ui

import (
	"strings"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
)

// How a conversation is drawn: its subject, and below it each message in one line or whole.

// layOutConversation makes the chunks of all posts anew. The top line stays the same words of the same post.
func (m *model) layOutConversation() {
	r := &m.reader
	var anchor *post
	var below, line int
	if r.pager != nil {
		for _, p := range r.posts {
			if n := r.pager.top.line - p.first; p.first > 0 && n >= 0 && n < p.chunks {
				anchor, below, line = p, n, r.pager.top.col
			}
		}
	}
	chunks := []chunk{m.talkChunk()}
	for _, p := range r.posts {
		p.first = len(chunks)
		chunks = append(chunks, m.postChunks(p)...)
		p.chunks = len(chunks) - p.first
	}
	fresh := newPager(chunks)
	fresh.draws = m.blockDrawing()
	switch old := r.pager; {
	case old == nil:
		fresh.top = position{line: r.first}
	default:
		fresh.width, fresh.height, fresh.mark = old.width, old.height, ""
		if anchor != nil {
			fresh.top = position{line: anchor.first + min(below, anchor.chunks-1)}
			if below < anchor.chunks && line < len(fresh.lines(fresh.top.line)) {
				fresh.top.col = line
			}
		}
	}
	r.pager = fresh
	m.sizePager()
	r.pager.settle()
	if r.pager.pullUp(); r.talk.end {
		r.pager.toEnd()
	}
}

// talkChunk is what stands above all posts: the subject, and how many there are.
func (m *model) talkChunk() chunk {
	r, look := &m.reader, m.look
	unread := 0
	for _, p := range r.posts {
		if !p.row.Flags.Has(message.Seen) {
			unread++
		}
	}
	subject := safe.Line(r.posts[0].subject())
	if subject == "" {
		subject = safe.Line(lang.T("list.no_subject"))
	}
	about := lang.T("conversation.count", "Count", len(r.posts))
	if unread > 0 {
		about += ", " + lang.T("conversation.unread", "Count", unread)
	}
	if m.list.isMuted(r.talk.thread) {
		about += ", " + lang.T("conversation.muted")
	}
	return chunk{weight: 1, wrap: func(width int) []pageLine {
		var rows []string
		for i, t := range safe.Wrap(subject, max(1, width-4)) {
			if i < 3 {
				rows = append(rows, look.row(width).to(2).put(bold, t).String())
			}
		}
		return pageLines(append(rows, look.row(width).to(2).put(look.dim, safe.Line(about)).String(), look.line(width)))
	}}
}

// postChunks is a post in one line, or whole.
func (m *model) postChunks(p *post) []chunk {
	if p.folded {
		return []chunk{m.foldedPostChunk(p)}
	}
	if p.source != nil {
		return append([]chunk{m.postHeadChunk(p)}, sourceChunks(*p.source)...)
	}
	chunks := []chunk{m.postHeadChunk(p)}
	if p.content == nil {
		if x := m.excerptOf(p.id); x.content != nil {
			return append(append(chunks, m.excerptChunks(p, x)...), textChunk(plain, "\n"))
		}
		return append(chunks, textChunk(m.look.dim, m.waitingText(p)+"\n"))
	}
	return append(append(chunks, m.textChunks(p)...), textChunk(plain, "\n"))
}

// foldedPostChunk is a message in one line: who, the first words, when.
func (m *model) foldedPostChunk(p *post) chunk {
	look := m.look
	return chunk{weight: 1, wrap: func(width int) []pageLine {
		st, words := plain, p.row.Preview
		if !p.row.Flags.Has(message.Seen) {
			st = bold
		}
		if words == "" {
			words = p.row.Subject
		}
		line := look.row(width).to(2)
		if p.row.Flags.Has(message.Flagged) {
			line.put(look.accent, look.star+" ")
		}
		when := shortDate(p.row.Date, m.Now(), width < 50)
		line.cell(st, m.namesWithMe(p.row.From), max(8, min(18, width/5))).to(line.used + 2)
		about := safe.Text("")
		if p.row.HasAttachments {
			about = look.attach + " "
		}
		line.cell(look.dim, safe.Line(words), width-line.used-safe.Width(when)-safe.Width(about)-4)
		return []pageLine{{text: line.right(look.dim, about+when+"  ").String()}}
	}}
}

// postHeadChunk stands above the text of a post: people and date, and the subject where it is another.
func (m *model) postHeadChunk(p *post) chunk {
	look, other := m.look, !sameTopic(p.subject(), m.reader.posts[0].subject())
	return chunk{weight: 1, wrap: func(width int) []pageLine {
		rows := []string{look.row(width).to(2).put(look.dim, safe.Text(strings.Repeat(string(look.glyphs.rule), max(0, width-4)))).String()}
		if p == m.reader.posts[0] {
			rows = nil // the line below the subject is there already
		}
		if other {
			rows = append(rows, look.row(width).to(2).put(bold, safe.Line(p.subject())).String())
		}
		if p.headers && p.content != nil {
			rows = append(rows, m.allHeaders(p, width)...)
		} else {
			rows = append(rows, m.fromRow(p, width), m.toRow(p, width))
		}
		return pageLines(append(rows, look.row(width).String()))
	}}
}

// sameTopic reports whether two subjects differ in what programs put before them only.
func sameTopic(a, b string) bool {
	one, _ := (&message.Envelope{Subject: a}).Topic()
	other, _ := (&message.Envelope{Subject: b}).Topic()
	return one == other
}

// shows reports whether a line of the chunks from first up to end is in sight.
func (p *pager) shows(first, end int) bool {
	if p.top.line >= first && p.top.line < end {
		return true
	}
	return p.top.line < first && p.rowOf(position{line: first}) < p.height
}

// inSight reports whether a line is.
func (p *pager) inSight(at position) bool {
	row := p.rowOf(at)
	return row >= 0 && row < p.height
}

// rowOf is the row of the screen a line stands in: below zero above it, height beyond it.
func (p *pager) rowOf(want position) int {
	if want.line < p.top.line || want.line == p.top.line && want.col < p.top.col {
		return -1
	}
	at := p.top
	for row := range p.height {
		if at == want {
			return row
		}
		if at.line >= len(p.chunks) {
			break
		}
		at = p.next(at)
	}
	return p.height
}

// pullUp leaves no room below the end while there is text above.
func (p *pager) pullUp() {
	if !p.atEnd() {
		return
	}
	p.toEnd()
}

// pointAt draws the bar beside the chunks from first up to end.
func (p *pager) pointAt(first, end int) { p.pointed = [2]int{first, end} }
