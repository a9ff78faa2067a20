package ui

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// Messages that begin with another: replies and forwards.

// reply answers the message under the cursor or on the screen. Where lines of it are marked, only they are quoted.
func (m *model) reply(all bool) tea.Cmd {
	part := m.markedPart()
	return m.answerText(func(m *model, c *content, mail store.Row) tea.Cmd {
		d := message.ReplyUnder(c.msg, m.me(mail.Account), all, attribution(&c.msg.Envelope, m.Now().Location()), part)
		if to, cc := m.others(d.To), m.others(d.Cc); all && len(to)+len(cc) > 0 { // nor do one's other accounts get it
			d.To, d.Cc = to, cc
		}
		return m.begin(mail.Account, d, c.id, false)
	})
}

// others are the addresses of a list that are not one's own.
func (m *model) others(list []message.Address) []message.Address {
	return slices.DeleteFunc(slices.Clone(list), m.isMe)
}

// attribution is the line above a quote that says whose words they are.
func attribution(e *message.Envelope, zone *time.Location) string {
	who := lang.T("reply.someone")
	if len(e.From) > 0 {
		who = string(safe.Line(cmp.Or(e.From[0].Name, e.From[0].Addr)))
	}
	if e.Date.IsZero() {
		return lang.T("reply.wrote", "Who", who)
	}
	return lang.T("reply.wrote_on", "Who", who, "Date", string(fullDate(e.Date, zone)))
}

// answer runs write with the message that is acted on, when it is here and still the one looked at.
func (m *model) answer(write func(*model, *content, store.Row) tea.Cmd) tea.Cmd {
	id := m.actedOn()
	mail, ok := m.row(id)
	if !ok {
		return nil
	}
	awaited := m.contents.find(id) == nil && mail.Stored
	switch {
	case awaited:
		m.awaitEditor(id)
	case !mail.Stored:
		m.say(lang.T("message.fetching"))
		m.Engine.Want(id)
	}
	return m.withContent(id, func(m *model, c *content) tea.Cmd {
		if awaited && m.ahead.of != id || m.actedOn() != id || m.composer != nil || m.topOverlay() != nil {
			return nil
		}
		return write(m, c, mail)
	})
}

// actedOn is the one message answers go to.
func (m *model) actedOn() store.ID {
	if m.focus == onMessage {
		return m.reader.id
	}
	return m.list.current()
}

// forward passes the message on, its attachments with it.
func (m *model) forward() tea.Cmd {
	return m.answer(func(m *model, c *content, mail store.Row) tea.Cmd {
		d := message.Forward(c.msg, m.me(mail.Account), m.forwardWords(), m.partOpener(c.id))
		return m.beginWith(mail.Account, d, c.id, true)
	})
}

// forwardWords are what stands above a message passed on.
func (m *model) forwardWords() message.ForwardWords {
	zone := m.Now().Location()
	return message.ForwardWords{
		Forwarded: lang.T("reply.forwarded"), From: lang.T("field.from"), Date: lang.T("reply.date"),
		Subject: lang.T("field.subject"), To: lang.T("field.to"), Cc: lang.T("field.cc"),
		When: func(t time.Time) string { return string(fullDate(t, zone)) },
	}
}

// forwardAttached passes the message on as it is, as an attachment.
func (m *model) forwardAttached() tea.Cmd {
	return m.answer(func(m *model, c *content, mail store.Row) tea.Cmd {
		ctx, st, id := context.WithoutCancel(m.ctx), m.Store, c.id
		raw := message.File{Size: mail.Size, Open: func() (io.ReadCloser, error) { return rawMessage(ctx, st, id) }}
		return m.beginWith(mail.Account, message.ForwardAttached(c.msg, m.me(mail.Account), raw), c.id, true)
	})
}

// editAgain begins a new message like this one, to the same people.
func (m *model) editAgain() tea.Cmd {
	return m.answer(func(m *model, c *content, mail store.Row) tea.Cmd {
		return m.beginWith(mail.Account, message.EditAgain(c.msg, m.partOpener(c.id)), 0, false)
	})
}

// beginWith is begin for a message that has files, too.
func (m *model) beginWith(acct string, d *message.Draft, answers store.ID, forward bool) tea.Cmd {
	cmd := m.begin(acct, d, answers, forward)
	if m.composer == nil || len(d.Files) == 0 {
		return cmd
	}
	return tea.Batch(cmd, m.attachAll(d.Files))
}

// partOpener opens parts of a stored message.
func (m *model) partOpener(id store.ID) message.Opener {
	ctx, st := context.WithoutCancel(m.ctx), m.Store
	return func(part string) (io.ReadCloser, error) { return rawPart(ctx, st, id, part) }
}
