package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// Acting on many messages: of most the list knows the id only, so that what they have in common is asked of the
// store.

type togetherRead struct {
	together store.Together
	err      error
	then     func(*model, store.Together) tea.Cmd
}

func (r togetherRead) apply(m *model) tea.Cmd {
	if r.err != nil {
		m.fail(r.err)
		return nil
	}
	return r.then(m, r.together)
}

// withTogether runs then with what is true of all the messages, at once where their rows are at hand.
func (m *model) withTogether(ids []store.ID, then func(*model, store.Together) tea.Cmd) tea.Cmd {
	if len(ids) == 0 {
		return nil
	}
	if t, ok := m.togetherHere(ids); ok {
		return then(m, t)
	}
	ctx, st := m.ctx, m.Store
	return func() tea.Msg {
		t, err := st.Index.Together(ctx, ids)
		return togetherRead{t, err, then}
	}
}

func (m *model) togetherHere(ids []store.ID) (store.Together, bool) {
	t := store.Together{Flags: ^message.Flags(0)}
	in := map[string]bool{}
	for _, id := range ids {
		r, ok := m.row(id)
		if !ok {
			return t, false
		}
		t.Flags &= r.Flags
		in[r.Account] = true
	}
	for _, name := range m.accountNames() {
		if in[name] {
			t.Accounts = append(t.Accounts, name)
		}
	}
	return t, true
}

type chosenRead struct {
	folder store.ID
	ids    []store.ID
	err    error
}

func (r chosenRead) apply(m *model) tea.Cmd {
	switch {
	case r.err != nil:
		m.fail(r.err)
	case m.list.folder.ID == r.folder:
		m.list.chosen.add(m.list.rowsOf(r.ids))
		m.list.chosen.keepOnly(m.list.ids)
	}
	return nil
}

// chooseAll chooses everything in the list, and of a search what is still to come.
func (m *model) chooseAll() tea.Cmd {
	l := &m.list
	if l.part {
		m.say(lang.T("list.reading"))
		return nil
	}
	l.chosen.add(l.ids)
	if l.search != nil {
		l.search.chooseRest = l.search.finding
	}
	return nil
}

// chooseOthers chooses what is not, and what is not any more.
func (m *model) chooseOthers() tea.Cmd {
	l := &m.list
	before := l.chosen
	l.chosen = selection{}
	for _, id := range l.ids {
		if !before[id] {
			l.chosen[id] = true
		}
	}
	return nil
}

// chooseSender chooses all in the list from one address; of conversations, those in which it wrote last.
func (m *model) chooseSender(addr string) tea.Cmd {
	ctx, st, folder, ids := m.ctx, m.Store, m.list.folder.ID, m.list.ids
	return func() tea.Msg {
		from, err := st.Index.SentBy(ctx, ids, addr)
		return chosenRead{folder, from, err}
	}
}

func (m *model) chooseUnread() tea.Cmd {
	ctx, st, folder, ids := m.ctx, m.Store, m.list.folder.ID, m.list.withRest(m.list.ids)
	return func() tea.Msg {
		unread, err := st.Index.Unread(ctx, ids, 0)
		return chosenRead{folder, unread, err}
	}
}

// chooseMore offers what can be chosen together, by letters.
func (m *model) chooseMore() tea.Cmd {
	l := &m.list
	if l.part {
		m.say(lang.T("list.reading"))
		return nil
	}
	all := lang.T("select.all", "Count", len(l.withRest(l.ids)))
	if l.search != nil {
		all = lang.T("select.all_found", "Count", len(l.ids))
	}
	choices := []choice{{label: safe.Line(all), letter: "a", do: (*model).chooseAll}}
	if r, ok := m.row(l.current()); ok && len(r.From) > 0 {
		from, text := r.From[0], "select.sender"
		if l.listing().threaded() {
			text = "select.sender_last"
		}
		choices = append(choices, choice{label: safe.Line(lang.T(text, "Name", string(names(r.From[:1])))), note: safe.Line(from.Addr), letter: "s",
			do: func(m *model) tea.Cmd { return m.chooseSender(from.Addr) }})
	}
	choices = append(choices,
		choice{label: safe.Line(lang.T("select.unread")), letter: "u", do: (*model).chooseUnread},
		choice{label: safe.Line(lang.T("select.others")), letter: "i", do: (*model).chooseOthers},
		choice{label: safe.Line(lang.T("select.none")), letter: "n", do: func(m *model) tea.Cmd { clear(m.list.chosen); return nil }})
	m.open(newLetters(lang.T("ask.select"), choices))
	return nil
}

// readAll marks everything in the list as read, in one step.
func (m *model) readAll() tea.Cmd {
	if m.list.part {
		m.say(lang.T("list.reading"))
		return nil
	}
	ids := m.list.withRest(m.list.ids)
	m.list.mark(ids, message.Seen, 0)
	m.markShown(ids, message.Seen, 0)
	var step store.Step
	return m.do(func(ctx context.Context) error {
		unread, err := m.Store.Index.Unread(ctx, ids, 0)
		if err == nil && len(unread) > 0 {
			step, err = m.Store.Changes.Flag(ctx, unread, message.Seen, 0)
		}
		return err
	}, func(err error) tea.Cmd {
		switch {
		case err != nil:
			m.fail(err)
		case step.Count == 0:
			m.say(lang.T("list.all_read"))
		default:
			m.did(lang.T("done.read", "Count", step.Count),
				undoable{undone: lang.T("undone.read", "Count", step.Count), show: m.list.current(), back: m.undoAll(step)})
		}
		return nil
	})
}

// rowsOf are the rows in which messages stand: their own, or that of their conversation.
func (l *listPane) rowsOf(ids []store.ID) []store.ID {
	row := map[store.ID]store.ID{}
	for head, rest := range l.rest {
		for _, id := range rest {
			row[id] = head
		}
	}
	rows := slices.Clone(ids)
	for i, id := range rows {
		if head, ok := row[id]; ok {
			rows[i] = head
		}
	}
	return rows
}

type unreadFound struct {
	folder store.ID
	id     store.ID // 0: there is none
	err    error
}

// goToUnread goes to the next unread message below the cursor, else from the top. What is near the window the list
// knows itself; beyond it the store is asked.
func (m *model) goToUnread() tea.Cmd {
	l := &m.list
	n := len(l.ids)
	for k := 1; k <= n; k++ {
		i := (l.at.cursor + k) % n
		r, known := l.rows[l.ids[i]]
		if !known {
			return m.findUnread(slices.Concat(l.ids[i:], l.ids[:i]))
		}
		if !l.flags(r).Has(message.Seen) {
			return m.goToMessage(i)
		}
	}
	m.say(lang.T("list.no_unread"))
	return nil
}

func (m *model) findUnread(rows []store.ID) tea.Cmd {
	ctx, st, folder := m.ctx, m.Store, m.list.folder.ID
	var ids []store.ID
	for _, id := range rows {
		ids = append(append(ids, id), m.list.rest[id]...)
	}
	return func() tea.Msg {
		next, err := st.Index.Unread(ctx, ids, 1)
		return unreadFound{folder, append(next, 0)[0], err}
	}
}

func (f unreadFound) apply(m *model) tea.Cmd {
	i := rowOf(m.list.ids, m.list.rest, f.id)
	switch {
	case f.err != nil:
		m.fail(f.err)
	case m.list.folder.ID != f.folder:
	case f.id == 0 || i < 0:
		m.say(lang.T("list.no_unread"))
	default:
		return m.goToMessage(i)
	}
	return nil
}

// goToMessage puts the cursor on row i; in the message view it opens.
func (m *model) goToMessage(i int) tea.Cmd {
	move := m.moveTo(i)
	if m.focus == onMessage {
		return tea.Batch(move, m.read(m.list.current()))
	}
	return move
}
