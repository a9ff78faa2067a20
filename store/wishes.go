package store

import (
	"context"
	"database/sql"
	"errors"
)

// schemaDenied keeps what the server said to a wish: why it does not give the
// message, as JSON; NULL while it has not been asked.
const schemaDenied = "ALTER TABLE want ADD COLUMN problem TEXT"

// Want asks for bodies to be fetched before all others, by whichever process
// talks to the server; again, when it did not give them.
func (b *Bodies) Want(ctx context.Context, ids ...ID) error {
	if len(ids) == 0 {
		return nil
	}
	return b.d.update(ctx, retold, "ask for messages", func(t *tx) error {
		_, err := t.exec(`INSERT INTO want (message)
			SELECT id FROM message WHERE blob IS NULL AND local = 0 AND id IN (SELECT value FROM json_each(?))
			ON CONFLICT (message) DO UPDATE SET problem = NULL, whole = 1`, idList(ids))
		return err
	})
}

// Deny answers wishes for bodies: the server does not give them.
// [Remote.MissingBodies] has them again when they are wished for again, or when
// the policy wants them.
func (b *Bodies) Deny(ctx context.Context, why Problem, ids ...ID) error {
	return b.d.update(ctx, retold, "answer who asked for messages", func(t *tx) error {
		_, err := t.exec("UPDATE want SET problem = ? WHERE message IN (SELECT value FROM json_each(?))", why.text(), idList(ids))
		return err
	})
}

// WantDenied makes the wishes again that the server of an account denied.
func (b *Bodies) WantDenied(ctx context.Context, acct string) error {
	return b.d.update(ctx, retold, "ask again for messages of "+acct, func(t *tx) error {
		_, err := t.exec(`UPDATE want SET problem = NULL WHERE problem IS NOT NULL
			AND message IN (SELECT m.id FROM message m JOIN account a ON a.id = m.account WHERE a.name = ?)`, acct)
		return err
	})
}

// Denied returns why the server does not give the bytes of a message that was
// asked for; nil when it did, or has not answered yet.
func (b *Bodies) Denied(ctx context.Context, id ID) (*Problem, error) {
	why, err := one(b.d.reading(ctx), value[sql.NullString], "SELECT problem FROM want WHERE message = ?", id)
	if errors.Is(err, ErrNoSuch) {
		return nil, nil
	}
	return parseProblem(why), b.d.explain("why message "+id.String()+" is missing", err)
}
