package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
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

// hint is a key and what it does, for the footer.
type hint struct{ key, text string }

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
		m.close(p)
	case "enter":
		if p.awaits && p.at.cursor == 0 && p.field.text() == "" {
			p.pressed = true
			return nil
		}
		if p.at.cursor < len(p.shown) {
			return p.choose(m, p.shown[p.at.cursor])
		}
	case "up", "ctrl+p", "shift+tab":
		p.at.move(p.at.cursor-1, len(p.shown))
	case "down", "ctrl+n", "tab":
		p.at.move(p.at.cursor+1, len(p.shown))
	case "pgup":
		p.at.move(p.at.cursor-10, len(p.shown))
	case "pgdown":
		p.at.move(p.at.cursor+10, len(p.shown))
	default:
		if p.lettered {
			return p.letter(m, name)
		}
		if p.field.key(k.String(), k.Text) {
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
	if len(p.shown) == 0 && height > 0 {
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
	r := l.row(width).to(1).put(bold, heading).to(safe.Width(heading) + 3)
	if r.used > width-8 { // no room beside it
		r = l.row(width).to(1)
	}
	t, x := p.field.drawLine(max(1, width-r.used-1))
	cursor := &tea.Position{X: min(r.used+x, width-1)}
	rows := []string{r.put(plain, t).String()}
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
