package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// What a list shows, and in which order.

// listing is what a list is to show, as a command reads it from the store.
type listing struct {
	folder store.Folder
	words  string // searched for; "" is the whole folder
	order  store.Order
}

func (l *listPane) listing() listing {
	what := listing{folder: l.folder, order: l.order}
	if l.search != nil {
		what.words = l.search.text
	}
	return what
}

// read returns every message of the list.
func (w listing) read(ctx context.Context, st *store.Store) ([]store.ID, error) {
	if w.words == "" && !isUnified(w.folder) {
		return st.Index.IDsBy(ctx, w.folder.ID, w.order)
	}
	ids, err := w.newestFirst(ctx, st)
	if err != nil {
		return nil, err
	}
	return st.Index.Sort(ctx, ids, w.order)
}

func (w listing) newestFirst(ctx context.Context, st *store.Store) ([]store.ID, error) {
	switch {
	case w.words == "" && w.folder.ID == allStarred:
		return st.Index.Starred(ctx)
	case w.words == "":
		return st.Index.OfRole(ctx, w.folder.Role)
	case !isUnified(w.folder):
		return st.Index.Find(ctx, w.folder.ID, w.words)
	}
	all := w
	all.words = ""
	ids, err := all.newestFirst(ctx, st)
	if err != nil {
		return nil, err
	}
	everywhere, err := st.Index.Find(ctx, 0, w.words)
	holds := make(map[store.ID]bool, len(everywhere))
	for _, id := range everywhere {
		holds[id] = true
	}
	return slices.DeleteFunc(ids, func(id store.ID) bool { return !holds[id] }), err
}

// orders are those a list can be put into: the letters that choose them, and the phrases for both ways round.
var orders = []struct {
	by             store.OrderKey
	letter         string
	name, reversed string
}{
	{store.ByDate, "d", "order.date", "order.date_reversed"},
	{store.BySender, "s", "order.sender", "order.sender_reversed"},
	{store.BySubject, "t", "order.subject", "order.subject_reversed"},
	{store.BySize, "z", "order.size", "order.size_reversed"},
}

func orderName(o store.Order) string {
	for _, known := range orders {
		if known.by == o.By && o.Reversed {
			return lang.T(known.reversed)
		} else if known.by == o.By {
			return lang.T(known.name)
		}
	}
	return lang.T(orders[0].name)
}

// orderNote says in the heading in which order the list is, when it is not the usual one.
func (m *model) orderNote() safe.Text {
	if m.list.order == (store.Order{}) || m.focus == onMessage && !m.wide() {
		return ""
	}
	return "  " + m.look.dot + " " + safe.Line(orderName(m.list.order))
}

// chooseOrder offers the orders of a list; the one it has, the other way round.
func (m *model) chooseOrder() tea.Cmd {
	var choices []choice
	for _, o := range orders {
		to := store.Order{By: o.by}
		if now := m.list.order; now.By == o.by {
			to.Reversed = !now.Reversed
		}
		choices = append(choices, choice{label: safe.Line(orderName(to)), letter: o.letter,
			do: func(m *model) tea.Cmd { return m.setOrder(to) }})
	}
	m.open(newLetters(lang.T("ask.order", "Now", orderName(m.list.order)), choices))
	return nil
}

// setOrder puts the list into another order, from its top; the folder keeps it while tmail runs.
func (m *model) setOrder(o store.Order) tea.Cmd {
	l := &m.list
	l.order, l.fromTop = o, true
	if l.search == nil {
		m.orders[l.folder.ID] = o
	}
	l.load.stop()
	return m.loadList()
}
