package ui

import (
	"github.com/charmbracelet/x/ansi"

	"tmail/message"
)

// chunk is a piece of what a pager shows: a paragraph, a header, a list of attachments.
type chunk struct {
	wrap   func(width int) []pageLine // nil: blocks holds one block, drawn as the pager draws them
	weight int                        // about how long it is, for the percentage
	blocks []message.Block            // the text it shows, where that can be quoted
}

// pageLine is one drawn row of a chunk; offset is where its text begins in that of the chunk, in bytes.
type pageLine struct {
	text   string
	offset int
	spots  []spot // what a click opens
}

// pager shows chunks of text of any length. It wraps only what it shows, and keeps its place by chunk and offset,
// so that another width shows the same words.
type pager struct {
	chunks  []chunk
	draws   func(message.Block, int) []pageLine
	width   int
	height  int
	top     position // chunk, line of it
	anchor  int      // offset of the top line in its chunk
	cache   map[int][]pageLine
	total   int
	marked  position // a line that was looked for, while mark is not empty
	mark    string   // drawn in its first column
	pointed [2]int   // chunks beside which bar is drawn: the first, and the one after the last
	bar     string
	marks   *marking // lines chosen to be quoted; nil: none
}

func newPager(chunks []chunk) *pager {
	p := &pager{chunks: chunks, cache: map[int][]pageLine{}}
	for i := range chunks {
		p.total += chunks[i].weight
	}
	return p
}

// resize tells the pager its room; it must be called before draw.
func (p *pager) resize(width, height int) {
	p.height = height
	if p.width == width {
		return
	}
	p.width = width
	clear(p.cache)
	lines := p.lines(p.top.line)
	p.top.col = 0
	for i, l := range lines {
		if l.offset <= p.anchor {
			p.top.col = i
		}
	}
}

func (p *pager) lines(i int) []pageLine {
	if i < 0 || i >= len(p.chunks) {
		return nil
	}
	lines, ok := p.cache[i]
	if !ok {
		if c := &p.chunks[i]; c.wrap != nil {
			lines = c.wrap(p.width)
		} else {
			lines = p.draws(c.blocks[0], p.width)
		}
		p.cache[i] = lines
	}
	return lines
}

// rowAt is the row drawn y rows below the top.
func (p *pager) rowAt(y int) pageLine {
	at := p.top
	for ; y > 0 && at.line < len(p.chunks); y-- {
		at = p.next(at)
	}
	if lines := p.lines(at.line); at.col < len(lines) {
		return lines[at.col]
	}
	return pageLine{}
}

// replace shows other chunks of the same text, as after folding, in the same place: chunks weigh the same as those
// they stand for.
func (p *pager) replace(chunks []chunk) {
	before, top := p.before(), p.top
	fresh := newPager(chunks)
	fresh.width, fresh.height, fresh.draws = p.width, p.height, p.draws
	seen := 0
	for i := range chunks {
		if seen > before {
			break
		}
		fresh.top = position{line: i}
		seen += chunks[i].weight
	}
	if fresh.top.line == top.line {
		fresh.top = top
	}
	if len(chunks) == len(p.chunks) {
		fresh.marks = p.marks
	}
	*p = *fresh
	p.settle()
}

// before is the weight of what lies above the top.
func (p *pager) before() int {
	seen := 0
	for i := range p.chunks[:min(p.top.line, len(p.chunks))] {
		seen += p.chunks[i].weight
	}
	return seen
}

// scroll moves by lines; it reports whether anything moved.
func (p *pager) scroll(by int) bool {
	was := p.top
	for ; by > 0; by-- {
		if p.atEnd() {
			break
		}
		p.top = p.next(p.top)
	}
	for ; by < 0; by++ {
		p.top = p.previous(p.top)
	}
	p.settle()
	return p.top != was
}

// page moves by screenfuls, keeping two lines in sight.
func (p *pager) page(by int) bool { return p.scroll(by * max(1, p.height-2)) }

func (p *pager) home() { p.top, p.anchor = position{}, 0 }

func (p *pager) toEnd() {
	p.top = position{line: len(p.chunks)}
	p.scroll(-p.height)
}

func (p *pager) settle() {
	p.anchor = 0
	if lines := p.lines(p.top.line); p.top.col < len(lines) {
		p.anchor = lines[p.top.col].offset
	}
}

func (p *pager) next(at position) position {
	at.col++
	for at.line < len(p.chunks) && at.col >= len(p.lines(at.line)) {
		at = position{line: at.line + 1}
	}
	return at
}

func (p *pager) previous(at position) position {
	from := at
	for at.col == 0 {
		if at.line == 0 {
			return from
		}
		at.line--
		at.col = len(p.lines(at.line))
	}
	at.col--
	return at
}

// atEnd reports whether the last line is in sight.
func (p *pager) atEnd() bool {
	at := p.top
	for i := 0; i < p.height; i++ {
		if at.line >= len(p.chunks) {
			return true
		}
		at = p.next(at)
	}
	return at.line >= len(p.chunks)
}

// percent is how much of the text has been in sight; 100 at the end.
func (p *pager) percent() int {
	if p.total == 0 || p.atEnd() {
		return 100
	}
	return min(99, (p.before()+p.anchor)*100/p.total)
}

// draw is the window of the text.
func (p *pager) draw() []string {
	rows := make([]string, 0, max(p.height, 0))
	for at := p.top; len(rows) < p.height && at.line < len(p.chunks); at = p.next(at) {
		if lines := p.lines(at.line); at.col < len(lines) {
			text := lines[at.col].text
			switch {
			case p.mark != "" && at == p.marked:
				text = p.mark + ansi.Cut(text, 1, p.width)
			case p.marks != nil:
				text = p.drawMarked(at, text)
			case p.bar != "" && at.line >= p.pointed[0] && at.line < p.pointed[1]:
				text = p.bar + ansi.Cut(text, 1, p.width)
			}
			rows = append(rows, text)
		}
	}
	return fill(rows, p.height, p.width)
}
