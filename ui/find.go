package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tmail/lang"
	"tmail/message/safe"
)

// finder finds words in the message shown, as one types: enter goes on to the next place, up to the one before.
type finder struct {
	prompt
	from    position // where the reader was
	missing bool
}

func (m *model) find() tea.Cmd {
	p := m.reader.pager
	if p == nil {
		return nil
	}
	f := &finder{prompt: prompt{heading: lang.T("ask.find"), field: newEditor(m.found, true)}, from: p.top}
	m.open(f)
	f.look(m, 0)
	return nil
}

func (f *finder) key(m *model, name string, k tea.KeyPressMsg) tea.Cmd {
	switch name {
	case "esc":
		m.close(f)
		if p := m.reader.pager; p != nil {
			p.mark = ""
		}
	case "enter", "down", "ctrl+n", "ctrl+f":
		f.look(m, 1)
	case "up", "ctrl+p":
		f.look(m, -1)
	default:
		if f.field.key(k.String(), k.Text) {
			f.look(m, 0)
		}
	}
	return nil
}

func (f *finder) paste(m *model, s string) tea.Cmd {
	f.field.insert(s, false)
	f.look(m, 0)
	return nil
}

// look goes to the next place (1), the one before (-1), or while one types to the first from where one was (0).
func (f *finder) look(m *model, by int) {
	p := m.reader.pager
	if p == nil {
		return
	}
	m.found = f.field.text()
	words := squeezed(m.found)
	p.mark, f.missing = "", false
	if words == "" {
		return
	}
	start := f.from
	if by != 0 {
		start = p.marked
	}
	at, ok := p.search(words, start, by)
	if f.missing = !ok; ok {
		p.show(at, m.look.row(1).put(m.look.accent, m.look.mark).String())
	}
}

func (f *finder) draw(l look, width, height int) ([]string, *tea.Position) {
	rows, cursor := f.prompt.draw(l, width, height)
	if f.missing && height > 1 {
		rows = append(rows, l.row(width).to(3).put(l.dim, safe.Line(lang.T("message.not_found"))).String())
	}
	return rows, cursor
}

func (f *finder) hints() []hint {
	return []hint{{"enter", lang.T("hint.next_place")}, {"↑", lang.T("hint.place_before")}, {"esc", lang.T("hint.back")}}
}

// squeezed is text as words are found in it: without case, and without the blanks and breaks that wrapping moves.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// search returns the first line at or after start (by 0), after it (1) or before it (-1) in which words begin, and goes
// round at the end of the text.
func (p *pager) search(words string, start position, by int) (position, bool) {
	n := len(p.chunks)
	for i := 0; i <= n; i++ {
		chunk := ((start.line+i)%n + n) % n
		if by < 0 {
			chunk = ((start.line-i)%n + n) % n
		}
		hits := p.hits(chunk, words)
		if by < 0 {
			for j := len(hits) - 1; j >= 0; j-- {
				if i > 0 && i < n || i == 0 && hits[j] < start.col || i == n {
					return position{chunk, hits[j]}, true
				}
			}
			continue
		}
		for _, line := range hits {
			if i > 0 || by == 0 && line >= start.col || line > start.col {
				return position{chunk, line}, true
			}
		}
	}
	return position{}, false
}

// hits are the lines of a chunk in which words begin.
func (p *pager) hits(chunk int, words string) []int {
	var text strings.Builder
	lines := p.lines(chunk)
	begins := make([]int, len(lines))
	for i, l := range lines {
		begins[i] = text.Len()
		text.WriteString(squeezed(ansi.Strip(l.text)))
	}
	var hits []int
	all, line := text.String(), 0
	for at := 0; ; at++ {
		i := strings.Index(all[at:], words)
		if i < 0 {
			return hits
		}
		at += i
		for line+1 < len(begins) && begins[line+1] <= at {
			line++
		}
		if len(hits) == 0 || hits[len(hits)-1] != line {
			hits = append(hits, line)
		}
	}
}

// show brings a line into sight, a third of the way down (the question lies over the foot), with a mark in its margin.
func (p *pager) show(at position, mark string) {
	p.marked, p.mark = at, mark
	p.top = at
	for range p.height / 3 {
		p.top = p.previous(p.top)
	}
	p.settle()
}
