package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"tmail/message/safe"
)

// sink is where blocks go: the document or a cell of a table.
type sink struct {
	blocks []Block
	blank  bool // an empty line is due before the next block
	apart  bool // one was due before the first block
}

func (s *sink) add(b Block) {
	switch {
	case len(s.blocks) == 0:
		s.apart = s.blank
	case s.blank:
		s.blocks = append(s.blocks, Block{Quote: min(b.Quote, s.blocks[len(s.blocks)-1].Quote)})
	}
	s.blank = false
	s.blocks = append(s.blocks, b)
}

// flow fills lines with text, white space collapsed as browsers do.
type flow struct {
	doc    *Document // gets the links found in the text
	sink   *sink
	effect effect
	marker string // of the list item whose first line is being filled

	line  []byte
	runs  []run
	space bool // white space was seen after what is in line
	lead  int  // no-break spaces seen before anything else

	linked int // the highest number of a link that anything was written of
}

// run is a part of a line in one style: line up to end, from where the run
// before it ends.
type run struct {
	end   int
	style Style
	link  int
}

const maxLead = 16 // columns of indentation by no-break spaces that are kept

// text appends text, its white space collapsed.
func (f *flow) text(text []byte) {
	for len(text) > 0 {
		n := 0
		for n < len(text) && text[n] > ' ' && text[n] < 0x7f {
			n++
		}
		if n > 0 {
			f.write(text[:n])
			text = text[n:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		switch {
		case r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f':
			f.space = true
		case r == 0xa0 || r == 0x2003 || r == 0x2007 || r == 0x2009 || r == 0x202f:
			if len(f.line) == 0 && f.lead < maxLead {
				f.lead++
			}
			f.space = true
		case isFiller(r), (r == 0x200c || r == 0x200d) && (f.space || len(f.line) == 0):
		default:
			f.write(text[:size])
		}
		text = text[size:]
	}
}

// isFiller reports the invisible characters newsletters put behind their
// hidden first words.
func isFiller(r rune) bool {
	switch r {
	case 0xad, 0x34f, 0x61c, 0x200b, 0x200e, 0x200f, 0x2060, 0xfeff:
		return true
	}
	return false
}

// write appends visible text, and the white space that was due before it.
func (f *flow) write(text []byte) {
	if len(f.line) == 0 {
		for ; f.lead > 0; f.lead-- {
			f.line = append(f.line, ' ')
		}
	} else if f.space {
		f.line = append(f.line, ' ')
		f.markSpace()
	}
	f.space = false
	f.line = append(f.line, text...)
	f.mark(f.effect.set, f.effect.link)
}

// markSpace gives a space the styles that go on across it, so that a link
// neither begins nor ends with one.
func (f *flow) markSpace() {
	before := f.runs[len(f.runs)-1]
	if before.link == f.effect.link {
		f.mark(before.style&f.effect.set, before.link)
		return
	}
	f.mark(before.style&f.effect.set&^Underline, 0)
}

// mark says in which style the line goes on up to here.
func (f *flow) mark(style Style, link int) {
	if link > 0 {
		style |= Linked
		f.linked = max(f.linked, link)
	}
	if n := len(f.runs); n > 0 && f.runs[n-1].style == style && f.runs[n-1].link == link {
		f.runs[n-1].end = len(f.line)
		return
	}
	f.runs = append(f.runs, run{len(f.line), style, link})
}

// preformatted appends text whose white space counts.
func (f *flow) preformatted(text []byte) {
	for {
		line, rest, more := bytes.Cut(text, []byte{'\n'})
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) > 0 {
			f.line = append(f.line, line...)
			f.mark(f.effect.set, f.effect.link)
		}
		if !more {
			return
		}
		f.lineBreak()
		text = rest
	}
}

// lineBreak ends the line; on an empty one it leaves a line empty.
func (f *flow) lineBreak() {
	if len(f.line) == 0 && !f.effect.hidden {
		f.sink.blank = true
	}
	f.breakLine()
}

// breakLine puts what the line holds into a block.
func (f *flow) breakLine() {
	line := string(f.line)
	if !f.effect.pre {
		line = strings.TrimRight(line, " ")
	}
	if strings.TrimSpace(line) == "" {
		f.sink.blank = f.sink.blank || f.lead > 0
		f.reset()
		return
	}
	b := Block{Quote: f.effect.quote, Indent: min(f.effect.indent, 40)}
	switch {
	case f.effect.signature:
		b.Kind = Signature
	case f.effect.heading:
		b.Kind = Heading
	case f.effect.pre:
		b.Kind, b.Pre = Pre, hasColumns(line)
	}
	if f.marker != "" {
		b.Kind, b.Hang = List, len(f.marker)
		b.Indent = max(0, b.Indent-b.Hang)
		b.Spans = append(b.Spans, Span{Text: safe.Text(f.marker)})
		f.marker = ""
	}
	from := 0
	for _, r := range f.runs {
		if end := min(r.end, len(line)); end > from {
			b.Spans = append(b.Spans, f.spans(line[from:end], r)...)
			from = end
		}
	}
	f.sink.add(b)
	f.reset()
}

// spans makes a run safe to print; web addresses in it become links.
func (f *flow) spans(text string, r run) []Span {
	if r.link > 0 {
		return []Span{{Text: safe.Line(text), Style: r.style, Link: r.link}}
	}
	return f.doc.linked(safe.Line(text), r.style)
}

func (f *flow) reset() {
	f.line, f.runs, f.space, f.lead = f.line[:0], f.runs[:0], false, 0
}

// rule draws a horizontal line.
func (f *flow) rule() {
	if f.effect.hidden {
		return
	}
	f.breakLine()
	f.sink.add(Block{Kind: Rule, Quote: f.effect.quote, Spans: []Span{{Text: "----"}}})
}

// append puts a span right behind what was written last, even if its line has
// already ended.
func (f *flow) append(s Span) {
	if len(f.line) > 0 {
		f.line = append(f.line, s.Text...)
		f.runs = append(f.runs, run{len(f.line), s.Style, s.Link})
		return
	}
	if n := len(f.sink.blocks); n > 0 && len(f.sink.blocks[n-1].Spans) > 0 {
		last := &f.sink.blocks[n-1]
		last.Spans = append(last.Spans, s)
	}
}
