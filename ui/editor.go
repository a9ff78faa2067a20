package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// editor is text being written: one line or many. It moves by what people see as one character, remembers every
// change for undo, and wraps only the lines that changed, so that a key costs the same in a long letter.
type editor struct {
	single bool // one line: never wrapped, newlines become blanks

	lines []string
	wraps []wrapped // beside lines
	at    position
	goal  int // the column sought while moving up and down; -1 none
	top   position
	left  int // first column shown of a single line

	done, undone []change
	changes      int // counts every change of the text
}

// position is a place between characters: a line and a byte offset in it.
type position struct{ line, col int }

func (p position) before(q position) bool {
	return p.line < q.line || p.line == q.line && p.col < q.col
}

// change is one edit, enough to take it back: at, old was replaced by new.
type change struct {
	at       position
	old, new string
	cursor   position // where it was before
	typed    bool     // joins with the next typed one
}

// wrapped is where the rows of a line begin, for one width.
type wrapped struct {
	width  int
	starts []int
}

// newEditor begins with text: the cursor before it, in a single line behind it.
func newEditor(text string, single bool) *editor {
	e := &editor{single: single, goal: -1}
	e.lines = splitLines(cleanInput(text, single))
	e.wraps = make([]wrapped, len(e.lines))
	if single {
		e.at = e.end()
	}
	return e
}

// text is all that is written, lines joined by \n.
func (e *editor) text() string { return strings.Join(e.lines, "\n") }

// setText replaces everything as one undoable change and puts the cursor at its end.
func (e *editor) setText(s string) {
	s = cleanInput(s, e.single)
	if s != e.text() {
		e.replace(position{}, e.end(), s, false)
	}
}

func (e *editor) end() position {
	last := len(e.lines) - 1
	return position{last, len(e.lines[last])}
}

// cleanInput drops what is no text: control and escape characters, and bytes that are not UTF-8.
func cleanInput(s string, single bool) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\n' || r == '\u2028' || r == '\u2029':
			if single {
				return ' '
			}
			return '\n'
		case r == '\t' && single:
			return ' '
		case r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r < 0xa0, r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
}

func splitLines(s string) []string { return strings.Split(s, "\n") }

// insert writes s at the cursor; typed text joins with what was typed before it into one step of undo.
func (e *editor) insert(s string, typed bool) {
	if s = cleanInput(s, e.single); s != "" {
		e.replace(e.at, e.at, s, typed)
	}
}

// erase removes what lies between two places.
func (e *editor) erase(from, to position) {
	if to.before(from) {
		from, to = to, from
	}
	if from != to {
		e.replace(from, to, "", false)
	}
}

func (e *editor) replace(from, to position, s string, typed bool) {
	c := change{at: from, old: e.between(from, to), new: s, cursor: e.at, typed: typed}
	e.at = e.splice(from, to, s)
	e.goal = -1
	e.undone = nil
	if n := len(e.done); typed && n > 0 && e.joins(e.done[n-1], c) {
		e.done[n-1].new += s
		return
	}
	e.done = append(e.done, c)
}

// joins reports whether c goes on where last stopped, in the same word.
func (e *editor) joins(last, c change) bool {
	return last.typed && c.old == "" && advance(last.at, last.new) == c.at &&
		!strings.HasSuffix(last.new, " ") && !strings.HasSuffix(last.new, "\n")
}

// advance is the place behind s when it was written at p.
func advance(p position, s string) position {
	n := strings.Count(s, "\n")
	if n == 0 {
		return position{p.line, p.col + len(s)}
	}
	return position{p.line + n, len(s) - strings.LastIndexByte(s, '\n') - 1}
}

func (e *editor) between(from, to position) string {
	if from.line == to.line {
		return e.lines[from.line][from.col:to.col]
	}
	var b strings.Builder
	b.WriteString(e.lines[from.line][from.col:])
	for i := from.line + 1; i < to.line; i++ {
		b.WriteByte('\n')
		b.WriteString(e.lines[i])
	}
	b.WriteByte('\n')
	b.WriteString(e.lines[to.line][:to.col])
	return b.String()
}

// splice is the only place where the text changes. It returns the place behind s.
func (e *editor) splice(from, to position, s string) position {
	fresh := splitLines(e.lines[from.line][:from.col] + s + e.lines[to.line][to.col:])
	e.lines = replaceSlice(e.lines, from.line, to.line+1, fresh)
	e.wraps = replaceSlice(e.wraps, from.line, to.line+1, make([]wrapped, len(fresh)))
	e.changes++
	return advance(from, s)
}

func replaceSlice[T any](all []T, from, to int, fresh []T) []T {
	if len(fresh) == to-from {
		copy(all[from:], fresh)
		return all
	}
	out := make([]T, 0, len(all)-(to-from)+len(fresh))
	return append(append(append(out, all[:from]...), fresh...), all[to:]...)
}

// undo takes the last change back; it reports whether there was one.
func (e *editor) undo() bool {
	n := len(e.done)
	if n == 0 {
		return false
	}
	c := e.done[n-1]
	e.done = e.done[:n-1]
	e.splice(c.at, advance(c.at, c.new), c.old)
	e.at, e.goal = c.cursor, -1
	c.typed = false
	e.undone = append(e.undone, c)
	return true
}

// redo does again what undo took back.
func (e *editor) redo() bool {
	n := len(e.undone)
	if n == 0 {
		return false
	}
	c := e.undone[n-1]
	e.undone = e.undone[:n-1]
	e.at = e.splice(c.at, advance(c.at, c.old), c.new)
	e.goal = -1
	e.done = append(e.done, c)
	return true
}

// key does what a key does in any text. It reports whether the key was one of its own.
func (e *editor) key(name, text string) bool {
	switch name {
	case "left", "ctrl+b":
		e.goTo(e.left1(e.at))
	case "right":
		e.goTo(e.right1(e.at))
	case "ctrl+left", "alt+left", "alt+b":
		e.goTo(e.wordLeft(e.at))
	case "ctrl+right", "alt+right", "alt+f":
		e.goTo(e.wordRight(e.at))
	case "home", "ctrl+a":
		e.goTo(position{e.at.line, 0})
	case "end":
		e.goTo(position{e.at.line, len(e.lines[e.at.line])})
	case "ctrl+home":
		e.goTo(position{})
	case "ctrl+end":
		e.goTo(e.end())
	case "backspace", "ctrl+h":
		e.erase(e.left1(e.at), e.at)
	case "delete":
		e.erase(e.at, e.right1(e.at))
	case "ctrl+w", "alt+backspace", "ctrl+backspace":
		e.erase(e.wordLeft(e.at), e.at)
	case "alt+d":
		e.erase(e.at, e.wordRight(e.at))
	case "ctrl+u":
		e.erase(position{e.at.line, 0}, e.at)
	case "ctrl+k":
		e.killLine()
	case "ctrl+_", "ctrl+/", "ctrl+shift+-":
		e.undo()
	case "alt+_", "alt+/", "alt+shift+-":
		e.redo()
	case "enter", "ctrl+m":
		if e.single {
			return false
		}
		e.insert("\n", true)
	default:
		if text == "" {
			return false
		}
		e.insert(text, true)
	}
	return true
}

// goTo puts the cursor at p, or as near as there is text.
func (e *editor) goTo(p position) {
	p.line = min(p.line, len(e.lines)-1)
	p.col = min(p.col, len(e.lines[p.line]))
	for p.col > 0 && p.col < len(e.lines[p.line]) && !utf8.RuneStart(e.lines[p.line][p.col]) {
		p.col--
	}
	e.at, e.goal = p, -1
	if n := len(e.done); n > 0 {
		e.done[n-1].typed = false
	}
}

func (e *editor) killLine() {
	to := position{e.at.line, len(e.lines[e.at.line])}
	if to == e.at {
		to = e.right1(e.at)
	}
	e.erase(e.at, to)
}

func (e *editor) left1(p position) position {
	if p.col > 0 {
		line := e.lines[p.line]
		return position{p.line, p.col - lastCluster(line[:p.col])}
	}
	if p.line > 0 {
		return position{p.line - 1, len(e.lines[p.line-1])}
	}
	return p
}

func (e *editor) right1(p position) position {
	if line := e.lines[p.line]; p.col < len(line) {
		size, _ := cluster(line[p.col:])
		return position{p.line, p.col + size}
	}
	if p.line+1 < len(e.lines) {
		return position{p.line + 1, 0}
	}
	return p
}

func (e *editor) wordLeft(p position) position {
	if p.col == 0 {
		return e.left1(p)
	}
	line := e.lines[p.line]
	col, inWord := p.col, false
	for col > 0 {
		size := lastCluster(line[:col])
		if word := isWord(line[col-size:]); inWord && !word {
			break
		} else if word {
			inWord = true
		}
		col -= size
	}
	return position{p.line, col}
}

func (e *editor) wordRight(p position) position {
	line := e.lines[p.line]
	if p.col == len(line) {
		return e.right1(p)
	}
	col, inWord := p.col, false
	for col < len(line) {
		if word := isWord(line[col:]); inWord && !word {
			break
		} else if word {
			inWord = true
		}
		size, _ := cluster(line[col:])
		col += size
	}
	return position{p.line, col}
}

func isWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '\''
}
