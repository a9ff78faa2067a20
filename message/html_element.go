package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// effect is what an element does to the text within it.
type effect struct {
	block     bool // starts and ends a line
	margin    bool // with an empty line around
	line      bool // with a rule above
	hidden    bool // not shown at all
	tiny      bool // in a font of no size, until another size is set
	sized     bool // sets a font size that can be seen
	pre       bool // white space counts
	heading   bool
	signature bool
	quote     int
	indent    int
	set       Style
	clear     Style
	link      int
	ink       colour // of the text
	paper     colour // behind it
	unseen    bool   // the two are the same
}

// invisible reports that text is not shown.
func (e effect) invisible() bool { return e.hidden || e.tiny || e.unseen }

// within is e inside of around.
func (e effect) within(around effect) effect {
	all := effect{
		hidden:    e.hidden || around.hidden,
		tiny:      e.tiny || around.tiny && !e.sized,
		pre:       e.pre || around.pre,
		heading:   e.heading || around.heading,
		signature: e.signature || around.signature,
		quote:     min(e.quote+around.quote, maxQuote),
		indent:    e.indent + around.indent,
		set:       around.set&^e.clear | e.set,
		link:      around.link,
		ink:       e.ink.over(around.ink),
		paper:     e.paper.over(around.paper),
	}
	all.unseen = unseen(all.ink, all.paper)
	if e.link > 0 {
		all.link = e.link
	}
	return all
}

// elements are the tags that mean something for the layout; all others are
// read as if only their content were there.
var elements = func() map[atom.Atom]effect {
	m := make(map[atom.Atom]effect)
	group := func(e effect, tags ...atom.Atom) {
		for _, t := range tags {
			m[t] = e
		}
	}
	group(effect{block: true},
		atom.Div, atom.Center, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Aside,
		atom.Address, atom.Fieldset, atom.Form, atom.Figure, atom.Figcaption, atom.Details, atom.Summary, atom.Dt, atom.Li,
		atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td, atom.Caption, atom.Legend)
	group(effect{block: true, margin: true}, atom.P, atom.Ul, atom.Ol, atom.Dl)
	group(effect{block: true, margin: true, heading: true, set: Bold}, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6)
	group(effect{block: true, set: Bold}, atom.Th)
	group(effect{block: true, margin: true, quote: 1}, atom.Blockquote)
	group(effect{block: true, indent: 4}, atom.Dd)
	group(effect{block: true, margin: true, pre: true}, atom.Pre, atom.Xmp, atom.Listing, atom.Plaintext)
	group(effect{set: Bold}, atom.B, atom.Strong)
	group(effect{set: Italic}, atom.I, atom.Em, atom.Cite, atom.Dfn, atom.Var)
	group(effect{set: Underline}, atom.U, atom.Ins)
	group(effect{set: Strike}, atom.S, atom.Strike, atom.Del)
	group(effect{set: Code}, atom.Code, atom.Tt, atom.Kbd, atom.Samp)
	group(effect{set: Dim}, atom.Small)
	group(effect{hidden: true},
		atom.Script, atom.Style, atom.Title, atom.Template, atom.Iframe, atom.Noembed, atom.Noframes,
		atom.Svg, atom.Math, atom.Select, atom.Datalist, atom.Textarea, atom.Applet, atom.Canvas)
	return m
}()

// attributes are the few attributes that matter.
type attributes struct {
	href, alt, style, class, start, value, kind, width, height, colspan, rowspan, align string
	id, title, color, bgcolor                                                           string
	hidden                                                                              bool
}

func readAttributes(z *html.Tokenizer, more bool) attributes {
	var a attributes
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "href":
			a.href = string(value)
		case "alt":
			a.alt = string(value)
		case "style":
			a.style = string(value)
		case "class":
			a.class = string(value)
		case "start":
			a.start = string(value)
		case "value":
			a.value = string(value)
		case "type":
			a.kind = string(value)
		case "width":
			a.width = string(value)
		case "height":
			a.height = string(value)
		case "colspan":
			a.colspan = string(value)
		case "rowspan":
			a.rowspan = string(value)
		case "align":
			a.align = string(value)
		case "id":
			a.id = string(value)
		case "title", "aria-label":
			a.title = string(value)
		case "color":
			a.color = string(value)
		case "bgcolor":
			a.bgcolor = string(value)
		case "hidden":
			a.hidden = true
		}
	}
	return a
}

// effectOf combines what a tag does by itself and by its attributes.
func effectOf(tag atom.Atom, a attributes) effect {
	e := elements[tag]
	if a.hidden {
		e.hidden = true
	}
	switch {
	case tag == atom.P && strings.HasPrefix(a.class, "Mso"):
		e.margin = false // Outlook puts an empty paragraph where it wants a space
	case strings.Contains(a.class, "gmail_signature"), strings.Contains(a.class, "moz-signature"):
		e.signature = true
		e.set |= Dim
	}
	e.ink, e.paper = parseColour(strings.ToLower(a.color)), parseColour(strings.ToLower(a.bgcolor))
	if e.paper.state == colourUnset && a.class != "" {
		e.paper = unknownColour
	}
	if a.style == "" {
		return e
	}
	css := parseCSS(a.style)
	css.apply(&e, tag)
	if tag == atom.Blockquote && css.noBorder && a.kind != "cite" && !strings.Contains(a.class, "quote") {
		e.quote, e.indent = 0, 4 // indented by an editor, not quoted
	}
	return e
}

// inlineCSS is what a style attribute says that matters here.
type inlineCSS struct {
	hidden, collapsed, clipped, noBorder, noMargin, pre bool
	line                                                bool    // drawn above
	fontSize                                            float64 // px or the like; -1 when not set
	set, clear                                          Style
	ink, paper                                          colour
}

func parseCSS(style string) inlineCSS {
	css := inlineCSS{fontSize: -1}
	for declaration := range strings.SplitSeq(style, ";") {
		property, value, ok := strings.Cut(declaration, ":")
		if !ok {
			continue
		}
		value, _, _ = strings.Cut(strings.ToLower(value), "!")
		css.declare(strings.ToLower(strings.TrimSpace(property)), strings.TrimSpace(value))
	}
	css.hidden = css.hidden || css.collapsed && css.clipped
	return css
}

func (c *inlineCSS) declare(property, value string) {
	switch property {
	case "display":
		c.hidden = c.hidden || value == "none"
	case "visibility":
		c.hidden = c.hidden || value == "hidden" || value == "collapse"
	case "opacity":
		c.hidden = c.hidden || isZero(value)
	case "max-height", "height", "max-width", "width":
		c.collapsed = c.collapsed || isZero(value)
	case "overflow", "overflow-y", "overflow-x":
		c.clipped = c.clipped || value == "hidden"
	case "font-size":
		if n, ok := length(value); ok {
			c.fontSize = n
		} else {
			c.fontSize = 16
		}
	case "color":
		c.ink = parseColour(value)
	case "background-color", "background":
		if c.paper = parseColour(value); c.paper.state == colourClear {
			c.paper = colour{}
		}
	case "background-image":
		c.paper = unknownColour
	case "font-weight":
		if n, ok := length(value); value == "bold" || value == "bolder" || ok && n >= 600 {
			c.set |= Bold
		} else {
			c.clear |= Bold
		}
	case "font-style":
		if value == "italic" || value == "oblique" {
			c.set |= Italic
		} else {
			c.clear |= Italic
		}
	case "text-decoration", "text-decoration-line":
		if strings.Contains(value, "line-through") {
			c.set |= Strike
		}
	case "white-space":
		c.pre = strings.HasPrefix(value, "pre")
	case "border-top":
		c.line = strings.Contains(value, "solid") && !strings.HasPrefix(value, "0")
	case "border", "border-left":
		c.noBorder = value == "none" || isZero(value)
	case "margin", "margin-bottom":
		c.noMargin = isZero(strings.Fields(value + " ?")[0])
	}
}

// apply lays the style over what the tag does.
func (c *inlineCSS) apply(e *effect, tag atom.Atom) {
	e.hidden = e.hidden || c.hidden
	if c.fontSize >= 0 {
		e.tiny = c.fontSize <= 1
		e.sized = !e.tiny
	}
	e.pre = e.pre || c.pre
	e.line = tag == atom.Div && c.line
	e.ink, e.paper = c.ink.over(e.ink), c.paper.over(e.paper)
	if tag == atom.P && c.noMargin {
		e.margin = false
	}
	e.clear = c.clear &^ c.set
	e.set = e.set&^c.clear | c.set
}

// length reads a number with or without a unit.
func length(s string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz% "), 64)
	return n, err == nil
}

func isZero(s string) bool {
	n, ok := length(s)
	return ok && n == 0
}
