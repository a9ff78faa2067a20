package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"tmail/account"
	"tmail/message"
)

// A draft whose account has a Drafts folder on a server is published there, so
// that other programs can go on with it. The draft here is the truth: its row
// has the bytes of the version published last and the server's side of it. A
// newer version is appended, and the older one is removed only when it is
// there: until then a tombstone has its place.

// Unpublished is a draft that is newer than what the server was given of it.
type Unpublished struct {
	ID        ID
	Updated   time.Time
	Published time.Time // of the version given; zero: none was
	Size      int64     // about what it takes to give it
}

// Unpublished returns the drafts of an account that can be published now,
// oldest change first. One of which a version is under way has to wait for it.
func (d *Drafts) Unpublished(ctx context.Context, acct string) ([]Unpublished, error) {
	list, err := all(d.d.reading(ctx), func(rows *sql.Rows) (u Unpublished, err error) {
		var updated int64
		var published sql.NullInt64
		err = rows.Scan(&u.ID, &updated, &published, &u.Size)
		u.Updated = time.UnixMilli(updated)
		if published.Valid {
			u.Published = time.UnixMilli(published.Int64)
		}
		return u, err
	}, unpublished+"AND a.name = ? ORDER BY d.updated, d.message", acct)
	return list, d.d.explain("unpublished drafts of "+acct, err)
}

const unpublished = `SELECT d.message, d.updated, d.published, m.size FROM draft d JOIN message m ON m.id = d.message
	JOIN folder f ON f.id = m.folder JOIN account a ON a.id = m.account
	WHERE d.updated IS NOT d.published AND d.discarded IS NULL AND d.message NOT IN (SELECT message FROM outbox)
	AND f.role = 'drafts' AND NOT f.local AND m.flight IS NULL AND m.lost = 0 `

// Publish gives the server the draft as it is, written by raw with this
// Message-ID. It does nothing when the draft is not Unpublished any more.
func (d *Drafts) Publish(ctx context.Context, u Unpublished, messageID string, raw io.WriterTo) error {
	w, err := d.bodies.Create(ctx)
	if err != nil {
		return err
	}
	if _, err := raw.WriteTo(w); err != nil {
		return errors.Join(fmt.Errorf("write draft %s: %w", u.ID, err), w.Abort())
	}
	stale := false
	err = d.d.update(ctx, precious, "publish draft "+u.ID.String(), func(t *tx) error {
		updated, err := one(t.query, func(rows *sql.Rows) (updated int64, err error) {
			var id ID
			var published sql.NullInt64
			var size int64
			err = rows.Scan(&id, &updated, &published, &size)
			return updated, err
		}, unpublished+"AND d.message = ?", u.ID)
		if stale = errors.Is(err, ErrNoSuch) || err == nil && updated != u.Updated.UnixMilli(); stale {
			return nil
		}
		if err != nil {
			return err
		}
		blob, err := w.finish(t)
		if err != nil {
			return err
		}
		if err := t.detach(u.ID, u.ID); err != nil {
			return err
		}
		identity := identityOf(&NewMessage{Envelope: message.Envelope{MessageID: messageID}})
		_, err = t.exec(`UPDATE message SET local = 0, blob = ?, size = ?, identity = ?, message_id = ?, received = ?, flag_add = ?,
			flag_remove = 0, problem = NULL, refused = 0, tries = 0 WHERE id = ?`,
			blob, w.size, identity, messageID, t.d.now().Unix(), int64(message.Seen|message.DraftFlag), u.ID)
		if err != nil {
			return err
		}
		_, err = t.exec("UPDATE draft SET published = updated WHERE message = ?", u.ID)
		return err
	})
	if err != nil || stale {
		return errors.Join(err, w.Abort())
	}
	w.done = true
	return nil
}

// detach leaves the server's side of a draft to a tombstone, which is removed
// from the server when the message it waits for has arrived; at once when that
// is 0. The draft is here only, then.
func (t *tx) detach(id, waitsFor ID) error {
	uid, err := one(t.query, value[sql.NullInt64], "SELECT uid FROM message WHERE id = ? AND (server_folder IS NOT NULL OR flight IS NOT NULL)", id)
	if errors.Is(err, ErrNoSuch) {
		return nil // no server has it
	}
	if err != nil {
		return err
	}
	tombstone, err := t.insert(`INSERT INTO message (account, server_folder, server_flags, lost, lost_pass, flight, flight_uid, waits_for,
		date, received, size, identity, message_id)
		SELECT account, server_folder, server_flags, CASE WHEN ? THEN 0 ELSE lost END, lost_pass, flight, flight_uid, nullif(?, 0),
		date, received, size, identity, message_id FROM message WHERE id = ?`, uid.Valid, waitsFor, id)
	if err != nil {
		return err
	}
	if _, err := t.exec(detached+" WHERE id = ?", id); err != nil {
		return err
	}
	_, err = t.exec("UPDATE message SET uid = ? WHERE id = ?", uid, tombstone)
	return err
}

// detached takes the server's side away, and keeps the flags of a draft.
const detached = `UPDATE message SET local = 1, server_folder = NULL, uid = NULL, server_flags = 0, flag_add = flags, flag_remove = 0,
	lost = 0, lost_pass = NULL, flight = NULL, flight_uid = NULL, refused = 0, tries = 0, problem = NULL`

// keepDrafts keeps drafts here whose copies the server has lost, or that
// another program has put something else in the place of. They are published
// again when they are changed.
func (t *tx) keepDrafts(where string, args ...any) error {
	_, err := t.exec(detached+" WHERE id IN (SELECT message FROM draft) AND folder IS NOT NULL AND flight IS NULL AND "+where, args...)
	return err
}

// Adopt makes a message in a Drafts folder, written by another program, a
// draft: draft.ID is its row. What is saved takes its place on the server.
func (d *Drafts) Adopt(ctx context.Context, draft *Draft) error {
	data, err := json.Marshal(draft)
	if err != nil {
		return fmt.Errorf("adopt draft: %w", err)
	}
	return d.d.update(ctx, precious, "adopt draft "+draft.ID.String(), func(t *tx) error {
		role, err := one(t.query, value[account.Role], "SELECT f.role FROM message m JOIN folder f ON f.id = m.listed WHERE m.id = ?", draft.ID)
		if err == nil && role != account.RoleDrafts {
			err = ErrNotPossible
		}
		if err != nil {
			return fmt.Errorf("message %s is not in Drafts: %w", draft.ID, err)
		}
		now := t.d.now().UnixMilli()
		_, err = t.exec("INSERT OR IGNORE INTO draft (message, data, answers, updated, published) VALUES (?, ?, nullif(?, 0), ?, ?)",
			draft.ID, string(data), int64(draft.Answers), now, now)
		if err != nil {
			return err
		}
		return t.setFiles(draft)
	})
}
