package ui

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
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
	pipeTime  = 5 * time.Minute
	pipeLimit = 1 << 20 // of what a command prints
)

// pipe gives the message, as it was received, to a command the person types.
func (m *model) pipe() tea.Cmd {
	id := m.reader.id
	m.open(&prompt{heading: lang.T("ask.pipe"), field: newEditor("", true), done: func(m *model, command string) tea.Cmd {
		if strings.TrimSpace(command) == "" {
			return nil
		}
		m.say(lang.T("pipe.running", "Command", command))
		ctx, st := m.ctx, m.Store
		return func() tea.Msg {
			out, err := runPipe(ctx, st, id, command)
			return piped{command, out, err}
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
	ctx, cancel := context.WithTimeout(ctx, pipeTime)
	defer cancel()
	shell, flag := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/C"
	}
	var out limited
	cmd := exec.CommandContext(ctx, shell, flag, command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = body, &out, &out
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	return string(out.kept), err
}

// limited keeps the beginning of what is written to it.
type limited struct{ kept []byte }

func (l *limited) Write(p []byte) (int, error) {
	l.kept = append(l.kept, p[:min(len(p), pipeLimit-len(l.kept))]...)
	return len(p), nil
}

type piped struct {
	command, out string
	err          error
}

func (p piped) apply(m *model) tea.Cmd {
	if p.err != nil {
		m.failWith(lang.T("pipe.failed", "Command", p.command), p.err.Error()+"\n\n"+p.out)
		return nil
	}
	m.say(lang.T("pipe.done", "Command", p.command))
	if strings.TrimSpace(p.out) != "" {
		m.open(newPage(p.command, []chunk{textChunk(plain, p.out)}))
	}
	return nil
}
