package store

import (
	"context"
	"database/sql"

	"tmail/account"
	"tmail/message"
)

// shownFolders are the folders of the accounts that are configured.
const shownFolders = `SELECT f.id FROM folder f JOIN account a ON a.id = f.account WHERE f.wanted AND a.position IS NOT NULL `

// OfRole returns the messages of the folders that have a role, of all
// accounts together, newest first.
func (x *Index) OfRole(ctx context.Context, role account.Role) ([]ID, error) {
	list, err := one(x.d.reading(ctx), value[sql.NullString], `SELECT group_concat(id) FROM (
		SELECT id FROM message WHERE listed IN (`+shownFolders+`AND f.role = ?) ORDER BY date DESC, id DESC LIMIT -1)`, role)
	return parseIDs(list.String), x.d.explain("list messages of all accounts", err)
}

// Starred returns the starred messages of all accounts, newest first, those in
// Trash and Junk left out. What lies in several folders is one.
func (x *Index) Starred(ctx context.Context) ([]ID, error) {
	list, err := all(x.d.reading(ctx), value[ID], `SELECT max(id) FROM message WHERE flags & ? AND listed IN (`+shownFolders+`
		AND coalesce(f.role, '') NOT IN ('trash', 'junk', 'drafts', 'outbox'))
		GROUP BY account, message_id, CASE message_id WHEN '' THEN id END, size, date, sender, subject ORDER BY max(date) DESC, max(id) DESC`, message.Flagged)
	return list, x.d.explain("list starred messages", err)
}
