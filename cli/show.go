package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
	"tmail/ui"
)

// shape says how show gives a message.
type shape struct {
	json, raw bool
	saveDir   string
}

func (p *program) showCommand() *cobra.Command {
	var as shape
	cmd := &cobra.Command{
		Use:   "show ID|FILE|-",
		Short: "command.show",
		Long:  "command.show_long",
		Args:  oneArg("usage.a_message"),
		RunE: p.does(func(ctx context.Context, args []string) error {
			if as.json && as.raw || as.saveDir != "" && (as.json || as.raw) {
				return usage("usage.one_shape")
			}
			return p.show(ctx, args[0], as)
		}),
	}
	cmd.Flags().BoolVar(&as.json, "json", false, "flag.json")
	cmd.Flags().BoolVar(&as.raw, "raw", false, "flag.raw")
	cmd.Flags().StringVar(&as.saveDir, "save", "", "flag.save")
	return cmd
}

// source is a message to show and what the store knows about it.
type source struct {
	id, account, folder string // "" for a file
	open                func() (io.ReadCloser, error)
}

func (p *program) show(ctx context.Context, arg string, as shape) error {
	if arg == "-" {
		p.useConfigIfAny()
		return p.showStream(ctx, p.stdin, as)
	}
	if isFile(arg) {
		p.useConfigIfAny()
		f, err := os.Open(arg)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return p.showStream(ctx, f, as)
		}
		return p.showSource(source{open: func() (io.ReadCloser, error) { return os.Open(arg) }}, as)
	}
	id, err := store.ParseID(arg)
	if err != nil {
		return usage("usage.no_message", "Word", strconv.Quote(arg))
	}
	return p.withSession(ctx, func(s *session) error {
		src, err := s.source(ctx, id)
		if err != nil {
			return err
		}
		return p.showSource(src, as)
	})
}

// useConfigIfAny lets the settings that say how messages are read count for
// files too. They need no configuration: without a good one they are read as
// they come.
func (p *program) useConfigIfAny() {
	if config, err := account.Load(p.configPath()); err == nil {
		p.use(config)
		useFallbackCharset(config)
	}
}

// isFile reports whether an argument of show means a file.
func isFile(arg string) bool {
	if strings.ContainsAny(arg, "/.") {
		return true
	}
	_, err := os.Stat(arg)
	return err == nil
}

// showStream shows what can be read only once, by way of a temporary file.
func (p *program) showStream(ctx context.Context, r io.Reader, as shape) (err error) {
	spool, err := os.CreateTemp("", "tmail-show-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(spool.Name())) }()
	err = reading(ctx, func() error {
		_, err := io.Copy(spool, r)
		return err
	})
	if err = errors.Join(err, spool.Close()); err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	return p.showSource(source{open: func() (io.ReadCloser, error) { return os.Open(spool.Name()) }}, as)
}

// source finds a stored message; its bytes are fetched when they are not here.
func (s *session) source(ctx context.Context, id store.ID) (source, error) {
	rows, err := s.store.Index.Rows(ctx, []store.ID{id})
	if err != nil {
		return source{}, fmt.Errorf("read message %s: %w", id, err)
	}
	if len(rows) == 0 {
		return source{}, failed("cli.no_message", "ID", id)
	}
	folder, err := s.store.Index.Folder(ctx, rows[0].Folder)
	if err != nil {
		return source{}, fmt.Errorf("read the folder of message %s: %w", id, err)
	}
	if err := s.fetch(ctx, rows[0]); err != nil {
		return source{}, err
	}
	return source{id: id.String(), account: rows[0].Account, folder: folder.Name,
		open: func() (io.ReadCloser, error) {
			body, _, err := s.store.Bodies.Open(ctx, id)
			return body, err
		}}, nil
}

// showSource gives the message in the shape wanted.
func (p *program) showSource(src source, as shape) error {
	if as.raw {
		return p.showRaw(src)
	}
	body, err := src.open()
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	m, err := message.Read(body)
	if err = errors.Join(err, body.Close()); err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	switch {
	case as.json:
		return writeJSON(p.stdout, shownMessage(src, m))
	case as.saveDir != "":
		return p.saveAttachments(src, m, as.saveDir)
	}
	m.Zone = time.Local
	out := bufio.NewWriter(p.stdout)
	plainMessage(out, m)
	return out.Flush()
}

// showRaw copies the message as it is. A person at a terminal gets it with
// what could act on the terminal made visible.
func (p *program) showRaw(src source) (err error) {
	body, err := src.open()
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if f, ok := p.stdout.(*os.File); !ok || !term.IsTerminal(f.Fd()) {
		_, err = io.Copy(p.stdout, body)
		return err
	}
	lines := bufio.NewReaderSize(body, 64<<10)
	for {
		piece, err := lines.ReadSlice('\n')
		for _, line := range safe.Lines(string(piece)) {
			if _, err := fmt.Fprintln(p.stdout, line); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// shown is a message in JSON.
type shown struct {
	ID          string       `json:"id"`
	Account     string       `json:"account"`
	Folder      string       `json:"folder"`
	MessageID   string       `json:"message_id"`
	Date        string       `json:"date"` // RFC 3339 in the sender's zone; "" when there is none
	From        []address    `json:"from"`
	To          []address    `json:"to"`
	Cc          []address    `json:"cc"`
	ReplyTo     []address    `json:"reply_to"`
	Subject     string       `json:"subject"`
	Text        string       `json:"text"`
	Attachments []attachment `json:"attachments"`
}

// attachment is an attachment in JSON.
type attachment struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Inline bool   `json:"inline"`
}

func shownMessage(src source, m *message.Message) shown {
	e := m.Envelope
	s := shown{
		ID: src.id, Account: src.account, Folder: src.folder, MessageID: e.MessageID,
		From: addresses(e.From), To: addresses(e.To), Cc: addresses(e.Cc), ReplyTo: addresses(e.ReplyTo),
		Subject: e.Subject, Text: m.Document(false).Text(), Attachments: []attachment{},
	}
	if !e.Date.IsZero() {
		s.Date = e.Date.Format(time.RFC3339)
	}
	for _, a := range m.Attachments {
		s.Attachments = append(s.Attachments, attachment{a.Name, a.Type, a.Size, a.SHA256, a.Inline})
	}
	return s
}

// plainMessage writes a message for people.
func plainMessage(w io.Writer, m *message.Message) {
	e := m.Envelope
	date := ""
	if !e.Date.IsZero() {
		date = e.Date.Local().Format("Mon, 2 Jan 2006 15:04 -0700")
	}
	for _, field := range []struct{ name, value string }{
		{"cli.from", people(e.From)}, {"cli.to", people(e.To)}, {"cli.cc", people(e.Cc)}, {"cli.reply_to", people(e.ReplyTo)},
		{"cli.date", date}, {"cli.subject", e.Subject},
	} {
		if field.value != "" {
			fmt.Fprintln(w, safe.Line(lang.T(field.name)+field.value))
		}
	}
	doc := m.Document(false)
	for _, note := range m.Notes {
		fmt.Fprintln(w, safe.Line(lang.T("cli.note")+ui.NoteText(note)))
	}
	for _, warning := range m.Warnings(doc) {
		fmt.Fprintln(w, lang.T("cli.warning")+lang.Warning(string(warning.Kind), string(safe.Line(warning.Claim)), string(safe.Line(warning.Truth))))
	}
	fmt.Fprintln(w)
	if text := doc.Text(); text != "" {
		fmt.Fprintln(w, strings.TrimRight(text, "\n"))
	}
	if len(m.Attachments) > 0 {
		fmt.Fprintln(w)
	}
	for _, a := range m.Attachments {
		fmt.Fprintln(w, safe.Line(lang.T("cli.attachment", "Name", safe.FileName(a.Name), "Type", a.Type, "Size", fileSize(a.Size))))
	}
}

// fileSize writes a number of bytes as people read it.
func fileSize(n int64) string {
	switch {
	case n < 1000:
		return lang.T("cli.bytes", "Count", n)
	case n < 1000*1000:
		return fmt.Sprintf("%d KB", (n+500)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
