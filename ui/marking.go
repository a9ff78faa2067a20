package ui

import (
	"math"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tmail/lang"
	"tmail/message"
)

// Lines of a message marked by hand, to quote only them.

// marking is a run of lines: from where it was begun to where the cursor is, in either direction. Both are kept as
// places in the text, so that they stay where they are when the width changes.
type marking struct {
	begun, cursor textPlace
	sign          string // drawn before the lines
}

// textPlace is a line by its text: a chunk, and from where in it to where, in bytes. At another width that may be
// several lines, or a part of one.
type textPlace struct{ chunk, offset, end int }

// markLines begins to mark lines at the first one in sight; while some are marked, anew where the cursor is.
func (m *model) markLines() tea.Cmd {
	p := m.reader.pager
	if p == nil || !p.beginMarking(m.look.row(1).put(m.look.accent, m.look.mark).String()) {
		m.say(lang.T("message.nothing_to_mark"))
		return nil
	}
	m.say(lang.T("message.marking", "Reply", m.keys.keyOf("reply", inMessage), "Mark", m.keys.keyOf("mark", inMessage)))
	return nil
}

// marks reports whether the keys that scroll choose lines instead.
func (m *model) marks() bool {
	return m.focus == onMessage && m.reader.pager != nil && m.reader.pager.marks != nil
}

// markedPart is what is marked of the message on the screen; nil when nothing is.
func (m *model) markedPart() []message.Block {
	if !m.marks() {
		return nil
	}
	return m.reader.pager.markedBlocks()
}

// beginMarking marks the first line in sight of what can be quoted; it reports false when there is none.
func (p *pager) beginMarking(sign string) bool {
	if p.marks != nil {
		p.marks.begun = p.marks.cursor
		return true
	}
	first := p.top
	for !p.quotable(first) {
		next := p.next(first)
		if next.line >= len(p.chunks) {
			return false
		}
		first = next
	}
	at := p.placeOf(first)
	p.marks = &marking{at, at, sign}
	p.bring(first)
	return true
}

func (p *pager) quotable(at position) bool {
	return at.line < len(p.chunks) && p.chunks[at.line].blocks != nil
}

func (p *pager) placeOf(at position) textPlace {
	lines, end := p.lines(at.line), math.MaxInt
	if at.col+1 < len(lines) {
		end = lines[at.col+1].offset
	}
	return textPlace{at.line, lines[at.col].offset, end}
}

// linesOf are the first line a place is on, and the last.
func (p *pager) linesOf(place textPlace) (first, last position) {
	first = position{line: place.chunk}
	last = first
	for i, l := range p.lines(place.chunk) {
		if l.offset <= place.offset {
			first.col = i
		}
		if l.offset < place.end {
			last.col = i
		}
	}
	return first, last
}

// markedLines are the first line marked and the last.
func (p *pager) markedLines() (first, last position) {
	first, last = p.linesOf(p.marks.begun)
	from, to := p.linesOf(p.marks.cursor)
	if from.before(first) {
		first = from
	}
	if last.before(to) {
		last = to
	}
	return first, last
}

// moveMark moves the cursor by lines, as far as there is text.
func (p *pager) moveMark(by int) {
	first, at := p.linesOf(p.marks.cursor)
	step := p.next
	if by < 0 {
		at, step = first, p.previous
	}
	for range max(by, -by) {
		to := step(at)
		if to == at || !p.quotable(to) {
			break
		}
		at = to
	}
	p.marks.cursor = p.placeOf(at)
	p.bring(at)
}

// bring scrolls as far as it takes to have a line in sight.
func (p *pager) bring(at position) {
	if at.before(p.top) {
		p.top = at
	}
	last := at
	for range p.height - 1 {
		last = p.previous(last)
	}
	if p.top.before(last) {
		p.top = last
	}
	p.settle()
}

// drawMarked draws a line with a sign in its first column where it is marked.
func (p *pager) drawMarked(at position, text string) string {
	first, last := p.markedLines()
	if at.before(first) || last.before(at) {
		return text
	}
	return p.marks.sign + ansi.Cut(text, 1, p.width)
}

// markedBlocks is the text of the lines marked.
func (p *pager) markedBlocks() []message.Block {
	first, last := p.markedLines()
	var part []message.Block
	for i := first.line; i <= last.line; i++ {
		blocks := p.chunks[i].blocks
		if len(blocks) != 1 {
			part = append(part, blocks...) // folded into one line
			continue
		}
		from, to := 0, len(blockText(blocks[0]))
		if i == first.line {
			from = p.lines(i)[first.col].offset
		}
		if lines := p.lines(i); i == last.line && last.col+1 < len(lines) {
			to = lines[last.col+1].offset
		}
		part = append(part, blocks[0].Cut(from, to))
	}
	return part
}
