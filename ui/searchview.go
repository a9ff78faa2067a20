package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// How results are drawn: the words that were found marked, the place of the text they stand in instead of its
// beginning, and the folder where results come from many.

// snippets are the places of the texts in which the words stand; "" for messages that have them elsewhere.
type snippets struct {
	load load
	text map[store.ID]string
}

func (s *snippets) forget() {
	s.load.drop()
	*s = snippets{load: s.load, text: map[store.ID]string{}}
}

type snippetsRead struct {
	of   *search
	gen  int
	text map[store.ID]string
}

// loadSnippets reads what is missing of the rows in sight.
func (m *model) loadSnippets() tea.Cmd {
	l, s := &m.list, m.list.search
	if s == nil || s.snippets.load.waiting() {
		return nil
	}
	l.at.fit(len(l.ids), l.height)
	var missing []store.ID
	for _, id := range l.ids[min(l.at.top, len(l.ids)):min(len(l.ids), l.at.top+l.height)] {
		if _, known := s.snippets.text[id]; !known {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	ctx, gen := s.snippets.load.begin(m.ctx)
	st, query := m.Store, s.query
	return func() tea.Msg { return snippetsRead{s, gen, readSnippets(ctx, st, query, missing)} }
}

// readSnippets reads them until ctx ends. One that cannot be read is none: the row shows the text's beginning.
func readSnippets(ctx context.Context, st *store.Store, query store.Query, ids []store.ID) map[store.ID]string {
	text := make(map[store.ID]string, len(ids))
	for _, id := range ids {
		if ctx.Err() != nil {
			break
		}
		text[id], _ = st.Search.Snippet(ctx, id, query)
	}
	return text
}

func (r snippetsRead) apply(m *model) tea.Cmd {
	s := r.of
	if !s.snippets.load.end(r.gen) {
		return nil
	}
	for id, text := range r.text {
		s.snippets.text[id] = text
	}
	if m.list.search != s {
		return nil
	}
	return m.loadSnippets() // the window may have moved
}

// snippet is the place of the text of a row in which words were found; "" when they stand elsewhere.
func (l *listPane) snippet(mail store.Row) safe.Text {
	if l.search == nil {
		return ""
	}
	return safe.Line(l.search.snippets.text[mail.ID])
}

// foundStyle marks the words that were found: to be seen without colour too.
func (l look) foundStyle() style { return l.accent + underline }

// putFound adds t, the text of a field, with the words of the search marked in it.
func (l *listPane) putFound(look look, r *row, st style, in store.WordField, t safe.Text) {
	if l.search == nil {
		r.put(st, t)
		return
	}
	if room := r.width - r.used; safe.Width(t) > room {
		t = safe.Truncate(t, room, look.more)
	}
	at := 0
	for _, spot := range l.search.query.Spots(in, string(t)) {
		r.put(st, t[at:spot[0]]).put(st+look.foundStyle(), t[spot[0]:spot[1]])
		at = spot[1]
	}
	r.put(st, t[at:])
}

// nearFound leaves out the beginning of t, of the text of a message, where the first word that was found would lie beyond the room there is.
func (l *listPane) nearFound(look look, t safe.Text, room int) safe.Text {
	if t == "" || safe.Width(t) <= room || room < 4 { // no room to show anything of it
		return t
	}
	spots := l.search.query.Spots(store.WordsInBody, string(t))
	if len(spots) == 0 || safe.Width(t[:spots[0][1]]) <= room-2 {
		return t
	}
	before, rest := t[:spots[0][0]], t[spots[0][0]:]
	for safe.Width(before) > room/4 {
		first, _ := safe.Next(before)
		before = before[len(first):]
	}
	return look.more + before + rest
}

// cellFound is putFound in exactly width columns.
func (l *listPane) cellFound(look look, r *row, st style, in store.WordField, t safe.Text, width int) {
	cell := r.part(min(width, r.width-r.used))
	l.putFound(look, cell, st, in, t)
	r.join(cell)
}

// folderWidth is the columns for the folders that results lie in; 0 where there is no room for them, or no need.
func (l *listPane) folderWidth(width int) int {
	if !l.everywhere() || width < twoPanes-20 {
		return 0
	}
	return min(12, width/6)
}

// homeOf is the folder a row of the list lies in.
func (m *model) homeOf(mail store.Row) store.Folder {
	if m.list.everywhere() {
		return m.folders.byID(mail.Folder)
	}
	return m.list.folder
}

// roleOf is what the folder of a message in the list is for.
func (m *model) roleOf(id store.ID) account.Role { return m.homeOf(m.list.rows[id]).Role }

// role is what the folder of the list is for; results from everywhere are in none.
func (l *listPane) role() account.Role {
	if l.everywhere() {
		return ""
	}
	return l.folder.Role
}

// placeName is what the list shows mail of, in words.
func (m *model) placeName() string {
	if s := m.list.search; s != nil {
		return s.place(m.list.folder)
	}
	return string(folderName(m.list.folder))
}

// foundText says in the heading where was looked, for what, and how it went.
func (m *model) foundText() safe.Text {
	s := m.list.search
	if m.width < 60 {
		return m.foundCount()
	}
	place := safe.Line(m.placeName())
	if !s.saved {
		place += "  " + safe.Line(lang.T("search.words", "Words", s.text))
	}
	return place + "  " + m.foundCount()
}

// foundCount is how much was found, and how it stands with the servers.
func (m *model) foundCount() safe.Text {
	s := m.list.search
	text := lang.T("search.found", "Count", len(m.list.ids))
	if s.finding {
		text = lang.T("search.finding", "Count", len(m.list.ids))
	}
	note := s.server.note()
	if s.unread > 0 {
		note = lang.T("search.unread", "Count", s.unread)
	}
	if note == "" {
		return safe.Line(text)
	}
	return safe.Line(text) + " " + m.look.dot + " " + safe.Line(note)
}

// nothingFound says so, and how to look further.
func (m *model) nothingFound() string {
	l, s := &m.list, m.list.search
	switch {
	case s.wrong != "":
		return s.wrong
	case s.everywhere:
		return lang.T("search.nothing_anywhere")
	}
	return lang.T("search.nothing", "Place", s.place(l.folder), "Key", m.widenKey())
}
