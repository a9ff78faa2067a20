package ui

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// The ways new mail is told of. What a message says is payload of a sequence, an argument or a variable there, never
// a word of a shell.

// tell tells of new messages in one way. Nobody needs to be shown what is on the screen before them.
func (m *model) tell(way account.Way, n notice, folder store.Folder) tea.Cmd {
	looked := m.news.focused && (way == account.WayTerminal || way == account.WayDesktop)
	switch {
	case looked:
		return nil
	case way == account.WayBell:
		return tea.Raw("\a")
	case way == account.WayTerminal:
		return tea.Raw(terminalNotice(os.Getenv, n))
	case way == account.WayDesktop:
		return m.runNotifier(desktopNotifier(n), nil)
	}
	return m.runNotifier(m.Config.Notify.Command, notifierEnv(n, folder))
}

// terminalNotice is the sequence the terminal has for notifications; "" where it would be drawn as text. Multiplexers
// pass it on where they are told to (tmux: allow-passthrough).
func terminalNotice(env func(string) string, n notice) string {
	term, program := env("TERM"), env("TERM_PROGRAM")
	seq := ansi.Notify("tmail: " + n.text())
	switch {
	case term == "linux" || term == "dumb" || term == "":
		return ""
	case strings.Contains(term, "kitty") || env("KITTY_WINDOW_ID") != "":
		encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
		seq = ansi.DesktopNotification(encoded(n.title), "i=tmail", "d=0", "e=1") + ansi.DesktopNotification(encoded(n.body), "i=tmail", "p=body", "e=1")
	case speaks777(term, program, env):
		noSeparator := strings.NewReplacer(";", ",")
		seq = ansi.URxvtExt("notify", noSeparator.Replace(n.title), noSeparator.Replace(n.body))
	}
	switch {
	case env("TMUX") != "":
		return ansi.TmuxPassthrough(seq)
	case env("STY") != "":
		return ansi.ScreenPassthrough(seq, screenLimit)
	}
	return seq
}

// screenLimit is the longest sequence GNU screen passes on at once, in bytes.
const screenLimit = 700

// speaks777 reports whether the terminal is one of those that know urxvt's sequence, which has a title.
func speaks777(term, program string, env func(string) string) bool {
	for _, name := range []string{"rxvt", "foot", "ghostty", "wezterm", "konsole", "vte", "contour"} {
		if strings.Contains(term, name) || strings.EqualFold(program, name) {
			return true
		}
	}
	return env("VTE_VERSION") != "" || env("KONSOLE_VERSION") != "" || env("GHOSTTY_RESOURCES_DIR") != ""
}

// desktopNotifier is the command of the system that shows a notification.
func desktopNotifier(n notice) []string {
	if runtime.GOOS == "darwin" {
		return []string{"osascript", "-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)",
			"-e", "end run", "tmail: " + n.title, n.body + " "} // an argument more than the switches
	}
	// The body is markup to the servers of freedesktop.org.
	return []string{"notify-send", "--app-name=tmail", "--icon=mail-unread", "--", n.title, html.EscapeString(n.body)}
}

// notifierEnv is what a command learns of new messages.
func notifierEnv(n notice, folder store.Folder) []string {
	line := func(text string) string { return string(safe.Line(text)) }
	from := ""
	if len(n.newest.From) > 0 {
		from = n.newest.From[0].String()
	}
	return []string{
		"TMAIL_ACCOUNT=" + line(n.newest.Account), "TMAIL_FOLDER=" + line(folder.Name), "TMAIL_FROM=" + line(from),
		"TMAIL_SUBJECT=" + line(n.newest.Subject), fmt.Sprint("TMAIL_COUNT=", n.count), "TMAIL_TEXT=" + n.text(),
	}
}

// notifierTime is how long a command may take to tell of new mail.
const notifierTime = 20 * time.Second

type notifierEnded struct {
	name  string
	words string
	err   error
}

// runNotifier runs a command with more in its environment, without a shell and without the terminal.
func (m *model) runNotifier(argv, env []string) tea.Cmd {
	if len(argv) == 0 {
		return nil
	}
	parent := m.ctx
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, notifierTime)
		defer cancel()
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Env = append(os.Environ(), env...)
		cmd.WaitDelay = time.Second // a daemon that it leaves behind may keep its output open
		var said bytes.Buffer
		cmd.Stderr = &said
		err := cmd.Run()
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil
		}
		return notifierEnded{argv[0], said.String(), err}
	}
}

func (e notifierEnded) apply(m *model) tea.Cmd {
	if e.err != nil && m.ctx.Err() == nil {
		m.failWith(lang.T("news.failed", "Name", e.name), strings.TrimSpace(e.err.Error()+"\n"+e.words))
	}
	return nil
}
