package ui

import (
	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
)

// prompt asks for one line of text.
type prompt struct {
	heading  string
	field    *editor
	complete func(typed string) (longer string, options []string) // nil: no completion; runs outside Update
	options  []string
	gen      int
	changed  func(*model, string) tea.Cmd // after each key; nil none
	done     func(*model, string) tea.Cmd
	left     func(*model) tea.Cmd // after esc; nil nothing
}

type completed struct {
	of      *prompt
	gen     int
	longer  string
	options []string
}

func (p *prompt) key(m *model, name string, k tea.KeyPressMsg) tea.Cmd {
	switch name {
	case "esc":
		m.close(p)
		if p.left != nil {
			return p.left(m)
		}
	case "enter":
		m.close(p)
		return p.done(m, p.field.text())
	case "tab":
		return p.askCompletion()
	default:
		if p.field.key(k.String(), k.Text) {
			return p.edited(m)
		}
	}
	return nil
}

func (p *prompt) askCompletion() tea.Cmd {
	if p.complete == nil {
		return nil
	}
	p.gen++
	gen, typed, complete := p.gen, p.field.text(), p.complete
	return func() tea.Msg {
		longer, options := complete(typed)
		return completed{p, gen, longer, options}
	}
}

func (c completed) apply(*model) tea.Cmd {
	if p := c.of; c.gen == p.gen {
		p.options = c.options
		p.field.setText(c.longer)
	}
	return nil
}

func (p *prompt) edited(m *model) tea.Cmd {
	p.gen++
	p.options = nil
	if p.changed != nil {
		return p.changed(m, p.field.text())
	}
	return nil
}

func (p *prompt) paste(m *model, s string) tea.Cmd {
	p.field.insert(s, false)
	return p.edited(m)
}

func (p *prompt) title() string { return "" }

func (p *prompt) draw(l look, width, height int) ([]string, *tea.Position) {
	heading := safe.Line(p.heading)
	var rows []string
	r := l.row(width).to(1).put(bold, heading).to(safe.Width(heading) + 3)
	if r.used > width-8 { // no room beside it
		if height > 1 {
			rows = append(rows, r.String())
		}
		r = l.row(width).to(1)
	}
	t, x := p.field.drawLine(max(1, width-r.used-1))
	cursor := &tea.Position{X: min(r.used+x, width-1), Y: len(rows)}
	rows = append(rows, r.put(plain, t).String())
	for _, option := range p.options {
		if len(rows) < min(height, 8) {
			rows = append(rows, l.row(width).to(3).put(l.dim, safe.Line(option)).String())
		}
	}
	return rows, cursor
}

func (p *prompt) hints() []hint {
	h := []hint{{"enter", lang.T("hint.ok")}, {"esc", lang.T("hint.cancel")}}
	if p.complete != nil {
		h = append(h, hint{"tab", lang.T("hint.complete")})
	}
	return h
}
