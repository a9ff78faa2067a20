package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tmail/account"
	"tmail/message"
)

// POPMessage is a message a POP3 server has or had, by its UIDL (RFC 1939 §7).
type POPMessage struct {
	UIDL      string
	SHA256    string // of the content, in hex
	Size      int64
	ID        ID   // our message; 0 when it was deleted here
	Listed    bool // the server listed it last time
	FirstSeen time.Time
}

// POPNew is a message fetched over POP3. Its bytes are in Raw, or, when large,
// in a writer of [Bodies.Create] that has not been committed.
type POPNew struct {
	UIDL           string
	Message        NewMessage
	Raw            []byte
	Body           *BodyWriter
	Preview        string
	HasAttachments bool
}

const popColumns = "SELECT u.uidl, u.sha256, u.size, coalesce(u.message, 0), u.listed, u.first_seen FROM uidl u "

func scanPOP(rows *sql.Rows) (m POPMessage, err error) {
	var seen int64
	err = rows.Scan(&m.UIDL, &m.SHA256, &m.Size, &m.ID, &m.Listed, &seen)
	m.FirstSeen = time.Unix(seen, 0)
	return m, err
}

// UIDLs returns every message known of a POP3 account, those deleted here
// included.
func (r *Remote) UIDLs(ctx context.Context, acct string) ([]POPMessage, error) {
	list, err := all(r.d.reading(ctx), scanPOP, popColumns+"JOIN account a ON a.id = u.account WHERE a.name = ? ORDER BY u.id", acct)
	return list, r.d.explain("UIDLs of "+acct, err)
}

// ListedUIDLs takes over the whole list of UIDLs a server has now. It is
// called before AddPOP: a new UIDL with the content of an old one is the old
// message only when the old UIDL is gone.
func (r *Remote) ListedUIDLs(ctx context.Context, acct string, uidls []string) error {
	if uidls == nil {
		uidls = []string{}
	}
	list, err := json.Marshal(uidls)
	if err != nil {
		return fmt.Errorf("list UIDLs of %s: %w", acct, err)
	}
	return r.d.update(ctx, retold, "list UIDLs of "+acct, func(t *tx) error {
		a, err := accountID(t.query, acct)
		if err != nil {
			return err
		}
		_, err = t.exec(`UPDATE uidl SET listed = NOT listed
			WHERE account = ? AND listed <> (uidl IN (SELECT value FROM json_each(?)))`, a, string(list))
		return err
	})
}

// AddPOP stores fetched messages in the Inbox, in one transaction that is
// durable when it returns, so that the server's copies may be deleted. The ids
// are in order; zero where the message had been deleted here before.
func (r *Remote) AddPOP(ctx context.Context, acct string, list []POPNew) ([]ID, error) {
	ids, stored := make([]ID, len(list)), make([]bool, len(list))
	err := r.d.update(ctx, precious, "add messages to "+acct, func(t *tx) error {
		a, err := accountID(t.query, acct)
		if err != nil {
			return err
		}
		inbox, err := folderByRole(t.query, a, account.RoleInbox)
		if err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
		mail := make([]NewMessage, len(list))
		for i, m := range list {
			mail[i] = m.Message
		}
		threads, err := t.weave(mail)
		if err != nil {
			return err
		}
		var made []ID
		for i, m := range list {
			if ids[i], stored[i], err = t.addPOP(a, inbox, m, threads[i]); err != nil {
				return err
			}
			if stored[i] {
				made = append(made, ids[i])
			}
		}
		if follows, err := t.wasInStep(a); err != nil || !follows {
			return err
		}
		return t.news(made)
	})
	if err != nil {
		return nil, err
	}
	for i, m := range list {
		if m.Body != nil {
			m.Body.done = stored[i]
			_ = m.Body.Abort() // of a message that was known; else the sweep does it
		}
	}
	return ids, nil
}

// addPOP stores one message unless it is known: under its UIDL, or under one
// that the server has no more. It reports whether it did.
func (t *tx) addPOP(acct int64, inbox ID, m POPNew, th thread) (ID, bool, error) {
	sum := sha256.Sum256(m.Raw)
	digest, size := hex.EncodeToString(sum[:]), int64(len(m.Raw))
	if m.Body != nil {
		digest, size = m.Body.SHA256(), m.Body.Size()
	}
	known, err := one(t.query, value[sql.Null[ID]], `UPDATE uidl SET uidl = ?1, listed = 1 WHERE id = (SELECT id FROM uidl
		WHERE account = ?2 AND sha256 = ?3 AND (uidl = ?1 OR NOT listed) ORDER BY uidl = ?1 DESC, id LIMIT 1) RETURNING message`, m.UIDL, acct, digest)
	if !errors.Is(err, ErrNoSuch) {
		return known.V, false, err
	}
	m.Message.Size = size
	row := newRow(m.Message, identityOf(m.Message), th, t.d.now())
	flags := m.Message.Flags
	if th.muted {
		flags |= message.Seen
	}
	id, err := t.insert(`INSERT INTO message (account, folder, local, flag_add, date, received, size, identity, attachments,
		message_id, sender, recipients, subject, list_id, thread, topic, loose) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append([]any{acct, inbox, int64(flags)}, row...)...)
	if err != nil {
		return 0, false, err
	}
	var blob ID
	if m.Body != nil {
		blob, err = m.Body.finish(t)
	} else {
		blob, err = t.addBlob(m.Raw)
	}
	if err != nil {
		return 0, false, err
	}
	if _, err := t.giveBody(id, blob, m.Preview, m.HasAttachments); err != nil {
		return 0, false, err
	}
	_, err = t.exec("INSERT INTO uidl (account, uidl, listed, message, sha256, size, first_seen) VALUES (?, ?, 1, ?, ?, ?, ?)",
		acct, m.UIDL, id, digest, size, t.d.now().Unix())
	return id, true, err
}

// GivenAway takes over that the server gave the UIDL of a message to another
// one: it does not have the message itself any more, whose content is known
// again all the same.
func (r *Remote) GivenAway(ctx context.Context, acct string, m POPMessage) error {
	return r.d.update(ctx, precious, "forget a UIDL of "+acct, func(t *tx) error {
		a, err := accountID(t.query, acct)
		if err != nil {
			return err
		}
		_, err = t.exec("UPDATE OR REPLACE uidl SET uidl = '', listed = 0 WHERE account = ? AND uidl = ? AND sha256 = ?", a, m.UIDL, m.SHA256)
		return err
	})
}

// POPDeletes returns the messages to be deleted on the server: those deleted
// here, and those the policy does not leave there. ListedUIDLs is told of the
// outcome by the next listing.
func (r *Remote) POPDeletes(ctx context.Context, acct string, leave account.LeavePolicy) ([]POPMessage, error) {
	before := int64(0) // first seen by then: to go
	switch {
	case !leave.Keep:
		before = 1 << 62
	case leave.For > 0:
		before = r.d.now().Add(-leave.For).Unix()
	}
	list, err := all(r.d.reading(ctx), scanPOP, popColumns+`JOIN account a ON a.id = u.account
		WHERE a.name = ? AND u.listed AND (u.message IS NULL OR u.first_seen <= ?) ORDER BY u.id`, acct, before)
	return list, r.d.explain("POP3 messages to delete of "+acct, err)
}
