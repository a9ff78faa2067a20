package ui

import (
	"context"
	"io"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// A message sent on as it is, to people one types.

// resend asks who shall get the message.
func (m *model) resend() tea.Cmd {
	return m.answer(func(m *model, c *content, mail store.Row) tea.Cmd { return m.askResend(c, mail, "") })
}

func (m *model) askResend(c *content, mail store.Row, typed string) tea.Cmd {
	ctx, st, command := m.ctx, m.Store, m.Config.AddressCommand
	m.open(&prompt{heading: lang.T("ask.resend"), field: newEditor(typed, true),
		complete: func(typed string) (string, []string) { return completeAddresses(ctx, st, command, typed) },
		done: func(m *model, text string) tea.Cmd {
			to, err := message.ParseAddressList(text)
			switch {
			case strings.TrimSpace(text) == "":
				return nil
			case err != nil:
				m.failWith(lang.T("compose.bad_address", "Words", badAddresses(err)), err.Error())
				return m.askResend(c, mail, text)
			}
			return m.resendTo(c, mail, to)
		}})
	return nil
}

// completeAddresses makes the last of the addresses typed a whole one, or lists those it can be: of one's own, and those
// the address command finds. What cannot be asked finds nothing.
func completeAddresses(ctx context.Context, st *store.Store, command []string, typed string) (longer string, options []string) {
	from := strings.LastIndexAny(typed, ",;") + 1
	word := strings.TrimSpace(typed[from:])
	if word == "" {
		return typed, nil
	}
	list, _ := st.Addresses.Complete(ctx, word, completions)
	if asksCommand(command, word) {
		found, _ := runAddressCommand(ctx, command, word)
		list = addFound(list, found)
	}
	if len(list) == 0 {
		return typed, nil
	}
	if len(list) == 1 {
		return strings.TrimSpace(typed[:from]+" "+list[0].Address.String()) + ", ", nil
	}
	for _, c := range list {
		options = append(options, c.Address.String())
	}
	return typed, options
}

// resendTo queues the message for these people. The draft that stands for it in the Outbox has it as an attachment, so
// that nothing is lost when it is taken back to be written differently.
func (m *model) resendTo(c *content, mail store.Row, to []message.Address) tea.Cmd {
	senders := m.senders()
	if len(senders) == 0 {
		m.say(lang.T("compose.no_account"))
		return nil
	}
	ctx, st, id := context.WithoutCancel(m.ctx), m.Store, c.id
	open := func() (io.ReadCloser, error) { return rawMessage(ctx, st, id) }
	whole := message.ForwardAttached(c.msg, m.me(mail.Account), message.File{Size: mail.Size, Open: open})
	from := senders[senderOf(senders, &store.Draft{Account: mail.Account, From: whole.From})]
	if !from.canSend {
		m.say(lang.T("compose.cannot_send", "Account", from.account))
		return nil
	}
	now := m.Now()
	out := &message.Resent{From: from.address, To: to, Date: now, Open: open, ID: message.NewMessageID(from.address, m.Random, now)}
	d := &store.Draft{Account: from.account, From: []message.Address{from.address}, To: to, Subject: c.msg.Envelope.Subject, Date: now,
		MessageID: c.msg.Envelope.MessageID, Answers: id, Forward: true, Resent: true}
	way := message.Draft{From: d.From, To: to}
	env := store.Envelope{From: way.ReturnPath(), UTF8: way.NeedsUTF8()}
	for _, a := range way.Recipients() {
		env.To = append(env.To, a.Addr)
	}
	due := now.Add(m.Config.UndoDelay)
	return m.carryOut(func(ctx context.Context) (err error) {
		if d.Files, err = attachCopies(ctx, st, whole.Files); err != nil {
			return err
		}
		if err = st.Drafts.Save(ctx, d); err != nil {
			return err
		}
		return st.Outbox.Queue(ctx, d.ID, out, env, due)
	}, func() tea.Cmd {
		m.remember(undoable{undone: lang.T("undone.queued"), outgoing: d.ID, back: func(ctx context.Context) error {
			draft, err := st.Outbox.Back(ctx, d.ID)
			if err == nil {
				_, err = st.Drafts.Delete(ctx, draft.ID)
			}
			return err
		}})
		return tea.Batch(m.sayLeaving(due), m.follow(d.ID, d.Subject))
	})
}
