package ui

import (
	tea "charm.land/bubbletea/v2"

	"tmail/store"
)

// ahead is what was typed towards an editor that is still being opened, as by r and a text right behind it. It is
// meant for that text: as keys of the list it would move and delete mail.
type ahead struct {
	of    store.ID // the message that is answered, or the draft; 0 when none is being opened
	typed []tea.Msg
}

// awaitEditor keeps what is typed from now on until opened is called for the same message.
func (m *model) awaitEditor(id store.ID) { m.ahead.of = id }

// typedAhead keeps a key or a paste while an editor is being opened. Escape gives up waiting; ctrl+c always quits.
func (m *model) typedAhead(msg tea.Msg) bool {
	if m.ahead.of == 0 {
		return false
	}
	switch k, _ := msg.(tea.KeyPressMsg); k.String() {
	case "ctrl+c", "ctrl+z":
		return false
	case "esc":
		m.ahead = ahead{}
		return true
	}
	m.ahead.typed = append(m.ahead.typed, msg)
	return true
}

// opened hands on what was typed ahead. When nothing opened to write in, it is dropped.
func (m *model) opened(id store.ID) tea.Cmd {
	if m.ahead.of != id || id == 0 {
		return nil
	}
	typed := m.ahead.typed
	m.ahead = ahead{}
	var cmds []tea.Cmd
	for _, msg := range typed {
		if m.composer == nil && m.topOverlay() == nil {
			break
		}
		cmds = append(cmds, m.route(msg))
	}
	return tea.Batch(cmds...)
}
