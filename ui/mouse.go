package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
)

// The mouse: what a click or the wheel means at a place of the screen. Everything it does, a key does too.

// wheelRows is how far a notch of the wheel scrolls.
const wheelRows = 3

// twice is how soon a second click makes a double one.
const twice = 500 * time.Millisecond

// lastClick remembers a click, to know the second one of two.
type lastClick struct {
	x, y int
	at   time.Time
}

// clicked takes a click at a place of the screen, counted from 0.
func (m *model) clicked(c tea.MouseClickMsg) tea.Cmd {
	if c.Button != tea.MouseLeft || m.height < 3 {
		return nil
	}
	before := m.click
	m.click = lastClick{c.X, c.Y, m.Now()}
	double := before.x == c.X && before.y == c.Y && m.Now().Sub(before.at) < twice
	if c.Y == m.height-1 {
		return m.clickFooter(c.X)
	}
	m.noticed()
	y := c.Y - m.bodyTop()
	if y < 0 || y >= m.bodyHeight() {
		return nil
	}
	if o := m.topOverlay(); o != nil {
		return m.clickOverlay(o, y)
	}
	if m.composer != nil {
		return m.clickCompose(c.X, y)
	}
	switch pane, x := m.paneAt(c.X); pane {
	case onFolders:
		return m.clickFolder(x, y)
	case onList:
		return m.clickRow(y, double, c.Mod.Contains(tea.ModCtrl))
	default:
		return m.clickMessage(x, y)
	}
}

// bodyTop is the row of the screen the panes begin in.
func (m *model) bodyTop() int {
	if m.rules() {
		return 2
	}
	return 1
}

// paneAt is the pane in column x of the screen, and the column of the pane.
func (m *model) paneAt(x int) (focus, int) {
	f, l, _ := m.paneWidths()
	switch {
	case x < f || l == 0 && f > 0:
		return onFolders, x
	case f > 0:
		x -= f + 1
	}
	switch {
	case x < l:
		return onList, x
	case l > 0:
		x -= l + 1
	}
	return onMessage, x
}

// clickFooter presses the key whose hint is clicked; at the right it shows what went wrong, or takes back what was done.
func (m *model) clickFooter(x int) tea.Cmd {
	hints := m.placeHints()
	for _, h := range hints {
		if x >= h.from && x < h.to {
			return m.pressNamed(h.key)
		}
	}
	if len(hints) > 0 && x < hints[len(hints)-1].to {
		return nil
	}
	switch {
	case m.status.failed:
		return m.showDetails()
	case m.status.undo && m.composer == nil && m.topOverlay() == nil:
		return m.undo()
	}
	return nil
}

// pressNamed presses a key by its name.
func (m *model) pressNamed(name string) tea.Cmd {
	if k, ok := keyNamed(name); ok {
		return m.press(k)
	}
	return nil
}

// choosable is an overlay with rows that a click chooses; y counts from the first it draws.
type choosable interface {
	click(m *model, y int) tea.Cmd
}

func (m *model) clickOverlay(o overlay, y int) tea.Cmd {
	rows, _ := m.sheet(o, m.bodyHeight())
	y -= m.bodyHeight() - len(rows) + 1 // below its rule
	if c, ok := o.(choosable); ok && y >= 0 {
		return c.click(m, y)
	}
	return nil
}

func (p *picker) click(m *model, y int) tea.Cmd {
	if !p.lettered {
		y-- // the field
	}
	if i := p.at.top + y; y >= 0 && i < len(p.shown) {
		return p.choose(m, p.shown[i])
	}
	return nil
}

func (p *filePicker) click(m *model, y int) tea.Cmd {
	if i := p.at.top + y - 1; y >= 1 && i < len(p.shown) {
		p.at.cursor = i
		return p.key(m, "enter", tea.KeyPressMsg{Code: tea.KeyEnter})
	}
	return nil
}

// clickFolder opens a folder; before its name it folds.
func (m *model) clickFolder(x, y int) tea.Cmd {
	p := &m.folders
	i := p.at.top + y
	if i >= len(p.entries) || !p.entries[i].stops() {
		return nil
	}
	p.at.cursor = i
	if e := p.entries[i]; e.parent && x <= 1+min(e.depth, deepest) {
		m.focus = onFolders
		return m.toggleFolded()
	}
	return m.openEntry(p.entries[i])
}

// clickRow puts the cursor on a message; a second click opens it, one with ctrl selects it.
func (m *model) clickRow(y int, double, ctrl bool) tea.Cmd {
	l := &m.list
	i := l.at.top + y
	if i >= len(l.ids) {
		m.focus = onList
		return nil
	}
	again := i == l.at.cursor && m.focus == onList
	m.focus = onList
	move := m.moveTo(i)
	switch {
	case ctrl:
		return tea.Batch(move, m.choose())
	case again || double:
		return tea.Batch(move, m.pressNamed(m.keys.keyOf("open", m.place())))
	}
	return move
}

// spot is what a click on the columns from..to of a row in a message opens, by number from 1.
type spot struct {
	from, to   int
	link, part int
	fold       bool // shows what is folded
}

// clickMessage opens the link or attachment that is clicked.
func (m *model) clickMessage(x, y int) tea.Cmd {
	r := &m.reader
	if r.id == 0 || r.pager == nil {
		return nil
	}
	m.focus = onMessage
	if m.clickPost(y) {
		return nil
	}
	for _, s := range r.pager.rowAt(y).spots {
		switch {
		case x < s.from || x >= s.to:
		case s.fold:
			return m.toggleFold()
		case s.part > 0 && r.content != nil && s.part <= len(r.content.msg.Attachments):
			return m.openPart(r.content, r.content.msg.Attachments[s.part-1])
		case s.link > 0 && r.doc != nil && s.link <= len(r.doc.Links):
			return m.clickLink(r.doc.Links[s.link-1])
		}
	}
	return nil
}

// clickLink opens a link. Where it says one host and leads to another, a click alone is no consent.
func (m *model) clickLink(l message.Link) tea.Cmd {
	if l.Claims == "" {
		return m.openURL(l.URL)
	}
	m.open(&question{text: lang.T("ask.open_other", "Claims", string(l.Claims), "Host", string(l.Host), "Link", l.URL),
		yes: func(m *model) tea.Cmd { return m.openURL(l.URL) }})
	return nil
}

// clickCompose puts the cursor into a field, or into the text.
func (m *model) clickCompose(x, y int) tea.Cmd {
	c, height := m.composer, m.bodyHeight()
	row := 0
	for _, f := range c.shown(height) {
		if f == fieldBody {
			break
		}
		if row == y {
			c.at = f
			c.completion.close()
			if e := c.texts[f]; e != nil {
				e.goTo(position{0, e.colAt(0, 0, 1<<20, max(0, x-m.labelWidth()))})
			}
			return nil
		}
		row++
		if f != c.at {
			continue
		}
		if i := y - row; i >= 0 && i < len(c.completion.options) {
			c.completion.at = i
			cmd, _ := m.completionKey("enter")
			return cmd
		}
		row += len(c.completion.options)
	}
	if y <= row || height-row < 3 { // the rule; a small screen shows only some of the fields
		return nil
	}
	c.at = fieldBody
	c.completion.close()
	c.texts[fieldBody].goToRow(y-row-1, max(0, x-2), m.bodyWidth())
	return nil
}

// wheeled scrolls what is under the pointer.
func (m *model) wheeled(w tea.MouseWheelMsg) tea.Cmd {
	by := wheelRows
	switch w.Button {
	case tea.MouseWheelUp:
		by = -wheelRows
	case tea.MouseWheelDown:
	default:
		return nil
	}
	if o := m.topOverlay(); o != nil {
		return m.wheelOverlay(o, by)
	}
	if m.composer != nil {
		if m.composer.at == fieldBody {
			for range wheelRows {
				m.composer.texts[fieldBody].vertical(by/wheelRows, m.bodyWidth())
			}
		}
		return nil
	}
	switch pane, _ := m.paneAt(w.X); pane {
	case onFolders:
		m.folders.at.wheel(by, len(m.folders.entries), m.bodyHeight())
		m.folders.move(0)
	case onList:
		m.list.at.wheel(by, len(m.list.ids), m.list.height)
		return m.moveTo(m.list.at.cursor)
	default:
		if m.reader.pager != nil {
			m.reader.pager.scroll(by)
		}
	}
	return nil
}

// wheelOverlay scrolls a page, and moves the cursor of what has one.
func (m *model) wheelOverlay(o overlay, by int) tea.Cmd {
	if p, ok := o.(*page); ok {
		p.pager.scroll(by)
		return nil
	}
	if by < 0 {
		return m.pressNamed("up")
	}
	return m.pressNamed("down")
}

// toggleMouse gives the mouse to the terminal, to select text with, or takes it again.
func (m *model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	if m.mouse {
		m.say(lang.T("mouse.taken"))
	} else {
		m.say(lang.T("mouse.released", "Key", m.keys.keyOf("mouse", m.place())))
	}
	return nil
}

func (m *model) mouseMode() tea.MouseMode {
	if m.mouse {
		return tea.MouseModeCellMotion
	}
	return tea.MouseModeNone
}
