package store

import (
	"context"

	"tmail/account"
	"tmail/message"
)

// shownFolders are the folders of the accounts that are configured.
const shownFolders = `SELECT f.id FROM folder f JOIN account a ON a.id = f.account WHERE f.wanted AND a.position IS NOT NULL `

// OfRole returns the messages of the folders that have a role, of all
// accounts together, newest first.
func (x *Index) OfRole(ctx context.Context, role account.Role) ([]ID, error) {
	list, err := all(x.d.reading(ctx), value[ID], `SELECT id FROM message WHERE listed IN (`+shownFolders+`AND f.role = ?)
		ORDER BY date DESC, id DESC`, role)
	return list, x.d.explain("list messages of all accounts", err)
}

// Starred returns the starred messages of all accounts, newest first, those in
// Trash and Junk left out. What lies in several folders is one.
func (x *Index) Starred(ctx context.Context) ([]ID, error) {
	list, err := all(x.d.reading(ctx), value[ID], `SELECT max(id) FROM message WHERE flags & ? AND listed IN (`+shownFolders+`
		AND coalesce(f.role, '') NOT IN ('trash', 'junk', 'drafts', 'outbox'))
		GROUP BY account, CASE message_id WHEN '' THEN id ELSE message_id END ORDER BY max(date) DESC, max(id) DESC`, message.Flagged)
	return list, x.d.explain("list starred messages", err)
}
