package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// Where mail like this usually goes, offered first when a folder is asked for.

type suggested struct {
	of   *picker
	list []store.Suggestion
	err  error
}

// suggest asks the store where messages like these were put before. The picker is open meanwhile: one types at once,
// and an enter that is faster than the answer waits for it.
func (m *model) suggest(p *picker, ids []store.ID) tea.Cmd {
	ctx, st := m.ctx, m.Store
	p.awaits = true
	return func() tea.Msg {
		list, err := st.Habits.Suggest(ctx, ids)
		return suggested{p, list, err}
	}
}

func (s suggested) apply(m *model) tea.Cmd {
	p := s.of
	p.awaits = false
	if s.err != nil {
		m.fail(s.err)
	}
	p.promote(s.list)
	if !p.pressed || len(p.shown) == 0 {
		return nil
	}
	return p.choose(m, p.shown[0])
}

// promote puts the folders suggested on top, with why. What the person has found or gone to meanwhile stays as it is.
func (p *picker) promote(list []store.Suggestion) {
	var first []choice
	rest := slices.Clone(p.all)
	for _, s := range list {
		i := slices.IndexFunc(rest, func(c choice) bool { return c.folder == s.Folder })
		if i < 0 {
			continue // it is where they are
		}
		c := rest[i]
		if c.note != "" {
			c.note += "  "
		}
		c.note += safe.Line(whyText(s.Why))
		first, rest = append(first, c), slices.Delete(rest, i, i+1)
	}
	p.all = append(first, rest...)
	if p.field.text() == "" && p.at.cursor == 0 {
		p.shown = p.all
	}
}

func whyText(why store.Why) string {
	switch why {
	case store.WhyConversation:
		return lang.T("usual.conversation")
	case store.WhyList:
		return lang.T("usual.list")
	case store.WhySender:
		return lang.T("usual.sender")
	}
	return lang.T("usual.last")
}
