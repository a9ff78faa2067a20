package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"tmail/account"
)

// folderRow is a folder with both sides.
type folderRow struct {
	id         ID
	account    int64
	name       string // ours
	wanted     bool
	serverName string // "" when the server has none
	local      bool
	delim      string
	role       account.Role
	validity   uint32
	uidNext    uint32
	total      int
	inFlight   bool
	tries      int
	subscribe  sql.NullBool // what the server has still to be told
}

const folderRowColumns = `SELECT id, account, name, wanted, coalesce(server_name, ''), local, delim, role, uidvalidity, uidnext, total,
	flight IS NOT NULL, tries, subscribe FROM folder `

func scanFolderRow(rows *sql.Rows) (f folderRow, err error) {
	err = rows.Scan(&f.id, &f.account, &f.name, &f.wanted, &f.serverName, &f.local, &f.delim, &f.role, &f.validity, &f.uidNext, &f.total,
		&f.inFlight, &f.tries, &f.subscribe)
	return f, err
}

// folder returns a folder that is wanted, or ErrNoSuch.
func (t *tx) folder(id ID) (folderRow, error) {
	f, err := one(t.query, scanFolderRow, folderRowColumns+"WHERE id = ? AND wanted", id)
	if err != nil {
		err = fmt.Errorf("folder %s: %w", id, err)
	}
	return f, err
}

// below reports whether path is somewhere below the folder named top.
func below(path, top, delim string) bool {
	return delim != "" && strings.HasPrefix(path, top+delim)
}

// checkName refuses names no server can have. Everything else is for the
// server to say.
func checkName(name string) error {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("folder name %q: %w", name, ErrNotPossible)
	}
	return nil
}

// CreateFolder makes a folder at once here and soon on the server. name is
// the whole path. It returns ErrExists when there is one.
func (c *Changes) CreateFolder(ctx context.Context, acct, name string, role account.Role) (ID, error) {
	var id ID
	err := c.d.update(ctx, precious, "create folder", func(t *tx) error {
		if err := checkName(name); err != nil {
			return err
		}
		a, err := accountID(t.query, acct)
		if err != nil {
			return err
		}
		if err := t.nameFree(a, name); err != nil {
			return err
		}
		// One that was to be removed and is still there is wanted again.
		id, err = one(t.query, value[ID], "UPDATE folder SET wanted = 1, role = ? WHERE account = ? AND name = ? AND NOT wanted RETURNING id", role, a, name)
		if !errors.Is(err, ErrNoSuch) {
			return err
		}
		id, err = t.insert(`INSERT INTO folder (account, name, role, delim, local, synced)
			SELECT id, ?1, ?2, coalesce((SELECT delim FROM folder WHERE account = a.id AND NOT local LIMIT 1), ''), protocol = ?3, protocol = ?3
			FROM account a WHERE id = ?4`, name, role, protocolPOP3, a)
		return err
	})
	return id, err
}

// nameFree returns ErrExists when the account has a folder of that name. INBOX
// is one name however it is written (RFC 3501 §5.1).
func (t *tx) nameFree(acct int64, name string) error {
	taken, err := one(t.query, value[bool], `SELECT EXISTS (SELECT 1 FROM folder WHERE account = ?1 AND wanted
		AND (name = ?2 OR upper(name) = 'INBOX' AND upper(?2) = 'INBOX'))`, acct, name)
	if err == nil && taken {
		err = fmt.Errorf("%q: %w", name, ErrExists)
	}
	return err
}

// RenameFolder renames a folder and all below it. name is the whole new path.
func (c *Changes) RenameFolder(ctx context.Context, folder ID, name string) error {
	return c.d.update(ctx, precious, "rename folder", func(t *tx) error {
		if err := checkName(name); err != nil {
			return err
		}
		f, err := t.folder(folder)
		if err != nil {
			return err
		}
		if f.role == account.RoleInbox || f.role == account.RoleOutbox {
			return fmt.Errorf("folder %q keeps its name: %w", f.name, ErrNotPossible)
		}
		if f.name == name {
			return nil
		}
		if below(name, f.name, f.delim) {
			return fmt.Errorf("folder %q cannot be put into itself: %w", f.name, ErrNotPossible)
		}
		if err := t.nameFree(f.account, name); err != nil {
			return err
		}
		_, err = t.exec(`UPDATE folder SET name = ?1 || substr(name, length(?2) + 1), tries = 0
			WHERE account = ?3 AND (name = ?2 OR ?4 <> '' AND substr(name, 1, length(?2) + 1) = ?2 || ?4)`, name, f.name, f.account, f.delim)
		return err
	})
}

// RemoveFolder moves what is in the folder to Trash and removes it. A folder
// with a role, or with folders below it, is not removed: ErrNotPossible.
func (c *Changes) RemoveFolder(ctx context.Context, folder ID) error {
	return c.d.update(ctx, precious, "remove folder", func(t *tx) error {
		f, err := t.folder(folder)
		if err != nil {
			return err
		}
		if f.role != "" {
			return fmt.Errorf("folder %q is needed: %w", f.name, ErrNotPossible)
		}
		parent, err := one(t.query, value[bool], `SELECT EXISTS (SELECT 1 FROM folder WHERE account = ?1 AND wanted
			AND ?3 <> '' AND substr(name, 1, length(?2) + 1) = ?2 || ?3)`, f.account, f.name, f.delim)
		if err != nil {
			return err
		}
		if parent {
			return fmt.Errorf("folder %q has folders below it: %w", f.name, ErrNotPossible)
		}
		trash, err := folderByRole(t.query, f.account, account.RoleTrash)
		if err != nil && !errors.Is(err, ErrNoSuch) {
			return err
		}
		if trash == 0 && f.total > 0 {
			return fmt.Errorf("there is no Trash to put the mail of %q into: %w", f.name, ErrNotPossible)
		}
		if _, err := t.exec("UPDATE message SET folder = nullif(?, 0) WHERE folder = ?", trash, folder); err != nil {
			return err
		}
		if _, err := t.exec("UPDATE folder SET wanted = 0, server_name = CASE WHEN local THEN NULL ELSE server_name END, tries = 0 WHERE id = ?", folder); err != nil {
			return err
		}
		_, err = t.exec(unneededFolders)
		return err
	})
}

// unneededFolders drops folders that neither side wants and nothing is in.
const unneededFolders = `DELETE FROM folder WHERE NOT wanted AND server_name IS NULL AND flight IS NULL
	AND NOT EXISTS (SELECT 1 FROM message m WHERE m.server_folder = folder.id)
	AND NOT EXISTS (SELECT 1 FROM message m WHERE m.folder = folder.id)`
