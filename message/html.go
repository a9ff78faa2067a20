package message

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tmail/message/safe"
)

// htmlDocument lays HTML out for a terminal. It reads tokens, not a tree: one
// pass, in time and memory linear in src however it is nested. Nothing is
// fetched.
func htmlDocument(src string) *Document {
	return layHTML(src, func([]Block) bool { return false })
}

// layHTML lays HTML out until enough says of the finished blocks that they are.
func layHTML(src string, enough func([]Block) bool) *Document {
	l := &htmlLayout{doc: &Document{FromHTML: true}, numbers: make(map[string]int), base: effect{paper: white}}
	l.flow.sink, l.flow.doc, l.flow.effect = &l.body, l.doc, l.base
	z := html.NewTokenizer(strings.NewReader(src))
	for {
		kind := z.Next()
		if kind == html.ErrorToken || enough(l.body.blocks) {
			l.closeTo(0)
			l.flow.breakLine()
			l.doc.Blocks = l.body.blocks
			l.doc.trim()
			return l.doc
		}
		switch kind {
		case html.TextToken:
			l.text(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := atom.Lookup(name)
			l.start(tag, readAttributes(z, more))
		case html.EndTagToken:
			name, _ := z.TagName()
			l.end(atom.Lookup(name))
		}
	}
}

// maxOpen is how many elements are followed into each other; deeper ones are
// read as if they were not there, their text is kept.
const maxOpen = 256

// htmlLayout turns a stream of tags into blocks.
type htmlLayout struct {
	doc     *Document
	body    sink
	flow    flow           // the line being filled
	open    []openElement  // the elements around the current position
	deeper  int            // open elements beyond maxOpen
	numbers map[string]int // URL to link number
	anchor  anchor
	host    safe.Text // where the last link goes
	sheet   styleSheet
	base    effect // of the whole
	grid    *grid  // the innermost table, while it may be a real one
}

// openElement is an element whose end has not come yet.
type openElement struct {
	tag    atom.Atom
	own    effect
	all    effect // own on top of what is around it
	number int    // of a list: what the next item gets, 0 if they get none
	items  int    // of a list: how many there have been
}

func (l *htmlLayout) text(text []byte) {
	switch e := l.flow.effect; {
	case e.invisible():
		if len(l.open) > 0 && l.top().tag == atom.Style {
			l.sheet.add(string(text))
			l.base.paper = unknownColour // it may colour the page
			l.inherit(0)
		}
	case e.pre:
		l.flow.preformatted(text)
	default:
		l.flow.text(text)
	}
	l.anchor.add(l.flow.effect, text)
}

// start takes in the beginning of an element; most have an end, too.
func (l *htmlLayout) start(tag atom.Atom, a attributes) {
	switch tag {
	case 0, atom.Html, atom.Head:
	case atom.Body:
		l.page(a)
	case atom.Br:
		l.flow.lineBreak()
	case atom.Hr:
		l.closeParagraph()
		l.flow.rule()
	case atom.Img:
		l.image(a)
	case atom.Area, atom.Base, atom.Col, atom.Embed, atom.Input, atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
	default:
		l.enter(tag, a)
	}
}

// enter opens an element: what it does to text, it does until its end.
func (l *htmlLayout) enter(tag atom.Atom, a attributes) {
	if len(l.open) >= maxOpen {
		l.deeper++
		return
	}
	l.closeImplied(tag)
	own := effectOf(tag, a)
	own.hidden = own.hidden || l.sheet.hides(a)
	if own.hidden || l.flow.effect.hidden {
		own.margin = false
	}
	l.open = append(l.open, openElement{tag: tag, own: own})
	if own.block {
		l.flow.breakLine()
	}
	if own.line && !own.hidden {
		l.flow.rule()
	}
	switch {
	case l.isList(tag) && l.inItem():
		l.flow.sink.blank = false // a list within an item belongs to its words
	case own.margin && l.flow.marker == "":
		l.flow.sink.blank = true
	}
	switch tag {
	case atom.A:
		l.openAnchor(a)
	case atom.Ol:
		l.top().number = 1
		if n, err := strconv.Atoi(a.start); err == nil && n > 0 && n < 1_000_000 {
			l.top().number = n
		}
	case atom.Li:
		l.item(a)
	case atom.Table:
		l.openTable()
	case atom.Tr:
		if l.grid != nil {
			l.grid.row()
		}
	case atom.Td, atom.Th:
		l.openCell(tag, a)
	}
	l.inherit(len(l.open) - 1)
	if tag == atom.Q {
		l.text([]byte{'"'})
	}
}

// page takes in what the body says of the whole: the colours.
func (l *htmlLayout) page(a attributes) {
	own := effectOf(atom.Body, a)
	l.base.ink, l.base.paper = own.ink.over(l.base.ink), own.paper.over(l.base.paper)
	l.inherit(0)
}

// top is the innermost open element.
func (l *htmlLayout) top() *openElement { return &l.open[len(l.open)-1] }

// inherit computes what applies within the open elements from i on.
func (l *htmlLayout) inherit(i int) {
	around := l.base
	if i > 0 {
		around = l.open[i-1].all
	}
	for ; i < len(l.open); i++ {
		l.open[i].all = l.open[i].own.within(around)
		around = l.open[i].all
	}
	l.flow.effect = around
}

func (l *htmlLayout) end(tag atom.Atom) {
	if tag == atom.Br || tag == atom.P && !l.isOpen(atom.P) { // browsers take </br> for <br>, </p> for an empty one
		l.flow.lineBreak()
		return
	}
	if tag == 0 || l.deeper > 0 {
		l.deeper = max(0, l.deeper-1)
		return
	}
	i := l.find(tag)
	switch {
	case i < 0:
	case l.open[i].own.block:
		l.closeTo(i)
	default: // what was opened within an inline element goes on after it
		l.close(i)
		l.open = append(l.open[:i], l.open[i+1:]...)
		l.inherit(i)
	}
}

func (l *htmlLayout) isOpen(tag atom.Atom) bool { return l.find(tag) >= 0 }

// find returns the innermost open element with that tag which the current
// position can still close, -1 if there is none: cells and tables shut in.
func (l *htmlLayout) find(tag atom.Atom) int {
	for i := len(l.open) - 1; i >= 0; i-- {
		switch t := l.open[i].tag; {
		case t == tag:
			return i
		case t == atom.Table:
			return -1
		case (t == atom.Td || t == atom.Th) && !tablePart(tag):
			return -1
		}
	}
	return -1
}

func tablePart(tag atom.Atom) bool {
	switch tag {
	case atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td, atom.Th, atom.Caption:
		return true
	}
	return false
}

// closeImplied ends the elements that the start of tag ends without saying so.
func (l *htmlLayout) closeImplied(tag atom.Atom) {
	if tag == atom.A {
		l.closeUpTo(atom.A)
	}
	if elements[tag].block {
		l.closeParagraph()
	}
	switch tag {
	case atom.Li:
		l.closeUpTo(atom.Li, atom.Ul, atom.Ol)
	case atom.Dt, atom.Dd:
		l.closeUpTo(atom.Dt, atom.Dl)
		l.closeUpTo(atom.Dd, atom.Dl)
	case atom.Td, atom.Th:
		l.closeUpTo(atom.Td, atom.Tr)
		l.closeUpTo(atom.Th, atom.Tr)
	case atom.Tr:
		l.closeUpTo(atom.Tr, atom.Table)
	case atom.Thead, atom.Tbody, atom.Tfoot:
		l.closeUpTo(atom.Tr, atom.Table)
		l.closeUpTo(tag, atom.Table)
	}
}

// closeUpTo closes the innermost tag unless one of the outer ones shuts it off.
func (l *htmlLayout) closeUpTo(tag atom.Atom, outer ...atom.Atom) {
	i := l.find(tag)
	if i < 0 {
		return
	}
	for _, e := range l.open[i+1:] {
		if slices.Contains(outer, e.tag) {
			return
		}
	}
	l.closeTo(i)
}

// closeParagraph ends a paragraph, as every block does.
func (l *htmlLayout) closeParagraph() {
	for i := len(l.open) - 1; i >= 0; i-- {
		if l.open[i].tag == atom.P {
			l.closeTo(i)
			return
		}
		if l.open[i].own.block {
			return
		}
	}
}

// closeTo ends the open elements down to and including number i.
func (l *htmlLayout) closeTo(i int) {
	for n := len(l.open) - 1; n >= i; n-- {
		l.close(n)
		l.open = l.open[:n]
		l.inherit(n)
	}
}

// close does what the end of open element i means for the layout.
func (l *htmlLayout) close(i int) {
	e := l.open[i]
	if e.tag == atom.A {
		l.closeAnchor(e.own.link)
	}
	if !e.own.block {
		if e.tag == atom.Q {
			l.text([]byte{'"'})
		}
		return
	}
	l.flow.breakLine()
	switch e.tag {
	case atom.Li:
		l.flow.marker = ""
	case atom.Td, atom.Th:
		if l.grid != nil {
			l.grid.endCell()
			l.flow.sink = &l.body
		}
	case atom.Table:
		l.closeTable()
	}
	if e.own.margin && !(l.isList(e.tag) && l.inItem()) {
		l.flow.sink.blank = true
	}
}

func (l *htmlLayout) isList(tag atom.Atom) bool { return tag == atom.Ul || tag == atom.Ol }

// inItem reports whether the innermost element but one is part of a list item.
func (l *htmlLayout) inItem() bool {
	for i := len(l.open) - 2; i >= 0; i-- {
		if l.open[i].tag == atom.Li {
			return true
		}
		if l.open[i].tag == atom.Td || l.open[i].tag == atom.Th {
			return false
		}
	}
	return false
}

// item starts a list item with its marker.
func (l *htmlLayout) item(a attributes) {
	marker := "- "
	for i := len(l.open) - 1; i >= 0; i-- {
		list := &l.open[i]
		if !l.isList(list.tag) {
			continue
		}
		if list.number > 0 {
			if v, err := strconv.Atoi(a.value); err == nil && v > 0 && v < 1_000_000 {
				list.number = v
			}
			marker = strconv.Itoa(list.number) + ". "
			list.number++
		}
		if list.items > 0 {
			l.flow.sink.blank = false // items stand close, even if they are paragraphs
		}
		list.items++
		break
	}
	l.top().own.indent = len(marker)
	l.flow.marker = marker
}
