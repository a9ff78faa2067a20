package ui

import (
	"strings"

	"tmail/message/safe"
)

// How the text of an editor is drawn, and moved through by rows as drawn.

// rowsOf is where the rows of line i begin when it is drawn width columns wide.
func (e *editor) rowsOf(i, width int) []int {
	if w := &e.wraps[i]; w.width != width || w.starts == nil {
		*w = wrapped{width, wrapStarts(e.lines[i], width)}
	}
	return e.wraps[i].starts
}

// rowAt is which row of its line the place is on.
func (e *editor) rowAt(p position, width int) int {
	starts := e.rowsOf(p.line, width)
	for i := len(starts) - 1; i > 0; i-- {
		if p.col >= starts[i] {
			return i
		}
	}
	return 0
}

// vertical moves the cursor by rows as drawn; it reports false at the edge of the text.
func (e *editor) vertical(by, width int) bool {
	starts := e.rowsOf(e.at.line, width)
	r := e.rowAt(e.at, width)
	if e.goal < 0 {
		e.goal = columns(e.lines[e.at.line][starts[r]:e.at.col])
	}
	line := e.at.line
	for ; by > 0; by-- {
		if r+1 < len(e.rowsOf(line, width)) {
			r++
		} else if line+1 < len(e.lines) {
			line, r = line+1, 0
		} else {
			return false
		}
	}
	for ; by < 0; by++ {
		if r > 0 {
			r--
		} else if line > 0 {
			line--
			r = len(e.rowsOf(line, width)) - 1
		} else {
			return false
		}
	}
	goal := e.goal
	e.goTo(position{line, e.colAt(line, r, width, goal)})
	e.goal = goal
	return true
}

// colAt is the place in a row nearest to a column.
func (e *editor) colAt(line, r, width, goal int) int {
	starts := e.rowsOf(line, width)
	end, last := len(e.lines[line]), true
	if r+1 < len(starts) {
		end, last = starts[r+1], false
	}
	col, used := starts[r], 0
	for col < end {
		size, w := cluster(e.lines[line][col:end])
		if used+w > goal || !last && col+size >= end {
			break
		}
		used += w
		col += size
	}
	return col
}

// goToRow puts the cursor into a row as drawn, counted from the top of the window.
func (e *editor) goToRow(y, x, width int) {
	line, r := e.top.line, e.top.col
	for ; y > 0; y-- {
		if r+1 < len(e.rowsOf(line, width)) {
			r++
		} else if line+1 < len(e.lines) {
			line, r = line+1, 0
		}
	}
	e.goTo(position{line, e.colAt(line, r, width, x)})
}

// draw is the rows of a text of many lines, and where the cursor is in them.
func (e *editor) draw(width, height int) (rows []safe.Text, x, y int) {
	if height < 1 || width < 1 {
		return nil, 0, 0
	}
	y = e.reveal(width, height)
	line, r := e.top.line, e.top.col
	for len(rows) < height && line < len(e.lines) {
		starts := e.rowsOf(line, width)
		for ; r < len(starts) && len(rows) < height; r++ {
			end := len(e.lines[line])
			if r+1 < len(starts) {
				end = starts[r+1]
			}
			rows = append(rows, display(clip(e.lines[line][starts[r]:end], width)))
		}
		line, r = line+1, 0
	}
	start := e.rowsOf(e.at.line, width)[e.rowAt(e.at, width)]
	x = min(columns(e.lines[e.at.line][start:e.at.col]), width-1)
	return rows, x, y
}

// reveal moves the window (top: a line and a row of it) so that the cursor is in it, and returns the cursor's row.
func (e *editor) reveal(width, height int) int {
	e.top.line = min(e.top.line, len(e.lines)-1)
	e.top.col = min(e.top.col, len(e.rowsOf(e.top.line, width))-1)
	e.fill(width, height)
	want := position{e.at.line, e.rowAt(e.at, width)}
	if want.before(e.top) {
		e.top = want
		return 0
	}
	// Walk back from the cursor at most one window: the top is there, or moves there.
	p, n := want, 0
	for p != e.top {
		if n == height-1 {
			e.top = p
			break
		}
		p = e.rowBefore(p, width)
		n++
	}
	return n
}

// fill moves the window up where it reaches beyond the end of the text: it may have grown.
func (e *editor) fill(width, height int) {
	rows := -e.top.col
	for line := e.top.line; line < len(e.lines) && rows < height; line++ {
		rows += len(e.rowsOf(line, width))
	}
	for ; rows < height && e.top != (position{}); rows++ {
		e.top = e.rowBefore(e.top, width)
	}
}

// rowBefore is the row above one that is not the first.
func (e *editor) rowBefore(p position, width int) position {
	if p.col > 0 {
		return position{p.line, p.col - 1}
	}
	return position{p.line - 1, len(e.rowsOf(p.line-1, width)) - 1}
}

// drawLine is a text of one line in width columns, and the cursor's column in it.
func (e *editor) drawLine(width int) (t safe.Text, x int) {
	if width < 1 {
		return "", 0
	}
	s := e.lines[0]
	x = columns(s[:e.at.col])
	e.left = min(e.left, x, max(0, columns(s)-width+1)) // hide no more than has to be: the field may have grown
	e.left = max(e.left, x-width+1)
	from, skipped := 0, 0
	for skipped < e.left && from < len(s) {
		size, w := cluster(s[from:])
		from, skipped = from+size, skipped+w
	}
	// A wide character cut in two by the left edge leaves a blank.
	edge := safe.Text(strings.Repeat(" ", max(0, skipped-e.left)))
	return edge + display(clip(s[from:], width-int(skipped-e.left))), x - e.left
}
