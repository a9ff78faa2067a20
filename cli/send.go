package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/store"
	"tmail/ui"
)

// maxBody is the longest text taken from standard input, in bytes. Larger
// things are attachments.
const maxBody = 64 << 20

// letter is what the flags of send say.
type letter struct {
	from, to, cc, bcc []string
	subject           string
	files             []string
	answers           string
	markdown, notify  bool
	at                string
	queue             bool

	sendmail sendmailFlags
}

func (p *program) sendCommand() *cobra.Command {
	var l letter
	cmd := &cobra.Command{
		Use:   "send --to ADDRESS < FILE",
		Short: "command.send",
		Long:  "command.send_long",
		Args:  cobra.ArbitraryArgs,
		RunE: p.does(func(ctx context.Context, args []string) error {
			if l.sendmail.fromHeader || len(args) > 0 {
				return p.sendmail(ctx, l, args)
			}
			return p.send(ctx, l)
		}),
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&l.to, "to", nil, "flag.to")
	flags.StringArrayVar(&l.cc, "cc", nil, "flag.cc")
	flags.StringArrayVar(&l.bcc, "bcc", nil, "flag.bcc")
	flags.StringArrayVar(&l.from, "from", nil, "flag.from")
	flags.StringVar(&l.subject, "subject", "", "flag.subject")
	flags.StringArrayVar(&l.files, "attach", nil, "flag.attach")
	flags.StringVar(&l.answers, "in-reply-to", "", "flag.in_reply_to")
	flags.BoolVar(&l.markdown, "html-from-markdown", false, "flag.markdown")
	flags.BoolVar(&l.notify, "notify", false, "flag.notify")
	flags.StringVar(&l.at, "at", "", "flag.at")
	flags.BoolVar(&l.queue, "queue", false, "flag.queue")
	l.sendmail.register(flags)
	return cmd
}

// due is when the message is to leave, and whether to wait for that.
func (l letter) due(now time.Time) (at time.Time, wait bool, err error) {
	if l.at == "" {
		return now, !l.queue, nil
	}
	if at, err = lang.ParseTime(l.at, now); err != nil {
		return at, false, usage("usage.flag", "Flag", "at", "What", err.Error())
	}
	return at, false, nil
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
	due, wait, err := l.due(time.Now())
	if err != nil {
		return err
	}
	body, err := p.readInput(ctx)
	if err != nil {
		return err
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
	err = s.compose(ctx, draft, l)
	if err == nil {
		err = s.post(ctx, draft, nil, due, wait)
	}
	return errors.Join(err, s.close())
}

// readInput reads standard input, a little more than maxBody at most.
func (p *program) readInput(ctx context.Context) ([]byte, error) {
	var body []byte
	err := reading(ctx, func() (err error) {
		body, err = io.ReadAll(io.LimitReader(p.stdin, maxBody+1))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return body, nil
}

// sender returns the account to send from, which must be able to.
func sender(config *account.Config, name string) (account.Account, error) {
	for _, a := range config.Accounts {
		switch {
		case a.Name != name:
		case a.Err != nil:
			return a, usageError{a.Err}
		case a.Outgoing == nil:
			return a, usage("usage.cannot_send", "Name", strconv.Quote(name), "Path", config.Path)
		default:
			return a, nil
		}
	}
	return account.Account{}, usage("usage.no_account_in", "Name", strconv.Quote(name), "Path", config.Path)
}

// draft makes a draft of the flags, without body and files.
func (l letter) draft(from account.Account) (*store.Draft, error) {
	d := &store.Draft{Account: from.Name, Subject: l.subject, Date: time.Now(), Markdown: l.markdown, Notify: l.notify}
	for _, field := range []struct {
		flag   string
		values []string
		to     *[]message.Address
	}{{"from", l.from, &d.From}, {"to", l.to, &d.To}, {"cc", l.cc, &d.Cc}, {"bcc", l.bcc, &d.Bcc}} {
		for _, value := range field.values {
			list, err := message.ParseAddressList(value)
			if err != nil {
				return nil, usage("usage.flag", "Flag", field.flag, "What", err)
			}
			*field.to = append(*field.to, list...)
		}
	}
	if len(d.To)+len(d.Cc)+len(d.Bcc) == 0 && l.answers == "" {
		return nil, usage("usage.nobody")
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
			return nil, usage("usage.flag", "Flag", "attach", "What", err)
		} else if info.IsDir() {
			return nil, usage("usage.flag", "Flag", "attach", "What", failed("file.is_folder", "Path", path))
		} else if !info.Mode().IsRegular() {
			return nil, usage("usage.flag", "Flag", "attach", "What", failed("file.no_file", "Path", path))
		}
	}
	return d, nil
}

// checkBody refuses what cannot be the text of a message.
func checkBody(body []byte) error {
	switch {
	case len(body) > maxBody:
		return failed("cli.text_too_long", "Size", fileSize(maxBody))
	case !utf8.Valid(body):
		return failed("cli.text_not_unicode")
	}
	return nil
}

// compose adds to the draft what comes from the store: attachments, and what
// it answers.
func (s *session) compose(ctx context.Context, d *store.Draft, l letter) error {
	if err := s.answer(ctx, d, l.answers); err != nil {
		return err
	}
	for _, path := range l.files {
		file, err := s.attach(ctx, path)
		if err != nil {
			return fmt.Errorf("attach %s: %w", path, err)
		}
		d.Files = append(d.Files, file)
	}
	return nil
}

// answer makes the draft an answer to a message of ours or to one known by its
// Message-ID only. Recipients and subject follow from ours unless they are given.
func (s *session) answer(ctx context.Context, d *store.Draft, to string) error {
	if to == "" {
		return nil
	}
	if strings.Contains(to, "@") {
		d.InReplyTo = strings.Trim(to, "<> ")
		d.References = []string{d.InReplyTo}
		if len(d.To)+len(d.Cc)+len(d.Bcc) == 0 {
			return usage("usage.nobody")
		}
		return nil
	}
	id, err := store.ParseID(to)
	if err != nil {
		return usage("usage.flag", "Flag", "in-reply-to", "What", failed("usage.no_id", "Word", strconv.Quote(to)))
	}
	rows, err := s.store.Index.Rows(ctx, []store.ID{id})
	if err == nil && len(rows) == 0 {
		err = usage("usage.flag", "Flag", "in-reply-to", "What", failed("cli.no_message", "ID", id))
	}
	if err != nil {
		return err
	}
	if err := s.fetch(ctx, rows[0]); err != nil {
		return err
	}
	raw, _, err := s.store.Bodies.Open(ctx, id)
	if err != nil {
		return err
	}
	defer raw.Close()
	m, err := message.Read(raw)
	if err != nil {
		return fmt.Errorf("read message %s: %w", id, err)
	}
	reply := message.Reply(m, d.From, false, d.Date)
	d.Answers, d.InReplyTo, d.References = id, reply.InReplyTo, reply.References
	if d.Subject == "" {
		d.Subject = reply.Subject
	}
	if len(d.To)+len(d.Cc)+len(d.Bcc) == 0 {
		d.To = reply.To
	}
	return nil
}

// post puts the message into the outbox and, with wait, waits until the server
// has taken it. raw is the message as it is to be sent, nil for the draft's own.
func (s *session) post(ctx context.Context, d *store.Draft, raw []byte, due time.Time, wait bool) error {
	out := s.store.Drafts.Message(ctx, d)
	if err := out.Check(); err != nil {
		return usage("compose.check", "Words", draftSentence(err))
	}
	if err := s.store.Drafts.Save(ctx, d); err != nil {
		return fmt.Errorf("write the message down: %w", err)
	}
	envelope := store.Envelope{From: out.ReturnPath(), UTF8: out.NeedsUTF8()}
	for _, a := range out.Recipients() {
		envelope.To = append(envelope.To, a.Addr)
	}
	var content io.WriterTo = out
	if raw != nil {
		content = bytes.NewReader(raw)
	}
	if err := s.store.Outbox.Queue(ctx, d.ID, content, envelope, due); err != nil {
		return failed("cli.kept_in_drafts", "What", err)
	}
	if !wait {
		return nil
	}
	return s.outcome(ctx, d, s.engine.Deliver(ctx, d.ID))
}

// draftSentence says what keeps a draft from being sent.
func draftSentence(err error) string {
	for _, e := range []struct {
		is error
		id string
	}{{message.ErrNoFrom, "cli.no_from"}, {message.ErrNoSender, "cli.no_sender"}, {message.ErrNoRecipients, "usage.nobody"}} {
		if errors.Is(err, e.is) {
			return lang.T(e.id)
		}
	}
	return explain(err)
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
		return failed("cli.what", "What", reason)
	}
	for _, r := range waiting.Recipients {
		if r.Problem != nil {
			reason += "\n  " + lang.T("cli.account", "Account", r.Addr, "What", ui.ProblemText(r.Problem))
		} else if r.Sent {
			reason += "\n  " + lang.T("cli.account", "Account", r.Addr, "What", lang.T("cli.sent"))
		}
	}
	switch waiting.Status {
	case store.OutFailed:
		return failed("cli.not_sent", "What", reason, "ID", d.ID)
	case store.OutUnconfirmed:
		return failed("cli.maybe_sent", "What", reason, "ID", d.ID)
	}
	return failed("cli.not_sent_yet", "What", reason, "ID", d.ID)
}
