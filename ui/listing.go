package ui

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// What a list shows, and in which order.

// listing is what a list is to show, as a command reads it from the store.
type listing struct {
	folder store.Folder
	order  store.Order
	search *wish // nil: all of the folder
	flat   bool  // each message by itself, no conversations
	first  bool  // nothing is shown yet: the beginning will do
}

// wish is a search as a command asks the store for it.
type wish struct {
	query      store.Query
	everywhere bool
	limit      int        // 0: all
	more       []store.ID // what a server found besides
}

func (l *listPane) listing() listing {
	what := listing{folder: l.folder, order: l.order, flat: l.flat, first: !l.ready && l.order == (store.Order{})}
	if s := l.search; s != nil {
		what.search = &wish{query: s.query, everywhere: s.everywhere, more: slices.Clone(s.server.ids)}
		if !s.whole {
			what.search.limit = firstResults
		}
	}
	return what
}

// read returns the messages of the list, all of them but where a search says otherwise; and of conversations, whose
// rows they are, the others.
func (w listing) read(ctx context.Context, st *store.Store) (found store.Found, rest map[store.ID][]store.ID, err error) {
	switch {
	case w.search != nil:
		found, err = w.search.find(ctx, st, w.folder)
	case w.threaded():
		var heads store.Heads
		heads, err = w.heads(ctx, st)
		found.IDs, found.More, rest = heads.IDs, heads.More, heads.Rest
	case isUnified(w.folder):
		found.IDs, err = unifiedIDs(ctx, st, w.folder)
	default:
		found.IDs, err = st.Index.IDsBy(ctx, w.folder.ID, w.order)
		return found, nil, err
	}
	if err == nil {
		found.IDs, err = st.Index.Sort(ctx, found.IDs, w.order)
	}
	return found, rest, err
}

// find returns what the search finds in a folder, or everywhere.
func (w *wish) find(ctx context.Context, st *store.Store, f store.Folder) (store.Found, error) {
	scope, limit := store.Scope{Account: f.Account, Folder: f.ID}, w.limit
	within := isUnified(f) && !w.everywhere
	if w.everywhere || within {
		scope = store.Scope{}
	}
	if within {
		limit = 0
	}
	found, err := st.Search.Find(ctx, w.query, scope, limit)
	if err == nil && len(w.more) > 0 {
		found.IDs, err = st.Index.Merge(ctx, found.IDs, w.more)
	}
	if err != nil || !within {
		return found, err
	}
	all, err := unifiedIDs(ctx, st, f)
	in := selection{}
	in.add(all)
	found.IDs = in.of(found.IDs)
	return found, err
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
	return " " + m.look.dot + " " + safe.Line(orderName(m.list.order))
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
	now := orderName(m.list.order)
	if m.list.search != nil && m.list.search.query.Best() {
		now = lang.T("order.best")
	} else if m.list.passing() {
		choices = append(choices, choice{label: safe.Line(lang.T("order.best")), letter: "b", do: (*model).orderByBest})
	}
	m.open(newLetters(lang.T("ask.order", "Now", now), choices))
	return nil
}

// bestFirst is what a search says to have its best results first.
const bestFirst = " order:best"

// orderByBest puts the best of what was found first.
func (m *model) orderByBest() tea.Cmd {
	m.list.order = store.Order{}
	return m.lookFor(m.list.search, m.list.search.text+bestFirst)
}

// setOrder puts the list into another order, from its top; the folder keeps it while tmail runs.
func (m *model) setOrder(o store.Order) tea.Cmd {
	l := &m.list
	l.order, l.fromTop = o, true
	switch s := l.search; {
	case s == nil:
		m.orders[l.folder.ID] = o
	case s.query.Best() && !s.saved:
		return m.lookFor(s, strings.ReplaceAll(s.text, bestFirst, ""))
	default:
		s.whole = true
	}
	l.load.drop()
	return m.loadList()
}
