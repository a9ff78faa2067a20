package ui

import (
	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
)

// overlay is what lies over the panes and has the keyboard until it closes: a question, a choice, a prompt, a page
// of text. It is drawn as a sheet at the foot of the screen, under a rule.
type overlay interface {
	key(m *model, name string, k tea.KeyPressMsg) tea.Cmd
	paste(m *model, s string) tea.Cmd
	title() string
	// draw returns at most height rows, and the cursor's place in them (x, y) when there is one.
	draw(l look, width, height int) (rows []string, cursor *tea.Position)
	hints() []hint
}

func (m *model) open(o overlay) { m.overlays = append(m.overlays, o) }

func (m *model) topOverlay() overlay {
	if n := len(m.overlays); n > 0 {
		return m.overlays[n-1]
	}
	return nil
}

// close takes o away if it is still there.
func (m *model) close(o overlay) {
	for i, other := range m.overlays {
		if other == o {
			m.overlays = append(m.overlays[:i:i], m.overlays[i+1:]...)
			return
		}
	}
}

// question asks for a yes before something is done.
type question struct {
	text string
	yes  func(*model) tea.Cmd
}

func (q *question) key(m *model, name string, _ tea.KeyPressMsg) tea.Cmd {
	switch name {
	case "y", "Y", "enter":
		m.close(q)
		return q.yes(m)
	case "n", "N", "esc", "q":
		m.close(q)
	}
	return nil
}

func (q *question) paste(*model, string) tea.Cmd { return nil }
func (q *question) title() string                { return "" }

func (q *question) draw(l look, width, height int) ([]string, *tea.Position) {
	var rows []string
	for _, t := range safe.Wrap(safe.Line(q.text), max(1, width-2)) {
		rows = append(rows, l.row(width).to(1).put(bold, t).String())
	}
	return rows[:min(len(rows), height)], nil
}

func (q *question) hints() []hint {
	return []hint{{"y", lang.T("hint.yes")}, {"n", lang.T("hint.no")}}
}
