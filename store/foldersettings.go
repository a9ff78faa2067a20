package store

import (
	"context"
	"fmt"

	"tmail/account"
)

// What a person sets of a folder besides its name. Only Subscribe is told to
// the server.

// Favourite has the folder stand on top of its account, or not any more.
func (c *Changes) Favourite(ctx context.Context, folder ID, on bool) error {
	return c.set(ctx, "UPDATE folder SET favourite = ? WHERE id = ?", folder, on)
}

// Fold hides the folders below this one, or shows them again.
func (c *Changes) Fold(ctx context.Context, folder ID, on bool) error {
	return c.set(ctx, "UPDATE folder SET folded = ? WHERE id = ?", folder, on)
}

// Subscribe says whether the person wants to see the folder (RFC 3501 §6.3.6),
// at once here and soon on the server.
func (c *Changes) Subscribe(ctx context.Context, folder ID, on bool) error {
	return c.set(ctx, `UPDATE folder SET subscribed = CASE WHEN local THEN ?1 ELSE subscribed END, tries = 0,
		subscribe = CASE WHEN local OR flight IS NULL AND subscribed = ?1 THEN NULL ELSE ?1 END WHERE id = ?2`, folder, on)
}

func (c *Changes) set(ctx context.Context, statement string, folder ID, on bool) error {
	return c.d.update(ctx, precious, "set up a folder", func(t *tx) error {
		if _, err := t.folder(folder); err != nil {
			return err
		}
		_, err := t.exec(statement, on, folder)
		return err
	})
}

// SetRole makes the folder the one of that role in its account, in the place of
// the one that was; "" makes it an ordinary one. Inbox and Outbox stay what
// they are, and so do the folders of POP3: ErrNotPossible.
func (c *Changes) SetRole(ctx context.Context, folder ID, role account.Role) error {
	return c.d.update(ctx, precious, "set the role of a folder", func(t *tx) error {
		f, err := t.folder(folder)
		if err != nil {
			return err
		}
		fixed := func(r account.Role) bool { return r == account.RoleInbox || r == account.RoleOutbox }
		if f.local || fixed(f.role) || fixed(role) {
			return fmt.Errorf("folder %q keeps its role: %w", f.name, ErrNotPossible)
		}
		if _, err := t.exec("UPDATE folder SET role = ? WHERE id = ?", role, folder); err != nil {
			return err
		}
		return t.onlyRole(f.account, folder, role)
	})
}

// onlyRole takes a role from all other folders of the server.
func (t *tx) onlyRole(acct int64, folder ID, role account.Role) error {
	if role == "" {
		return nil
	}
	_, err := t.exec("UPDATE folder SET role = '' WHERE account = ? AND role = ? AND id <> ? AND NOT local", acct, role, folder)
	return err
}
