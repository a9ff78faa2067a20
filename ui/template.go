package ui

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
)

// Templates are text files in the directory "templates" beside the configuration. One may begin with a header: its
// Subject, To, Cc and Bcc fill the fields that are empty.

// maxTemplate bounds a template, in bytes.
const maxTemplate = 1 << 20

type template struct {
	name string
	text *message.Message
}

type templatesRead struct {
	gen  int
	dir  string
	list []template
}

// pickTemplate offers the templates there are.
func (m *model) pickTemplate() tea.Cmd {
	gen, dir := m.composer.gen, filepath.Join(filepath.Dir(m.Config.Path), "templates")
	return func() tea.Msg { return templatesRead{gen, dir, readTemplates(dir)} }
}

func readTemplates(dir string) (list []template) {
	entries, _ := os.ReadDir(dir) // one that cannot be read holds none
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxTemplate || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		if !message.HasHeader(raw) {
			raw = append([]byte("\n"), raw...)
		}
		if msg, err := message.Read(bytes.NewReader(raw)); err == nil {
			list = append(list, template{strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), msg})
		}
	}
	return list
}

func (f templatesRead) apply(m *model) tea.Cmd {
	c := m.composer
	if c == nil || c.gen != f.gen {
		return nil
	}
	if len(f.list) == 0 {
		m.say(lang.T("compose.no_templates", "Folder", f.dir))
		return nil
	}
	var choices []choice
	for _, t := range f.list {
		choices = append(choices, choice{label: safe.Line(t.name), note: safe.Line(t.text.Envelope.Subject),
			do: func(m *model) tea.Cmd { return m.fillIn(c, t.text) }})
	}
	m.open(newPicker(lang.T("ask.template"), choices))
	return nil
}

// fillIn puts a template into the message: its text at the cursor, its fields where nothing is.
func (m *model) fillIn(c *composer, t *message.Message) tea.Cmd {
	if m.composer != c {
		return nil
	}
	e := &t.Envelope
	for _, f := range []struct {
		field field
		text  string
	}{{fieldTo, joinAddresses(e.To)}, {fieldCc, joinAddresses(e.Cc)}, {fieldBcc, joinAddresses(e.Bcc)}, {fieldSubject, e.Subject}} {
		if text := c.texts[f.field]; f.text != "" && text.text() == "" {
			text.insert(f.text, false)
			c.seen[f.field] = text.changes
		}
	}
	c.texts[fieldBody].insert(t.Plain, false)
	c.seen[fieldBody] = c.texts[fieldBody].changes
	c.at = fieldBody
	return m.changed()
}
