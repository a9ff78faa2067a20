package ui

import (
	"context"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// How a message leaves: checked, written down in the Outbox, to be taken back until its time comes.

// outgoing is the message as it will be sent.
func (m *model) outgoing(d *store.Draft) *message.Draft {
	out := &message.Draft{
		From: d.From, Sender: d.Sender, ReplyTo: d.ReplyTo, To: d.To, Cc: d.Cc, Bcc: d.Bcc, Subject: d.Subject, Body: d.Body,
		MessageID: d.MessageID, InReplyTo: d.InReplyTo, References: d.References, Date: d.Date,
	}
	ctx, drafts := context.WithoutCancel(m.ctx), m.Store.Drafts
	for _, a := range d.Files {
		out.Files = append(out.Files, message.File{Name: a.Name, Type: a.Type, Size: a.Size,
			Open: func() (io.ReadCloser, error) { return drafts.OpenFile(ctx, a) }})
	}
	return out
}

// send queues the message. It leaves after the undo delay; until then u brings it back.
func (m *model) send() tea.Cmd {
	c := m.composer
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
	out := m.outgoing(&d)
	if err := out.Check(); err != nil {
		m.failWith(lang.T("compose.check", "Words", err.Error()), err.Error())
		return nil
	}
	if m.folders.byRole(d.Account, account.RoleSent).ID == 0 && m.copiesToSent(d.Account) {
		return m.askForSent(d.Account)
	}
	return m.queue(c, d, out, now.Add(m.Config.UndoDelay))
}

func (m *model) queue(c *composer, d store.Draft, out *message.Draft, due time.Time) tea.Cmd {
	m.composer = nil
	env := store.Envelope{From: d.From[0].Addr, UTF8: out.NeedsUTF8()}
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
		}, func(err error) tea.Cmd { return m.queued(c, d, err) })
	}), m.looked())
}

func (m *model) queued(c *composer, d store.Draft, err error) tea.Cmd {
	if err != nil {
		c.draft.ID, c.draft.Account = d.ID, d.Account
		c.dirty = true
		m.composer = c // nothing left: back to where it was written
		m.fail(err)
		return nil
	}
	var draft *store.Draft
	m.sends = append(m.sends, outgoing{d.ID, d.Subject})
	m.sayUndoable(lang.T("done.queued", "Seconds", int(m.Config.UndoDelay.Seconds())))
	m.remember(undoable{
		undone: lang.T("undone.queued"), outgoing: d.ID,
		back: func(ctx context.Context) (err error) {
			draft, err = m.Store.Outbox.Back(ctx, d.ID)
			return err
		},
		after: func(m *model) tea.Cmd { return m.compose(draft) },
	})
	return nil
}

func (m *model) copiesToSent(acct string) bool {
	for _, a := range m.Config.Accounts {
		if a.Name == acct {
			return a.CopyToSent
		}
	}
	return false
}

// askForSent makes the missing folder for sent mail, once the person agrees, and goes on sending.
func (m *model) askForSent(acct string) tea.Cmd {
	name := lang.T("folder.sent")
	m.open(&question{text: lang.T("ask.missing_folder", "Account", acct, "Folder", name), yes: func(m *model) tea.Cmd {
		made := store.Folder{Account: acct, Name: name, Role: account.RoleSent}
		return m.do(func(ctx context.Context) (err error) {
			made.ID, err = m.Store.Changes.CreateFolder(ctx, acct, name, account.RoleSent)
			return err
		}, func(err error) tea.Cmd {
			if err != nil {
				m.fail(err)
				return nil
			}
			m.folders.all = append(m.folders.all, made)
			if m.composer == nil {
				return nil
			}
			return m.send()
		})
	}})
	return nil
}

// badAddresses are the words in a list that are no addresses.
func badAddresses(err error) string {
	if bad, ok := err.(*message.AddressError); ok {
		return strings.Join(bad.Bad, ", ")
	}
	return err.Error()
}
