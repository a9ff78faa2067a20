package ui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// acted are the messages the keys of mail act on now, and the account they are in.
func (m *model) acted() []store.ID {
	if m.focus == onMessage {
		if m.reader.id == 0 {
			return nil
		}
		if m.reader.talk.whole {
			return m.reader.here()
		}
		return []store.ID{m.reader.id}
	}
	return m.list.targets()
}

// outcome says text when a job went well, and what went wrong when not.
func (m *model) outcome(text string) func(error) tea.Cmd {
	return func(err error) tea.Cmd {
		if err != nil {
			m.fail(err)
		} else {
			m.say(text)
		}
		return nil
	}
}

func (m *model) archive() tea.Cmd {
	return m.moveToRole(m.acted(), account.RoleArchive)
}

// trash moves to Trash; what is there already is deleted for ever, after a question with the count.
func (m *model) trash() tea.Cmd {
	ids := m.acted()
	switch m.actedFolder().Role {
	case account.RoleTrash:
		if len(ids) == 0 {
			return nil
		}
		m.open(&question{text: lang.T("ask.delete", "Count", len(ids)), yes: func(m *model) tea.Cmd {
			job := m.do(func(ctx context.Context) error { return m.Store.Changes.Delete(ctx, ids) }, func(err error) tea.Cmd {
				if err == nil {
					m.remember(undoable{final: lang.T("undo.deleted")})
				}
				return m.outcome(lang.T("done.deleted", "Count", len(ids)))(err)
			})
			return tea.Batch(job, m.gone(ids))
		}})
		return nil
	case account.RoleDrafts:
		return m.discardDrafts(ids)
	}
	return m.moveToRole(ids, account.RoleTrash)
}

// discardDrafts throws drafts away; those written elsewhere, of which only a message is here, go to Trash.
func (m *model) discardDrafts(ids []store.ID) tea.Cmd {
	trash := map[store.ID]store.Folder{}
	for _, id := range ids {
		acct := m.list.folder.Account
		if acct == "" {
			acct = m.list.rows[id].Account
		}
		trash[id] = m.folders.byRole(acct, account.RoleTrash)
	}
	var steps []store.Step
	job := m.do(func(ctx context.Context) error {
		for _, id := range ids {
			step, err := m.Store.Drafts.Delete(ctx, id)
			if errors.Is(err, store.ErrNoSuch) && trash[id].ID != 0 {
				step, err = m.Store.Changes.Move(ctx, []store.ID{id}, trash[id].ID)
			}
			if err != nil {
				return err
			}
			steps = append(steps, step)
		}
		return nil
	}, func(err error) tea.Cmd {
		if len(steps) > 0 {
			m.did(lang.T("done.discarded", "Count", len(steps)),
				undoable{undone: lang.T("undone.discarded", "Count", len(steps)), show: ids[0], back: m.undoAll(steps...)})
		}
		if err != nil {
			m.fail(err)
		}
		return nil
	})
	return tea.Batch(job, m.gone(ids))
}

// flag sets and clears flags. done and undone are phrases with a Count; without them it is no step of undo.
func (m *model) flag(ids []store.ID, add, remove message.Flags, done, undone string) tea.Cmd {
	if len(ids) == 0 {
		return nil
	}
	m.list.mark(ids, add, remove)
	m.markShown(ids, add, remove)
	var step store.Step
	return m.do(func(ctx context.Context) (err error) {
		step, err = m.Store.Changes.Flag(ctx, ids, add, remove)
		return err
	}, func(err error) tea.Cmd {
		switch {
		case err != nil:
			m.fail(err)
		case done != "":
			m.did(lang.T(done, "Count", step.Count), undoable{undone: lang.T(undone, "Count", step.Count), show: ids[0], back: m.undoAll(step)})
		}
		return nil
	})
}

func (m *model) markRead(id store.ID) tea.Cmd {
	if r, ok := m.row(id); ok && r.Flags.Has(message.Seen) {
		return nil
	}
	return m.flag([]store.ID{id}, message.Seen, 0, "", "")
}

// row is what is known of a message on the screen.
func (m *model) row(id store.ID) (store.Row, bool) {
	if r, ok := m.list.rows[id]; ok {
		return r, true
	}
	return m.reader.postRow(id)
}

// toggle sets a flag on all, unless all have it. set and clear are the phrases for what was done, see flag.
func (m *model) toggle(flag message.Flags, set, cleared [2]string) tea.Cmd {
	ids := m.acted()
	return m.withTogether(ids, func(m *model, t store.Together) tea.Cmd {
		if t.Flags.Has(flag) {
			return m.flag(ids, 0, flag, cleared[0], cleared[1])
		}
		return m.flag(ids, flag, 0, set[0], set[1])
	})
}

func (m *model) star() tea.Cmd {
	return m.toggle(message.Flagged, [2]string{"done.starred", "undone.starred"}, [2]string{"done.unstarred", "undone.unstarred"})
}

func (m *model) toggleRead() tea.Cmd {
	m.reader.keepUnread()
	return m.toggle(message.Seen, [2]string{"done.read", "undone.read"}, [2]string{"done.unread", "undone.unread"})
}
