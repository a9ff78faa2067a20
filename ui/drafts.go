package ui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"tmail/message"
	"tmail/store"
)

func emptyDraft() *message.Draft { return &message.Draft{} }

type draftRead struct {
	id    store.ID
	draft *store.Draft
	err   error
}

// openDraft goes on with a draft. One that was written elsewhere, of which only the message is here, becomes a new
// draft of ours; the other stays.
func (m *model) openDraft(id store.ID) tea.Cmd {
	ctx, st := m.ctx, m.Store
	return func() tea.Msg {
		draft, err := st.Drafts.Get(ctx, id)
		return draftRead{id, draft, err}
	}
}

func (f draftRead) apply(m *model) tea.Cmd {
	if m.composer != nil || m.list.current() != f.id {
		return nil
	}
	switch {
	case f.err == nil:
		return m.compose(f.draft)
	case errors.Is(f.err, store.ErrNoSuch):
		return m.answer(func(m *model, c *content, mail store.Row) tea.Cmd {
			d := message.DraftFrom(c.msg, m.partOpener(c.id))
			cmd := m.compose(&store.Draft{Account: mail.Account, From: d.From, To: d.To, Cc: d.Cc, Bcc: d.Bcc,
				Subject: d.Subject, Body: d.Body, InReplyTo: d.InReplyTo, References: d.References})
			if m.composer == nil || len(d.Files) == 0 {
				return cmd
			}
			return tea.Batch(cmd, m.attachAll(d.Files))
		})
	case errors.Is(f.err, context.Canceled):
		return nil
	}
	m.fail(f.err)
	return nil
}
