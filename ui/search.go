package ui

import (
	tea "charm.land/bubbletea/v2"

	"tmail/lang"
)

// search is a search the list shows the results of.
type search struct {
	text string // as typed
}

// startSearch finds as one types.
func (m *model) startSearch() tea.Cmd {
	find := func(m *model, words string) tea.Cmd {
		l := &m.list
		l.search, l.fromTop = &search{text: words}, true
		if words == "" {
			l.search = nil
		}
		l.load.stop()
		return m.loadList()
	}
	before := m.list.current()
	m.focus = onList
	m.open(&prompt{heading: lang.T("ask.search"), field: newEditor("", true), changed: find,
		done: func(m *model, words string) tea.Cmd { return nil },
		left: func(m *model) tea.Cmd {
			m.list.seek = before
			return find(m, "")
		}})
	return nil
}

func (m *model) endSearch() tea.Cmd {
	l := &m.list
	l.seek, l.search = l.current(), nil
	l.load.stop()
	return m.loadList()
}
