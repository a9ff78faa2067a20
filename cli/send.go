package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// maxBody is the longest text taken from standard input, in bytes. Larger
// things are attachments.
const maxBody = 64 << 20

// letter is what the flags of send say.
type letter struct {
	from, to, cc, bcc []string
	subject           string
	files             []string
	queue             bool
}

func (p *program) sendCommand() *cobra.Command {
	var l letter
	cmd := &cobra.Command{
		Use:   "send --to ADDRESS [flags] < body.txt",
		Short: "Send a message, its text from standard input",
		Long: "send reads the text of a message from standard input and sends it from the first\n" +
			"account, or from --account. It ends with 0 only when the server has taken the\n" +
			"message; with --queue when it is written down, to leave with the next sync.",
		Args: cobra.NoArgs,
		RunE: p.does(func(ctx context.Context, _ []string) error { return p.send(ctx, l) }),
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&l.to, "to", nil, "recipient `ADDRESS`; several with , or ; or by repeating the flag")
	flags.StringArrayVar(&l.cc, "cc", nil, "recipient of a copy")
	flags.StringArrayVar(&l.bcc, "bcc", nil, "recipient of a copy whom the others do not see")
	flags.StringArrayVar(&l.from, "from", nil, "author `ADDRESS` (default: that of the account)")
	flags.StringVar(&l.subject, "subject", "", "subject `TEXT`")
	flags.StringArrayVar(&l.files, "attach", nil, "attach `FILE`; repeat for several")
	flags.BoolVar(&l.queue, "queue", false, "only write the message down, to be sent later")
	return cmd
}

func (p *program) send(ctx context.Context, l letter) error {
	config, err := p.loadConfig()
	if err != nil {
		return err
	}
	if p.accountName == "" {
		p.accountName = config.Accounts[0].Name
	}
	from, err := sender(config, p.accountName)
	if err != nil {
		return err
	}
	draft, err := l.draft(from)
	if err != nil {
		return err
	}
	var body []byte
	err = reading(ctx, func() (err error) {
		body, err = io.ReadAll(io.LimitReader(p.stdin, maxBody+1))
		return err
	})
	if err != nil {
		return fmt.Errorf("read the text from standard input: %w", err)
	}
	if err := checkBody(body); err != nil {
		return err
	}
	draft.Body = string(body)
	p.log = openLog(account.StateDir())
	s, err := p.openStore(ctx, config, p.data())
	if err != nil {
		return err
	}
	err = s.deliver(ctx, draft, l)
	return errors.Join(err, s.close())
}

// sender returns the account to send from, which must be able to.
func sender(config *account.Config, name string) (account.Account, error) {
	for _, a := range config.Accounts {
		switch {
		case a.Name != name:
		case a.Err != nil:
			return a, usageError{a.Err}
		case a.Outgoing == nil:
			return a, usagef("account %q cannot send: it has no [account.outgoing] in %s", name, config.Path)
		default:
			return a, nil
		}
	}
	return account.Account{}, usagef("there is no account called %q in %s", name, config.Path)
}

// draft makes a draft of the flags, without body and files.
func (l letter) draft(from account.Account) (*store.Draft, error) {
	d := &store.Draft{Account: from.Name, Subject: l.subject, Date: time.Now()}
	for _, field := range []struct {
		flag   string
		values []string
		to     *[]message.Address
	}{{"from", l.from, &d.From}, {"to", l.to, &d.To}, {"cc", l.cc, &d.Cc}, {"bcc", l.bcc, &d.Bcc}} {
		for _, value := range field.values {
			list, err := message.ParseAddressList(value)
			if err != nil {
				return nil, usagef("--%s: %w", field.flag, err)
			}
			*field.to = append(*field.to, list...)
		}
	}
	if len(d.To)+len(d.Cc)+len(d.Bcc) == 0 {
		return nil, usagef("nobody to send to: give --to, --cc or --bcc")
	}
	own := message.Address{Name: from.FullName, Addr: from.Email}
	for i, a := range d.From {
		for _, identity := range from.Identities {
			if a.Name == "" && strings.EqualFold(a.Addr, identity.Email) {
				d.From[i].Name = identity.FullName
			}
		}
	}
	switch len(d.From) {
	case 0:
		d.From = []message.Address{own}
	case 1:
	default: // RFC 5322 §3.6.2
		d.Sender = &own
	}
	d.MessageID = message.NewMessageID(d.From[0], rand.Reader, d.Date)
	for _, path := range l.files {
		if info, err := os.Stat(path); err != nil {
			return nil, usagef("--attach: %w", err)
		} else if info.IsDir() {
			return nil, usagef("--attach: %s is a directory", path)
		}
	}
	return d, nil
}

// checkBody refuses what cannot be the text of a message.
func checkBody(body []byte) error {
	switch {
	case len(body) > maxBody:
		return fmt.Errorf("the text is longer than %s; attach it as a file", fileSize(maxBody))
	case !utf8.Valid(body):
		return errors.New("the text is not UTF-8; convert it (iconv), or attach it as a file")
	}
	return nil
}

// deliver writes the message down and, unless it is to be queued only, waits
// until the server has taken it.
func (s *session) deliver(ctx context.Context, d *store.Draft, l letter) error {
	for _, path := range l.files {
		file, err := s.attach(ctx, path)
		if err != nil {
			return fmt.Errorf("attach %s: %w", path, err)
		}
		d.Files = append(d.Files, file)
	}
	out := s.outgoing(ctx, d)
	if err := out.Check(); err != nil {
		return usageError{err}
	}
	if err := s.store.Drafts.Save(ctx, d); err != nil {
		return fmt.Errorf("write the message down: %w", err)
	}
	envelope := store.Envelope{From: envelopeFrom(d), UTF8: out.NeedsUTF8()}
	for _, a := range out.Recipients() {
		envelope.To = append(envelope.To, a.Addr)
	}
	if err := s.store.Outbox.Queue(ctx, d.ID, out, envelope, time.Now()); err != nil {
		return fmt.Errorf("put the message into the outbox (it is kept in Drafts): %w", err)
	}
	if l.queue {
		return nil
	}
	err := s.engine.Deliver(ctx, d.ID)
	return s.outcome(ctx, d, err)
}

// attach copies a file into the store.
func (s *session) attach(ctx context.Context, path string) (store.Attachment, error) {
	f, err := os.Open(path)
	if err != nil {
		return store.Attachment{}, err
	}
	defer f.Close()
	mediaType, _, _ := strings.Cut(mime.TypeByExtension(filepath.Ext(path)), ";")
	return s.store.Drafts.Attach(ctx, filepath.Base(path), mediaType, f)
}

// outgoing is the draft as the message to be built.
func (s *session) outgoing(ctx context.Context, d *store.Draft) *message.Draft {
	out := &message.Draft{
		From: d.From, Sender: d.Sender, To: d.To, Cc: d.Cc, Bcc: d.Bcc,
		Subject: d.Subject, Body: d.Body, MessageID: d.MessageID, Date: d.Date,
	}
	for _, file := range d.Files {
		out.Files = append(out.Files, message.File{Name: file.Name, Type: file.Type, Size: file.Size,
			Open: func() (io.ReadCloser, error) { return s.store.Drafts.OpenFile(ctx, file) }})
	}
	return out
}

// envelopeFrom is where failures are reported to.
func envelopeFrom(d *store.Draft) string {
	if d.Sender != nil {
		return d.Sender.Addr
	}
	return d.From[0].Addr
}

// outcome turns what became of a message into the error to end with.
func (s *session) outcome(ctx context.Context, d *store.Draft, err error) error {
	if err == nil {
		return nil
	}
	reason := s.reason(d.Account, err)
	// The context may be what ended the attempt; where the message stands is
	// wanted all the same.
	waiting, getErr := s.store.Outbox.Get(context.WithoutCancel(ctx), d.ID)
	if getErr != nil {
		return errors.New(reason)
	}
	for _, r := range waiting.Recipients {
		if r.Problem != nil {
			reason += fmt.Sprintf("\n  %s: %s", r.Addr, sentence(r.Problem))
		} else if r.Sent {
			reason += fmt.Sprintf("\n  %s: sent", r.Addr)
		}
	}
	switch waiting.Status {
	case store.OutFailed:
		return fmt.Errorf("not sent: %s\nIt is kept in the Outbox as message %s", reason, d.ID)
	case store.OutUnconfirmed:
		return fmt.Errorf("nobody knows whether it was sent: %s\n"+
			"It is kept in the Outbox as message %s and not sent again by itself", reason, d.ID)
	}
	return fmt.Errorf("not sent yet: %s\nIt waits in the Outbox as message %s and is tried again, by tmail and by tmail sync", reason, d.ID)
}
