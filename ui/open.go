package ui

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
)

// Links and attachments shown by other programs. What a message says is an argument there, never a word of a shell.

// openLink offers the attachments and links of the message by letter.
func (m *model) openLink() tea.Cmd {
	c := m.reader.content
	if c == nil {
		return m.fetchRest(m.reader.id)
	}
	var choices []choice
	for _, p := range c.msg.Attachments {
		choices = append(choices, choice{label: safe.Line(partName(p)), note: partNote(p),
			do: func(m *model) tea.Cmd { return m.openPart(c, p) }})
	}
	for i, l := range m.reader.doc.Links { // what the message calls it, and where it really goes
		label, note := safe.Text(fmt.Sprintf("[%d] ", i+1))+l.Text, safe.Line(l.URL)
		if note == l.Text {
			note = ""
		}
		choices = append(choices, choice{label: label, note: note,
			do: func(m *model) tea.Cmd { return m.openURL(l.URL) }})
	}
	if len(choices) == 0 {
		m.say(lang.T("open.nothing"))
		return nil
	}
	m.open(newLetters(lang.T("ask.open"), choices))
	return nil
}

// openURL hands a link to the system. Only what a browser shows is opened; a mail address is written to.
func (m *model) openURL(url string) tea.Cmd {
	if draft, ok := message.ParseMailto(url); ok {
		return m.write(draft)
	}
	low := strings.ToLower(url)
	if !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
		m.say(lang.T("open.not_a_web_link", "Link", url))
		return nil
	}
	m.say(lang.T("open.opening", "Name", url))
	return m.openWithSystem(url)
}

type opened struct{ err error }

func (o opened) apply(m *model) tea.Cmd {
	if o.err != nil {
		m.failWith(lang.T("open.failed"), o.err.Error())
	}
	return nil
}

func (m *model) openWithSystem(what string) tea.Cmd {
	return func() tea.Msg {
		cmd := systemOpener(what)
		if err := cmd.Start(); err != nil {
			return opened{err}
		}
		return opened{cmd.Wait()}
	}
}

func systemOpener(what string) *exec.Cmd {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", what)
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", what)
	}
	return exec.Command("xdg-open", what)
}

// openPart writes an attachment to a private file and lets the system show it. A message opens here.
func (m *model) openPart(c *content, p message.Part) tea.Cmd {
	if isMessage(p) {
		return m.openAttached(c, p)
	}
	name := safe.FileName(partName(p))
	if message.Runnable(name) {
		m.say(lang.T("open.runnable", "Name", name))
		return nil
	}
	m.say(lang.T("open.opening", "Name", name))
	ctx, st, dir := m.ctx, m.Store, filepath.Join(m.Dir, "opened")
	return func() tea.Msg {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return opened{err}
		}
		path, err := savePart(ctx, st, c.id, c.within(p.ID), dir, name)
		if err != nil {
			return opened{err}
		}
		cmd := systemOpener(path)
		if err := cmd.Start(); err != nil {
			return opened{err}
		}
		return opened{cmd.Wait()}
	}
}

// openInBrowser shows the message in the browser, from a private file. Its pictures lie on servers of the sender, who
// learns from fetching them that it is read: that has to be asked for.
func (m *model) openInBrowser() tea.Cmd {
	if m.reader.content == nil {
		return nil
	}
	m.open(newLetters(lang.T("ask.browser"), []choice{
		{label: safe.Line(lang.T("browser.closed")), do: func(m *model) tea.Cmd { return m.openPage(false) }},
		{label: safe.Line(lang.T("browser.remote")), note: safe.Line(lang.T("browser.remote_note")), do: func(m *model) tea.Cmd { return m.openPage(true) }},
	}))
	return nil
}

func (m *model) openPage(remote bool) tea.Cmd {
	msg, dir := m.reader.content.msg, filepath.Join(m.Dir, "opened")
	m.say(lang.T("open.opening", "Name", msg.Envelope.Subject))
	return func() tea.Msg {
		path, err := writePage(dir, msg.Page(remote))
		if err != nil {
			return opened{err}
		}
		return opened{systemOpener(path).Run()}
	}
}

func writePage(dir, page string) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := createNew(dir, "page.html")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(page)
	return f.Name(), errors.Join(err, f.Close())
}
