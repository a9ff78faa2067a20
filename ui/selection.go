package ui

import (
	tea "charm.land/bubbletea/v2"

	"tmail/store"
)

// selection are the messages chosen to be acted on together. It holds ids, not rows: it costs the same for what is
// on the screen and for all of a hundred thousand, and stays when others arrive.
type selection map[store.ID]bool

func (s selection) add(ids []store.ID) {
	for _, id := range ids {
		s[id] = true
	}
}

func (s selection) drop(ids []store.ID) {
	for _, id := range ids {
		delete(s, id)
	}
}

// keepOnly forgets what is not among ids any more.
func (s selection) keepOnly(ids []store.ID) {
	if len(s) == 0 {
		return
	}
	still := make(selection, len(s))
	for _, id := range ids {
		if s[id] {
			still[id] = true
		}
	}
	for id := range s {
		if !still[id] {
			delete(s, id)
		}
	}
}

// of returns those of ids that are chosen, in their order.
func (s selection) of(ids []store.ID) []store.ID {
	var chosen []store.ID
	for _, id := range ids {
		if len(chosen) < len(s) && s[id] {
			chosen = append(chosen, id)
		}
	}
	return chosen
}

// targets are the messages a key acts on: those chosen, else the one under the cursor.
func (l *listPane) targets() []store.ID {
	if ids := l.chosen.of(l.ids); ids != nil {
		return l.withRest(ids)
	}
	if l.current() != 0 {
		return l.withRest([]store.ID{l.current()})
	}
	return nil
}

// countChosen is how many messages a key will act on: those of chosen conversations one by one.
func (l *listPane) countChosen() int {
	n := len(l.chosen)
	if len(l.rest) < n {
		for id, rest := range l.rest {
			if l.chosen[id] {
				n += len(rest)
			}
		}
		return n
	}
	for id := range l.chosen {
		n += len(l.rest[id])
	}
	return n
}

func (m *model) choose() tea.Cmd {
	l := &m.list
	if id := l.current(); l.chosen[id] {
		delete(l.chosen, id)
	} else if id != 0 {
		l.chosen[id] = true
	}
	return m.moveTo(l.at.cursor + 1)
}

// chooseTo chooses from the nearest chosen message above, or else below, or else the top, to the cursor.
func (m *model) chooseTo() tea.Cmd {
	l := &m.list
	if len(l.ids) == 0 {
		return nil
	}
	at := min(l.at.cursor, len(l.ids)-1)
	from := at
	for from >= 0 && !l.chosen[l.ids[from]] {
		from--
	}
	for i := at; i < len(l.ids) && from < 0; i++ {
		if l.chosen[l.ids[i]] {
			from = i
		}
	}
	from = max(from, 0)
	l.chosen.add(l.ids[min(from, at) : max(from, at)+1])
	return nil
}
