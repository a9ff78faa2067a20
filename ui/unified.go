package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/store"
)

// The folders on top that show the mail of all accounts. The store has none of them, so their IDs are below zero.
const (
	allInboxes store.ID = -1 - iota
	allStarred
	allDrafts
	allOutboxes
)

// isUnified reports whether a folder shows the mail of all accounts.
func isUnified(f store.Folder) bool { return f.ID < 0 }

// unifiedFolders are the folders on top, for who has several accounts. Their numbers and versions are the sums.
func unifiedFolders(all []store.Folder, accounts []string) []store.Folder {
	if len(accounts) < 2 {
		return nil
	}
	list := []store.Folder{
		{ID: allInboxes, Role: account.RoleInbox, Synced: true}, {ID: allStarred, Name: lang.T("folder.starred"), Synced: true},
		{ID: allDrafts, Role: account.RoleDrafts, Synced: true}, {ID: allOutboxes, Role: account.RoleOutbox, Synced: true},
	}
	for i := range list {
		u := &list[i]
		for _, f := range all {
			switch {
			case u.ID == allStarred:
				u.Version += f.Version
			case f.Role == u.Role:
				u.Version += f.Version
				u.Total += f.Total
				u.Unread += f.Unread
			}
		}
	}
	if outboxes := list[3]; outboxes.Total == 0 {
		list = list[:3]
	}
	return list
}

// unifiedIDs are the messages of a folder that shows the mail of all accounts.
func unifiedIDs(ctx context.Context, st *store.Store, f store.Folder) ([]store.ID, error) {
	if f.ID == allStarred {
		return st.Index.Starred(ctx)
	}
	return st.Index.OfRole(ctx, f.Role)
}

// accountStyle is the colour of an account, or none.
func (m *model) accountStyle(name string) style {
	for _, a := range m.Config.Accounts {
		if a.Name == name && !m.colourless {
			return accountStyles[a.Color]
		}
	}
	return plain
}

// accountsOf are the accounts that messages of the list belong to.
func (m *model) accountsOf(ids []store.ID) []string {
	if !m.list.mixed() {
		return []string{m.list.folder.Account}
	}
	var names []string
	for _, name := range m.accountNames() {
		if slices.ContainsFunc(ids, func(id store.ID) bool { return m.list.rows[id].Account == name }) {
			names = append(names, name)
		}
	}
	return names
}

// withFolders is withFolder for each of several accounts.
func (m *model) withFolders(accounts []string, role account.Role, then func(*model, map[string]store.Folder) tea.Cmd) tea.Cmd {
	to := map[string]store.Folder{}
	var next func(m *model, rest []string) tea.Cmd
	next = func(m *model, rest []string) tea.Cmd {
		if len(rest) == 0 {
			return then(m, to)
		}
		return m.withFolder(rest[0], role, func(m *model, f store.Folder) tea.Cmd {
			to[rest[0]] = f
			return next(m, rest[1:])
		})
	}
	return next(m, accounts)
}
