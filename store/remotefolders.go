package store

import (
	"context"
	"fmt"
	"slices"

	"tmail/account"
)

// Folders returns the mailboxes that exist on the server, as it names them.
// Those that hold no messages of their own are left out.
func (r *Remote) Folders(ctx context.Context, acct string) ([]FolderRef, error) {
	q := r.d.reading(ctx)
	a, err := accountID(q, acct)
	if err != nil {
		return nil, r.d.explain("folders of "+acct, err)
	}
	list, err := all(q, scanFolderRow, folderRowColumns+
		"WHERE account = ? AND server_name IS NOT NULL AND NOT noselect ORDER BY role <> 'inbox', role = '', id", a)
	refs := make([]FolderRef, len(list))
	for i, f := range list {
		refs[i] = FolderRef{ID: f.id, Name: f.serverName, UIDValidity: f.validity, UIDNext: f.uidNext}
	}
	return refs, r.d.explain("folders of "+acct, err)
}

// SetFolders takes over the list of all mailboxes of an account. A mailbox that
// is not in it any more is dropped with its messages, which are known again
// where they appear; one that has something in it that was never sent is
// wanted again instead.
func (r *Remote) SetFolders(ctx context.Context, acct string, list []RemoteFolder) error {
	return r.d.update(ctx, retold, "set folders of "+acct, func(t *tx) error {
		a, err := accountID(t.query, acct)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("a server always has an Inbox: %w", ErrNotPossible)
		}
		has := func(name string) bool {
			return slices.ContainsFunc(list, func(f RemoteFolder) bool { return f.Name == name })
		}
		if err := t.confirmRenames(a, has); err != nil {
			return err
		}
		known, err := all(t.query, scanFolderRow, folderRowColumns+"WHERE account = ? AND NOT local", a)
		if err != nil {
			return err
		}
		for _, f := range list {
			if err := t.setFolder(a, known, f); err != nil {
				return err
			}
		}
		if err := t.settleRoles(a, list); err != nil {
			return err
		}
		for _, k := range known {
			if k.serverName != "" && !has(k.serverName) {
				if err := t.folderGone(k); err != nil {
					return err
				}
			}
		}
		if err := t.adoptDrafts(a); err != nil {
			return err
		}
		_, err = t.exec(unneededFolders)
		return err
	})
}

// confirmRenames takes over renames that were under way and are carried out.
func (t *tx) confirmRenames(acct int64, has func(string) bool) error {
	under, err := all(t.query, scanFolderRow, folderRowColumns+"WHERE account = ? AND flight IS NOT NULL AND server_name IS NOT NULL", acct)
	if err != nil {
		return err
	}
	for _, k := range under {
		to, err := one(t.query, value[string], "SELECT name FROM flight WHERE id = (SELECT flight FROM folder WHERE id = ?)", k.id)
		if ignoreNoSuch(err) != nil {
			return err
		}
		if to == "" || has(k.serverName) || !has(to) {
			continue
		}
		if err := t.renamed(&Change{Folder: FolderRef{ID: k.id, Name: k.serverName}, Dest: FolderRef{Name: to}}); err != nil {
			return err
		}
	}
	return nil
}

// setFolder takes over one mailbox: as the one of that name, as one of ours
// that was to be made, or as a new one.
func (t *tx) setFolder(acct int64, known []folderRow, f RemoteFolder) error {
	update := func(id ID) error {
		_, err := t.exec(`UPDATE folder SET server_name = ?1, delim = ?2, role = CASE ?3 WHEN '' THEN role ELSE ?3 END, noselect = ?4, subscribed = ?5,
			subscribe = CASE WHEN flight IS NULL THEN nullif(subscribe, ?5) ELSE subscribe END WHERE id = ?6`,
			f.Name, f.Delim, f.Role, f.NoSelect, f.Subscribed, id)
		return err
	}
	for _, k := range known {
		if k.serverName == f.Name {
			return update(k.id)
		}
	}
	for _, k := range known {
		if k.name == f.Name && k.serverName == "" && k.wanted {
			return update(k.id)
		}
	}
	_, err := t.exec("INSERT INTO folder (account, name, server_name, delim, role, noselect, subscribed) VALUES (?, ?, ?, ?, ?, ?, ?)",
		acct, f.Name, f.Name, f.Delim, f.Role, f.NoSelect, f.Subscribed)
	return err
}

// settleRoles leaves each role that was told to the first folder it was told
// of: the one that had it before may keep it no longer.
func (t *tx) settleRoles(acct int64, list []RemoteFolder) error {
	settled := map[account.Role]bool{}
	for _, f := range list {
		if f.Role == "" || settled[f.Role] {
			continue
		}
		settled[f.Role] = true
		id, err := one(t.query, value[ID], "SELECT id FROM folder WHERE account = ? AND server_name = ?", acct, f.Name)
		if err == nil {
			err = t.onlyRole(acct, id, f.Role)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// folderGone takes over that the server has a mailbox no more.
func (t *tx) folderGone(f folderRow) error {
	uids, err := all(t.query, value[uint32], "SELECT uid FROM message WHERE server_folder = ? AND uid IS NOT NULL", f.id)
	if err != nil {
		return err
	}
	if err := t.lose(f.id, idList(uids), lostGone); err != nil {
		return err
	}
	// What was to be moved here from elsewhere stays where it is.
	if _, err := t.exec("UPDATE message SET folder = server_folder WHERE folder = ?1 AND server_folder <> ?1 AND flight IS NULL", f.id); err != nil {
		return err
	}
	_, err = t.exec(`UPDATE folder SET server_name = NULL, uidvalidity = 0, uidnext = 0, modseq = 0, synced = 0,
		wanted = EXISTS (SELECT 1 FROM message m WHERE m.folder = folder.id AND (m.server_folder IS NULL OR m.flight IS NOT NULL)) WHERE id = ?`, f.id)
	return err
}

// adoptDrafts puts drafts written before the server's folders were known into
// its Drafts folder.
func (t *tx) adoptDrafts(acct int64) error {
	const early = "(SELECT id FROM folder WHERE account = ?1 AND local AND role = 'drafts')"
	drafts, err := folderByRole(t.query, acct, account.RoleDrafts)
	if err != nil || drafts == 0 {
		return ignoreNoSuch(err)
	}
	if _, err := t.exec("UPDATE message SET folder = ?2 WHERE id IN (SELECT message FROM draft) AND folder IN "+early+" AND folder <> ?2", acct, drafts); err != nil {
		return err
	}
	_, err = t.exec("DELETE FROM folder WHERE account = ?1 AND local AND role = 'drafts' AND id <> ?2 AND (SELECT protocol FROM account WHERE id = ?1) <> ?3",
		acct, drafts, protocolPOP3)
	return err
}
