package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
)

// shown are the fields on the screen, in order. Where rows are few, Cc and Bcc appear when they are used.
func (c *composer) shown(height int) []field {
	var fields []field
	if len(c.senders) > 1 {
		fields = append(fields, fieldFrom)
	}
	for _, f := range []field{fieldTo, fieldCc, fieldBcc, fieldSubject} {
		optional := f == fieldCc || f == fieldBcc
		if !optional || height >= 14 || c.at == f || c.texts[f].text() != "" {
			fields = append(fields, f)
		}
	}
	if len(c.draft.Files) > 0 {
		fields = append(fields, fieldFiles)
	}
	return append(fields, fieldBody)
}

// stepField goes to the next field, or the one before; all fields, whether shown or not.
func (m *model) stepField(by int) tea.Cmd {
	c := m.composer
	fields := c.shown(100)
	i := slices.Index(fields, c.at) + by
	c.at = fields[(i+len(fields))%len(fields)]
	c.completion.close()
	return nil
}

// composeKey is a key in the message being written that is no command.
func (m *model) composeKey(name string, k tea.KeyPressMsg) tea.Cmd {
	c := m.composer
	if cmd, done := m.completionKey(name); done {
		return cmd
	}
	switch c.at {
	case fieldFrom:
		return m.fromKey(name)
	case fieldFiles:
		return m.filesKey(name)
	case fieldBody:
		return m.bodyKey(name, k)
	}
	switch name {
	case "enter", "down":
		return m.stepField(1)
	case "up":
		if c.shown(100)[0] != c.at {
			return m.stepField(-1)
		}
		return nil
	}
	if c.at == fieldSubject {
		return m.typed(c.texts[c.at].key(k.String(), k.Text))
	}
	return m.addressKey(k)
}

// typed follows what a key changed.
func (m *model) typed(was bool) tea.Cmd {
	if !was {
		return nil
	}
	c := m.composer
	cmds := []tea.Cmd{}
	if c.differs() {
		cmds = append(cmds, m.changed())
	}
	if c.at == fieldTo || c.at == fieldCc || c.at == fieldBcc {
		cmds = append(cmds, m.complete())
	}
	return tea.Batch(cmds...)
}

// differs reports whether the focused text was changed by the last key.
func (c *composer) differs() bool {
	e := c.texts[c.at]
	changes := e.changes != c.seen[c.at]
	c.seen[c.at] = e.changes
	return changes
}

func (m *model) fromKey(name string) tea.Cmd {
	switch name {
	case "enter", "right", "left": // no key of text: that may be meant for a field one believes to be in
		m.pickSender()
	case "down":
		return m.stepField(1)
	}
	return nil
}

func (m *model) pickSender() {
	c := m.composer
	var choices []choice
	for i, s := range c.senders {
		choices = append(choices, choice{label: safe.Line(s.address.String()), note: safe.Line(s.account),
			do: func(m *model) tea.Cmd { return m.writeAs(c, i) }})
	}
	m.open(newPicker(lang.T("ask.from"), choices))
}

// writeAs changes the sender, and the signature where it still stands at the end.
func (m *model) writeAs(c *composer, i int) tea.Cmd {
	if m.composer != c {
		return nil
	}
	old, now := c.senders[c.from].signature, c.senders[i].signature
	c.from = i
	body := c.texts[fieldBody]
	text := body.text()
	if base, ok := strings.CutSuffix(text, signed(old)); ok && old != "" || old == "" {
		if old == "" {
			base = text
		}
		if now != "" {
			base += signed(now)
		}
		at := body.at
		body.setText(base)
		body.goTo(at)
	}
	return m.changed()
}

func (m *model) filesKey(name string) tea.Cmd {
	c := m.composer
	switch name {
	case "left":
		c.fileAt = max(0, c.fileAt-1)
	case "right":
		c.fileAt = min(len(c.draft.Files)-1, c.fileAt+1)
	case "down", "enter":
		return m.stepField(1)
	case "up":
		return m.stepField(-1)
	}
	return nil
}

func (m *model) bodyKey(name string, k tea.KeyPressMsg) tea.Cmd {
	c := m.composer
	body, width := c.texts[fieldBody], m.bodyWidth()
	switch name {
	case "up":
		if !body.vertical(-1, width) {
			return m.stepField(-1)
		}
	case "down":
		body.vertical(1, width)
	case "pgup":
		for range max(1, m.bodyHeight()/2) {
			body.vertical(-1, width)
		}
	case "pgdown":
		for range max(1, m.bodyHeight()/2) {
			body.vertical(1, width)
		}
	default:
		return m.typed(body.key(k.String(), k.Text))
	}
	return nil
}

// composePaste puts what was pasted where the cursor is; files whose paths were pasted are attached.
func (m *model) composePaste(s string) tea.Cmd {
	c := m.composer
	if paths := pathsIn(s); paths != nil {
		return m.pastePaths(s, paths)
	}
	e := c.texts[c.at]
	if e == nil {
		return nil
	}
	e.insert(s, false)
	return m.typed(true)
}

func (m *model) undoTyping(redo bool) tea.Cmd {
	e := m.composer.texts[m.composer.at]
	if e == nil {
		return nil
	}
	if redo {
		return m.typed(e.redo())
	}
	return m.typed(e.undo())
}

// flush writes the drafts down now; it is what is left to do when the program ends in a way of its own.
func (m *model) flush(ctx context.Context) (failed error) {
	for _, c := range m.unsaved() {
		d := c.snapshot()
		failed = errors.Join(failed, m.keep(c, &d)(ctx))
	}
	return failed
}
