package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// A conversation in the message pane: its messages of all folders one below the other, the oldest first. Each is a post;
// the one under the cursor is what keys act on, as if it stood there alone. Texts are read as they come into sight.

// conversation is what the pane knows of it besides its posts.
type conversation struct {
	thread store.ID // 0: the pane shows a message alone
	folder store.ID // it is seen from
	ready  bool     // its posts are there
	whole  bool     // keys act on all its messages of the folder
	linger bool     // it has been in sight beside the list for as long as reading takes
	end    bool     // the person went to the end, and stays there while texts are read
	asked  int      // counts what was asked of the store; answers to older questions are dropped
}

func (r *reader) isConversation() bool { return r.talk.thread != 0 }

type conversationRead struct {
	asked int
	rows  []store.Row
	err   error
}

// showConversation puts the conversation of a message into the pane.
func (m *model) showConversation(mail store.Row) tea.Cmd {
	r := &m.reader
	r.talk = conversation{thread: mail.Thread, folder: mail.Folder}
	r.pager = newPager(nil)
	return m.loadConversation()
}

// loadConversation reads which messages there are, also to see what is new among those shown.
func (m *model) loadConversation() tea.Cmd {
	r := &m.reader
	if !r.isConversation() {
		return nil
	}
	r.last++
	r.talk.asked = r.last
	ctx, st, asked, talk := m.ctx, m.Store, r.talk.asked, r.talk
	return func() tea.Msg {
		rows, err := st.Index.Conversation(ctx, talk.folder, talk.thread)
		return conversationRead{asked, rows, err}
	}
}

func (f conversationRead) apply(m *model) tea.Cmd {
	r := &m.reader
	switch {
	case f.asked != r.talk.asked:
		return nil
	case f.err != nil:
		m.fail(f.err)
		return nil
	case r.talk.ready && m.busy(): // it may be from before what the screen already shows
		return nil
	case len(f.rows) == 0:
		return nil // all of it went elsewhere; the list will say so
	}
	first := !r.talk.ready
	r.talk.ready = true
	r.setPosts(f.rows)
	m.layOut()
	if first {
		m.toPost(r.firstToRead())
	}
	return nil
}

// setPosts takes over which messages there are. What was open or folded stays so; of those not seen before the unread
// ones are open, and so is the newest.
func (r *reader) setPosts(rows []store.Row) {
	before := map[store.ID]*post{}
	for _, p := range r.posts {
		before[p.id] = p
	}
	at := max(0, slices.Index(r.posts, r.post))
	fresh := len(before) == 1 && r.content == nil && r.first == 0
	r.posts = make([]*post, len(rows))
	for i, row := range rows {
		p := before[row.ID]
		if p == nil || fresh {
			r.last++
			p = &post{id: row.ID, gen: r.last, folded: row.Flags.Has(message.Seen) && i < len(rows)-1}
		}
		p.row = row
		r.posts[i] = p
	}
	if !slices.Contains(r.posts, r.post) {
		r.post = r.posts[min(at, len(r.posts)-1)]
	}
}

// firstToRead is the oldest unread post, else the newest.
func (r *reader) firstToRead() int {
	for i, p := range r.posts {
		if !p.row.Flags.Has(message.Seen) {
			return i
		}
	}
	return len(r.posts) - 1
}

// toPost puts the cursor on a post and its beginning into sight.
func (m *model) toPost(i int) {
	r := &m.reader
	r.post = r.posts[i]
	m.sizePager()
	begin, p := position{line: r.first}, r.pager
	if !p.inSight(begin) || !r.folded && !p.inSight(position{line: r.first + r.chunks - 1}) {
		p.top = begin
		if r.folded || i == 0 {
			p.top = p.previous(begin)
		}
		p.settle()
		p.pullUp()
	}
}

// stepPost goes to the next older (-1) or newer (1) message of the conversation; beyond it, to the next conversation.
func (m *model) stepPost(by int) tea.Cmd {
	r := &m.reader
	to := slices.Index(r.posts, r.post) + by
	if !r.isConversation() || to < 0 || to >= len(r.posts) {
		return m.step(by)
	}
	m.toPost(to)
	return nil
}

// togglePost folds the message under the cursor, or shows it whole.
func (m *model) togglePost() tea.Cmd {
	r := &m.reader
	r.folded = !r.folded
	m.layOut()
	m.toPost(slices.Index(r.posts, r.post))
	return nil
}

// togglePosts shows all messages whole, or when they are, folds all but the one under the cursor.
func (m *model) togglePosts() tea.Cmd {
	r := &m.reader
	fold := !slices.ContainsFunc(r.posts, func(p *post) bool { return p.folded })
	for _, p := range r.posts {
		p.folded = fold && p != r.post
	}
	m.layOut()
	m.toPost(slices.Index(r.posts, r.post))
	return nil
}

// clickPost puts the cursor on the message drawn y rows below the top, and shows it whole where it is folded.
func (m *model) clickPost(y int) (unfolded bool) {
	r := &m.reader
	if !inConversation(m) {
		return false
	}
	for _, p := range r.inSight() {
		if r.pager.rowOf(position{line: p.first}) <= y {
			r.post = p
		}
	}
	if r.folded && r.pager.rowOf(position{line: r.first}) == y {
		m.togglePost()
		return true
	}
	return false
}

// inConversation reports whether keys of a conversation act.
func inConversation(m *model) bool { return m.reader.isConversation() && m.reader.talk.ready }

// toggleWhole lets keys act on all messages of the conversation that lie in its folder, or on one again.
func (m *model) toggleWhole() tea.Cmd {
	t := &m.reader.talk
	t.whole = !t.whole
	return nil
}

// here are the messages of the conversation in the folder it is seen from.
func (r *reader) here() []store.ID {
	var ids []store.ID
	for _, p := range r.posts {
		if p.row.Folder == r.talk.folder {
			ids = append(ids, p.id)
		}
	}
	return ids
}

// actedFolder is where the messages lie that keys act on; the zero Folder where that may be several.
func (m *model) actedFolder() store.Folder {
	switch r := &m.reader; {
	case m.focus == onMessage && r.isConversation() && !r.talk.whole:
		return m.folders.byID(r.row.Folder)
	case m.list.everywhere():
		return store.Folder{}
	}
	return m.list.folder
}

// postRow is what the pane knows of a message it shows.
func (r *reader) postRow(id store.ID) (store.Row, bool) {
	for _, p := range r.posts {
		if p.id == id && id != 0 && p.row.ID == id {
			return p.row, true
		}
	}
	return store.Row{}, false
}

// lose takes posts that went elsewhere off the pane. It reports whether any are left that lie in the folder.
func (r *reader) lose(ids []store.ID) bool {
	at := slices.Index(r.posts, r.post)
	left := slices.DeleteFunc(slices.Clone(r.posts), func(p *post) bool { return slices.Contains(ids, p.id) })
	if !slices.ContainsFunc(left, func(p *post) bool { return p.row.Folder == r.talk.folder }) {
		return false
	}
	older := 0
	for _, p := range r.posts[:at] {
		if slices.Contains(left, p) {
			older++
		}
	}
	r.posts, r.talk.whole = left, false
	r.post = left[min(older, len(left)-1)]
	return true
}

// markShown changes flags in the pane before the store has done so; a conversation says how many are unread.
func (m *model) markShown(ids []store.ID, add, remove message.Flags) {
	m.reader.mark(ids, add, remove)
	if inConversation(m) {
		m.layOut()
	}
}

// muteConversation hears no more of a conversation, or again: what comes to it is read, and not told of.
func (m *model) muteConversation() tea.Cmd {
	id := m.actedOn()
	mail, ok := m.row(id)
	if !ok || mail.Thread <= 0 {
		return nil
	}
	on := !m.list.isMuted(mail.Thread)
	said, undone := "done.muted", "undone.muted"
	if !on {
		said, undone = "done.unmuted", "undone.unmuted"
	}
	var step store.Step
	return m.carryOut(func(ctx context.Context) (err error) {
		step, err = m.Store.Changes.Mute(ctx, mail.Thread, on)
		return err
	}, func() tea.Cmd {
		m.did(lang.T(said), undoable{undone: lang.T(undone), show: id, back: m.undoAll(step)})
		return m.loadList()
	})
}
