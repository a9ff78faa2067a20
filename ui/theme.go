package ui

import (
	"strings"

	"tmail/message/safe"
)

// style is what is written before a text to draw it so: a run of SGR sequences, which may be joined with +.
type style string

const (
	plain     style = ""
	bold      style = "\x1b[1m"
	italic    style = "\x1b[3m"
	underline style = "\x1b[4m"
	reverse   style = "\x1b[7m"

	reset = "\x1b[0m"
)

// theme is every colour of the screen: one accent, something quieter than the text, and the ground of the selected
// row. All else is bold, or nothing. The quieter one is of the 256 colours: it is on every row, and half as long there.
type theme struct {
	accent   style
	dim      style
	selected style // the row the cursor is on, in the pane that has the keyboard
	resting  style // the same row while another pane has it
}

var (
	darkTheme = theme{
		accent:   "\x1b[38;2;125;174;247m",
		dim:      "\x1b[38;5;246m",
		selected: "\x1b[48;2;43;51;66m",
		resting:  "\x1b[48;2;33;37;45m",
	}
	lightTheme = theme{
		accent:   "\x1b[38;2;20;88;180m",
		dim:      "\x1b[38;5;242m",
		selected: "\x1b[48;2;217;229;247m",
		resting:  "\x1b[48;2;236;239;244m",
	}
	// accountStyles are the colours a person gives accounts, the terminal's own.
	accountStyles = map[string]style{
		"red": "\x1b[31m", "green": "\x1b[32m", "yellow": "\x1b[33m", "blue": "\x1b[34m", "magenta": "\x1b[35m", "cyan": "\x1b[36m",
	}
	// plainTheme is for terminals without colour and for NO_COLOR: the selected row is reversed.
	plainTheme = theme{selected: reverse}
)

// glyphs are the few signs of the chrome that are not letters.
type glyphs struct {
	unread, star, replied, mark, chosen, ok, warn safe.Text
	rule, bar, teeDown, teeUp, quote, gap         safe.Text
	dash, more, attach, below, folded, dot, half  safe.Text
	leftward                                      safe.Text
}

var (
	fineGlyphs = glyphs{
		unread: "●", star: "★", replied: "r", mark: "▌", chosen: "✓", ok: "✓", warn: "!",
		rule: "─", bar: "│", teeDown: "┬", teeUp: "┴", quote: "▏", gap: "─",
		dash: "—", more: "…", attach: "+", below: "▾", folded: "▸", dot: "·", half: "▀", leftward: "◂",
	}
	// asciiGlyphs are for terminals that draw the signs above two columns wide.
	asciiGlyphs = glyphs{
		unread: "*", star: "!", replied: "r", mark: ">", chosen: "x", ok: "ok", warn: "!",
		rule: "-", bar: "|", teeDown: "+", teeUp: "+", quote: "|", gap: "-",
		dash: "-", more: "..", attach: "+", below: "v", folded: "+", dot: "-", half: "'", leftward: "<",
	}
)

// look is how things are drawn now: colours and signs, both known only after the terminal has answered.
type look struct {
	theme
	glyphs
}

// row is one line of the screen in the making. It never grows wider than it was made for.
type row struct {
	b      strings.Builder
	ground style // under everything put
	width  int
	used   int
	more   safe.Text
}

func (l look) row(width int) *row { return &row{width: max(width, 0), more: l.more} }

// put adds t, cut to the room left, and returns r for the next.
func (r *row) put(st style, t safe.Text) *row {
	room := r.width - r.used
	if room <= 0 || t == "" {
		return r
	}
	w := safe.Width(t)
	if w > room {
		t = safe.Truncate(t, room, r.more)
		w = safe.Width(t)
	}
	r.used += w
	if st = r.ground + st; st == "" {
		r.b.WriteString(string(t))
		return r
	}
	r.b.WriteString(string(st))
	r.b.WriteString(string(t))
	r.b.WriteString(reset)
	return r
}

// cell adds t in exactly width columns.
func (r *row) cell(st style, t safe.Text, width int) *row {
	if width = min(width, r.width-r.used); width <= 0 {
		return r
	}
	end := r.used + width
	if safe.Width(t) > width {
		t = safe.Truncate(t, width, r.more)
	}
	return r.put(st, t).to(end)
}

// right adds t so that it ends at the row's right edge, if it fits behind what is there.
func (r *row) right(st style, t safe.Text) *row {
	if start := r.width - safe.Width(t); start >= r.used {
		r.to(start).put(st, t)
	}
	return r
}

// to fills with blanks up to column col.
func (r *row) to(col int) *row {
	col = min(col, r.width)
	if n := col - r.used; n > 0 {
		r.used = col
		if r.ground != "" {
			r.b.WriteString(string(r.ground) + strings.Repeat(" ", n) + reset)
		} else {
			r.b.WriteString(strings.Repeat(" ", n))
		}
	}
	return r
}

// part begins a row of width columns that is to be joined to r, on the same ground.
func (r *row) part(width int) *row { return &row{ground: r.ground, width: max(width, 0), more: r.more} }

// join adds a part, filled to its width.
func (r *row) join(part *row) *row {
	r.b.WriteString(part.String())
	r.used += part.width
	return r
}

// String is the row filled to its width.
func (r *row) String() string { return r.to(r.width).b.String() }

// rule is a horizontal line of width columns.
func (l look) line(width int) string {
	return string(l.dim) + strings.Repeat(string(l.glyphs.rule), max(width, 0)) + reset
}

// blanks are n empty rows of width columns.
func blanks(n, width int) []string {
	rows := make([]string, max(n, 0))
	for i := range rows {
		rows[i] = strings.Repeat(" ", max(width, 0))
	}
	return rows
}

// fill makes rows exactly n long.
func fill(rows []string, n, width int) []string {
	if len(rows) > n {
		return rows[:max(n, 0)]
	}
	return append(rows, blanks(n-len(rows), width)...)
}
