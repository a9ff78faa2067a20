package ui

import (
	tea "charm.land/bubbletea/v2"

	"tmail/message"
)

// A long message is shown as soon as its first screens are laid out; the rest follows by itself.

// wholeText is all of a text whose beginning is shown.
type wholeText struct {
	content   *content
	beginning *message.Document // what it takes the place of
	doc       *message.Document
	warnings  []message.Warning // of the form shown first
}

// layOutWhole lays out what follows the beginning of c that is shown.
func (m *model) layOutWhole(c *content, beginning *message.Document) tea.Cmd {
	msg, own := c.msg, m.viewpoint().own
	return func() tea.Msg {
		doc := msg.Document(beginning.FromHTML)
		return wholeText{c, beginning, doc, msg.Warnings(doc, own...)}
	}
}

func (w wholeText) apply(m *model) tea.Cmd {
	if w.content.doc == w.beginning {
		w.content.doc, w.content.whole, w.content.warnings = w.doc, true, w.warnings
	}
	for _, p := range m.reader.posts {
		if p.content == w.content && p.doc == w.beginning {
			p.doc = w.doc
			m.layOut()
		}
	}
	return nil
}
