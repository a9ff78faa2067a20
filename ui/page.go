package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
)

// page shows text to read: the keys, a server's words, what a command printed.
type page struct {
	heading string
	pager   *pager
}

func newPage(heading string, chunks []chunk) *page { return &page{heading, newPager(chunks)} }

func (p *page) key(m *model, name string, _ tea.KeyPressMsg) tea.Cmd {
	switch name {
	case "esc", "q", "enter", "?":
		m.close(p)
	case "j", "down":
		p.pager.scroll(1)
	case "k", "up":
		p.pager.scroll(-1)
	case "space", "pgdown":
		p.pager.page(1)
	case "b", "pgup":
		p.pager.page(-1)
	case "g", "home":
		p.pager.home()
	case "G", "end":
		p.pager.toEnd()
	}
	return nil
}

func (p *page) paste(*model, string) tea.Cmd { return nil }
func (p *page) title() string                { return p.heading }

func (p *page) draw(_ look, width, height int) ([]string, *tea.Position) {
	p.pager.resize(width, height)
	rows := p.pager.draw()
	for len(rows) > 1 && p.pager.top == (position{}) && strings.TrimSpace(rows[len(rows)-1]) == "" {
		rows = rows[:len(rows)-1] // a short text makes a short sheet
	}
	return rows, nil
}

func (p *page) hints() []hint {
	h := []hint{{"esc", lang.T("hint.back")}}
	if !p.pager.atEnd() || p.pager.top != (position{}) {
		h = append(h, hint{"space", lang.T("hint.page_down")})
	}
	return h
}

// textChunk is words for a page, wrapped, in one style.
func textChunk(st style, text string) chunk {
	return chunk{weight: len(text) + 1, wrap: func(width int) []pageLine {
		var lines []pageLine
		for _, line := range safe.Lines(text) {
			for _, t := range safe.Wrap(line, max(1, width-2)) {
				lines = append(lines, pageLine{text: look{}.row(width).to(1).put(st, t).String(), offset: len(lines)})
			}
		}
		return lines
	}}
}
