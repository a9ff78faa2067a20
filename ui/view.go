package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
)

// The three shapes of the screen, by its columns.
const (
	twoPanes   = 70  // folders and list
	threePanes = 150 // and the message beside them

	previewWidth = 80 // what people break by hand, at 76 columns at most, is not broken again
)

func (m *model) wide() bool { return m.width >= threePanes }

// rules reports whether there is room for the lines above and below the panes.
func (m *model) rules() bool { return m.height >= 8 }

// bodyHeight is the rows between header and footer; the smallest screens do without these.
func (m *model) bodyHeight() int {
	switch {
	case m.rules():
		return m.height - 4
	case m.height > 2:
		return m.height - 2
	case m.height == 2:
		return 1
	}
	return max(0, m.height)
}

// paneWidths are the columns of folders, list and message; 0 is not shown. Between two there is a bar.
func (m *model) paneWidths() (folders, list, message int) {
	w := m.width
	switch {
	case m.wide():
		folders = 22
		rest := w - folders - 2
		list = min(rest*45/100, rest-previewWidth)
		return folders, list, w - folders - list - 2
	case m.focus == onMessage:
		return 0, 0, w
	case w >= twoPanes:
		return 20, w - 21, 0
	case m.focus == onFolders:
		return w, 0, 0
	default:
		return 0, w, 0
	}
}

func (m *model) View() tea.View {
	content, cursor := m.screen()
	v := tea.NewView(widened(content))
	v.AltScreen = true
	v.WindowTitle = m.title()
	v.ReportFocus = true
	v.MouseMode = m.mouseMode()
	if cursor != nil {
		v.Cursor = tea.NewCursor(cursor.X, cursor.Y)
		v.Cursor.Shape = tea.CursorBar
	}
	return v
}

func (m *model) title() string {
	if n := m.unread(); n > 0 {
		return "tmail (" + lang.Number(n) + ")"
	}
	return "tmail"
}

// screen is every row, and where the cursor is, if anywhere.
func (m *model) screen() (string, *tea.Position) {
	if m.width < 1 || m.height < 1 {
		return "", nil
	}
	var rows []string
	if m.height > 2 {
		rows = append(rows, m.header())
	}
	var body []string
	var cursor *tea.Position
	above, below := m.look.line(m.width), m.look.line(m.width)
	if m.composer != nil {
		body, cursor = m.composeRows()
	} else {
		body = m.paneRows()
		above, below = m.ruleWith(m.look.teeDown), m.ruleWith(m.look.teeUp)
	}
	var over []string
	if o := m.topOverlay(); o != nil {
		over, cursor = m.sheet(o, len(body))
		body = append(body[:len(body)-len(over)], over...)
		if len(over) > 0 {
			below = m.look.line(m.width)
		}
	}
	if m.rules() {
		rows = append(rows, above)
	}
	if cursor != nil {
		cursor.Y += len(rows)
	}
	rows = append(rows, body...)
	if m.rules() {
		rows = append(rows, below)
	}
	if m.height > 1 {
		rows = append(rows, m.footer())
	}
	return strings.Join(rows[:min(len(rows), m.height)], "\n"), cursor
}

// sheet is an overlay under a rule, at most height rows; its cursor is counted from the top of the panes.
func (m *model) sheet(o overlay, height int) ([]string, *tea.Position) {
	rows, cursor := o.draw(m.look, m.width, max(0, height-1))
	rule := m.look.line(m.width)
	if t := o.title(); t != "" {
		line := m.look.row(m.width).put(m.look.dim, m.look.rule+" ").put(bold, safe.Line(t)).put(plain, " ")
		rule = line.b.String() + m.look.line(m.width-line.used)
	}
	rows = append([]string{rule}, rows...)
	rows = rows[:min(len(rows), height)]
	if cursor != nil {
		cursor.Y += height - len(rows) + 1
		if cursor.Y >= height {
			cursor = nil
		}
	}
	return rows, cursor
}

// ruleWith is the line above or below the panes, joined to the bars between them.
func (m *model) ruleWith(tee safe.Text) string {
	f, l, p := m.paneWidths()
	rule := string(m.look.glyphs.rule)
	line := strings.Repeat(rule, f+l+p)
	if f > 0 && l > 0 {
		line = strings.Repeat(rule, f) + string(tee) + strings.Repeat(rule, l)
		if p > 0 {
			line += string(tee) + strings.Repeat(rule, p)
		}
	}
	return string(m.look.dim) + line + reset
}

func (m *model) paneRows() []string {
	h := m.bodyHeight()
	f, l, p := m.paneWidths()
	var panes [][]string
	if f > 0 {
		panes = append(panes, m.folders.draw(m, f, h))
	}
	if l > 0 {
		panes = append(panes, m.list.draw(m, l, h))
	}
	if p > 0 {
		panes = append(panes, m.drawMessage(p, h))
	}
	bar := string(m.look.dim) + string(m.look.bar) + reset
	rows := make([]string, h)
	for i := range rows {
		parts := make([]string, len(panes))
		for j, pane := range panes {
			parts[j] = pane[i]
		}
		rows[i] = strings.Join(parts, bar)
	}
	return rows
}

func (m *model) drawMessage(width, height int) []string {
	if m.reader.pager == nil {
		return blanks(height, width)
	}
	m.reader.pager.resize(width, height)
	return m.reader.pager.draw()
}
