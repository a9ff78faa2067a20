package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// What the keys of the folder pane do to folders.

// newFolder asks for a name, or a whole path, and makes the folder in the account of the one under the cursor.
func (m *model) newFolder() tea.Cmd {
	acct := m.folderAccount()
	return m.askNewFolder(acct, lang.T("ask.new_folder", "Account", acct), "")
}

// newFolderBelow makes a folder below the one under the cursor.
func (m *model) newFolderBelow() tea.Cmd {
	f := m.folders.selected()
	if f.Delim == "" {
		m.say(lang.T("folder.no_levels"))
		return nil
	}
	return m.askNewFolder(f.Account, lang.T("ask.new_folder_below", "Folder", string(folderPath(f))), f.Name+f.Delim)
}

func (m *model) askNewFolder(acct, heading, above string) tea.Cmd {
	m.open(&prompt{heading: heading, field: newEditor("", true),
		done: func(m *model, name string) tea.Cmd {
			if name = strings.TrimSpace(name); name == "" {
				return nil
			}
			var made store.ID
			return m.do(func(ctx context.Context) (err error) {
				made, err = m.Store.Changes.CreateFolder(ctx, acct, above+name, "")
				return err
			}, func(err error) tea.Cmd {
				m.folders.seek = made
				return m.outcome(lang.T("done.folder_created", "Folder", name))(err)
			})
		}})
	return nil
}

func (m *model) folderAccount() string {
	if f := m.folders.selected(); f.ID > 0 {
		return f.Account
	}
	return m.account
}

func (m *model) renameFolder() tea.Cmd {
	f := m.folders.selected()
	if kept, ok := m.folders.savedSearch(f); ok {
		return m.renameSaved(kept)
	}
	m.open(&prompt{heading: lang.T("ask.rename_folder", "Folder", string(folderName(f))), field: newEditor(f.Name, true),
		done: func(m *model, name string) tea.Cmd {
			if name = strings.TrimSpace(name); name == "" || name == f.Name {
				return nil
			}
			call := func(name string) func(context.Context) error {
				return func(ctx context.Context) error { return m.Store.Changes.RenameFolder(ctx, f.ID, name) }
			}
			return m.carryOut(call(name), func() tea.Cmd {
				m.folders.rename(m.accountNames(), f.ID, name)
				m.did(lang.T("done.folder_renamed", "Folder", name), undoable{undone: lang.T("undone.rename", "Folder", f.Name),
					back: call(f.Name), after: func(m *model) tea.Cmd {
						m.folders.rename(m.accountNames(), f.ID, f.Name)
						return nil
					}})
				return nil
			})
		}})
	return nil
}

func (m *model) removeFolder() tea.Cmd {
	f := m.folders.selected()
	if kept, ok := m.folders.savedSearch(f); ok {
		return m.removeSaved(kept)
	}
	if m.folders.under().parent {
		m.say(lang.T("folder.has_below"))
		return nil
	}
	name := string(folderName(f))
	ask := lang.T("ask.remove_folder", "Folder", name, "Count", f.Total)
	if f.Total == 0 {
		ask = lang.T("ask.remove_empty", "Folder", name)
	}
	m.open(&question{text: ask, yes: func(m *model) tea.Cmd {
		return m.do(func(ctx context.Context) error {
			return m.Store.Changes.RemoveFolder(ctx, f.ID)
		}, func(err error) tea.Cmd {
			if err == nil {
				m.remember(undoable{final: lang.T("undo.folder", "Folder", name)})
			}
			return m.outcome(lang.T("done.folder_removed", "Folder", name))(err)
		})
	}})
	return nil
}

// changeable reports whether the folder under the cursor can be renamed and deleted.
func (m *model) changeable() bool {
	f := m.folders.selected()
	_, kept := m.folders.savedSearch(f)
	return kept || f.ID > 0 && f.Role == ""
}

// ownFolder reports whether the row under the cursor is a folder of an account.
func ownFolder(m *model) bool { return m.folders.selected().ID > 0 }

// folderSetting is something that is or is not so of a folder, as the person says.
type folderSetting struct {
	of      func(*store.Folder) *bool
	set     func(*store.Changes, context.Context, store.ID, bool) error
	on, off string // phrases with a Folder, for what was done
}

var (
	favourite = folderSetting{func(f *store.Folder) *bool { return &f.Favourite }, (*store.Changes).Favourite,
		"done.favourite", "done.no_favourite"}
	subscribed = folderSetting{func(f *store.Folder) *bool { return &f.Subscribed }, (*store.Changes).Subscribe,
		"done.subscribed", "done.unsubscribed"}
)

// toggleFavourite puts the folder under the cursor on top of its account, or back among the others.
func (m *model) toggleFavourite() tea.Cmd { return m.toggleSetting(favourite) }

// toggleSubscribed subscribes to the folder under the cursor, or unsubscribes from it.
func (m *model) toggleSubscribed() tea.Cmd { return m.toggleSetting(subscribed) }

// toggleSetting changes a setting of the folder under the cursor, on the screen at once.
func (m *model) toggleSetting(s folderSetting) tea.Cmd {
	f := m.folders.selected()
	on, done, undone := !*s.of(&f), s.on, s.off
	if !on {
		done, undone = undone, done
	}
	name := string(folderName(f))
	set := func(on bool) func(context.Context) error {
		return func(ctx context.Context) error { return s.set(m.Store.Changes, ctx, f.ID, on) }
	}
	m.folders.change(m.accountNames(), f.ID, func(f *store.Folder) { *s.of(f) = on })
	return m.carryOut(set(on), func() tea.Cmd {
		m.did(lang.T(done, "Folder", name), undoable{undone: lang.T(undone, "Folder", name), back: set(!on)})
		return nil
	})
}

// emptied is the folder that would be emptied: the one under the cursor, or the one shown.
func (m *model) emptied() store.Folder {
	if m.focus == onFolders {
		return m.folders.selected()
	}
	return m.list.folder
}

// canEmpty reports whether that is one whose mail is thrown away already.
func canEmpty(m *model) bool {
	f := m.emptied()
	return f.ID > 0 && (f.Role == account.RoleTrash || f.Role == account.RoleJunk)
}

type toEmpty struct {
	folder store.Folder
	ids    []store.ID
	err    error
}

// emptyFolder asks, with the count, and deletes for ever what was there when it asked.
func (m *model) emptyFolder() tea.Cmd {
	ctx, st, f := m.ctx, m.Store, m.emptied()
	return func() tea.Msg {
		ids, err := st.Index.IDs(ctx, f.ID)
		return toEmpty{f, ids, err}
	}
}

func (e toEmpty) apply(m *model) tea.Cmd {
	name := string(folderName(e.folder))
	switch {
	case e.err != nil:
		m.fail(e.err)
		return nil
	case len(e.ids) == 0:
		m.say(lang.T("folder.empty", "Folder", name))
		return nil
	}
	m.open(&question{text: lang.T("ask.empty", "Folder", m.fullName(e.folder), "Count", len(e.ids)), yes: func(m *model) tea.Cmd {
		job := m.do(func(ctx context.Context) error { return m.Store.Changes.Delete(ctx, e.ids) }, func(err error) tea.Cmd {
			if err == nil {
				m.remember(undoable{final: lang.T("undo.deleted")})
			}
			return m.outcome(lang.T("done.deleted", "Count", len(e.ids)))(err)
		})
		if m.list.folder.ID != e.folder.ID {
			return job
		}
		return tea.Batch(job, m.gone(e.ids))
	}})
	return nil
}

// fullName is a folder with its account, where there are several.
func (m *model) fullName(f store.Folder) string {
	if len(m.Config.Accounts) < 2 {
		return string(folderPath(f))
	}
	return string(folderPath(f)) + " (" + f.Account + ")"
}

// takesRole reports whether the folder under the cursor can be given a role.
func takesRole(m *model) bool {
	f := m.folders.selected()
	return f.ID > 0 && !f.Local && !f.NoSelect && f.Role != account.RoleInbox
}

// pickRole asks what the folder under the cursor is for.
func (m *model) pickRole() tea.Cmd {
	f := m.folders.selected()
	var choices []choice
	for _, o := range []struct {
		letter string
		role   account.Role
	}{{"a", account.RoleArchive}, {"s", account.RoleSent}, {"d", account.RoleDrafts}, {"t", account.RoleTrash}, {"j", account.RoleJunk}, {"o", ""}} {
		c := choice{letter: o.letter, label: folderName(store.Folder{Role: o.role}), do: func(m *model) tea.Cmd { return m.setRole(f, o.role) }}
		if o.role == "" {
			c.label = safe.Line(lang.T("folder.ordinary"))
		}
		if now := m.folders.byRole(f.Account, o.role); o.role != "" && now.ID != 0 && now.ID != f.ID {
			c.note = safe.Line(lang.T("folder.role_now", "Folder", now.Name))
		}
		if o.role == f.Role {
			c.note = m.look.ok
		}
		choices = append(choices, c)
	}
	m.open(newLetters(lang.T("ask.role", "Folder", f.Name), choices))
	return nil
}

// setRole gives a folder a role: in the configuration, so that it stays, and here at once.
func (m *model) setRole(f store.Folder, role account.Role) tea.Cmd {
	if role == f.Role {
		return nil
	}
	path, before := m.Config.Path, m.folders.byRole(f.Account, role)
	set := func(ctx context.Context, f store.Folder, role account.Role) error {
		if path != "" { // the demo has no file
			if err := account.SetRole(path, f.Account, role, f.Name); err != nil {
				return err
			}
		}
		return m.Store.Changes.SetRole(ctx, f.ID, role)
	}
	done := lang.T("done.role", "Folder", f.Name, "Role", string(folderName(store.Folder{Role: role})))
	if role == "" {
		done = lang.T("done.no_role", "Folder", f.Name)
	}
	return m.carryOut(func(ctx context.Context) error { return set(ctx, f, role) }, func() tea.Cmd {
		m.did(done, undoable{undone: lang.T("undone.role", "Folder", f.Name), back: func(ctx context.Context) error {
			if err := set(ctx, f, f.Role); err != nil || role == "" || before.ID <= 0 {
				return err
			}
			return set(ctx, before, role)
		}})
		return nil
	})
}
