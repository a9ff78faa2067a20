package ui

import (
	"path/filepath"
	"strings"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// How a message is drawn: its head, what to know of it, its text, its attachments.

// layOut makes the chunks of what is shown anew, in the same place.
func (m *model) layOut() {
	if m.reader.isConversation() {
		m.layOutConversation()
	} else {
		m.layOutMessage()
	}
	if f, finding := m.topOverlay().(*finder); finding && f.missing { // it was looked for before the text was here
		m.sizePager()
		f.look(m, 0)
	}
}

func (m *model) layOutMessage() {
	r := &m.reader
	chunks := m.messageChunks(r.post)
	if r.pager == nil {
		r.pager = newPager(chunks)
		r.pager.draws = m.blockDrawing()
		return
	}
	r.pager.draws = m.blockDrawing()
	r.pager.replace(chunks)
}

func (m *model) messageChunks(r *post) []chunk {
	if r.source != nil {
		return sourceChunks(*r.source)
	}
	chunks := []chunk{m.headChunk(r)}
	if r.content == nil {
		if x := m.excerptOf(r.id); x.content != nil {
			return append(chunks, m.excerptChunks(r, x)...)
		}
		return append(chunks, textChunk(m.look.dim, "\n"+m.waitingText(r)))
	}
	return append(chunks, m.textChunks(r)...)
}

// textChunks are what stands below the head of a message.
func (m *model) textChunks(r *post) []chunk {
	var chunks []chunk
	before := len(chunks)
	for _, note := range notes(r) {
		chunks = append(chunks, m.noteChunk(m.look.dim, "", note))
	}
	for _, w := range r.content.warnings {
		chunks = append(chunks, m.noteChunk(bold, m.look.warn, warningText(w)))
	}
	if len(chunks) > before {
		chunks = append(chunks, textChunk(plain, "\n"))
	}
	chunks = append(chunks, m.bodyChunks(r)...)
	if len(r.content.msg.Attachments) > 0 {
		chunks = append(chunks, m.attachmentsChunk(r))
	}
	for _, p := range r.pictures {
		chunks = append(chunks, m.pictureChunk(p))
	}
	return chunks
}

// waitingText stands where the text will be.
func (m *model) waitingText(r *post) string {
	if p := m.denied(r); p != nil {
		return lang.T("message.denied", "Text", ProblemText(p), "Key", m.keys.keyOf("fetch", m.place()))
	}
	if phase := m.statuses[r.row.Account].Phase; phase == store.PhaseOffline || phase == store.PhaseFailed {
		return lang.T("message.not_here")
	}
	return lang.T("message.fetching")
}

func sourceChunks(source string) []chunk {
	var chunks []chunk
	for _, line := range safe.Lines(source) {
		chunks = append(chunks, textChunk(plain, string(line)+"\n"))
	}
	return chunks
}

// headChunk is what stands above the text: subject, people, date.
func (m *model) headChunk(r *post) chunk {
	look := m.look
	return chunk{weight: 1, wrap: func(width int) []pageLine {
		var rows []string
		subject := safe.Line(r.subject())
		if subject == "" {
			subject = safe.Line(lang.T("list.no_subject"))
		}
		for i, t := range safe.Wrap(subject, max(1, width-4)) {
			if i < 3 {
				rows = append(rows, look.row(width).to(2).put(bold, t).String())
			}
		}
		if r.headers && r.content != nil {
			rows = append(rows, m.allHeaders(r, width)...)
		} else {
			rows = append(rows, m.fromRow(r, width), m.toRow(r, width))
		}
		rows = append(rows, look.line(width), look.row(width).String())
		return pageLines(rows)
	}}
}

func pageLines(rows []string) []pageLine {
	lines := make([]pageLine, len(rows))
	for i, row := range rows {
		lines[i] = pageLine{text: row, offset: i}
	}
	return lines
}

func (r *post) subject() string {
	if r.content != nil {
		return r.content.msg.Envelope.Subject
	}
	return r.row.Subject
}

func (r *post) people() (from, to, cc []message.Address) {
	if r.content != nil {
		e := r.content.msg.Envelope
		return e.From, e.To, e.Cc
	}
	return r.row.From, r.row.To, nil
}

// fromRow names the sender, always with the address: a name alone proves nothing.
func (m *model) fromRow(r *post, width int) string {
	from, _, _ := r.people()
	date := r.row.Date
	if r.content != nil && !r.content.msg.Envelope.Date.IsZero() {
		date = r.content.msg.Envelope.Date
	}
	when := fullDate(date, m.Now().Location())
	st, verdict := m.verdict(r.content)
	if verdict != "" {
		verdict = "  " + verdict
	}
	if width < 60 || safe.Width(senders(from)+verdict+when) > width-6 {
		when = shortDate(date, m.Now(), false) // the address matters more
	}
	line := m.look.row(width).to(2)
	room := width - safe.Width(when) - 4 - safe.Width(verdict)
	inner := m.look.row(room - 2)
	for i, a := range from {
		if i > 0 {
			inner.put(m.look.dim, ", ")
		}
		if a.Name != "" {
			inner.put(m.look.accent, safe.Line(a.Name)).put(plain, " ")
		}
		inner.put(m.look.dim, safe.Line("<"+a.Addr+">"))
	}
	line.b.WriteString(inner.b.String())
	line.used += inner.used
	line.put(st, verdict) // never cut, however long the name
	return line.right(m.look.dim, when+"  ").String()
}

// senders are all authors as fromRow writes them.
func senders(from []message.Address) safe.Text {
	var all safe.Text
	for _, a := range from {
		all += safe.Line(a.Name + " <" + a.Addr + ">, ")
	}
	return all
}

func (m *model) toRow(r *post, width int) string {
	_, to, cc := r.people()
	var about safe.Text
	if c := r.content; c != nil && len(c.msg.Attachments) > 0 {
		var total int64
		for _, p := range c.msg.Attachments {
			total += p.Size
		}
		about = safe.Line(lang.T("message.attachments", "Count", len(c.msg.Attachments), "Size", size(total)))
		if width < 60 {
			about = m.look.attach
		}
	}
	line := m.look.row(width).to(2)
	inner := m.look.row(width - safe.Width(about) - 6)
	if len(to) > 0 {
		inner.put(m.look.dim, safe.Line(lang.T("message.to"))+" ").put(m.look.dim, m.namesWithMe(to))
	}
	if len(to) > 0 && len(cc) > 0 {
		inner.put(plain, "   ")
	}
	if len(cc) > 0 {
		inner.put(m.look.dim, safe.Line(lang.T("message.cc"))+" ").put(m.look.dim, m.namesWithMe(cc))
	}
	line.b.WriteString(inner.String())
	line.used += inner.width
	return line.right(m.look.dim, about+"  ").String()
}

// namesWithMe lists people, calling the reader "me". A name that would look like two is quoted.
func (m *model) namesWithMe(people []message.Address) safe.Text {
	list := make([]message.Address, len(people))
	for i, a := range people {
		list[i] = a
		switch {
		case m.isMe(a):
			list[i] = message.Address{Name: lang.T("message.me")}
		case strings.ContainsAny(a.Name, ",，、;；"):
			list[i].Name = `"` + a.Name + `"`
		}
	}
	return names(list)
}

func (m *model) allHeaders(r *post, width int) []string {
	var rows []string
	for name, value := range r.content.msg.Header.Fields() {
		field := safe.Line(name) + ": "
		for i, t := range safe.Wrap(field+safe.Line(value), max(1, width-6)) {
			line := m.look.row(width).to(2)
			switch {
			case i > 0:
				line.to(4).put(plain, t)
			case strings.HasPrefix(string(t), string(field)):
				line.put(m.look.dim, field).put(plain, t[len(field):])
			default:
				line.put(m.look.dim, t)
			}
			rows = append(rows, line.String())
		}
	}
	return rows
}

// notes says what a reader should know of the message before reading it.
func notes(r *post) []string {
	msg := r.content.msg
	var notes []string
	if n := len(r.outer); n > 0 {
		notes = append(notes, lang.T("message.attached_to", "Subject", r.outer[n-1].msg.Envelope.Subject))
	}
	if charset := r.content.charset; charset != "" {
		notes = append(notes, lang.T("message.charset", "Charset", charset))
	}
	if msg.Encrypted {
		notes = append(notes, lang.T("message.encrypted"))
	}
	if msg.Signed {
		notes = append(notes, lang.T("message.signed"))
	}
	for _, note := range msg.Notes {
		notes = append(notes, NoteText(note))
	}
	if p := r.row.Problem; p != nil {
		notes = append(notes, ProblemText(p))
	}
	return notes
}

func (m *model) attachmentsChunk(r *post) chunk {
	parts, look := r.content.msg.Attachments, m.look
	return chunk{weight: len(parts), wrap: func(width int) []pageLine {
		lines := []pageLine{{text: look.row(width).String()}}
		line, spots := look.row(width).to(2), []spot(nil)
		end := func() {
			lines = append(lines, pageLine{text: line.String(), offset: len(lines), spots: spots})
			line, spots = look.row(width).to(2), nil
		}
		for i, p := range parts {
			letter := safe.Text("")
			if i < 26 {
				letter = safe.Text("[" + string(rune('a'+i)) + "] ")
			}
			text := safe.Line(partName(p)) + "  "
			about := partNote(p)
			if wide := safe.Width(letter + text + about); line.used > 2 && line.used+wide > width-2 {
				end()
			}
			from := line.used
			line.put(look.accent, letter).put(plain, text).put(look.dim, about)
			spots = append(spots, spot{from: from, to: line.used, part: i + 1})
			line.to(line.used + 5)
		}
		end()
		return lines
	}}
}

// partName is what an attachment is called; one without a name is called by its type.
func partName(p message.Part) string {
	switch {
	case p.Name != "":
		return p.Name
	case isMessage(p):
		return lang.T("message.attached_name") + ".eml"
	}
	return p.Type
}

// partNote is the size of an attachment, and what it is when its name does not say so.
func partNote(p message.Part) safe.Text {
	note := ""
	if p.Size >= 0 {
		note = size(p.Size)
	}
	switch {
	case p.Name == "" && !isMessage(p):
	case p.Content != "" && filepath.Ext(p.Name) == "":
		note += " " + p.Content
	case filepath.Ext(p.Name) == "" && !isMessage(p):
		note += " " + p.Type
	}
	return safe.Line(note)
}
