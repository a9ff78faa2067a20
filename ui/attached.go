package ui

import (
	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
)

// Messages attached to the one shown, and the message shown anew in a charset chosen by hand.

const maxAttachedDepth = 20

// isMessage reports an attachment that is a message itself (RFC 2046 §5.2.1).
func isMessage(p message.Part) bool { return p.Type == "message/rfc822" || p.Type == "message/global" }

// reread is a message read once more, to be shown in the place of the one shown.
type reread struct {
	gen     int
	content *content
	err     error
	outer   []*content
}

func (r reread) apply(m *model) tea.Cmd {
	if r.gen != m.reader.gen {
		return nil
	}
	if r.err != nil {
		m.fail(r.err)
		return nil
	}
	return m.showContent(r.content, r.outer)
}

// showContent puts a message that was read into the pane, within those it is attached to.
func (m *model) showContent(c *content, outer []*content) tea.Cmd {
	r := &m.reader
	*r.post = post{id: r.id, row: r.row, gen: r.gen, unread: r.unread, content: c, doc: c.doc, outer: outer}
	r.pager = nil
	m.layOut()
	if !c.whole {
		return m.layOutWhole(c, c.doc)
	}
	return nil
}

// openAttached shows a message attached to c.
func (m *model) openAttached(c *content, p message.Part) tea.Cmd {
	if len(m.reader.outer) >= maxAttachedDepth {
		m.say(lang.T("message.too_deep"))
		return nil
	}
	outer := append(m.reader.outer[:len(m.reader.outer):len(m.reader.outer)], c)
	return m.reread(c.within(p.ID), "", outer)
}

func (m *model) reread(part, charset string, outer []*content) tea.Cmd {
	ctx, st, v, id, gen := m.ctx, m.Store, m.viewpoint(), m.reader.id, m.reader.gen
	return func() tea.Msg {
		c, err := readContent(ctx, st, id, part, charset, v)
		return reread{gen, c, err, outer}
	}
}

// closeAttached goes back to the message this one is attached to.
func (m *model) closeAttached() tea.Cmd {
	last := len(m.reader.outer) - 1
	return m.showContent(m.reader.outer[last], m.reader.outer[:last])
}

// chooseCharset offers charsets to read the message in, for those that name a wrong one.
func (m *model) chooseCharset() tea.Cmd {
	c, outer := m.reader.content, m.reader.outer
	if c == nil {
		return nil
	}
	choices := []choice{{label: safe.Line(lang.T("charset.announced")), do: func(m *model) tea.Cmd { return m.reread(c.part, "", outer) }}}
	for _, charset := range message.Charsets() {
		choices = append(choices, choice{label: safe.Line(charset), do: func(m *model) tea.Cmd { return m.reread(c.part, charset, outer) }})
	}
	m.open(newPicker(lang.T("ask.charset"), choices))
	return nil
}
