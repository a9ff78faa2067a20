package ui

import (
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// reader is the message pane: one message, whole screen or beside the list.
type reader struct {
	id      store.ID
	row     store.Row
	content *content
	doc     *message.Document // the form shown: content.doc, or the other one
	gen     int               // counts the messages shown; late timers and results of others are dropped by it

	unfolded bool // quotes are shown whole
	headers  bool // all header fields
	source   *string
	unread   bool // the person said so: leave it
	pager    *pager
}

const (
	previewDelay = 100 * time.Millisecond // holding j runs past messages without reading them
	readDelay    = 2 * time.Second        // a preview in sight this long counts as read
	sourceLimit  = 2 << 20
	proseWidth   = 96 // wider text is hard to read
)

func (r *reader) leave() { *r = reader{gen: r.gen + 1} }

func (r *reader) keepUnread() { r.unread = true }

func (r *reader) mark(ids []store.ID, add, remove message.Flags) {
	for _, id := range ids {
		if id == r.id {
			r.row.Flags = r.row.Flags&^remove | add
		}
	}
}

// read opens a message with the keyboard in it, and marks it read.
func (m *model) read(id store.ID) tea.Cmd {
	m.focus = onMessage
	return tea.Batch(m.show(id), m.markRead(id), m.prefetch())
}

// show puts a message into the pane.
func (m *model) show(id store.ID) tea.Cmd {
	r := &m.reader
	if r.id == id && r.content != nil {
		return nil
	}
	*r = reader{id: id, gen: r.gen + 1}
	r.row, _ = m.row(id)
	m.layOut()
	return m.withContent(id, func(m *model, c *content) tea.Cmd {
		if m.reader.id == id && m.reader.content == nil {
			m.reader.content, m.reader.doc = c, c.doc
			m.layOut()
		}
		return nil
	})
}

type previewDue struct{ gen int }
type readDue struct {
	gen int
	id  store.ID
}

// looked follows the cursor of the list with the preview, where there is room for one.
func (m *model) looked() tea.Cmd {
	id := m.list.current()
	if !m.wide() || m.focus == onMessage || m.composer != nil {
		return nil
	}
	if id == 0 {
		m.reader.leave()
		return nil
	}
	if id == m.reader.id {
		return nil
	}
	m.lookGen++
	gen := m.lookGen
	if m.contents.find(id) != nil {
		return previewDue{gen}.apply(m)
	}
	return tea.Tick(previewDelay, func(time.Time) tea.Msg { return previewDue{gen} })
}

func (p previewDue) apply(m *model) tea.Cmd {
	id := m.list.current()
	if p.gen != m.lookGen || id == 0 || m.focus == onMessage {
		return nil
	}
	show := m.show(id)
	gen := m.reader.gen
	return tea.Batch(show, m.prefetch(), tea.Tick(readDelay, func(time.Time) tea.Msg { return readDue{gen, id} }))
}

func (d readDue) apply(m *model) tea.Cmd {
	if d.gen != m.reader.gen || m.reader.unread || m.composer != nil {
		return nil
	}
	return m.markRead(d.id)
}

func (m *model) leaveMessage() tea.Cmd {
	m.focus = onList
	if !m.wide() {
		m.reader.leave()
	}
	return m.looked()
}

// step opens the next older (1) or newer (-1) message.
func (m *model) step(by int) tea.Cmd {
	to := m.list.at.cursor + by
	if to < 0 || to >= len(m.list.ids) {
		m.say(lang.T("message.no_more"))
		return nil
	}
	move := m.moveTo(to)
	return tea.Batch(move, m.read(m.list.current()))
}

// layOut makes the chunks of the message anew, in the same place.
func (m *model) layOut() {
	r := &m.reader
	chunks := m.messageChunks()
	if r.pager == nil {
		r.pager = newPager(chunks)
		return
	}
	r.pager.replace(chunks)
}

func (m *model) messageChunks() []chunk {
	r := &m.reader
	if r.source != nil {
		return sourceChunks(*r.source)
	}
	chunks := []chunk{m.headChunk()}
	if r.content == nil {
		return append(chunks, textChunk(m.look.dim, "\n"+m.waitingText()))
	}
	if notes := m.notes(); notes != "" {
		chunks = append(chunks, textChunk(m.look.dim, notes+"\n\n"))
	}
	chunks = append(chunks, m.bodyChunks(r.doc.Blocks)...)
	if len(r.content.msg.Attachments) > 0 {
		chunks = append(chunks, m.attachmentsChunk())
	}
	return chunks
}

// waitingText stands where the text will be.
func (m *model) waitingText() string {
	if phase := m.statuses[m.reader.row.Account].Phase; phase == store.PhaseOffline || phase == store.PhaseFailed {
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
func (m *model) headChunk() chunk {
	r, look := &m.reader, m.look
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
			rows = append(rows, m.allHeaders(width)...)
		} else {
			rows = append(rows, m.fromRow(width), m.toRow(width))
		}
		rows = append(rows, look.line(width), look.row(width).String())
		return pageLines(rows)
	}}
}

func pageLines(rows []string) []pageLine {
	lines := make([]pageLine, len(rows))
	for i, row := range rows {
		lines[i] = pageLine{row, i}
	}
	return lines
}

func (r *reader) subject() string {
	if r.content != nil {
		return r.content.msg.Envelope.Subject
	}
	return r.row.Subject
}

func (r *reader) people() (from, to, cc []message.Address) {
	if r.content != nil {
		e := r.content.msg.Envelope
		return e.From, e.To, e.Cc
	}
	return r.row.From, r.row.To, nil
}

// fromRow names the sender, always with the address: a name alone proves nothing.
func (m *model) fromRow(width int) string {
	r := &m.reader
	from, _, _ := r.people()
	date := r.row.Date
	if r.content != nil && !r.content.msg.Envelope.Date.IsZero() {
		date = r.content.msg.Envelope.Date
	}
	when := fullDate(date, m.Now().Location())
	if width < 60 {
		when = shortDate(date, m.Now(), false)
	}
	line := m.look.row(width).to(2)
	room := width - safe.Width(when) - 4
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
	line.b.WriteString(inner.String())
	line.used += inner.width
	return line.right(m.look.dim, when+"  ").String()
}

func (m *model) toRow(width int) string {
	_, to, cc := m.reader.people()
	var about safe.Text
	if c := m.reader.content; c != nil && len(c.msg.Attachments) > 0 {
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
	inner.put(m.look.dim, safe.Line(lang.T("message.to"))+" ").put(m.look.dim, m.namesWithMe(to))
	if len(cc) > 0 {
		inner.put(m.look.dim, "   "+safe.Line(lang.T("message.cc"))+" ").put(m.look.dim, m.namesWithMe(cc))
	}
	line.b.WriteString(inner.String())
	line.used += inner.width
	return line.right(m.look.dim, about+"  ").String()
}

// namesWithMe lists people, calling the reader "me".
func (m *model) namesWithMe(people []message.Address) safe.Text {
	list := make([]message.Address, len(people))
	for i, a := range people {
		list[i] = a
		if m.isMe(a) {
			list[i] = message.Address{Name: lang.T("message.me")}
		}
	}
	return names(list)
}

func (m *model) allHeaders(width int) []string {
	var rows []string
	for name, value := range m.reader.content.msg.Header.Fields() {
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
func (m *model) notes() string {
	msg := m.reader.content.msg
	var notes []string
	if msg.Encrypted {
		notes = append(notes, lang.T("message.encrypted"))
	}
	if msg.Signed {
		notes = append(notes, lang.T("message.signed"))
	}
	for _, note := range msg.Notes {
		notes = append(notes, noteText(note))
	}
	if m.reader.row.Problem != nil {
		p := m.reader.row.Problem
		notes = append(notes, lang.Problem(string(p.Kind), p.Op, p.Host, p.Words))
	}
	return strings.Join(notes, "\n")
}

func (m *model) attachmentsChunk() chunk {
	parts, look := m.reader.content.msg.Attachments, m.look
	return chunk{weight: len(parts), wrap: func(width int) []pageLine {
		rows := []string{look.row(width).String()}
		line := look.row(width).to(2)
		for i, p := range parts {
			letter := safe.Text("")
			if i < 26 {
				letter = safe.Text("[" + string(rune('a'+i)) + "] ")
			}
			text := safe.Line(partName(p)) + "  "
			about := safe.Line(size(p.Size))
			if wide := safe.Width(letter + text + about); line.used > 2 && line.used+wide > width-2 {
				rows = append(rows, line.String())
				line = look.row(width).to(2)
			}
			line.put(look.accent, letter).put(plain, text).put(look.dim, about).to(line.used + 5)
		}
		return pageLines(append(rows, line.String()))
	}}
}

// partName is what an attachment is called; one without a name is called by its type.
func partName(p message.Part) string {
	if p.Name != "" {
		return p.Name
	}
	return p.Type
}

// readSource reads the beginning of the message as it came.
func readSource(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, sourceLimit))
	return string(b), err
}

type sourceRead struct {
	gen  int
	text string
	err  error
}

// showSource shows the message as it came, or the text again.
func (m *model) showSource() tea.Cmd {
	r := &m.reader
	if r.source != nil {
		r.source, r.pager = nil, nil
		m.layOut()
		return nil
	}
	ctx, st, id, gen := m.ctx, m.Store, r.id, r.gen
	return func() tea.Msg {
		body, err := rawMessage(ctx, st, id)
		if err != nil {
			return sourceRead{gen: gen, err: err}
		}
		defer body.Close()
		text, err := readSource(body)
		return sourceRead{gen, text, err}
	}
}

func (f sourceRead) apply(m *model) tea.Cmd {
	if f.gen != m.reader.gen {
		return nil
	}
	if f.err != nil {
		m.fail(f.err)
		return nil
	}
	m.reader.source, m.reader.pager = &f.text, nil
	m.layOut()
	return nil
}

type otherForm struct {
	gen int
	doc *message.Document
}

// switchForm shows the HTML form instead of the plain one, or back.
func (m *model) switchForm() tea.Cmd {
	r := &m.reader
	if r.content == nil || !r.content.msg.HasHTML() {
		m.say(lang.T("message.no_html"))
		return nil
	}
	gen, msg, html := r.gen, r.content.msg, !r.doc.FromHTML
	return func() tea.Msg { return otherForm{gen, msg.Document(html)} }
}

func (f otherForm) apply(m *model) tea.Cmd {
	if f.gen == m.reader.gen {
		m.reader.doc, m.reader.pager = f.doc, nil
		m.layOut()
	}
	return nil
}

// toggleFold shows quotes whole, or folded again.
func (m *model) toggleFold() tea.Cmd {
	m.reader.unfolded = !m.reader.unfolded
	m.layOut()
	return nil
}

func (m *model) toggleHeaders() tea.Cmd {
	m.reader.headers, m.reader.source = !m.reader.headers, nil
	m.layOut()
	m.reader.pager.home()
	return nil
}
