package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// sendmailFlags are those of sendmail that programs use.
type sendmailFlags struct {
	fromHeader bool   // -t
	sender     string // -f
	fullName   string // -F
}

// register adds the flags. What has no meaning here (-i, -o) is taken and
// changes nothing: a line with a single dot never ends the message.
func (f *sendmailFlags) register(flags *pflag.FlagSet) {
	flags.BoolVarP(&f.fromHeader, "read-recipients", "t", false, "flag.read_recipients")
	flags.StringVarP(&f.sender, "sender", "f", "", "flag.sender")
	flags.StringVarP(&f.fullName, "full-name", "F", "", "flag.full_name")
	flags.StringVarP(&f.sender, "return-path", "r", "", "") // what -f was called before
	_ = flags.MarkHidden("return-path")
	for _, ignored := range []struct{ name, short string }{{"option", "o"}, {"body-type", "B"}, {"dsn", "N"}} {
		flags.StringP(ignored.name, ignored.short, "", "")
		_ = flags.MarkHidden(ignored.name)
	}
	for _, ignored := range []struct{ name, short string }{{"ignore-dots", "i"}, {"verbose", "v"}, {"gateway", "G"}} {
		flags.BoolP(ignored.name, ignored.short, false, "")
		_ = flags.MarkHidden(ignored.name)
	}
}

// sendmail sends a message that another program made, as it came but for Bcc
// and what it lacks.
func (p *program) sendmail(ctx context.Context, l letter, args []string) error {
	if len(l.to)+len(l.cc)+len(l.bcc)+len(l.from)+len(l.files) > 0 || l.subject != "" || l.answers != "" || l.markdown {
		return usage("usage.only_message")
	}
	l.sendmail.sender = strings.Trim(l.sendmail.sender, "<>")
	config, err := p.loadConfig()
	if err != nil {
		return err
	}
	given, err := p.readInput(ctx)
	if err != nil {
		return err
	}
	if len(given) > maxBody {
		return usage("cli.message_too_long", "Size", fileSize(maxBody))
	}
	due, wait, err := l.due(time.Now())
	if err != nil {
		return err
	}
	m, err := message.Read(bytes.NewReader(given))
	if err != nil {
		return err
	}
	from, err := sender(config, p.accountOf(config, l.sendmail.sender, m.Envelope.From))
	if err != nil {
		return err
	}
	p.accountName = from.Name
	draft, raw, err := l.handed(m, given, from, args)
	if err != nil {
		return err
	}
	p.log = openLog(account.StateDir())
	s, err := p.openStore(ctx, config, p.data())
	if err != nil {
		return err
	}
	err = s.keepFiles(ctx, draft, m, given)
	if err == nil {
		err = s.post(ctx, draft, raw, due, wait)
	}
	return errors.Join(err, s.close())
}

// accountOf names the account to send with: the one asked for, the one that has
// the sender's address, else the first.
func (p *program) accountOf(config *account.Config, sender string, from []message.Address) string {
	if p.accountName != "" {
		return p.accountName
	}
	for _, addr := range append([]message.Address{{Addr: sender}}, from...) {
		for _, a := range config.Accounts {
			mine := func(i account.Identity) bool { return strings.EqualFold(i.Email, addr.Addr) }
			if addr.Addr != "" && (strings.EqualFold(a.Email, addr.Addr) || slices.ContainsFunc(a.Identities, mine)) {
				return a.Name
			}
		}
	}
	return config.Accounts[0].Name
}

// handed makes a draft of a message another program made, so that it can be
// looked at and edited in the Outbox, and the message as it is to be sent.
func (l letter) handed(m *message.Message, given []byte, from account.Account, args []string) (*store.Draft, []byte, error) {
	e := message.DraftFrom(m, nil)
	d := &store.Draft{Account: from.Name, From: e.From, Sender: e.Sender, ReplyTo: e.ReplyTo, To: e.To, Cc: e.Cc, Bcc: e.Bcc,
		Subject: e.Subject, Body: e.Body, MessageID: e.MessageID, InReplyTo: e.InReplyTo, References: e.References,
		Date: e.Date, Notify: l.notify}
	if !l.sendmail.fromHeader {
		d.To, d.Cc, d.Bcc = nil, nil, nil // the arguments alone say who gets it
	} else if list := resentTo(m); len(list) > 0 {
		d.To, d.Cc, d.Bcc = nil, nil, list
	}
	for _, arg := range args {
		list, err := message.ParseAddressList(arg)
		if err != nil {
			return nil, nil, usage("cli.what", "What", err)
		}
		d.Bcc = append(d.Bcc, list...)
	}
	if len(d.To)+len(d.Cc)+len(d.Bcc) == 0 {
		return nil, nil, usage("usage.nobody_in_message")
	}
	author := message.Address{Name: from.FullName, Addr: from.Email}
	if l.sendmail.sender != "" {
		author.Addr = l.sendmail.sender
		d.Sender = &message.Address{Addr: author.Addr}
	}
	if l.sendmail.fullName != "" {
		author.Name = l.sendmail.fullName
	}
	if len(d.From) == 0 {
		d.From = []message.Address{author}
	}
	if len(d.From) > 1 && d.Sender == nil {
		d.Sender = &author
	}
	if d.Date.IsZero() {
		d.Date = time.Now()
	}
	if d.MessageID == "" {
		d.MessageID = message.NewMessageID(d.From[0], rand.Reader, d.Date)
	}
	return d, message.Submission(given, author, d.MessageID, d.Date), nil
}

// resentTo is whom a message is sent on to (RFC 5322 §3.6.6): those who have it already do not get it again.
func resentTo(m *message.Message) (list []message.Address) {
	for _, field := range []string{"Resent-To", "Resent-Cc", "Resent-Bcc"} {
		for _, value := range m.Header.Values(field) {
			found, _ := message.ParseAddressList(value) // what is no address is nobody
			list = append(list, found...)
		}
	}
	return list
}

// keepFiles copies the attachments of a message into the store, for the draft
// made of it.
func (s *session) keepFiles(ctx context.Context, d *store.Draft, m *message.Message, given []byte) error {
	for _, part := range m.Attachments {
		content, w := io.Pipe()
		go func() { w.CloseWithError(message.CopyPart(w, bytes.NewReader(given), part.ID)) }()
		file, err := s.store.Drafts.Attach(ctx, part.Name, part.Type, content)
		content.Close()
		if err != nil {
			return err
		}
		d.Files = append(d.Files, file)
	}
	return nil
}
