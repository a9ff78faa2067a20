package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/mailsync"
	"tmail/store"
)

// What servers find besides: messages of which the words are not stored here. They are asked when the person pauses,
// never waited for, and what they find goes into the results where it belongs. What is not here at all is fetched; how
// much of it is still to come is said.

// asked is what servers were asked about a search.
type asked struct {
	load    load
	waiting int                 // servers that have not answered
	ids     []store.ID          // what they found
	added   int                 // those of ids that were not found here
	missing map[store.Scope]int // messages found that are not here, by where servers were asked
}

func (a *asked) forget() {
	a.load.drop()
	*a = asked{load: a.load}
}

// typingPause is how long one stops typing before servers are asked.
const typingPause = 700 * time.Millisecond

type askServers struct {
	of  *search
	gen int
}

func (m *model) askServersSoon(s *search) tea.Cmd {
	ask := askServers{s, s.server.load.gen}
	return tea.Tick(typingPause, func(time.Time) tea.Msg { return ask })
}

// serverQuestion is a search as one server is asked about it.
type serverQuestion struct {
	ctx   context.Context // ends with the search
	of    *search
	query store.Query
	gen   int
	in    store.Scope
}

type serverAnswer struct {
	serverQuestion
	mailsync.Found
	err   error
	again bool // after what was missing was fetched
}

func (a askServers) apply(m *model) tea.Cmd {
	s := a.of
	if m.list.search != s || s.server.load.gen != a.gen || s.server.load.waiting() || s.query.Empty() {
		return nil
	}
	ctx, gen := s.server.load.begin(m.ctx)
	var cmds []tea.Cmd
	for _, scope := range m.askedScopes(s) {
		if m.offline(scope.Account) {
			continue
		}
		s.server.waiting++
		cmds = append(cmds, serverQuestion{ctx, s, s.query, gen, scope}.ask(m.Engine))
	}
	return tea.Batch(cmds...)
}

func (q serverQuestion) ask(engine Engine) tea.Cmd {
	return func() tea.Msg {
		found, err := engine.Search(q.ctx, q.in.Account, q.in.Folder, q.query)
		return serverAnswer{serverQuestion: q, Found: found, err: err}
	}
}

// fetch gets what the server found and is not here.
func (q serverQuestion) fetch(engine Engine, missing []mailsync.Finds) tea.Cmd {
	return func() tea.Msg {
		found, err := engine.FetchFound(q.ctx, q.in.Account, q.query, missing)
		return serverAnswer{q, found, err, true}
	}
}

// askedScopes are the places to ask servers about: a folder, or all of each account.
func (m *model) askedScopes(s *search) []store.Scope {
	f := m.list.folder
	if !s.everywhere && !isUnified(f) {
		return []store.Scope{{Account: f.Account, Folder: f.ID}}
	}
	var scopes []store.Scope
	for _, name := range m.accountNames() {
		switch of := m.folders.byRole(name, f.Role); {
		case s.everywhere:
			scopes = append(scopes, store.Scope{Account: name})
		case f.Role != "" && of.ID != 0:
			scopes = append(scopes, store.Scope{Account: name, Folder: of.ID})
		}
	}
	return scopes
}

func (m *model) offline(acct string) bool {
	phase := m.statuses[acct].Phase
	return phase == store.PhaseOffline || phase == store.PhaseFailed
}

// apply merges what a server found. One that cannot be asked is passed over: what is here was found.
func (a serverAnswer) apply(m *model) tea.Cmd {
	s := a.of
	if s.server.load.gen != a.gen {
		return nil
	}
	fetch := m.left(a)
	if fetch == nil {
		if s.server.waiting--; s.server.waiting == 0 {
			s.server.load.stop()
		}
	}
	if m.list.search != s || a.err != nil {
		return fetch
	}
	shown := make(selection, len(m.list.ids))
	shown.add(m.list.ids)
	before := s.server.added
	for _, id := range a.IDs {
		if !shown[id] {
			shown[id] = true
			s.server.ids = append(s.server.ids, id)
			s.server.added++
		}
	}
	if s.server.added == before {
		return fetch
	}
	m.list.load.drop()
	return tea.Batch(fetch, m.loadList())
}

// left takes note of what is not here, and fetches it the first time.
func (m *model) left(a serverAnswer) tea.Cmd {
	s := a.of
	if a.err == nil {
		if s.server.missing == nil {
			s.server.missing = map[store.Scope]int{}
		}
		s.server.missing[a.in] = a.Left()
	}
	if a.err != nil || a.again || a.Left() == 0 || m.list.search != s {
		return nil
	}
	return a.fetch(m.Engine, a.Missing)
}

// left is how many messages that were found are not here.
func (a *asked) left() (n int) {
	for _, missing := range a.missing {
		n += missing
	}
	return n
}

// note says how it stands with the servers; "" when there is nothing to say.
func (a *asked) note() string {
	switch {
	case a.left() > 0:
		return lang.T("search.on_server", "Count", a.left())
	case a.waiting > 0:
		return lang.T("search.asking")
	case a.added > 0:
		return lang.T("search.from_server", "Count", a.added)
	}
	return ""
}
