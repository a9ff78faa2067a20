package ui

import (
	"io"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// reader is the message pane, whole screen or beside the list: one message, or all of a conversation.
type reader struct {
	*post           // what keys act on: the message under the cursor
	posts   []*post // all that are shown, oldest first
	talk    conversation
	opened  store.ID    // what the pane was opened for
	opening int         // the gen of the post it was opened with
	last    int         // the gen given last
	found   store.Query // words marked in it
	pager   *pager
}

// post is a message as it is read.
type post struct {
	id      store.ID
	row     store.Row
	content *content
	doc     *message.Document // the form shown: content.doc, or the other one
	gen     int               // counts the messages shown; late timers and results of others are dropped by it

	unfolded bool // quotes are shown whole
	headers  bool // all header fields
	source   *string
	outer    []*content // the messages this one is attached to, the outermost first
	pictures []picture
	unread   bool // the person said so: leave it
	folded   bool // shown in one line, among others
	asked    bool // its text is being read
	first    int  // its chunks among those of the pager
	chunks   int
}

const (
	previewDelay = 100 * time.Millisecond // holding j runs past messages without reading them
	readDelay    = 2 * time.Second        // a preview in sight this long counts as read
	sourceLimit  = 2 << 20
	proseWidth   = 96 // wider text is hard to read
)

func (r *reader) leave() { r.open(0, store.Row{}) }

// open puts another message alone into the pane.
func (r *reader) open(id store.ID, row store.Row) {
	r.last++
	*r = readerOf(&post{id: id, row: row, gen: r.last})
}

// readerOf shows one message.
func readerOf(p *post) reader {
	return reader{post: p, posts: []*post{p}, opened: p.id, opening: p.gen, last: p.gen}
}

func (r *reader) keepUnread() { r.unread = true }

func (r *reader) mark(ids []store.ID, add, remove message.Flags) {
	for _, p := range r.posts {
		if slices.Contains(ids, p.id) {
			p.row.Flags = p.row.Flags&^remove | add
		}
	}
}

// read opens a message with the keyboard in it, and marks it read.
func (m *model) read(id store.ID) tea.Cmd {
	m.focus = onMessage
	show := m.show(id)
	if m.reader.isConversation() { // what comes into sight is read
		return tea.Batch(show, m.prefetch())
	}
	return tea.Batch(show, m.markRead(id), m.prefetch())
}

// show puts a message into the pane.
func (m *model) show(id store.ID) tea.Cmd {
	r := &m.reader
	if r.opened == id && (r.content != nil || r.isConversation()) {
		return nil
	}
	row, _ := m.row(id)
	r.open(id, row)
	m.rememberFound()
	if m.list.isConversation(id) {
		return m.showConversation(row)
	}
	m.layOut()
	return m.withContent(id, func(m *model, c *content) tea.Cmd {
		if m.reader.id == id && m.reader.content == nil {
			m.reader.content, m.reader.doc = c, c.doc
			m.layOut()
			if !c.whole {
				return m.layOutWhole(c, c.doc)
			}
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
	if id == m.reader.opened {
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
	gen := m.reader.opening
	return tea.Batch(show, m.prefetch(), tea.Tick(readDelay, func(time.Time) tea.Msg { return readDue{gen, id} }))
}

func (d readDue) apply(m *model) tea.Cmd {
	if d.gen != m.reader.opening || m.reader.unread || m.composer != nil {
		return nil
	}
	if m.reader.isConversation() {
		m.reader.talk.linger = true
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

// toHead brings the beginning of the message under the cursor into sight.
func (m *model) toHead() {
	if r := &m.reader; r.isConversation() {
		m.toPost(slices.Index(r.posts, r.post))
	} else {
		r.pager.home()
	}
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
	part := ""
	if r.content != nil {
		part = r.content.part
	}
	ctx, st, id, gen := m.ctx, m.Store, r.id, r.gen
	return func() tea.Msg {
		body, err := rawPart(ctx, st, id, part)
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
	gen   int
	doc   *message.Document
	whole bool
}

// switchForm shows the HTML form instead of the plain one, or back.
func (m *model) switchForm() tea.Cmd {
	r := &m.reader
	if r.content == nil || !r.content.msg.HasHTML() {
		m.say(lang.T("message.no_html"))
		return nil
	}
	gen, msg, html := r.gen, r.content.msg, !r.doc.FromHTML
	return func() tea.Msg {
		doc, whole := msg.Beginning(html)
		return otherForm{gen, doc, whole}
	}
}

func (f otherForm) apply(m *model) tea.Cmd {
	if f.gen != m.reader.gen {
		return nil
	}
	if f.doc.FromHTML == m.reader.doc.FromHTML { // the other one is missing, or says only that this one is there
		m.say(lang.T("message.no_html"))
		return nil
	}
	m.reader.doc, m.reader.pager = f.doc, nil
	m.layOut()
	if !f.whole {
		return m.layOutWhole(m.reader.content, f.doc)
	}
	return nil
}

// toggleFold shows quotes whole, or folded again.
func (m *model) toggleFold() tea.Cmd {
	if r := &m.reader; r.doc == nil || !hasLongQuote(r.doc.Blocks) {
		m.say(lang.T("message.no_quotes"))
		return nil
	}
	m.reader.unfolded = !m.reader.unfolded
	m.layOut()
	return nil
}

func (m *model) toggleHeaders() tea.Cmd {
	m.reader.headers, m.reader.source = !m.reader.headers, nil
	m.layOut()
	m.toHead()
	return nil
}
