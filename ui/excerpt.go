package ui

import (
	"bytes"
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// A large message that is opened shows its text as soon as its beginning is here. The rest comes when a person asks for
// it, or for what is attached, and stops when they say so.

// excerpt is what is here of a message that is not stored.
type excerpt struct {
	*content       // made of its beginning; nil: nothing is here
	come     int64 // octets of the whole
	left     bool  // nobody waits for the rest
}

// readExcerpt reads what is here of a message; known is what was read of it before.
func readExcerpt(ctx context.Context, st *store.Store, id store.ID, known *content, v viewpoint) (excerpt, error) {
	x, err := st.Bodies.Excerpt(ctx, id)
	if err != nil || x.Raw == nil {
		return excerpt{}, err
	}
	if known == nil {
		msg, err := message.Read(bytes.NewReader(x.Raw))
		if err != nil {
			return excerpt{}, err
		}
		msg.Notes = nil // that it ends too soon is said better
		for i := range msg.Attachments {
			msg.Attachments[i].Size = -1 // not known yet
		}
		known = v.content(id, "", msg)
		known.doc, known.whole = msg.Document(known.doc.FromHTML), true
	}
	return excerpt{known, x.Come, x.Left}, nil
}

// excerptOf is what is here of a message that is not stored; its content is nil where that is nothing.
func (m *model) excerptOf(id store.ID) excerpt {
	if it := m.contents.missing[id]; it != nil {
		return it.excerpt
	}
	return excerpt{}
}

// shows says whether a message is in the pane.
func (r *reader) shows(id store.ID) bool {
	return slices.ContainsFunc(r.posts, func(p *post) bool { return p.id == id })
}

// showsExcerpt says whether keys act on a message of which only the beginning is here.
func showsExcerpt(m *model) bool {
	return m.reader.content == nil && m.excerptOf(m.reader.id).content != nil
}

// excerptChunks are what is here of the text of a message.
func (m *model) excerptChunks(r *post, x excerpt) []chunk {
	shown := *r
	shown.content, shown.doc = x.content, x.doc
	return append([]chunk{m.noteChunk(m.look.dim, "", m.excerptText(r, x)), textChunk(plain, "\n")}, m.textChunks(&shown)...)
}

// answerText is answer for which the text is enough: what is attached is not waited for.
func (m *model) answerText(write func(*model, *content, store.Row) tea.Cmd) tea.Cmd {
	id := m.actedOn()
	mail, ok := m.row(id)
	if c := m.excerptOf(id).content; ok && c != nil {
		return write(m, c, mail)
	}
	return m.answer(write)
}

// progressCells is how wide the bar is that shows how much of a message is here.
const progressCells = 20

// excerptText says how much of a message is here, and how to have more, or no more of it.
func (m *model) excerptText(r *post, x excerpt) string {
	key := m.keys.keyOf("rest", inMessage)
	switch phase := m.statuses[r.row.Account].Phase; {
	case m.denied(r) != nil:
		return lang.T("message.denied", "Text", ProblemText(m.denied(r)), "Key", m.keys.keyOf("fetch", m.place()))
	case !x.left && (phase == store.PhaseOffline || phase == store.PhaseFailed):
		return lang.T("message.rest_waits", "Size", size(r.row.Size), "Key", key)
	case x.left:
		return lang.T("message.beginning", "Size", size(r.row.Size), "Key", key)
	}
	part := float64(x.come) / float64(max(r.row.Size, x.come, 1))
	done := int(part * progressCells)
	bar := "[" + strings.Repeat("=", done) + strings.Repeat(" ", progressCells-done) + "]"
	return lang.T("message.rest_comes", "Bar", bar, "Percent", int(part*100), "Size", size(r.row.Size), "Key", key)
}

// fetchRest has all of the message fetched, for which it is not enough to have read it.
func (m *model) fetchRest(id store.ID) tea.Cmd {
	it := m.contents.missing[id]
	if it == nil {
		return nil
	}
	m.Engine.Want(id)
	it.excerpt.left = false
	m.layOut()
	return nil
}

// toggleRest has the rest of the message fetched, or stops that.
func (m *model) toggleRest() tea.Cmd {
	st, id := m.Store, m.reader.id
	if m.excerptOf(id).left {
		return m.fetchRest(id)
	}
	return m.carryOut(func(ctx context.Context) error { return st.Bodies.Unwant(ctx, id) }, func() tea.Cmd {
		if it := m.contents.missing[id]; it != nil {
			it.excerpt.left = true
			m.layOut()
		}
		return nil
	})
}
