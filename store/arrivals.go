package store

import (
	"context"
	"time"

	"tmail/message"
)

// What arrived is written down as news when a server tells of it. What was
// there when a folder, or a POP3 account, was read for the first time is none,
// and neither is what a person copied, moved or sent, whatever was read before,
// and what is old.

const (
	newsAge  = 7 * 24 * time.Hour // what is older when it appears was put there
	newsKept = 1000
)

// news writes down those of new messages that are news.
func (t *tx) news(made []ID) error {
	if len(made) == 0 {
		return nil
	}
	_, err := t.exec("INSERT OR IGNORE INTO arrival (message) SELECT id FROM message WHERE id IN (SELECT value FROM json_each(?)) AND flags & ? = 0 AND date > ?",
		idList(made), message.Seen, t.d.now().Add(-newsAge).Unix())
	if err != nil {
		return err
	}
	_, err = t.exec("DELETE FROM arrival WHERE message <= (SELECT message FROM arrival ORDER BY message DESC LIMIT 1 OFFSET ?)", newsKept)
	return err
}

// Arrived returns the messages that arrived after the one it named last and
// are still unread, in the order they came, and the one to name next; those of
// muted conversations are left out. A negative after begins: it returns no
// messages, whatever came before.
func (x *Index) Arrived(ctx context.Context, after ID) ([]Row, ID, error) {
	newest, err := one(x.d.reading(ctx), value[ID], "SELECT coalesce(max(message), 0) FROM arrival")
	if err != nil || after < 0 || newest <= after {
		return nil, max(newest, after), x.d.explain("read what arrived", err)
	}
	list, err := all(x.d.reading(ctx), x.d.scanRow, rowColumns+"FROM arrival n CROSS JOIN message m ON m.id = n.message "+rowJoins+
		`WHERE n.message > ? AND n.message <= ? AND m.listed IS NOT NULL AND m.flags & ? = 0 AND a.position IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM thread t WHERE t.id = m.thread AND t.muted) ORDER BY n.message`, after, newest, message.Seen)
	return list, newest, x.d.explain("read what arrived", err)
}

// wasInStep reports whether the account was read to its end before.
func (t *tx) wasInStep(acct int64) (bool, error) {
	return one(t.query, value[bool], "SELECT synced IS NOT NULL FROM account WHERE id = ?", acct)
}
