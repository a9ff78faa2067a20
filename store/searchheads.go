package store

import (
	"context"
	"database/sql"
)

// manyHeads is how many headers one batch takes that nobody waits for but the
// program itself.
const manyHeads = 7000

// IndexHeaders takes all headers into the index that are not in it, and leaves
// the texts. The next ones are read while those before them are written.
func (s *Search) IndexHeaders(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for {
		mark, err := one(s.d.reading(ctx), value[ID], "SELECT head FROM search_mark")
		if err != nil {
			return s.d.explain("index headers", err)
		}
		behind := make(chan heads)
		go s.readAhead(ctx, mark, behind)
		done, taken := 0, true
		for h := range behind {
			if err = h.err; err == nil && taken {
				done += h.count
				taken, err = s.indexHeads(ctx, h)
			}
			if err != nil {
				return s.d.explain("index headers", err)
			}
		}
		if done == 0 {
			return nil
		}
	}
}

// readAhead reads all headers behind a mark.
func (s *Search) readAhead(ctx context.Context, mark ID, behind chan<- heads) {
	defer close(behind)
	for {
		h := s.readHeads(ctx, mark, manyHeads)
		if h.err == nil && h.count == 0 {
			return
		}
		select {
		case behind <- h:
		case <-ctx.Done():
			return
		}
		if h.err != nil {
			return
		}
		mark = h.to
	}
}

// heads are headers behind the mark.
type heads struct {
	from, to ID // the mark before them, and with them
	count    int
	list     []head // without drafts
	err      error  // what kept them from being read
}

// head is what the index knows of a header.
type head struct {
	id                                ID
	subject, sender, receiver, copied string // as they are indexed
}

// indexHeads takes headers that were read, and drops what is gone. They are not
// taken when that is not how they are any more: then they have to be read anew.
func (s *Search) indexHeads(ctx context.Context, h heads) (taken bool, err error) {
	err = s.d.update(ctx, retold, "index", func(t *tx) error {
		gone, err := all(t.query, value[ID], "SELECT message FROM search_gone LIMIT ?", manyHeads)
		if err != nil {
			return err
		}
		if err := t.unindex(gone, "search_gone"); err != nil {
			return err
		}
		taken, err = t.addHeads(h)
		return err
	})
	return taken, err
}

// readHeads reads headers behind a mark before others have to wait for it.
func (s *Search) readHeads(ctx context.Context, mark ID, limit int) heads {
	h := heads{from: mark, to: mark}
	h.err = recovering(func() error { return s.scanHeads(ctx, &h, limit) })
	return h
}

func (s *Search) scanHeads(ctx context.Context, h *heads, limit int) error {
	rows, err := s.d.read(ctx, `SELECT id, subject, sender, recipients, id IN (SELECT message FROM draft)
		FROM message WHERE id > ? ORDER BY id LIMIT ?`, h.from, limit)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var subject, sender, recipients string
		var draft bool
		if err := rows.Scan(&h.to, &subject, &sender, &recipients, &draft); err != nil {
			return err
		}
		h.count++
		if !draft {
			h.list = append(h.list, headOf(h.to, subject, sender, recipients))
		}
	}
	return rows.Err()
}

func headOf(id ID, subject, sender, recipients string) head {
	to, copies := cutRecipients(recipients)
	return head{id, indexed(subject), indexed(sender), indexed(to), indexed(copies)}
}

// addHeads takes headers into the index, unless another process did meanwhile,
// or some of them are gone.
func (t *tx) addHeads(h heads) (bool, error) {
	mark, err := one(t.query, value[ID], "SELECT head FROM search_mark")
	if err != nil || mark != h.from {
		return false, err
	}
	// What came with bytes that were here before is not found by their mark.
	var count, passed int
	_, err = one(t.query, func(rows *sql.Rows) (none struct{}, err error) {
		return none, rows.Scan(&count, &passed)
	}, "SELECT count(*), coalesce(sum(blob <= (SELECT blob FROM search_mark)), 0) FROM message WHERE id > ? AND id <= ?", h.from, h.to)
	if err != nil || count != h.count {
		return false, err
	}
	if err := t.insertHeads(h.list); err != nil {
		return false, err
	}
	if passed > 0 {
		if _, err := t.exec(`INSERT OR IGNORE INTO search_todo (message) SELECT id FROM message
			WHERE id > ? AND id <= ? AND blob <= (SELECT blob FROM search_mark)`, h.from, h.to); err != nil {
			return false, err
		}
	}
	_, err = t.exec("UPDATE search_mark SET head = ?", h.to)
	return err == nil, err
}

// indexAdded takes the headers of messages that were just added, without bytes,
// into the index, so that they need not be read again. When it has not come as
// far yet, they wait for their turn.
func (t *tx) indexAdded(list []head) error {
	if len(list) == 0 {
		return nil
	}
	behind, err := one(t.query, value[bool],
		"SELECT EXISTS (SELECT 1 FROM message WHERE id > (SELECT head FROM search_mark) AND id < ?)", list[0].id)
	if err != nil || behind {
		return err
	}
	if err := t.insertHeads(list); err != nil {
		return err
	}
	_, err = t.exec("UPDATE search_mark SET head = ?", list[len(list)-1].id)
	return err
}

var newHeads = insertionInto("search_head", nil, "rowid", "subject", "sender", "receiver", "copied")

// insertHeads writes one row at a time: behind a statement that writes several,
// FTS5 puts by what it has gathered, and merges it all the time.
func (t *tx) insertHeads(list []head) error {
	values := make([]any, newHeads.columns)
	for i := range list {
		h := &list[i]
		values = append(values[:0], int64(h.id), h.subject, h.sender, h.receiver, h.copied)
		if _, err := t.insertRaw(newHeads.one, values); err != nil {
			return err
		}
	}
	return nil
}
