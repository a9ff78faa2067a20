package ui

import (
	"cmp"
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/store"
)

// Mail on its way to other folders: moved, copied, and where to.

// configured is an account as configured; the zero Account when there is none of that name.
func (m *model) configured(acct string) account.Account {
	for _, a := range m.Config.Accounts {
		if a.Name == acct {
			return a
		}
	}
	return account.Account{}
}

// withFolder runs then with the account's folder of a role. One that is missing is made, after a question, under the
// name that the configuration has for it.
func (m *model) withFolder(acct string, role account.Role, then func(*model, store.Folder) tea.Cmd) tea.Cmd {
	return m.withFoldersRead(func(m *model) tea.Cmd { return m.withFolderKnown(acct, role, then) })
}

func (m *model) withFolderKnown(acct string, role account.Role, then func(*model, store.Folder) tea.Cmd) tea.Cmd {
	if f := m.folders.byRole(acct, role); f.ID != 0 {
		return then(m, f)
	}
	name := map[account.Role]string{
		account.RoleArchive: lang.T("folder.archive"), account.RoleTrash: lang.T("folder.trash"), account.RoleSent: lang.T("folder.sent"),
	}[role]
	name = cmp.Or(m.configured(acct).Roles[role], name)
	m.open(&question{text: lang.T("ask.missing_folder", "Account", acct, "Folder", name), yes: func(m *model) tea.Cmd {
		made := store.Folder{Account: acct, Name: name, Role: role}
		return m.carryOut(func(ctx context.Context) (err error) {
			made.ID, err = m.Store.Changes.CreateFolder(ctx, acct, name, role)
			return err
		}, func() tea.Cmd {
			m.folders.all = append(m.folders.all, made)
			return then(m, made)
		})
	}})
	return nil
}

// moveToRole shows messages in the folder their account has for a role.
func (m *model) moveToRole(ids []store.ID, role account.Role) tea.Cmd {
	home := func(m *model, to map[string]store.Folder) tea.Cmd { return m.moveHome(ids, to) }
	if !m.list.mixed() {
		return m.withFolders([]string{m.actedFolder().Account}, role, home)
	}
	return m.withTogether(ids, func(m *model, t store.Together) tea.Cmd { return m.withFolders(t.Accounts, role, home) })
}

// moveMail shows messages in another folder, at once here and soon on the server.
func (m *model) moveMail(ids []store.ID, to store.Folder) tea.Cmd {
	if len(ids) == 0 {
		return nil
	}
	if to.ID == m.actedFolder().ID {
		m.say(lang.T("move.same", "Folder", string(folderName(to))))
		return nil
	}
	m.list.rehome(ids, func(store.Row) store.ID { return to.ID })
	return m.moveTogether(ids, m.destination(ids, to), func(ctx context.Context) ([]store.Step, error) {
		step, err := m.Store.Changes.Move(ctx, ids, to.ID)
		if err != nil {
			return nil, err
		}
		return []store.Step{step}, nil
	})
}

// destination is how a folder is called to which messages go: with its account, where that is another.
func (m *model) destination(ids []store.ID, to store.Folder) string {
	name := string(folderName(to))
	if slices.ContainsFunc(m.accountsOf(ids), func(acct string) bool { return acct != to.Account }) {
		name += " (" + to.Account + ")"
	}
	return name
}

// moveHome shows messages in a folder of their own account each.
func (m *model) moveHome(ids []store.ID, to map[string]store.Folder) tea.Cmd {
	if len(ids) == 0 || len(to) == 0 {
		return nil
	}
	if !m.list.mixed() {
		return m.moveMail(ids, to[m.actedFolder().Account])
	}
	m.list.rehome(ids, func(r store.Row) store.ID { return to[r.Account].ID })
	var name string
	for _, f := range to {
		name = string(folderName(f)) // of one role, they have the same
	}
	return m.moveTogether(ids, name, func(ctx context.Context) (steps []store.Step, err error) {
		rows, err := m.Store.Index.Rows(ctx, ids)
		if err != nil {
			return nil, err
		}
		groups := map[store.ID][]store.ID{}
		for _, r := range rows {
			f, ok := to[r.Account]
			if !ok {
				return nil, store.ErrNotPossible
			}
			groups[f.ID] = append(groups[f.ID], r.ID)
		}
		for folder, part := range groups {
			step, err := m.Store.Changes.Move(ctx, part, folder)
			if err != nil {
				return steps, err
			}
			steps = append(steps, step)
		}
		return steps, nil
	})
}

// moveTogether moves messages by several changes that are one to the person. What was done before a failure can be
// undone.
func (m *model) moveTogether(ids []store.ID, folder string, move func(context.Context) ([]store.Step, error)) tea.Cmd {
	var steps []store.Step
	undone := lang.T("undone.moved", "Count", len(ids), "Folder", string(folderName(m.actedFolder())))
	if m.list.everywhere() {
		undone = lang.T("undone.moved_back", "Count", len(ids))
	}
	job := m.do(func(ctx context.Context) (err error) {
		steps, err = move(ctx)
		return err
	}, func(err error) tea.Cmd {
		if moved := changed(steps); moved > 0 {
			m.did(lang.T("done.moved", "Count", moved, "Folder", folder), undoable{undone: undone, show: ids[0], back: m.undoAll(steps...)})
		} else if err == nil {
			m.say(lang.T("move.same", "Folder", folder))
		}
		if err != nil {
			m.fail(err)
		}
		return nil
	})
	return tea.Batch(job, m.gone(ids))
}

// changed is how many messages the steps changed.
func changed(steps []store.Step) (n int) {
	for _, s := range steps {
		n += s.Count
	}
	return n
}

// undoAll takes changes back, the last one first.
func (m *model) undoAll(steps ...store.Step) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, step := range slices.Backward(steps) {
			if err := m.Store.Changes.Undo(ctx, step); err != nil {
				return err
			}
		}
		return nil
	}
}

// gone takes messages off the screen at once. In the message view the next older one opens. Among results from
// everywhere they stay, in their new folder.
func (m *model) gone(ids []store.ID) tea.Cmd {
	talking := m.focus == onMessage && m.reader.isConversation() && m.reader.lose(ids)
	if talking {
		m.list.rehead(ids)
	}
	if m.list.everywhere() {
		m.list.pass(ids)
	} else {
		m.list.remove(ids)
	}
	if talking {
		m.layOut()
		m.toPost(slices.Index(m.reader.posts, m.reader.post))
		return m.loadRows()
	}
	if m.focus != onMessage {
		return tea.Batch(m.loadRows(), m.looked())
	}
	if next := m.list.current(); next != 0 {
		return tea.Batch(m.loadRows(), m.read(next))
	}
	return m.leaveMessage()
}

// pickFolder asks for a folder by typing to find it: where mail like this usually goes first, then those of this
// account. What is typed before the folders are read finds them then.
func (m *model) pickFolder(heading string, ids []store.ID, then func(*model, store.Folder) tea.Cmd) tea.Cmd {
	p := newPicker(heading, nil)
	p.awaits = true
	m.open(p)
	return m.withFoldersRead(func(m *model) tea.Cmd {
		p.all = m.folderChoices(then)
		p.find()
		return m.suggest(p, ids)
	})
}

// folderChoices are the folders mail can be put into, those of this account first.
func (m *model) folderChoices(then func(*model, store.Folder) tea.Cmd) []choice {
	var here, elsewhere []choice
	acct := m.list.folder.Account
	if m.list.mixed() {
		acct = m.list.rows[m.list.current()].Account
	}
	for _, f := range m.folders.all {
		if f.NoSelect || isUnified(f) || f.Role == account.RoleOutbox || f.ID == m.actedFolder().ID {
			continue
		}
		c := choice{label: folderPath(f), folder: f.ID, do: func(m *model) tea.Cmd { return then(m, f) }}
		if f.Account == acct {
			here = append(here, c)
		} else {
			c.note = folderNote(f)
			elsewhere = append(elsewhere, c)
		}
	}
	return append(here, elsewhere...)
}

func (m *model) movePicked() tea.Cmd {
	ids := m.acted()
	if len(ids) == 0 {
		return nil
	}
	return m.pickFolder(lang.T("ask.move", "Count", len(ids)), ids, func(m *model, f store.Folder) tea.Cmd { return m.moveMail(ids, f) })
}

func (m *model) copyPicked() tea.Cmd {
	ids := m.acted()
	if len(ids) == 0 {
		return nil
	}
	return m.pickFolder(lang.T("ask.copy", "Count", len(ids)), ids, func(m *model, f store.Folder) tea.Cmd { return m.copyMail(ids, f) })
}

func (m *model) copyMail(ids []store.ID, to store.Folder) tea.Cmd {
	var step store.Step
	name := m.destination(ids, to)
	return m.carryOut(func(ctx context.Context) (err error) {
		step, err = m.Store.Changes.Copy(ctx, ids, to.ID)
		return err
	}, func() tea.Cmd {
		m.list.chosen.drop(ids)
		m.did(lang.T("done.copied", "Count", len(ids), "Folder", name),
			undoable{undone: lang.T("undone.copied", "Count", len(ids), "Folder", name), show: ids[0], back: m.undoAll(step)})
		return nil
	})
}
