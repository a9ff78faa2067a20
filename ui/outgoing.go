package ui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/store"
)

// What can be done with a message in the Outbox.

// sendNow lets an outgoing message leave at once: one that waits, and one that failed or is uncertain, because the
// person says so. What is uncertain may arrive twice, so that is asked first.
func (m *model) sendNow() tea.Cmd {
	id := m.list.current()
	mail, ok := m.row(id)
	if !ok {
		return nil
	}
	send := func(m *model) tea.Cmd {
		now := m.Now()
		return m.carryOut(func(ctx context.Context) error { return m.Store.Outbox.Schedule(ctx, id, now) }, func() tea.Cmd {
			m.say(lang.T("done.sending"))
			return m.follow(id, mail.Subject)
		})
	}
	if mail.Status == store.OutUnconfirmed {
		m.open(&question{text: lang.T("ask.send_again"), yes: send})
		return nil
	}
	return send(m)
}

// schedule sets when an outgoing message leaves; the zero time holds it.
func (m *model) schedule(id store.ID, due time.Time, done string) tea.Cmd {
	return m.do(func(ctx context.Context) error { return m.Store.Outbox.Schedule(ctx, id, due) }, m.outcome(done))
}

// hold keeps an outgoing message from leaving by itself.
func (m *model) hold() tea.Cmd { return m.schedule(m.list.current(), time.Time{}, lang.T("done.held")) }

// postpone asks when an outgoing message is to leave; what is uncertain may arrive twice, so that is asked first.
func (m *model) postpone() tea.Cmd {
	id := m.list.current()
	ask := func(m *model) tea.Cmd {
		return m.askTime("", func(m *model, at time.Time) tea.Cmd {
			return m.schedule(id, at, lang.T("done.scheduled", "Time", string(fullDate(at, m.Now().Location()))))
		})
	}
	if mail, ok := m.row(id); ok && mail.Status == store.OutUnconfirmed {
		m.open(&question{text: lang.T("ask.send_again"), yes: ask})
		return nil
	}
	return ask(m)
}

// takeBack opens an outgoing message in the editor. It is held meanwhile, and leaves the Outbox with the first change.
func (m *model) takeBack(id store.ID) tea.Cmd {
	var out *store.Outgoing
	var draft *store.Draft
	return m.carryOut(func(ctx context.Context) (err error) {
		if out, err = m.Store.Outbox.Get(ctx, id); err != nil {
			return err
		}
		if err = m.Store.Outbox.Schedule(ctx, id, time.Time{}); err != nil {
			return err
		}
		draft, err = m.Store.Drafts.Get(ctx, id)
		return err
	}, func() tea.Cmd {
		m.forgetSend(id)
		cmd := m.compose(draft)
		if c := m.composer; c != nil && c.draft.ID == id {
			c.outgoing = out
			m.sayWhoHasIt(out)
		}
		return cmd
	})
}

// sayWhoHasIt says who has got a message already, or may have.
func (m *model) sayWhoHasIt(out *store.Outgoing) {
	var had []string
	for _, r := range out.Recipients {
		if r.Sent {
			had = append(had, r.Addr)
		}
	}
	switch {
	case out.Status == store.OutUnconfirmed:
		m.say(lang.T("compose.may_have_left"))
	case len(had) > 0:
		m.say(lang.T("compose.had_by", "Addresses", strings.Join(had, ", ")))
	}
}

// putBack has an outgoing message that was only looked at wait as it did; at least for as long as one that is sent anew.
func (m *model) putBack(c *composer) tea.Cmd {
	out := c.outgoing
	if out == nil || out.Due.IsZero() || out.Status != store.OutHeld && out.Status != store.OutDue {
		return nil
	}
	due := m.Now().Add(m.Config.UndoDelay)
	if out.Due.After(due) {
		due = out.Due
	}
	return m.schedule(out.ID, due, lang.T("compose.waits_again"))
}

// discardOutgoing takes a message out of the Outbox and throws it away; undo makes it a draft again.
func (m *model) discardOutgoing() tea.Cmd {
	id := m.list.current()
	if id == 0 {
		return nil
	}
	var step store.Step
	job := m.carryOut(func(ctx context.Context) error {
		draft, err := m.Store.Outbox.Back(ctx, id)
		if err != nil {
			return err
		}
		step, err = m.Store.Drafts.Delete(ctx, draft.ID)
		return err
	}, func() tea.Cmd {
		m.forgetSend(id)
		m.did(lang.T("done.discarded", "Count", 1), undoable{undone: lang.T("undone.outgoing"), back: m.undoAll(step)})
		return nil
	})
	return tea.Batch(job, m.gone([]store.ID{id}))
}
