package ui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// How a message leaves: checked, written down in the Outbox, to be taken back until its time comes.

// send queues the message. It leaves after the undo delay; until then u brings it back.
func (m *model) send() tea.Cmd { return m.sendAt(time.Time{}) }

// sendLater asks when the message is to leave.
func (m *model) sendLater() tea.Cmd {
	c := m.composer
	return m.askTime("", func(m *model, at time.Time) tea.Cmd {
		if m.composer != c {
			return nil
		}
		return m.sendAt(at)
	})
}

// askTime asks for a time to come, until what is typed is one.
func (m *model) askTime(typed string, then func(*model, time.Time) tea.Cmd) tea.Cmd {
	m.open(&prompt{heading: lang.T("ask.when"), field: newEditor(typed, true), done: func(m *model, text string) tea.Cmd {
		if strings.TrimSpace(text) == "" {
			return nil
		}
		at, err := lang.ParseTime(text, m.Now())
		if err != nil {
			m.say(lang.T("compose.no_time", "Words", text))
			return m.askTime(text, then)
		}
		return then(m, at)
	}})
	return nil
}

// sendAt queues the message to leave then; the zero time means after the undo delay.
func (m *model) sendAt(at time.Time) tea.Cmd {
	c := m.composer
	if c.copying > 0 {
		c.waiting = func(m *model) tea.Cmd { return m.sendAt(at) }
		m.say(lang.T("compose.waits_for_files"))
		return nil
	}
	for _, f := range []field{fieldTo, fieldCc, fieldBcc} {
		if _, err := message.ParseAddressList(c.texts[f].text()); err != nil {
			c.at = f
			m.failWith(lang.T("compose.bad_address", "Words", badAddresses(err)), err.Error())
			return nil
		}
	}
	d := c.snapshot()
	if len(d.To)+len(d.Cc)+len(d.Bcc) == 0 {
		c.at = fieldTo
		m.say(lang.T("compose.no_recipient"))
		return nil
	}
	if !c.senders[c.from].canSend {
		m.say(lang.T("compose.cannot_send", "Account", d.Account))
		return nil
	}
	now := m.Now()
	d.Date = now
	d.MessageID = message.NewMessageID(d.From[0], m.Random, now)
	d.Fields = nil
	out := m.Store.Drafts.Message(context.WithoutCancel(m.ctx), &d)
	if err := out.Check(); err != nil {
		m.failWith(lang.T("compose.check", "Words", err.Error()), err.Error())
		return nil
	}
	if doubts := out.Doubts(); len(doubts) > 0 && !c.sure {
		return m.askDoubts(c, out, doubts, at)
	}
	if c.senders[c.from].sent == "" && m.lacksSent(d.Account) {
		return m.askForSent(d.Account, at)
	}
	due := now.Add(m.Config.UndoDelay)
	if at.After(due) {
		due = at
	}
	return m.queue(c, d, out, due)
}

// askDoubts asks what may have been forgotten, all at once, and sends when it was not.
func (m *model) askDoubts(c *composer, out *message.Draft, doubts []message.Doubt, at time.Time) tea.Cmd {
	var words []string
	for _, doubt := range doubts {
		switch doubt {
		case message.DoubtNoSubject:
			words = append(words, lang.T("ask.no_subject"))
		case message.DoubtNoAttachment:
			words = append(words, lang.T("ask.no_attachment"))
		case message.DoubtManyRecipients:
			words = append(words, lang.T("ask.many_recipients", "Count", len(out.To)+len(out.Cc)))
		}
	}
	m.open(&question{text: sentences(append(words, lang.T("ask.send_all_the_same"))), yes: func(m *model) tea.Cmd {
		if m.composer != c {
			return nil
		}
		c.sure = true
		return m.sendAt(at)
	}})
	return nil
}

// sentences puts sentences behind each other: with a blank between, but for those whose full stop is wide as one.
func sentences(list []string) (text string) {
	for _, s := range list {
		if text != "" && !strings.HasSuffix(text, "。") {
			text += " "
		}
		text += s
	}
	return text
}

func (m *model) queue(c *composer, d store.Draft, out *message.Draft, due time.Time) tea.Cmd {
	m.over(c)
	env := store.Envelope{From: out.ReturnPath(), UTF8: out.NeedsUTF8()}
	for _, a := range out.Recipients() {
		env.To = append(env.To, a.Addr)
	}
	return tea.Batch(m.later(func() tea.Cmd {
		keep := m.keep(c, &d)
		return m.job(func(ctx context.Context) error {
			if err := keep(ctx); err != nil {
				return err
			}
			return m.Store.Outbox.Queue(ctx, d.ID, out, env, due)
		}, func(err error) tea.Cmd { return m.queued(c, d, due, err) })
	}), m.looked())
}

func (m *model) queued(c *composer, d store.Draft, due time.Time, err error) tea.Cmd {
	if err != nil {
		c.draft.ID, c.draft.Account = d.ID, d.Account
		return m.unwritten(c, err) // nothing left
	}
	m.over(c)
	var draft *store.Draft
	var leaving tea.Cmd
	if due.Sub(m.Now()) > m.Config.UndoDelay {
		m.sayUndoable(lang.T("done.scheduled", "Time", string(fullDate(due, m.Now().Location()))))
	} else {
		leaving = tea.Batch(m.sayLeaving(due), m.follow(d.ID, d.Subject))
	}
	m.remember(undoable{
		undone: lang.T("undone.queued"), outgoing: d.ID,
		back: func(ctx context.Context) (err error) {
			draft, err = m.Store.Outbox.Back(ctx, d.ID)
			return err
		},
		after: func(m *model) tea.Cmd { return m.compose(draft) },
	})
	return leaving
}

// lacksSent reports whether there is no folder for the copy. Before the folders of a server are known nobody can tell.
func (m *model) lacksSent(acct string) bool {
	return m.configured(acct).CopyToSent && m.folders.byRole(acct, account.RoleSent).ID == 0 && m.folders.byRole(acct, account.RoleInbox).ID != 0
}

// askForSent makes the missing folder for sent mail, once the person agrees, and goes on sending.
func (m *model) askForSent(acct string, at time.Time) tea.Cmd {
	return m.withFolder(acct, account.RoleSent, func(m *model, _ store.Folder) tea.Cmd {
		if m.composer == nil {
			return nil
		}
		return m.sendAt(at)
	})
}

// badAddresses are the words in a list that are no addresses.
func badAddresses(err error) string {
	if bad, ok := err.(*message.AddressError); ok {
		return strings.Join(bad.Bad, ", ")
	}
	return err.Error()
}

// toggleMarkdown has the message sent as HTML, too, or not.
func (m *model) toggleMarkdown() tea.Cmd {
	d := &m.composer.draft
	d.Markdown = !d.Markdown
	return m.sayChanged(d.Markdown, "compose.markdown", "compose.no_markdown")
}

// toggleNotify asks the servers to report what becomes of the message, or not.
func (m *model) toggleNotify() tea.Cmd {
	d := &m.composer.draft
	d.Notify = !d.Notify
	return m.sayChanged(d.Notify, "compose.notify", "compose.no_notify")
}

func (m *model) sayChanged(on bool, yes, no string) tea.Cmd {
	if !on {
		yes = no
	}
	m.say(lang.T(yes))
	return m.changed()
}
