package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// The list with a row for each conversation. A row is the newest message that the conversation has in the folder; the
// others it has there are known by their ids, so that a key acts on all of them at once.

// gathered is what the list knows of its conversations.
type gathered struct {
	rest  map[store.ID][]store.ID          // by the row: the other messages of its conversation in the folder, newest first
	talks map[store.ID]*store.Conversation // of the rows near the window, by conversation
}

// threaded reports whether a list shows conversations: not results, nor what is being written and sent.
func (w listing) threaded() bool {
	switch {
	case w.flat, w.search != nil, w.folder.ID == allStarred:
		return false
	case w.folder.Role == account.RoleDrafts, w.folder.Role == account.RoleOutbox:
		return false
	}
	return true
}

// firstLook is how many messages of a folder are looked at before there is anything to see; the others follow at once.
const firstLook = 500

// heads reads the rows of a list of conversations.
func (w listing) heads(ctx context.Context, st *store.Store) (store.Heads, error) {
	limit := 0
	if w.first {
		limit = firstLook
	}
	if isUnified(w.folder) {
		return st.Index.ConversationsOfRole(ctx, w.folder.Role, limit)
	}
	return st.Index.Conversations(ctx, w.folder.ID, limit)
}

// summaries reads what rows of conversations show.
func (w listing) summaries(ctx context.Context, st *store.Store, rows []store.Row) (map[store.ID]*store.Conversation, error) {
	if !w.threaded() {
		return nil, nil
	}
	var threads []store.ID
	for _, r := range rows {
		threads = append(threads, r.Thread)
	}
	return st.Index.Summaries(ctx, max(0, w.folder.ID), threads)
}

// rows reads messages of the list with what is said of their conversations.
func (w listing) rows(ctx context.Context, st *store.Store, ids []store.ID) ([]store.Row, map[store.ID]*store.Conversation, error) {
	rows, err := st.Index.Rows(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	talks, err := w.summaries(ctx, st, rows)
	return rows, talks, err
}

// talk is what is known of the conversation of a row; nil for a message alone.
func (l *listPane) talk(mail store.Row) *store.Conversation {
	if c := l.talks[mail.Thread]; c != nil && (c.Count > 1 || c.Muted) {
		return c
	}
	return nil
}

// isConversation reports whether a row stands for more than one message.
func (l *listPane) isConversation(id store.ID) bool {
	r, ok := l.rows[id]
	return ok && l.talk(r) != nil && l.talk(r).Count > 1
}

func (l *listPane) isMuted(thread store.ID) bool {
	c := l.talks[thread]
	return c != nil && c.Muted
}

// withRest adds to rows the other messages of their conversations.
func (l *listPane) withRest(ids []store.ID) []store.ID {
	if len(l.rest) == 0 {
		return ids
	}
	all := slices.Clone(ids)
	for _, id := range ids {
		all = append(all, l.rest[id]...)
	}
	return all
}

// rehead lets a conversation of which some messages go stand on with those that stay: its newest becomes the row.
func (l *listPane) rehead(gone []store.ID) {
	for i, id := range l.ids {
		rest := l.rest[id]
		if rest == nil {
			continue
		}
		stay := slices.DeleteFunc(slices.Clone(rest), func(id store.ID) bool { return slices.Contains(gone, id) })
		if !slices.Contains(gone, id) {
			l.rest[id] = stay
		} else if len(stay) > 0 {
			delete(l.rest, id)
			l.ids[i], l.rest[stay[0]] = stay[0], stay[1:]
		}
	}
}

// markTalks changes what rows say before the store has read it anew.
func (l *listPane) markTalks(ids []store.ID, add, remove message.Flags) {
	for _, id := range ids {
		c := l.talks[l.rows[id].Thread]
		switch {
		case c == nil:
		case add.Has(message.Seen):
			c.Unread = 0
			for i := range c.People {
				c.People[i].Unread = false
			}
		case remove.Has(message.Seen):
			c.Unread = max(c.Unread, 1)
		case (add | remove).Has(message.Flagged):
			c.Flagged = add.Has(message.Flagged)
		}
	}
}

// flags are those a row shows: of a conversation, those of all its messages together.
func (l *listPane) flags(mail store.Row) message.Flags {
	flags, c := mail.Flags, l.talk(mail)
	if c == nil {
		return flags
	}
	flags &^= message.Flagged
	if c.Flagged {
		flags |= message.Flagged
	}
	if c.Unread > 0 {
		return flags &^ message.Seen
	}
	return flags | message.Seen
}

func (l *listPane) hasAttachments(mail store.Row) bool {
	c := l.talk(mail)
	return mail.HasAttachments || c != nil && c.HasAttachments
}

// drawPeople puts who wrote in a conversation, and how many messages it has; who wrote what is unread stands out.
func (l *listPane) drawPeople(m *model, r *row, st style, c *store.Conversation, width int) {
	count := safe.Text("(" + lang.Number(c.Count) + ")")
	room := width - safe.Width(count) - 1
	inner := r.part(room)
	people := m.shortNames(c.People, room)
	for i, p := range people {
		if i > 0 {
			inner.put(m.look.dim, ", ")
		}
		who := plain
		if p.unread {
			who = bold
		}
		inner.put(st+who, p.name)
	}
	r.join(inner).put(m.look.dim, " "+count)
}

// shortName is somebody in a row of a conversation.
type shortName struct {
	name   safe.Text
	unread bool
}

// shortNames are the people of a conversation by their first names, as far as there is room: the first, and those who
// came in last. Several addresses of one name are one of them, and so are all of one's own.
func (m *model) shortNames(people []store.Person, room int) []shortName {
	var list []shortName
	for _, p := range people {
		name := names([]message.Address{p.Address})
		if m.isMe(p.Address) {
			name = safe.Line(lang.T("message.me"))
		}
		if i := slices.IndexFunc(list, func(s shortName) bool { return s.name == name }); i >= 0 {
			list[i].unread = list[i].unread || p.Unread
			continue
		}
		list = append(list, shortName{name, p.Unread})
	}
	n := len(list)
	for i := range list {
		if n > 1 {
			list[i].name = firstName(list[i].name)
		}
	}
	for skip := 1; widthOf(list) > room && skip < n; skip++ {
		list = append([]shortName{list[0], {name: m.look.more}}, list[len(list)-(n-1-skip):]...)
	}
	return list
}

func widthOf(list []shortName) int {
	n := 2 * (len(list) - 1)
	for _, p := range list {
		n += safe.Width(p.name)
	}
	return n
}

// firstName is a name up to its first blank; what has none, as Chinese names, stays whole.
func firstName(name safe.Text) safe.Text {
	for i, r := range name {
		if r == ' ' && i > 0 {
			return name[:i]
		}
	}
	return name
}

// toggleThreads shows conversations, or each message by itself, from now on.
func (m *model) toggleThreads() tea.Cmd {
	m.flat = !m.flat
	l := &m.list
	l.flat = m.flat
	if m.flat {
		m.say(lang.T("threads.off"))
	} else {
		m.say(lang.T("threads.on"))
	}
	clear(l.chosen)
	l.load.drop()
	return tea.Batch(m.loadList(), m.rememberView())
}

// rowOf is the row a message stands in, by itself or in its conversation; -1 for none.
func rowOf(ids []store.ID, rest map[store.ID][]store.ID, id store.ID) int {
	return slices.IndexFunc(ids, func(head store.ID) bool { return head == id || slices.Contains(rest[head], id) })
}
