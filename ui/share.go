package ui

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/process"
	"tmail/store"
)

// What leaves the screen for the clipboard and for commands.

// copyText offers what can be copied to the clipboard: addresses, links, the identifier.
func (m *model) copyText() tea.Cmd {
	c := m.reader.content
	if c == nil {
		return nil
	}
	var choices []choice
	offer := func(what, text string) {
		text = string(safe.Line(text)) // what is pasted into a shell must not be more than what is seen
		if text != "" {
			choices = append(choices, choice{label: safe.Text(text), note: safe.Line(what), do: func(m *model) tea.Cmd {
				m.say(lang.T("copy.copied", "Text", text))
				return tea.SetClipboard(text)
			}})
		}
	}
	e := c.msg.Envelope
	for _, people := range [][]message.Address{e.From, e.To, e.Cc} {
		for _, a := range people {
			offer(lang.T("copy.address"), a.Addr)
		}
	}
	for _, l := range m.reader.doc.Links {
		offer(lang.T("copy.link"), l.URL)
	}
	offer(lang.T("copy.message_id"), e.MessageID)
	m.open(newLetters(lang.T("ask.copy_text"), choices))
	return nil
}

const (
	pipeTime  = time.Minute
	pipeLimit = 1 << 20 // of what a command prints
)

// pipe gives the message, as it was received, to a command the person types.
func (m *model) pipe() tea.Cmd {
	id := m.reader.id
	m.open(&prompt{heading: lang.T("ask.pipe"), field: newEditor("", true), done: func(m *model, command string) tea.Cmd {
		if strings.TrimSpace(command) == "" {
			return nil
		}
		st := m.Store
		ctx, stop := context.WithTimeout(m.ctx, pipeTime)
		o := &running{lang.T("pipe.running", "Command", command), stop}
		m.open(o)
		return func() tea.Msg {
			defer stop()
			out, err := runPipe(ctx, st, id, command)
			return piped{o, command, out, err}
		}
	}})
	return nil
}

func runPipe(ctx context.Context, st *store.Store, id store.ID, command string) (string, error) {
	body, err := rawMessage(ctx, st, id)
	if err != nil {
		return "", err
	}
	defer body.Close()
	shell, flag := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/C"
	}
	out := firstBytes{limit: pipeLimit}
	cmd := exec.CommandContext(ctx, shell, flag, command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = body, &out, &out
	cmd.WaitDelay = time.Second
	process.Group(cmd)
	err = cmd.Run()
	switch {
	case out.full:
		err = errTooMuch
	case ctx.Err() != nil: // that is why it was killed
		err = ctx.Err()
	}
	return string(out.kept), err
}

var errTooMuch = errors.New("more was printed than is kept")

// firstBytes keeps the beginning of what is written to it, and takes no more then: that ends a command that would go on
// for ever.
type firstBytes struct {
	limit int
	kept  []byte
	full  bool
}

func (f *firstBytes) Write(p []byte) (int, error) {
	room := f.limit - len(f.kept)
	if f.full = len(p) > room; f.full {
		f.kept = append(f.kept, p[:room]...)
		return room, errTooMuch
	}
	f.kept = append(f.kept, p...)
	return len(p), nil
}

// running stands on the screen while a command runs, and stops it.
type running struct {
	text string
	stop context.CancelFunc
}

func (r *running) key(_ *model, name string, _ tea.KeyPressMsg) tea.Cmd {
	if name == "esc" || name == "q" {
		r.stop()
	}
	return nil
}

func (r *running) paste(*model, string) tea.Cmd { return nil }
func (r *running) title() string                { return "" }
func (r *running) hints() []hint                { return []hint{{"esc", lang.T("hint.stop")}} }

func (r *running) draw(l look, width, _ int) ([]string, *tea.Position) {
	return []string{l.row(width).to(1).put(bold, safe.Line(r.text)).String()}, nil
}

type piped struct {
	of           *running
	command, out string
	err          error
}

func (p piped) apply(m *model) tea.Cmd {
	m.close(p.of)
	switch {
	case errors.Is(p.err, context.Canceled):
		m.say(lang.T("pipe.stopped", "Command", p.command))
		return nil
	case errors.Is(p.err, context.DeadlineExceeded):
		m.failWith(lang.T("pipe.too_long", "Command", p.command, "Seconds", int(pipeTime.Seconds())), p.out)
		return nil
	case errors.Is(p.err, errTooMuch):
		m.failWith(lang.T("pipe.too_much", "Command", p.command), p.err.Error())
	case p.err != nil:
		m.failWith(lang.T("pipe.failed", "Command", p.command), p.err.Error()+"\n\n"+p.out)
		return nil
	default:
		m.say(lang.T("pipe.done", "Command", p.command))
	}
	if strings.TrimSpace(p.out) != "" {
		m.open(newPage(p.command, []chunk{textChunk(plain, p.out)}))
	}
	return nil
}
