package store

import (
	"context"
	"database/sql"
	"errors"
)

// Of a large message that is opened the beginning comes first, where the text is; all of it when a person wants what
// is attached. Its bytes are no message: they are shown, and dropped when the message is here.

// schemaExcerpts keeps the beginnings, how much a wish asks for, and how far it has come.
const schemaExcerpts = `
ALTER TABLE want ADD COLUMN whole INTEGER NOT NULL DEFAULT 1;
ALTER TABLE want ADD COLUMN come INTEGER NOT NULL DEFAULT 0; -- octets
CREATE TABLE excerpt (message INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TRIGGER excerpt_dropped AFTER DELETE ON message BEGIN
	DELETE FROM excerpt WHERE message = old.id;
END;
CREATE TRIGGER excerpt_completed AFTER DELETE ON want BEGIN
	DELETE FROM excerpt WHERE message = old.message AND EXISTS (SELECT 1 FROM message WHERE id = old.message AND blob IS NOT NULL);
END;
`

// Excerpt is what is here of a message that is not stored.
type Excerpt struct {
	Raw  []byte // its beginning; nil: nothing
	Come int64  // octets fetched of the whole, which is not to be read yet
	Left bool   // nobody waits for the rest
}

// WantText asks for what is to be read of messages: those that are large need not come whole.
func (b *Bodies) WantText(ctx context.Context, ids ...ID) error {
	if len(ids) == 0 {
		return nil
	}
	return b.d.update(ctx, retold, "ask for the text of messages", func(t *tx) error {
		_, err := t.exec(`INSERT INTO want (message, whole)
			SELECT id, 0 FROM message WHERE blob IS NULL AND local = 0 AND id IN (SELECT value FROM json_each(?))
				AND id NOT IN (SELECT message FROM excerpt)
			ON CONFLICT (message) DO UPDATE SET problem = NULL`, idList(ids))
		return err
	})
}

// Unwant takes a wish back. What is being fetched for it is given up, unless a
// copy in another account waits for it.
func (b *Bodies) Unwant(ctx context.Context, ids ...ID) error {
	return b.d.update(ctx, retold, "take back a wish", func(t *tx) error {
		return t.execAll([]any{idList(ids)}, `DELETE FROM want WHERE message IN (SELECT value FROM json_each(?)) AND NOT EXISTS (
			SELECT 1 FROM message k JOIN message s ON s.id = k.copy_of
			WHERE k.copy_of = want.message AND k.blob IS NULL AND k.account <> s.account)`)
	})
}

// PutExcerpt stores the beginning of a message, and answers who asked for no more.
func (b *Bodies) PutExcerpt(ctx context.Context, id ID, raw []byte) error {
	return b.d.update(ctx, retold, "store the beginning of message "+id.String(), func(t *tx) error {
		_, err := t.exec("INSERT OR REPLACE INTO excerpt (message, raw) SELECT id, ? FROM message WHERE id = ? AND blob IS NULL", zstdEncoder.EncodeAll(raw, nil), id)
		if err != nil {
			return err
		}
		return t.execAll([]any{id}, "DELETE FROM want WHERE message = ? AND NOT whole",
			"UPDATE folder SET version = version + 1 WHERE id = (SELECT listed FROM message WHERE id = ?)")
	})
}

// Came notes how many octets have come of a message that was asked for. It reports whether it still is.
func (b *Bodies) Came(ctx context.Context, id ID, octets int64) (wanted bool, err error) {
	err = b.d.update(ctx, retold, "note how much of message "+id.String()+" is here", func(t *tx) error {
		n, err := t.count("UPDATE want SET come = ? WHERE message = ?", octets, id)
		wanted = n > 0
		return err
	})
	return wanted, err
}

// Excerpt returns what is here of a message that is not stored.
func (b *Bodies) Excerpt(ctx context.Context, id ID) (Excerpt, error) {
	x, err := one(b.d.reading(ctx), func(rows *sql.Rows) (x Excerpt, err error) {
		err = rows.Scan(&x.Raw, &x.Come, &x.Left)
		return x, err
	}, `SELECT e.raw, coalesce(w.come, 0), w.message IS NULL OR w.problem IS NOT NULL
		FROM excerpt e LEFT JOIN want w ON w.message = e.message AND w.whole WHERE e.message = ?`, id)
	if errors.Is(err, ErrNoSuch) {
		return Excerpt{}, nil
	}
	if err == nil {
		x.Raw, err = zstdDecoder.DecodeAll(x.Raw, nil)
	}
	return x, b.d.explain("read the beginning of message "+id.String(), err)
}
