package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

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
	sure    bool // nothing was forgotten, the person says
	ticking bool
	kept    time.Time // when it was last written down
	gen     int       // counts the composers of this run

	completion completion
	fileAt     int                  // the attachment under the cursor
	copying    int                  // times files are being copied into the store for it
	waiting    func(*model) tea.Cmd // sends it once they are there
	gone       bool                 // sent or thrown away
	outgoing   *store.Outgoing      // what it was in the Outbox; nil: it was not there
}

// sender is an address one may write as.
type sender struct {
	account   string
	address   message.Address
	signature string
	sent      string // the folder it has for copies
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
			list = append(list, sender{a.Name, message.Address{Name: i.FullName, Addr: i.Email}, i.Signature, i.Sent, a.Outgoing != nil})
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
	if s := c.senders[c.from].signature; s != "" && !strings.HasSuffix(strings.TrimRight("\n"+start.Body, "\n"), strings.TrimLeft(signed(s), "\n")) {
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
	var before tea.Cmd
	if m.composer != nil { // what was brought back takes its place
		before = m.saveDraft(m.composer)
	}
	m.composeGen++
	c := &composer{draft: *d, senders: senders, gen: m.composeGen, kept: d.Updated, at: fieldTo, seen: map[field]int{}}
	c.draft.Resent = false // from now on it is another message
	c.from = senderOf(senders, d)
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
	return before
}

// senderOf is which of the senders a draft is from, else the first of its account.
func senderOf(senders []sender, d *store.Draft) int {
	best := 0
	for i, s := range senders {
		if len(d.From) > 0 && strings.EqualFold(s.address.Addr, d.From[0].Addr) && (d.Account == "" || s.account == d.Account) {
			return i
		}
		if s.account == d.Account && senders[best].account != d.Account {
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
				return m.unwritten(c, err)
			}
			c.kept = m.Now()
			m.unkept = slices.DeleteFunc(m.unkept, func(u *composer) bool { return u == c })
			return nil
		})
	})
}

// unwritten goes on with a message that could not be written down: where it was written, unless another one is being
// written there by now, and it is tried again until it can be. Who is leaving is asked whether to do so all the same.
func (m *model) unwritten(c *composer, err error) tea.Cmd {
	m.fail(err)
	c.dirty, c.gone = true, false
	if !slices.Contains(m.unkept, c) {
		m.unkept = append(m.unkept, c)
	}
	if m.composer == nil {
		m.composer = c
	}
	if m.leaving && !m.insists {
		m.leaving = false
		m.open(&question{text: lang.T("ask.leave_unwritten", "Words", m.status.text), yes: func(m *model) tea.Cmd {
			m.leaving, m.insists = true, true
			return m.nextJob()
		}})
	}
	return tea.Tick(autosaveDelay, func(time.Time) tea.Msg { return saveAgain{c} })
}

type saveAgain struct{ c *composer }

func (s saveAgain) apply(m *model) tea.Cmd { return m.saveDraft(s.c) }

// unsaved are the messages of which something is not written down.
func (m *model) unsaved() (list []*composer) {
	for _, c := range append(slices.Clone(m.unkept), m.composer) {
		if c != nil && c.dirty && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// over is done with a message: there is nothing of it to be written down any more.
func (m *model) over(c *composer) {
	c.dirty, c.gone = false, true
	if m.composer == c {
		m.composer = nil
	}
}

// keep writes d down as the draft of c, which leaves the Outbox by that. A draft belongs to the account it is written in: after a change of sender to
// another one it is a new draft there, and the old one goes.
func (m *model) keep(c *composer, d *store.Draft) func(context.Context) error {
	var old store.ID
	if d.ID = c.draft.ID; d.ID != 0 && c.draft.Account != d.Account {
		old, d.ID = d.ID, 0
	}
	drafts, outbox, out := m.Store.Drafts, m.Store.Outbox, c.outgoing
	return func(ctx context.Context) error {
		if out != nil {
			if _, err := outbox.Back(ctx, out.ID); err != nil && !errors.Is(err, store.ErrNoSuch) { // it may be out already
				return err
			}
		}
		err := drafts.Save(ctx, d)
		if errors.Is(err, store.ErrNoSuch) && d.ID != 0 { // deleted elsewhere meanwhile; what is written here stays
			d.ID = 0
			err = drafts.Save(ctx, d)
		}
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
		return tea.Batch(m.putBack(c), m.looked())
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
	m.over(c)
	if !c.touched && c.draft.ID == 0 {
		return m.looked()
	}
	d := c.snapshot()
	var step store.Step
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
				return m.unwritten(c, err)
			}
			m.over(c)
			m.did(lang.T("done.discarded", "Count", 1), undoable{
				undone: lang.T("undone.discarded", "Count", 1),
				back:   m.undoAll(step),
				after:  func(m *model) tea.Cmd { return m.compose(&d) },
			})
			return nil
		})
	}), m.looked())
}
