package ui

import tea "charm.land/bubbletea/v2"

// Keys for a list that is still being read, as those right behind a search: they mean what will be there, not what is.

// maxAhead is how many keys are kept: nobody types more without looking.
const maxAhead = 100

// comes reports whether another list is about to take the place of what is shown.
func (l *listPane) comes() bool { return l.fromTop && (l.load.waiting() || l.again) }

// holdBack keeps a key for the list that comes. It reports false when the key acts at once: whoever leaves does not wait.
func (m *model) holdBack(b *binding, k tea.KeyPressMsg) bool {
	l := &m.list
	if m.focus != onList || !l.comes() {
		return false
	}
	if b != nil && (b.action == "back" || b.action == "quit" || b.action == "suspend") {
		l.held = nil
		return false
	}
	if len(l.held) < maxAhead {
		l.held = append(l.held, k)
	}
	return true
}

// handOver acts on the keys that were held.
func (m *model) handOver() tea.Cmd {
	keys := m.list.held
	m.list.held = nil
	var cmds []tea.Cmd
	for _, k := range keys {
		cmds = append(cmds, m.route(k))
	}
	return tea.Batch(cmds...)
}
