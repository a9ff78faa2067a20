package message

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html/atom"

	"tmail/message/safe"
)

const (
	maxTableWidth   = 76
	minColumn       = 12 // columns of text are not squeezed below this
	maxTableColumns = 32
	maxTableCells   = 20_000
	maxCellText     = 120 // more is prose, set side by side only in a table with headings
	maxCellLines    = 4   // of a cell in one with headings; else a cell has one
	columnGap       = 2
)

// grid is a table that may turn out to be a real one: rows and columns of
// words. Most tables in mail only arrange; these become plain text.
type grid struct {
	rows   [][]gridCell
	spans  []int // rows that a cell above still covers, by column
	cell   sink  // the cell being read
	next   gridCell
	open   bool
	cells  int
	quote  int
	indent int
}

type gridCell struct {
	blocks []Block
	apart  bool // from what is before and after it
	header bool
	right  bool
	span   int // columns it covers
	below  int // further rows it covers
}

func (g *grid) row() {
	g.rows = append(g.rows, nil)
}

func (g *grid) endCell() {
	if !g.open {
		return
	}
	g.open = false
	g.cells++
	if len(g.rows) == 0 {
		g.row()
	}
	g.next.blocks = g.cell.blocks
	g.next.apart = g.cell.apart || g.cell.blank || len(g.cell.blocks) > 1
	g.cell = sink{}
	row := &g.rows[len(g.rows)-1]
	for len(*row) < len(g.spans) && g.spans[len(*row)] > 0 {
		g.spans[len(*row)]--
		*row = append(*row, gridCell{span: 1})
	}
	*row = append(*row, g.next)
	for extra := g.next.span; extra > 1; extra-- {
		*row = append(*row, gridCell{span: 0})
	}
	if g.next.below > 0 {
		for len(g.spans) < len(*row) {
			g.spans = append(g.spans, 0)
		}
		g.spans[len(*row)-g.next.span] = g.next.below
	}
}

// openTable starts a table. One that holds another is no real one: what it
// has so far goes out as text.
func (l *htmlLayout) openTable() {
	l.dissolve()
	around := l.flow.effect
	l.grid = &grid{quote: around.quote, indent: around.indent}
}

// dissolve turns the table being read into text, the open cell included.
func (l *htmlLayout) dissolve() {
	g := l.grid
	if g == nil {
		return
	}
	l.flow.breakLine()
	g.endCell()
	l.grid = nil
	l.flow.sink = &l.body
	for _, row := range g.rows {
		l.emitCells(row)
	}
}

// emitCells puts the cells of a row below each other. Rows with a cell of
// several lines stand apart; within them short cells stay with the one before.
func (l *htmlLayout) emitCells(row []gridCell) {
	apart := slices.ContainsFunc(row, func(c gridCell) bool { return c.apart && len(c.blocks) > 0 })
	l.body.blank = l.body.blank || apart
	first := true
	for _, c := range row {
		if len(c.blocks) == 0 {
			continue
		}
		l.body.blank = l.body.blank || !first && c.apart
		first = false
		for _, b := range c.blocks {
			if len(b.Spans) == 0 {
				l.body.blank = true
				continue
			}
			l.body.add(b)
		}
	}
	l.body.blank = l.body.blank || apart
}

func (l *htmlLayout) openCell(tag atom.Atom, a attributes) {
	g := l.grid
	if g == nil {
		return
	}
	if g.cells >= maxTableCells {
		l.dissolve()
		return
	}
	g.endCell()
	g.open = true
	g.next = gridCell{
		header: tag == atom.Th,
		right:  strings.EqualFold(a.align, "right"),
		span:   count(a.colspan, maxTableColumns),
		below:  count(a.rowspan, 1000) - 1,
	}
	l.flow.sink = &g.cell
}

// count reads a number of columns or rows, 1 when there is none.
func count(s string, most int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 1
	}
	return min(n, most)
}

func (l *htmlLayout) closeTable() {
	g := l.grid
	if g == nil {
		return
	}
	g.endCell()
	l.grid = nil
	l.flow.sink = &l.body
	g.compact()
	if widths, ok := g.widths(); ok {
		l.body.blank = true
		figures := g.figures(len(widths))
		for _, row := range g.rows {
			for _, b := range g.lay(row, widths, figures) {
				l.body.add(b)
			}
		}
		l.body.blank = true
		return
	}
	for _, row := range g.rows {
		if b, ok := g.joined(row); ok {
			l.body.add(b)
		} else {
			l.emitCells(row)
		}
	}
}

// compact drops the rows and columns that are there for spacing only.
func (g *grid) compact() {
	columns := 0
	for _, row := range g.rows {
		columns = max(columns, len(row))
	}
	if columns > maxTableColumns {
		return
	}
	used := make([]bool, columns)
	rows := g.rows[:0]
	for _, row := range g.rows {
		empty := true
		for i, c := range row {
			if len(c.blocks) > 0 {
				used[i], empty = true, false
			}
		}
		if !empty {
			rows = append(rows, row)
		}
	}
	for r, row := range rows {
		kept := row[:0]
		for i, c := range row {
			if used[i] {
				kept = append(kept, c)
			}
		}
		rows[r] = kept
	}
	g.rows = rows
}

// widths returns the widths of the columns if this is a real table that can be
// shown as one: at least two rows and columns, a line of words in each cell.
func (g *grid) widths() ([]int, bool) {
	var widths []int
	full := 0 // rows with something in more than one column
	prose, headed := false, false
	most := 1
	if g.headed() {
		most = maxCellLines
	}
	for _, row := range g.rows {
		filled := 0
		for i, c := range row {
			if len(c.blocks) > most || slices.ContainsFunc(c.blocks, func(b Block) bool { return b.Kind != Para || b.Indent > g.indent }) {
				return nil, false
			}
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if len(c.blocks) == 0 {
				continue
			}
			filled++
			headed = headed || c.header
			for _, b := range c.blocks {
				prose = prose || safe.Width(b.text()) > maxCellText
				if c.span == 1 || i == len(row)-1 && i > 0 {
					widths[i] = max(widths[i], safe.Width(b.text()))
				}
			}
		}
		if filled > 1 {
			full++
		}
	}
	if prose && !headed || full < 2 || len(widths) < 2 || len(widths) > maxTableColumns {
		return nil, false
	}
	return widths, squeeze(widths, maxTableWidth-g.indent-columnGap*(len(widths)-1))
}

// headed reports a table whose first row is headings.
func (g *grid) headed() bool {
	return len(g.rows) > 0 && len(g.rows[0]) > 1 && !slices.ContainsFunc(g.rows[0], func(c gridCell) bool { return !c.header && len(c.blocks) > 0 })
}

// squeeze narrows the widest columns until all fit in room.
func squeeze(widths []int, room int) bool {
	for {
		total, widest, second := 0, 0, 0
		for i, w := range widths {
			total += w
			if w > widths[widest] {
				widest = i
			}
		}
		if total <= room {
			return true
		}
		for i, w := range widths {
			if i != widest {
				second = max(second, w)
			}
		}
		least := max(minColumn, second-1, widths[widest]-(total-room))
		if least >= widths[widest] {
			return false
		}
		widths[widest] = least
	}
}

// figures are the columns of amounts, which are aligned at their right end.
func (g *grid) figures(columns int) []bool {
	figures := make([]bool, columns)
	for i := range figures {
		seen := false
		figures[i] = !slices.ContainsFunc(g.rows, func(row []gridCell) bool {
			if i >= len(row) || len(row[i].blocks) == 0 || row[i].header {
				return false
			}
			seen = true
			return !isFigure(row[i].blocks[0].Spans)
		}) && seen
	}
	return figures
}

// lay aligns one row, over several lines where a cell is too long for one.
func (g *grid) lay(row []gridCell, widths []int, figures []bool) []Block {
	wrapped := make([][][]Span, len(row))
	height := 0
	for i, c := range row {
		for _, line := range c.blocks {
			content := Block{Spans: line.Spans}
			wrapped[i] = append(wrapped[i], content.Wrap(max(1, spanWidth(widths, i, c.span)))...)
		}
		height = max(height, len(wrapped[i]))
	}
	blocks := make([]Block, 0, height)
	for n := range height {
		b := Block{Kind: Table, Pre: true, Quote: g.quote, Indent: min(g.indent, 40)}
		at, due := 0, 0 // the column reached, and the one the next cell starts in
		for i, c := range row {
			w := spanWidth(widths, i, max(c.span, 1))
			if n < len(wrapped[i]) {
				cell := wrapped[i][n]
				cw := 0
				for _, s := range cell {
					cw += safe.Width(s.Text)
				}
				from := due
				if c.right || c.span == 1 && figures[i] && (!c.header || i > 0) {
					from += max(0, w-cw)
				}
				if from > at {
					b.Spans = append(b.Spans, Span{Text: safe.Pad("", from-at)})
				}
				b.Spans = append(b.Spans, cell...)
				at = from + cw
			}
			due += widths[i] + columnGap
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// spanWidth is the width of the columns from i that a cell covers.
func spanWidth(widths []int, i, span int) int {
	w := -columnGap
	for ; span > 0 && i < len(widths); span-- {
		w += widths[i] + columnGap
		i++
	}
	return w
}

// isFigure reports an amount, which is read from its right end.
func isFigure(cell []Span) bool {
	digits := false
	for _, s := range cell {
		for _, r := range s.Text {
			switch {
			case r >= '0' && r <= '9':
				digits = true
			case !strings.ContainsRune(" .,+-−%()$€£¥￥", r):
				return false
			}
		}
	}
	return digits
}

// joined puts a row of short cells on one line.
func (g *grid) joined(row []gridCell) (Block, bool) {
	var line Block
	width := 0
	for _, c := range row {
		if len(c.blocks) == 0 {
			continue
		}
		b := c.blocks[0]
		if len(c.blocks) > 1 || b.Pre || b.Kind == List || b.Kind == Rule {
			return Block{}, false
		}
		if line.Spans == nil {
			line = Block{Kind: b.Kind, Quote: b.Quote, Indent: b.Indent}
		} else {
			line.Spans = append(line.Spans, Span{Text: "  "})
		}
		line.Spans = append(line.Spans, b.Spans...)
		if width += columnGap + safe.Width(b.text()); width > maxTableWidth {
			return Block{}, false
		}
	}
	return line, line.Spans != nil
}
