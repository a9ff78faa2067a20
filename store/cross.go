package store

import "database/sql"

// pair is a message and the one made from it.
type pair struct{ old, new ID }

// duplicate makes rows in a folder that share the bytes of others. The server
// has no such message yet: it is to be copied there, or appended.
func (t *tx) duplicate(list []seat, to place) ([]pair, error) {
	ids := idList(seatIDs(list))
	last, err := one(t.query, value[int64], "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'message'")
	if err != nil {
		return nil, err
	}
	_, err = t.exec(`INSERT INTO message (account, folder, local, flag_add, copy_of, date, received, size, identity, attachments, blob,
		message_id, sender, recipients, subject, preview, list_id, thread, topic, loose, sent)
		SELECT ?, ?, ?, flags & ~8, id, date, received, size, identity, attachments, blob, message_id, sender, recipients, subject, preview, list_id, thread, topic, loose, sent
		FROM message WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`, to.account, to.id, to.local, ids)
	if err != nil {
		return nil, err
	}
	return all(t.query, func(rows *sql.Rows) (p pair, err error) {
		err = rows.Scan(&p.old, &p.new)
		return p, err
	}, "SELECT copy_of, id FROM message WHERE id > ? AND copy_of IN (SELECT value FROM json_each(?))", last, ids)
}

// cross moves messages to another account: they are copied there, and removed
// here when the copy has arrived. One that no server knows of yet is replaced.
func (t *tx) cross(list []seat, to place) ([]crossing, error) {
	pairs, err := t.duplicate(list, to)
	if err != nil {
		return nil, err
	}
	seats := make(map[ID]seat, len(list))
	for _, s := range list {
		seats[s.id] = s
	}
	crossed := make([]crossing, 0, len(pairs))
	var told []ID
	for _, p := range pairs {
		if _, err := t.exec("UPDATE message SET was = folder, folder = NULL, waits_for = ?, problem = NULL, tries = 0 WHERE id = ?", p.new, p.old); err != nil {
			return nil, err
		}
		crossed = append(crossed, crossing{p, seats[p.old].folder})
		if !seats[p.old].local {
			told = append(told, p.old)
		}
	}
	if err := t.dropNowhere(told); err != nil {
		return nil, err
	}
	for _, p := range pairs { // who waited for one that was replaced waits on
		if _, err := t.exec("UPDATE message SET waits_for = ?1 WHERE waits_for = ?2 AND NOT EXISTS (SELECT 1 FROM message WHERE id = ?2)", p.new, p.old); err != nil {
			return nil, err
		}
	}
	if err := t.wantSources(pairs); err != nil {
		return nil, err
	}
	return crossed, t.settle()
}

// wantSources asks for the bytes of what was copied to where its own server
// cannot copy it.
func (t *tx) wantSources(pairs []pair) error {
	made := make([]ID, len(pairs))
	for i, p := range pairs {
		made[i] = p.new
	}
	_, err := t.exec(`INSERT INTO want (message) SELECT s.id FROM message k JOIN message s ON s.id = k.copy_of
		WHERE k.id IN (SELECT value FROM json_each(?)) AND k.blob IS NULL AND s.blob IS NULL AND s.account <> k.account
		ON CONFLICT (message) DO UPDATE SET problem = NULL, whole = 1`, idList(made))
	return err
}

// hasArrived says of message m that the one it waits for is where it was sent
// to, or is not wanted any more.
const hasArrived = `NOT EXISTS (SELECT 1 FROM message n WHERE n.id = m.waits_for
	AND n.server_folder IS NULL AND NOT (n.local AND n.blob IS NOT NULL))`

// settle drops local messages whose copies in another account have arrived. Of
// those a server has, tombstones remain, and become expunges.
func (t *tx) settle() error {
	_, err := t.exec("DELETE FROM message WHERE id IN (SELECT m.id FROM message m WHERE m.waits_for IS NOT NULL AND m.local AND m.folder IS NULL AND " + hasArrived + ")")
	return err
}

// uncross takes a move to another account back. While the old message is
// there, and nobody is removing it, it is shown again and the new one deleted;
// else the new one moves.
func (t *tx) uncross(c crossing) error {
	to, err := t.place(c.from)
	if err != nil {
		return err
	}
	found, err := t.count("UPDATE message SET folder = ?, waits_for = NULL, was = NULL, tries = 0 WHERE id = ? AND folder IS NULL AND flight IS NULL", to.id, c.old)
	if err != nil {
		return err
	}
	if found > 0 {
		return t.delete([]ID{c.new})
	}
	list, err := t.seats([]ID{c.new})
	if err != nil || len(list) == 0 {
		return err
	}
	_, err = t.cross(list, to)
	return err
}
