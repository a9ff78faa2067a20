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

// openDraft goes on with a draft. One that another program wrote, of which only the message is here, becomes ours:
// what is written from now on takes its place.
func (m *model) openDraft(id store.ID) tea.Cmd {
	ctx, st := m.ctx, m.Store
	m.awaitEditor(id)
	return func() tea.Msg {
		draft, err := st.Drafts.Get(ctx, id)
		return draftRead{id, draft, err}
	}
}

func (f draftRead) apply(m *model) tea.Cmd {
	if errors.Is(f.err, store.ErrNoSuch) && m.composer == nil && m.list.current() == f.id {
		return m.answer(func(m *model, c *content, mail store.Row) tea.Cmd { return m.adoptDraft(c, mail) })
	}
	var cmd tea.Cmd
	switch {
	case m.composer != nil || m.list.current() != f.id || errors.Is(f.err, context.Canceled):
	case f.err == nil:
		cmd = m.compose(f.draft)
	default:
		m.fail(f.err)
	}
	return tea.Batch(cmd, m.opened(f.id))
}

// adoptDraft makes a draft of a message in Drafts, with its attachments, and opens it.
func (m *model) adoptDraft(c *content, mail store.Row) tea.Cmd {
	from := message.DraftFrom(c.msg, m.partOpener(c.id))
	draft := &store.Draft{ID: c.id, Account: mail.Account, From: from.From, To: from.To, Cc: from.Cc, Bcc: from.Bcc,
		Subject: from.Subject, Body: from.Body, InReplyTo: from.InReplyTo, References: from.References}
	ctx, st := m.ctx, m.Store
	return func() tea.Msg {
		var err error
		if draft.Files, err = attachCopies(ctx, st, from.Files); err != nil {
			return draftRead{c.id, nil, err}
		}
		err = st.Drafts.Adopt(ctx, draft)
		return draftRead{c.id, draft, err}
	}
}
