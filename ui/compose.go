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

// field is a place in a message being written.
type field int

const (
	fieldFrom field = iota
	fieldTo
	fieldCc
	fieldBcc
	fieldSubject
	fieldFiles
	fieldBody
)

// composer is a message being written. What is typed is in the store within two seconds, so that nothing but those
// can be lost, whatever happens.
type composer struct {
	draft   store.Draft // what is not in the fields: its id, what it answers, its files
	senders []sender
	from    int
	texts   map[field]*editor
	seen    map[field]int // changes of each text that were noted
	at      field

	touched bool // differs from what it began as
	dirty   bool // differs from what the store has
	ticking bool
	kept    time.Time // when it was last written down
	gen     int       // counts the composers of this run

	completion completion
	fileAt     int // the attachment under the cursor
}

// sender is an address one may write as.
type sender struct {
	account   string
	address   message.Address
	signature string
	canSend   bool
}

const autosaveDelay = time.Second

func (m *model) senders() []sender {
	var list []sender
	for _, a := range m.Config.Accounts {
		if a.Err != nil {
			continue
		}
		for _, i := range a.Identities {
			list = append(list, sender{a.Name, message.Address{Name: i.FullName, Addr: i.Email}, i.Signature, a.Outgoing != nil})
		}
	}
	return list
}

// isMe reports whether an address is one of the person's own.
func (m *model) isMe(a message.Address) bool {
	for _, s := range m.senders() {
		if strings.EqualFold(s.address.Addr, a.Addr) {
			return true
		}
	}
	return false
}

// me are the addresses of an account.
func (m *model) me(acct string) []message.Address {
	var list []message.Address
	for _, s := range m.senders() {
		if s.account == acct {
			list = append(list, s.address)
		}
	}
	return list
}

// write begins a new message with what start holds.
func (m *model) write(start *message.Draft) tea.Cmd {
	acct := m.account
	return m.begin(acct, start, 0, false)
}

// begin opens the editor on a message that is not in the store yet.
func (m *model) begin(acct string, start *message.Draft, answers store.ID, forward bool) tea.Cmd {
	d := &store.Draft{
		Account: acct, From: start.From, To: start.To, Cc: start.Cc, Bcc: start.Bcc, Subject: start.Subject,
		Body: start.Body, InReplyTo: start.InReplyTo, References: start.References, Answers: answers, Forward: forward,
	}
	cmd := m.compose(d)
	c := m.composer
	if c == nil {
		return cmd
	}
	if s := c.senders[c.from].signature; s != "" {
		body := c.texts[fieldBody]
		body.splice(body.end(), body.end(), signed(s))
		body.at, body.done = position{}, nil
		c.seen[fieldBody] = body.changes
	}
	if len(start.To) > 0 || answers != 0 && !forward {
		c.at = fieldBody
	}
	return cmd
}

// signed is a signature as it stands below a message (RFC 3676 §4.3).
func signed(signature string) string { return "\n\n-- \n" + strings.TrimRight(signature, "\n") }

// compose opens the editor on a draft.
func (m *model) compose(d *store.Draft) tea.Cmd {
	senders := m.senders()
	if len(senders) == 0 {
		m.say(lang.T("compose.no_account"))
		return nil
	}
	m.composeGen++
	c := &composer{draft: *d, senders: senders, gen: m.composeGen, kept: d.Updated, at: fieldTo, seen: map[field]int{}}
	c.from = c.senderOf(d)
	typed := func(name string, list []message.Address) *editor {
		text := d.Fields[name]
		if text == "" {
			text = joinAddresses(list)
		}
		return newEditor(text, true)
	}
	c.texts = map[field]*editor{
		fieldTo: typed("to", d.To), fieldCc: typed("cc", d.Cc), fieldBcc: typed("bcc", d.Bcc),
		fieldSubject: newEditor(d.Subject, true), fieldBody: newEditor(d.Body, false),
	}
	if d.ID != 0 && len(d.To) > 0 {
		c.at = fieldBody
	}
	m.composer = c
	return nil
}

func (c *composer) senderOf(d *store.Draft) int {
	best := 0
	for i, s := range c.senders {
		if len(d.From) > 0 && strings.EqualFold(s.address.Addr, d.From[0].Addr) && (d.Account == "" || s.account == d.Account) {
			return i
		}
		if s.account == d.Account && c.senders[best].account != d.Account {
			best = i
		}
	}
	return best
}

func joinAddresses(list []message.Address) string {
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	return strings.Join(words, ", ")
}

// snapshot is the message as it stands, for the store.
func (c *composer) snapshot() store.Draft {
	d := c.draft
	s := c.senders[c.from]
	d.Account, d.From = s.account, []message.Address{s.address}
	d.Fields = map[string]string{}
	for _, f := range []struct {
		name  string
		field field
		list  *[]message.Address
	}{{"to", fieldTo, &d.To}, {"cc", fieldCc, &d.Cc}, {"bcc", fieldBcc, &d.Bcc}} {
		text := c.texts[f.field].text()
		d.Fields[f.name] = text
		*f.list, _ = message.ParseAddressList(text)
	}
	d.Subject, d.Body = c.texts[fieldSubject].text(), c.texts[fieldBody].text()
	return d
}

// changed notes that something was written; it will be in the store within two seconds.
func (m *model) changed() tea.Cmd {
	c := m.composer
	c.touched, c.dirty = true, true
	if c.ticking {
		return nil
	}
	c.ticking = true
	gen := c.gen
	return tea.Tick(autosaveDelay, func(time.Time) tea.Msg { return autosave{gen} })
}

type autosave struct{ gen int }

func (a autosave) apply(m *model) tea.Cmd {
	c := m.composer
	if c == nil || c.gen != a.gen {
		return nil
	}
	c.ticking = false
	return m.saveDraft(c)
}

// saveDraft writes the draft down if anything changed.
func (m *model) saveDraft(c *composer) tea.Cmd {
	return m.later(func() tea.Cmd {
		if !c.dirty {
			return nil
		}
		d := c.snapshot()
		c.dirty = false
		return m.job(m.keep(c, &d), func(err error) tea.Cmd {
			c.draft.ID, c.draft.Account = d.ID, d.Account
			if err != nil {
				c.dirty = true
				m.fail(err)
				return nil
			}
			c.kept = m.Now()
			return nil
		})
	})
}

// keep writes d down as the draft of c. A draft belongs to the account it is written in: after a change of sender to
// another one it is a new draft there, and the old one goes.
func (m *model) keep(c *composer, d *store.Draft) func(context.Context) error {
	var old store.ID
	if d.ID = c.draft.ID; d.ID != 0 && c.draft.Account != d.Account {
		old, d.ID = d.ID, 0
	}
	drafts := m.Store.Drafts
	return func(ctx context.Context) error {
		err := drafts.Save(ctx, d)
		if err == nil && old != 0 {
			_, err = drafts.Delete(ctx, old)
		}
		return err
	}
}

// leaveCompose closes the editor; the draft is kept, one that was not touched is dropped.
func (m *model) leaveCompose() tea.Cmd {
	c := m.composer
	m.composer = nil
	if !c.touched {
		return m.looked()
	}
	save := m.saveDraft(c)
	said := m.later(func() tea.Cmd {
		if !c.dirty {
			m.say(lang.T("compose.kept"))
		}
		return nil
	})
	return tea.Batch(save, said, m.looked())
}

// discard throws the draft away; undo opens it again.
func (m *model) discard() tea.Cmd {
	c := m.composer
	m.composer = nil
	if !c.touched && c.draft.ID == 0 {
		return m.looked()
	}
	d := c.snapshot()
	var step store.Step
	c.dirty = false
	return tea.Batch(m.later(func() tea.Cmd {
		keep := m.keep(c, &d)
		return m.job(func(ctx context.Context) (err error) {
			if err = keep(ctx); err != nil {
				return err
			}
			step, err = m.Store.Drafts.Delete(ctx, d.ID)
			return err
		}, func(err error) tea.Cmd {
			if err != nil {
				m.fail(err)
				m.composer = c
				return nil
			}
			m.sayUndoable(lang.T("done.discarded", "Count", 1))
			m.remember(undoable{
				undone: lang.T("undone.discarded", "Count", 1),
				back:   func(ctx context.Context) error { return m.Store.Changes.Undo(ctx, step) },
				after:  func(m *model) tea.Cmd { return m.compose(&d) },
			})
			return nil
		})
	}), m.looked())
}

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

// reply answers the message under the cursor or on the screen.
func (m *model) reply(all bool) tea.Cmd {
	return m.answer(func(m *model, c *content, mail store.Row) tea.Cmd {
		d := message.Reply(c.msg, m.me(mail.Account), all, m.Now())
		return m.begin(mail.Account, d, c.id, false)
	})
}

// answer runs write with the message that is acted on, when it is here and still the one looked at.
func (m *model) answer(write func(*model, *content, store.Row) tea.Cmd) tea.Cmd {
	id := m.actedOn()
	mail, ok := m.row(id)
	if !ok {
		return nil
	}
	if m.contents.find(id) == nil && !mail.Stored {
		m.say(lang.T("message.fetching"))
	}
	return m.withContent(id, func(m *model, c *content) tea.Cmd {
		if m.actedOn() != id || m.composer != nil || m.topOverlay() != nil {
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
		d := message.Forward(c.msg, m.me(mail.Account), m.Now(), m.partOpener(c.id))
		cmd := m.begin(mail.Account, d, c.id, true)
		if m.composer == nil || len(d.Files) == 0 {
			return cmd
		}
		return tea.Batch(cmd, m.attachAll(d.Files))
	})
}

// partOpener opens parts of a stored message.
func (m *model) partOpener(id store.ID) message.Opener {
	ctx, st := context.WithoutCancel(m.ctx), m.Store
	return func(part string) (io.ReadCloser, error) {
		body, err := rawMessage(ctx, st, id)
		if err != nil {
			return nil, err
		}
		r, w := io.Pipe()
		guard(func() {
			defer body.Close()
			w.CloseWithError(message.CopyPart(w, body, part))
		}, func(err error) { w.CloseWithError(err) })
		return r, nil
	}
}
