package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/store"
)

// Searches that are kept stand among the folders that show the mail of all accounts, and are opened, renamed and
// deleted like folders.

// firstSaved is above the IDs of kept searches.
const firstSaved store.ID = -1000

// savedID is the ID of a kept search as a folder.
func savedID(s store.SavedSearch) store.ID { return firstSaved - s.ID }

// savedFolders are the kept searches as folders. They change when any folder does.
func savedFolders(saved []store.SavedSearch, folders []store.Folder) []store.Folder {
	var version int64
	for _, f := range folders {
		version += f.Version
	}
	var list []store.Folder
	for _, s := range saved {
		list = append(list, store.Folder{ID: savedID(s), Name: "/ " + s.Name, Synced: true, Version: version})
	}
	return list
}

// savedSearch is the search a folder stands for.
func (p *folderPane) savedSearch(f store.Folder) (store.SavedSearch, bool) {
	i := slices.IndexFunc(p.saved, func(s store.SavedSearch) bool { return savedID(s) == f.ID })
	if i < 0 {
		return store.SavedSearch{}, false
	}
	return p.saved[i], true
}

// savedSearch is the search to show for a folder that stands for one; nil for all others.
func (m *model) savedSearch(f store.Folder) *search {
	kept, ok := m.folders.savedSearch(f)
	if !ok {
		return nil
	}
	s := &search{text: kept.Text, everywhere: true, saved: true}
	s.server.forget()
	s.snippets.forget()
	var err error
	if s.query, err = store.ParseQuery(kept.Text, m.Now()); err != nil {
		s.wrong = queryProblem(err)
	}
	return s
}

// savable reports whether the list shows results that could be kept.
func (m *model) savable() bool { return m.list.passing() }

// saveSearch asks for a name and keeps the search of the list.
func (m *model) saveSearch() tea.Cmd {
	text := m.withPlace(m.list.search)
	m.open(&prompt{heading: lang.T("ask.save_search"), field: newEditor(m.list.search.text, true),
		done: func(m *model, name string) tea.Cmd {
			if name = strings.TrimSpace(name); name == "" {
				return nil
			}
			return m.changeSaved(lang.T("done.search_saved", "Name", name), lang.T("undone.search_saved", "Name", name),
				func(ctx context.Context) error { return m.Store.Search.Save(ctx, name, text) })
		}})
	return nil
}

// withPlace is what was typed, with the folder that was looked in.
func (m *model) withPlace(s *search) string {
	f := m.list.folder
	if s.everywhere || f.Name == "" && f.Role == "" {
		return s.text
	}
	text := s.text
	if strings.Contains(text, "OR") {
		text = "(" + text + ")"
	}
	if f.Role != "" {
		text += " in:" + string(f.Role)
	} else {
		text += " in:" + quoted(f.Name)
	}
	if !isUnified(f) && len(m.Config.Accounts) > 1 {
		text += " account:" + quoted(f.Account)
	}
	return text
}

// renameSaved asks for another name.
func (m *model) renameSaved(s store.SavedSearch) tea.Cmd {
	m.open(&prompt{heading: lang.T("ask.rename_folder", "Folder", s.Name), field: newEditor(s.Name, true),
		done: func(m *model, name string) tea.Cmd {
			if name = strings.TrimSpace(name); name == "" || name == s.Name {
				return nil
			}
			before := m.folders.saved
			back := func(ctx context.Context) error {
				return errors.Join(m.Store.Search.Rename(ctx, name, s.Name), restoreSaved(ctx, m.Store.Search, before))
			}
			return m.carryOut(func(ctx context.Context) error { return m.Store.Search.Rename(ctx, s.Name, name) }, func() tea.Cmd {
				m.did(lang.T("done.folder_renamed", "Folder", name), undoable{undone: lang.T("undone.search_renamed", "Name", s.Name), back: back})
				return nil
			})
		}})
	return nil
}

func (m *model) removeSaved(s store.SavedSearch) tea.Cmd {
	return m.changeSaved(lang.T("done.search_removed", "Name", s.Name), lang.T("undone.search_removed", "Name", s.Name),
		func(ctx context.Context) error { return m.Store.Search.Forget(ctx, s.Name) })
}

// changeSaved changes the searches that are kept; undoing it keeps those again that were.
func (m *model) changeSaved(done, undone string, change func(context.Context) error) tea.Cmd {
	before := m.folders.saved
	return m.carryOut(change, func() tea.Cmd {
		m.did(done, undoable{undone: undone, back: func(ctx context.Context) error { return restoreSaved(ctx, m.Store.Search, before) }})
		return nil
	})
}

// restoreSaved keeps exactly these searches.
func restoreSaved(ctx context.Context, st *store.Search, want []store.SavedSearch) error {
	now, err := st.Saved(ctx)
	for _, s := range now {
		if !slices.ContainsFunc(want, func(w store.SavedSearch) bool { return w.Name == s.Name }) {
			err = errors.Join(err, st.Forget(ctx, s.Name))
		}
	}
	for _, s := range want {
		if !slices.ContainsFunc(now, func(is store.SavedSearch) bool { return is.Name == s.Name && is.Text == s.Text }) {
			err = errors.Join(err, st.Save(ctx, s.Name, s.Text))
		}
	}
	return err
}
