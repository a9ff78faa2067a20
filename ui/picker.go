package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// choice is one thing to choose from.
type choice struct {
	label, note safe.Text
	letter      string   // chooses it at once, in a list of letters
	folder      store.ID // the folder that would be chosen; 0 none
	do          func(*model) tea.Cmd
}

// picker offers choices. With lettered it waits for a letter; else one types to find.
type picker struct {
	heading  string
	lettered bool
	all      []choice
	shown    []choice
	field    *editor
	at       scroll
	awaits   bool // what belongs on top is being looked for
	pressed  bool // enter was, meanwhile
}

func newPicker(heading string, choices []choice) *picker {
	return &picker{heading: heading, all: choices, shown: choices, field: newEditor("", true)}
}

// newLetters is a picker whose choices are chosen by their letters; those without one get the next free.
func newLetters(heading string, choices []choice) *picker {
	p := newPicker(heading, choices)
	p.lettered = true
	next := 'a'
	for i := range p.all {
		if p.all[i].letter == "" && next <= 'z' {
			p.all[i].letter = string(next)
			next++
		}
	}
	return p
}

func (p *picker) key(m *model, name string, k tea.KeyPressMsg) tea.Cmd {
	switch name {
	case "esc":
		p.pressed = false
		m.close(p)
	case "enter":
		if p.awaits && p.at.cursor == 0 && (p.field.text() == "" || len(p.all) == 0) {
			p.pressed = true
			return nil
		}
		if p.at.cursor < len(p.shown) {
			return p.choose(m, p.shown[p.at.cursor])
		}
	case "shift+tab":
		p.at.key("up", len(p.shown))
	case "tab":
		p.at.key("down", len(p.shown))
	default:
		switch {
		case p.at.key(name, len(p.shown)):
		case p.lettered:
			return p.letter(m, name)
		case p.field.key(k.String(), k.Text):
			p.find()
		}
	}
	return nil
}

func (p *picker) letter(m *model, name string) tea.Cmd {
	for _, c := range p.shown {
		if c.letter == name {
			return p.choose(m, c)
		}
	}
	if name == "q" {
		m.close(p)
	}
	return nil
}

func (p *picker) choose(m *model, c choice) tea.Cmd {
	m.close(p)
	return c.do(m)
}

// find keeps the choices that hold every word typed; those that begin with what is typed come first.
func (p *picker) find() {
	typed := strings.ToLower(strings.TrimSpace(p.field.text()))
	words := strings.Fields(typed)
	var first, rest []choice
	for _, c := range p.all {
		name := strings.ToLower(string(c.label))
		switch {
		case !holdsAll(name+" "+strings.ToLower(string(c.note)), words):
		case strings.HasPrefix(name, typed):
			first = append(first, c)
		default:
			rest = append(rest, c)
		}
	}
	p.shown = append(first, rest...)
	p.at = scroll{}
}

func holdsAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

func (p *picker) paste(_ *model, s string) tea.Cmd {
	if !p.lettered {
		p.field.insert(s, false)
		p.find()
	}
	return nil
}

func (p *picker) title() string {
	if p.lettered {
		return p.heading
	}
	return ""
}

func (p *picker) draw(l look, width, height int) (rows []string, cursor *tea.Position) {
	if !p.lettered {
		r := l.row(width).to(1).put(bold, safe.Line(p.heading)).to(safe.Width(safe.Line(p.heading)) + 3)
		t, x := p.field.drawLine(max(1, width-r.used-1))
		cursor = &tea.Position{X: min(r.used+x, width-1), Y: 0}
		rows = append(rows, r.put(plain, t).String())
		height--
	}
	height = min(height, max(1, len(p.shown)))
	if len(p.shown) == 0 && height > 0 && !(p.awaits && len(p.all) == 0) {
		return append(rows, l.row(width).to(3).put(l.dim, safe.Line(lang.T("picker.none"))).String()), cursor
	}
	return append(rows, p.at.rows(len(p.shown), height, width, func(i int) string {
		return p.drawChoice(l, i, width)
	})...), cursor
}

func (p *picker) drawChoice(l look, i, width int) string {
	c, r := p.shown[i], l.row(width)
	if i == p.at.cursor {
		r.ground = l.selected
		r.put(l.accent, l.mark)
	}
	r.to(3)
	if c.letter != "" {
		r.put(l.accent, safe.Text(c.letter)).to(6)
	}
	noteWidth := min(safe.Width(c.note), max(0, (width-r.used)/2))
	r.cell(plain, c.label, width-r.used-noteWidth-3)
	return r.to(r.used+1).cell(l.dim, c.note, noteWidth).String()
}

func (p *picker) hints() []hint {
	if p.lettered {
		return []hint{{"a–z", lang.T("hint.choose")}, {"esc", lang.T("hint.cancel")}}
	}
	return []hint{{"enter", lang.T("hint.choose")}, {"↑ ↓", lang.T("hint.move_cursor")}, {"esc", lang.T("hint.cancel")}}
}
