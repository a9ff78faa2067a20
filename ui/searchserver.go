package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/store"
)

// What servers find besides: messages of which the words are not stored here. They are asked when the person pauses,
// never waited for, and what they find goes into the results where it belongs.

// asked is what servers were asked about a search.
type asked struct {
	load    load
	waiting int        // servers that have not answered
	ids     []store.ID // what they found
	added   int        // those of ids that were not found here
}

func (a *asked) forget() {
	a.load.stop()
	*a = asked{load: load{gen: a.load.gen + 1}}
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

type serverAnswer struct {
	of  *search
	gen int
	ids []store.ID
	err error
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
		cmds = append(cmds, askServer(ctx, m.Engine, s, gen, scope))
	}
	return tea.Batch(cmds...)
}

func askServer(ctx context.Context, engine Engine, s *search, gen int, in store.Scope) tea.Cmd {
	query := s.query
	return func() tea.Msg {
		ids, err := engine.Search(ctx, in.Account, in.Folder, query)
		return serverAnswer{s, gen, ids, err}
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
	if s.server.waiting--; s.server.waiting == 0 {
		s.server.load.stop()
	}
	if m.list.search != s || a.err != nil {
		return nil
	}
	shown := make(selection, len(m.list.ids))
	shown.add(m.list.ids)
	for _, id := range a.ids {
		if !shown[id] {
			shown[id] = true
			s.server.ids = append(s.server.ids, id)
			s.server.added++
		}
	}
	if s.server.added == 0 {
		return nil
	}
	m.list.load.stop()
	return m.loadList()
}

// note says how it stands with the servers; "" when there is nothing to say.
func (a *asked) note() string {
	switch {
	case a.waiting > 0:
		return lang.T("search.asking")
	case a.added > 0:
		return lang.T("search.from_server", "Count", a.added)
	}
	return ""
}
