package store

import (
	"context"
	"database/sql"
	"io"
	"time"

	"tmail/message"
)

// Messages from before there were conversations are tied to them afterwards,
// in the background: their headers lie in what is stored of them.

// schemaOlder finds them. Drafts that answer nothing are among them for good.
const schemaOlder = "CREATE INDEX message_untied ON message(id) WHERE thread IS NULL"

// olderHeader is how much of a message is read for its header, in bytes.
const olderHeader = 64 << 10

// TieOlder ties about limit messages that belong to no conversation yet to
// theirs, newest first, and reports whether there may be more.
func (r *Remote) TieOlder(ctx context.Context, limit int) (more bool, err error) {
	list, err := all(r.d.reading(ctx), scanOlder, `SELECT id, message_id, sender, recipients, subject, date, size, blob IS NOT NULL FROM message
		WHERE thread IS NULL AND id NOT IN (SELECT message FROM draft) ORDER BY id DESC LIMIT ?`, limit)
	if err != nil || len(list) == 0 {
		return false, r.d.explain("read older messages", err)
	}
	mail := make([]NewMessage, len(list))
	for i, o := range list {
		mail[i] = o.NewMessage
		if o.stored {
			if raw := r.header(ctx, o.id); len(raw) > 0 {
				mail[i].Envelope = message.ParseHeader(raw).Envelope()
			}
		}
	}
	w := newWeaving(mail)
	err = r.d.update(ctx, retold, "tie older messages to conversations", func(t *tx) error {
		threads, err := t.weave(w)
		for i, th := range threads {
			if err == nil {
				_, err = t.exec("UPDATE message SET thread = ?, topic = ?, loose = ? WHERE id = ? AND thread IS NULL", int64(th.id), th.topic, th.loose, list[i].id)
			}
		}
		return err
	})
	return len(list) == limit, err
}

// older is a message as its row knows it.
type older struct {
	NewMessage
	id     ID
	stored bool
}

func scanOlder(rows *sql.Rows) (o older, err error) {
	var from, to string
	var date int64
	e := &o.Envelope
	err = rows.Scan(&o.id, &e.MessageID, &from, &to, &e.Subject, &date, &o.Size, &o.stored)
	o.Date = time.Unix(date, 0)
	e.From, e.To = splitAddresses(from), splitAddresses(to)
	return o, err
}

// header returns the beginning of a stored message; nothing when it cannot be
// read: then the row says enough.
func (r *Remote) header(ctx context.Context, id ID) []byte {
	body, _, err := (&Bodies{r.d}).Open(ctx, id)
	if err != nil {
		return nil
	}
	defer body.Close()
	raw, _ := io.ReadAll(io.LimitReader(body, olderHeader))
	return raw
}
