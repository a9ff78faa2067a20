package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
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

// header is the top line: whose mail this is, what it shows, and how it stands with the server.
func (m *model) header() string {
	line := m.look.row(m.width).to(1).put(m.look.accent+bold, "tmail")
	if m.Demo {
		line.put(m.look.dim, " "+safe.Line(lang.T("header.demo")))
	}
	if m.composer != nil {
		line.to(line.used+3).put(bold, safe.Line(m.composeTitle()))
		return line.right(m.look.dim, m.keptText(m.width-line.used-3)+" ").String()
	}
	line.to(line.used + 3)
	if len(m.Config.Accounts) > 1 || m.width >= twoPanes {
		line.put(bold, safe.Line(m.accountTitle())).put(m.look.dim, " "+m.look.below+"   ")
	}
	where := m.whereText() + m.orderNote()
	state, st := m.accountStatus()
	room := m.width - line.used - 1
	if m.focus == onMessage && !m.wide() {
		line.put(plain, where)
		return line.right(st, m.fitState(state, m.width-line.used-3)+" ").String()
	}
	if safe.Width(where) > room {
		where = safe.Truncate(where, max(0, room), m.look.more)
	}
	room -= safe.Width(where) + 3
	if state = m.fitState(state, room); state != "" {
		middle := min(m.width*3/5, line.used+room-safe.Width(state))
		line.to(max(line.used, middle)).put(st, state)
	}
	return line.right(plain, where+" ").String()
}

// accountTitle is whose mail the list shows.
func (m *model) accountTitle() string {
	if m.list.mixed() {
		return lang.T("account.all")
	}
	return m.account
}

// fitState is the state of the account in the room there is. That all is well, a sign says too.
func (m *model) fitState(state safe.Text, room int) safe.Text {
	switch {
	case safe.Width(state) <= room:
		return state
	case strings.HasPrefix(string(state), string(m.look.ok)) && safe.Width(m.look.ok) <= room:
		return m.look.ok
	case room < 8:
		return ""
	}
	return safe.Truncate(state, room, m.look.more)
}

// whereText is what the panes show: a folder and its numbers, a search, a place in it.
func (m *model) whereText() safe.Text {
	l := &m.list
	if l.folder.ID == 0 {
		return ""
	}
	name := string(folderName(l.folder))
	if f := m.folders.selected(); m.focus == onFolders && f.ID > 0 && f.ID != l.folder.ID { // there is no room for all of it below
		if f.Total == 0 {
			return folderPath(f)
		}
		return safe.Line(lang.T("header.folder", "Folder", string(folderPath(f)), "Unread", lang.Number(f.Unread), "Count", f.Total))
	}
	switch {
	case m.focus == onMessage && m.reader.talk.whole:
		return safe.Line(lang.T("conversation.whole", "Folder", name, "Count", len(m.reader.here())))
	case len(l.chosen) > 0 && m.focus != onMessage && m.width < 60:
		return safe.Line(lang.T("header.chosen_short", "Count", len(l.chosen)))
	case len(l.chosen) > 0 && m.focus != onMessage:
		return safe.Line(lang.T("header.chosen", "Folder", m.placeName(), "Count", len(l.chosen)))
	case l.search != nil && (m.focus != onMessage || m.wide()):
		return m.foundText()
	case m.focus == onMessage && !m.wide():
		return safe.Line(lang.T("header.position", "Folder", m.placeName(), "N", lang.Number(l.at.cursor+1), "Total", lang.Number(len(l.ids))))
	case l.folder.Total == 0:
		return safe.Line(name)
	case l.folder.Role == account.RoleOutbox || l.folder.Role == account.RoleDrafts || l.folder.Role == account.RoleSent:
		return safe.Line(lang.T("header.count", "Folder", name, "Count", l.folder.Total))
	case m.width < 60:
		return safe.Line(lang.T("header.short", "Folder", name, "Unread", lang.Number(l.folder.Unread)))
	}
	return safe.Line(lang.T("header.folder", "Folder", name, "Unread", lang.Number(l.folder.Unread), "Count", l.folder.Total))
}

// footer is the bottom line: the keys that apply now, and at the right the last outcome.
func (m *model) footer() string {
	right, st := m.statusIn(m.statusRoom(m.hints()))
	line := m.look.row(m.width).to(1)
	for _, h := range m.placeHints() {
		line.put(m.look.accent, safe.Line(h.key)).put(m.look.dim, " "+safe.Line(h.text)).to(h.to)
	}
	if right != "" && m.focus == onStatus {
		st += reverse
	}
	return line.right(st, right+" ").String()
}

// placedHint is a hint in the columns of the footer it stands in.
type placedHint struct {
	hint
	from, to int
}

// placeHints are the hints there is room for beside the last outcome.
func (m *model) placeHints() []placedHint {
	hints := m.hints()
	end := m.width - 1
	if right, _ := m.statusIn(m.statusRoom(hints)); right != "" {
		end -= safe.Width(right) + 1
	}
	more := hint{m.keys.keyOf("palette", m.place()), lang.T("hint.more")}
	last := hintWidth(more)
	if m.topOverlay() != nil {
		last = 0
	}
	at := 1
	var placed []placedHint
	put := func(h hint) {
		placed = append(placed, placedHint{h, at, at + hintWidth(h)})
		at += hintWidth(h)
	}
	for _, h := range hints {
		if at+hintWidth(h)+last > end {
			break
		}
		put(h)
	}
	if last > 0 && at+last <= end {
		put(more)
	}
	return placed
}

// statusRoom is the columns the last outcome may have. What lies over the panes always shows its keys.
func (m *model) statusRoom(hints []hint) int {
	least := 0
	switch {
	case m.topOverlay() != nil:
		for _, h := range hints[:min(2, len(hints))] { // to go on, and not to
			least += hintWidth(h)
		}
		if m.width-least-3 < 8 {
			return 0
		}
	case m.width >= twoPanes:
		least = 24
	}
	return max(8, m.width-least-3)
}

func hintWidth(h hint) int {
	return safe.Width(safe.Line(h.key)) + 1 + safe.Width(safe.Line(h.text)) + 2
}

// hints are the keys worth knowing here.
func (m *model) hints() []hint {
	if o := m.topOverlay(); o != nil {
		return o.hints()
	}
	var hints []hint
	if m.focus == onStatus && m.composer == nil {
		hints = append(hints, hint{"enter", lang.T("hint.details")})
	}
	if m.composer != nil && len(m.composer.completion.options) > 0 {
		hints = append(hints, hint{"enter", lang.T("hint.choose")}, hint{"↑ ↓", lang.T("hint.move_cursor")})
	}
	if m.marks() && m.composer == nil {
		hints = append(hints, hint{m.keys.keyOf("reply", inMessage), lang.T("hint.quote_marked")}, hint{m.keys.keyOf("back", inMessage), lang.T("hint.unmark")})
	}
	if m.focus == onList && m.composer == nil {
		back := m.keys.keyOf("back", m.place())
		switch {
		case len(m.list.chosen) > 0:
			hints = append(hints, hint{back, lang.T("hint.unselect")})
		case m.list.passing():
			hints = append(hints, hint{back, lang.T("hint.end_search")})
		}
	}
	for _, b := range m.keys.bindings {
		if at := m.place(); b.hint&at != 0 && b.keyAt(at) != "" && b.applies(m, at) {
			hints = append(hints, hint{b.keyAt(at), lang.T("hint." + b.action)})
		}
	}
	return hints
}

// statusText is the last outcome, and the key for what is behind it; without one, how far the message has been read.
func (m *model) statusText() (text, key safe.Text, st style) {
	s := m.status
	behind := func(action, hint string) safe.Text {
		key := m.keys.keyOf(action, m.place())
		if key == "" {
			return ""
		}
		return " " + m.look.dot + " " + safe.Line(strings.TrimRight(key+" "+hint, " "))
	}
	switch {
	case s.text == "" && m.news.line != "":
		return safe.Line(m.news.line), "", m.look.accent
	case s.text == "" && m.focus == onMessage && m.composer == nil && m.reader.pager != nil:
		return safe.Line(lang.T("message.percent", "N", m.reader.pager.percent())), "", m.look.dim
	case s.text == "":
		return "", "", plain
	case s.failed:
		if m.topOverlay() == nil { // in a prompt it is text
			key = behind("details", "")
		}
		return m.look.warn + " " + safe.Line(s.text), key, bold
	}
	text = safe.Line(s.text)
	if !s.leaves.IsZero() {
		text = safe.Line(lang.T("done.queued", "Seconds", m.secondsTo(s.leaves)))
	}
	if s.undo {
		key = behind("undo", lang.T("hint.undo"))
	} else if m.topOverlay() == nil && safe.Width(text) > m.statusRoom(m.hints()) {
		key = behind("details", "")
	}
	return text, key, plain
}

// statusIn is the last outcome in the room there is: of what has none the end is cut, not the key behind it.
func (m *model) statusIn(room int) (safe.Text, style) {
	text, key, st := m.statusText()
	left := room - safe.Width(key)
	if left < 8 {
		key, left = "", room
	}
	return safe.Truncate(text, left, m.look.more) + key, st
}
