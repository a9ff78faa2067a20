package ui

import (
	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// How a message being written is drawn: a row for each field, a rule, the text.

var fieldNames = map[field]string{
	fieldFrom: "field.from", fieldTo: "field.to", fieldCc: "field.cc", fieldBcc: "field.bcc",
	fieldSubject: "field.subject", fieldFiles: "field.files",
}

// labelWidth is the column the fields begin in.
func (m *model) labelWidth() int {
	if m.width < 50 {
		return 9
	}
	return 11
}

func (m *model) bodyWidth() int { return max(1, m.width-4) }

// composeTitle says what is being written, and in which way it goes out if that is not the usual one.
func (m *model) composeTitle() string {
	c, title := m.composer, lang.T("compose.new")
	switch {
	case c.draft.Forward:
		title = lang.T("compose.forward")
	case c.draft.Answers != 0:
		title = lang.T("compose.reply")
	}
	if c.draft.Markdown {
		title += " · Markdown"
	}
	if c.draft.Notify {
		title += " · " + lang.T("compose.reported")
	}
	return title
}

// keptText says, in the room there is, whether what is on the screen is on the disk.
func (m *model) keptText(room int) safe.Text {
	c, text := m.composer, safe.Text("")
	switch {
	case c.copying > 0:
		text = safe.Line(lang.T("compose.attaching"))
	case c.dirty:
		text = safe.Line(lang.T("compose.writing"))
	case c.draft.ID != 0 && !c.kept.IsZero():
		if text = safe.Line(lang.T("compose.kept_ago", "Ago", ago(c.kept, m.Now()))); safe.Width(text) > room {
			text = safe.Line(lang.T("compose.kept"))
		}
	}
	return safe.Truncate(text, max(0, room), m.look.more)
}

func (m *model) composeRows() (rows []string, cursor *tea.Position) {
	c, height := m.composer, m.bodyHeight()
	for _, f := range c.shown(height) {
		if f == fieldBody {
			continue
		}
		row, x := m.fieldRow(f)
		if f == c.at {
			cursor = &tea.Position{X: x, Y: len(rows)}
		}
		rows = append(rows, row)
		if f == c.at {
			rows = append(rows, m.completionRows()...)
		}
	}
	if rest := height - len(rows); rest < 3 { // a small screen: the text goes first while it is written
		keep := max(0, height-3)
		if c.at == fieldBody {
			rows = rows[len(rows)-min(len(rows), keep):]
		} else {
			rows = rows[:min(len(rows), max(keep, cursor.Y+1, 1))]
		}
	}
	rows = append(rows, m.look.line(m.width))
	room := max(0, height-len(rows))
	texts, x, y := c.texts[fieldBody].draw(m.bodyWidth(), room)
	if c.at == fieldBody {
		cursor = &tea.Position{X: 2 + x, Y: len(rows) + y}
	}
	for _, t := range texts {
		rows = append(rows, m.look.row(m.width).to(2).put(m.textStyle(t), t).String())
	}
	if cursor != nil && (cursor.Y >= height || room == 0 && c.at == fieldBody) {
		cursor = nil
	}
	return fill(rows, height, m.width), cursor
}

// textStyle dims what is quoted, so that one's own words stand out.
func (m *model) textStyle(t safe.Text) style {
	if len(t) > 0 && t[0] == '>' {
		return m.look.dim
	}
	return plain
}

// fieldRow is one field, and the column of the cursor in it.
func (m *model) fieldRow(f field) (string, int) {
	c, left := m.composer, m.labelWidth()
	line := m.look.row(m.width).to(1)
	label := m.look.dim
	if f == c.at {
		label = m.look.accent
	}
	line.cell(label, safe.Line(lang.T(fieldNames[f])), left-2).to(left)
	room := max(1, m.width-left-1)
	switch f {
	case fieldFrom:
		return line.put(plain, safe.Line(c.senders[c.from].address.String())).right(m.look.dim, m.look.below+" ").String(), left
	case fieldFiles:
		return m.filesRow(line), left
	}
	if f != c.at { // from its beginning, whatever was scrolled to while it was written
		return line.cell(plain, safe.Line(c.texts[f].text()), room).String(), left
	}
	t, x := c.texts[f].drawLine(room)
	return line.put(plain, t).String(), left + x
}

// filesRow lists the files, from the first one on from which that under the cursor is in sight.
func (m *model) filesRow(line *row) string {
	c := m.composer
	first := 0
	for c.at == fieldFiles && first < c.fileAt && filesWidth(c.draft.Files[first:c.fileAt+1]) > m.width-line.used-2 {
		first++
	}
	if first > 0 {
		line.put(m.look.dim, m.look.more+" ")
	}
	for i, a := range c.draft.Files[first:] {
		st := plain
		if c.at == fieldFiles && first+i == c.fileAt {
			st = reverse
		}
		line.put(st, safe.Line(a.Name)).put(m.look.dim, fileSize(a)).to(line.used + 3)
	}
	return line.String()
}

func fileSize(a store.Attachment) safe.Text { return " " + safe.Line(size(a.Size)) }

// filesWidth is the columns that files take side by side.
func filesWidth(files []store.Attachment) (width int) {
	for _, a := range files {
		width += safe.Width(safe.Line(a.Name)) + safe.Width(fileSize(a)) + 3
	}
	return width
}

// completionRows are the addresses offered for the word being typed.
func (m *model) completionRows() []string {
	c, left := m.composer, m.labelWidth()
	name, widest := min(24, max(8, m.width/4)), 0
	for _, o := range c.completion.options {
		widest = max(widest, safe.Width(safe.Line(o.Address.Addr)))
	}
	widest = min(widest, max(0, m.width-left-name-2))
	var rows []string
	for i, o := range c.completion.options {
		line := m.look.row(m.width)
		line.to(left)
		if i == c.completion.at {
			line = m.look.row(m.width)
			line.to(left - 1)
			line.ground = m.look.selected
			line.put(m.look.accent, m.look.mark)
		}
		line.cell(plain, safe.Line(o.Address.Name), name).to(left + name + 1)
		line.cell(m.look.dim, safe.Line(o.Address.Addr), widest)
		if written := safe.Line(lang.T("compose.written_to", "Count", o.Written)); o.Written > 0 && line.used+2+safe.Width(written) < m.width {
			line.to(line.used+2).put(m.look.dim, written)
		}
		rows = append(rows, line.String())
	}
	return rows
}
