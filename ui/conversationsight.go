package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/message"
	"tmail/store"
)

// attend keeps the cursor in sight, reads the texts that came into sight, and marks read what a person sees.
func (m *model) attend() tea.Cmd {
	r := &m.reader
	if r.pager == nil {
		return nil
	}
	m.sizePager()
	sight := r.inSight()
	if len(sight) == 0 {
		return nil
	}
	r.follow(sight)
	if r.pager.bar = ""; m.focus == onMessage {
		r.pager.bar = m.postBar()
		r.pager.pointAt(r.pointed())
	}
	var cmds []tea.Cmd
	var seen []store.ID
	for _, p := range sight {
		switch {
		case p.folded:
		case p.content == nil && !p.asked:
			p.asked = true
			cmds = append(cmds, m.readPost(p))
		case p.content != nil && !p.unread && !p.row.Flags.Has(message.Seen):
			seen = append(seen, p.id)
		}
	}
	if len(seen) > 0 && m.composer == nil && (m.focus == onMessage || r.talk.linger) {
		cmds = append(cmds, m.flag(seen, message.Seen, 0, "", ""))
	}
	return tea.Batch(cmds...)
}

// readPost reads the text of a post.
func (m *model) readPost(p *post) tea.Cmd {
	return m.withContent(p.id, func(m *model, c *content) tea.Cmd {
		r := &m.reader
		if !slices.Contains(r.posts, p) || p.content != nil {
			return nil
		}
		p.content, p.doc = c, c.doc
		r.forgetFar()
		m.layOut()
		if !c.whole {
			return m.layOutWhole(c, c.doc)
		}
		return nil
	})
}

// textsKept is how many texts of one conversation are kept at hand: those nearest to the cursor.
const textsKept = 60

// forgetFar lets go of the text farthest from the cursor when there are too many.
func (r *reader) forgetFar() {
	at, far, n := slices.Index(r.posts, r.post), -1, 0
	for i, p := range r.posts {
		if p.content == nil {
			continue
		}
		n++
		if far < 0 || max(i-at, at-i) > max(far-at, at-far) {
			far = i
		}
	}
	if n > textsKept {
		p := r.posts[far]
		p.content, p.doc, p.asked, p.pictures, p.source, p.outer = nil, nil, false, nil, nil, nil
	}
}

// inSight are the posts with a line on the screen, from above.
func (r *reader) inSight() []*post {
	var posts []*post
	for _, p := range r.posts {
		if r.pager.shows(p.first, p.first+p.chunks) {
			posts = append(posts, p)
		}
	}
	return posts
}

// follow lets the cursor go with the screen: it stays on its message while the head of that is in sight or nothing else
// begins in the upper half.
func (r *reader) follow(sight []*post) {
	half := func(p *post) bool { return r.pager.rowOf(position{line: p.first}) <= r.pager.height/2 }
	at := slices.Index(sight, r.post)
	switch {
	case at < 0 && r.first < r.pager.top.line:
		at = 0
	case at < 0:
		at = len(sight) - 1
	case at == 0 && r.first < r.pager.top.line:
	default:
		return
	}
	if at == 0 && len(sight) > 1 && sight[0].first < r.pager.top.line && half(sight[1]) {
		at = 1
	}
	r.post = sight[at]
}

// pointed are the chunks beside which the mark stands: those keys act on.
func (r *reader) pointed() (from, to int) {
	if r.talk.whole {
		return 0, len(r.pager.chunks)
	}
	return r.first, r.first + r.chunks
}

// postBar is drawn beside what keys act on.
func (m *model) postBar() string { return m.look.row(1).put(m.look.accent, m.look.quote).String() }

func (m *model) sizePager() {
	if _, _, w := m.paneWidths(); w > 0 {
		m.reader.pager.resize(w, m.bodyHeight())
	}
}
