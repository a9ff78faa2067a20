package ui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/store"
)

// search is a search the list shows the results of. The first of them are looked for alone, so that they are on the
// screen at once; the rest takes their place when it is there.
type search struct {
	text       string      // as typed
	query      store.Query // what could be read last
	wrong      string      // why text cannot be read; what is shown was found for query
	everywhere bool        // in all folders of all accounts; else in the folder of the list
	saved      bool        // opened from the folders: it is a place of its own

	whole      bool  // all results are asked for, not only the first
	finding    bool  // there are more than those shown
	chooseRest bool  // what is still to come is chosen too
	unread     int   // messages of which the text has not been looked at yet
	versions   int64 // of all folders, when they were last looked at
	server     asked
	snippets   snippets
	before     listPane // what the list showed, for who leaves
}

// firstResults are enough for the largest screen.
const firstResults = 200

// startSearch asks what to find, and finds it as one types. Among results it asks for other words.
func (m *model) startSearch() tea.Cmd {
	m.focus = onList
	s, entered := m.list.search, true
	if s == nil {
		s, entered = &search{before: m.list}, false
	}
	line := newSearchLine(m, s, entered)
	m.open(line)
	return line.suggest(m)
}

// lookFor looks for other words, or for the same in another place.
func (m *model) lookFor(s *search, text string) tea.Cmd {
	s.text, s.wrong = text, ""
	query, err := store.ParseQuery(text, m.Now())
	switch {
	case err != nil:
		s.wrong = queryProblem(err)
		return nil
	case query.Empty() && !s.saved:
		return m.showFolder(s)
	}
	m.list.search, m.list.fromTop, m.list.chosen = s, true, selection{}
	s.query, s.whole, s.finding, s.chooseRest = query, m.list.order != (store.Order{}), false, false
	s.server.forget()
	s.snippets.forget()
	m.list.load.drop()
	return tea.Batch(m.loadList(), m.askServersSoon(s))
}

// showFolder shows what the list showed before the search, in the same place, and reads it again.
func (m *model) showFolder(s *search) tea.Cmd {
	l := &m.list
	s.server.forget()
	s.snippets.forget()
	if l.search == nil {
		return nil
	}
	loading, height := l.load, l.height
	*l = s.before
	l.load, l.height = loading, height
	l.load.drop()
	return tea.Batch(m.loadList(), m.looked())
}

// endSearch leaves the results.
func (m *model) endSearch() tea.Cmd { return m.showFolder(m.list.search) }

// passing reports whether the list shows results one leaves to be back where one was.
func (l *listPane) passing() bool { return l.search != nil && !l.search.saved }

// widen looks everywhere, or again in this folder only.
func (m *model) widen() tea.Cmd {
	s := m.list.search
	s.everywhere = !s.everywhere
	return m.lookFor(s, s.text)
}

// narrowable reports whether a search can go everywhere and back.
func (m *model) narrowable() bool { return m.list.passing() }

// everywhere reports whether the list shows mail of many folders that is not at home in the list's own.
func (l *listPane) everywhere() bool { return l.search != nil && l.search.everywhere }

// mixed reports whether the list shows mail of several accounts.
func (l *listPane) mixed() bool { return isUnified(l.folder) || l.everywhere() }

// place is where a search looks, in words.
func (s *search) place(f store.Folder) string {
	if s.everywhere && !s.saved {
		return lang.T("search.everywhere")
	}
	return string(folderName(f))
}

// listed takes note of how much of the results is in the list now.
func (s *search) listed(l *listPane, found store.Found) {
	s.finding, s.unread = found.More, found.Unindexed
	if found.More && !s.whole {
		s.whole, l.again = true, true
	}
	if s.chooseRest && !found.More {
		s.chooseRest = false
		l.chosen.add(l.ids)
	}
}

// changed reports whether any folder has changed since the last time, or texts were to be read then. A search in one
// folder follows that.
func (s *search) changed(folders []store.Folder) bool {
	if s == nil || !s.everywhere {
		return s != nil && s.unread > 0
	}
	before := s.versions
	s.versions = 0
	for _, f := range folders {
		if !isUnified(f) {
			s.versions += f.Version
		}
	}
	return s.versions != before || s.unread > 0
}

// queryProblem is what of a query is not understood, as a sentence.
func queryProblem(err error) string {
	var wrong *store.QueryError
	if !errors.As(err, &wrong) {
		return sentence(err)
	}
	id := map[store.QueryErrorKind]string{
		store.QueryTooLong: "search.too_long", store.QueryTooMany: "search.too_many", store.QueryDate: "search.no_date",
		store.QuerySize: "search.no_size", store.QueryIs: "search.no_state", store.QueryHas: "search.no_thing",
		store.QueryOrder: "search.no_order",
	}[wrong.Kind]
	if id == "" {
		return sentence(err)
	}
	return lang.T(id, "Words", wrong.Word)
}
