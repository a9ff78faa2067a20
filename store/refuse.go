package store

import (
	"cmp"
	"context"

	"tmail/account"
)

// Retry writes down that the server did not carry the change out, and that it
// shall be told again later. Others go first then. A Problem without a Kind
// leaves no trace in the rows.
func (c *Changes) Retry(ctx context.Context, ch *Change, p Problem) error {
	return c.d.update(ctx, precious, "put off "+string(ch.Kind), func(t *tx) error {
		if _, err := t.exec("UPDATE folder SET tries = tries + 1 WHERE id = ? AND ? IN ('create', 'rename', 'remove', 'subscribe', 'unsubscribe')", ch.Folder.ID, ch.Kind); err != nil {
			return err
		}
		if err := t.land(ch, c.note(&p), 0); err != nil {
			return err
		}
		return t.endFlight(ch)
	})
}

// note completes a problem; nil when there is none.
func (c *Changes) note(p *Problem) *Problem {
	if p.Kind == "" {
		return nil
	}
	if p.At.IsZero() {
		p.At = c.d.now()
	}
	return p
}

// land takes messages out of flight, the server's side being as before. Flags
// it may have changed all the same: what the person wants is to be told again,
// also where it says what the server had before.
func (t *tx) land(ch *Change, p *Problem, refused int) error {
	ids := idList(itemIDs(ch.Items))
	_, err := t.exec(`UPDATE message SET flight = NULL, flight_uid = NULL, tries = tries + 1, refused = ?1, problem = ?2,
		server_flags = CASE WHEN server_folder IS NULL THEN 0 ELSE server_flags END,
		flag_add = CASE WHEN server_folder IS NULL THEN flags WHEN ?7 THEN flag_add ELSE flag_add & ~server_flags END,
		flag_remove = CASE WHEN server_folder IS NULL THEN 0 WHEN ?7 THEN flag_remove ELSE flag_remove & server_flags END,
		lost = CASE lost WHEN ?3 THEN ?4 ELSE lost END
		WHERE id IN (SELECT value FROM json_each(?5)) AND coalesce(flight, 0) = ?6`,
		refused, p.text(), lostAway, lostGone, ids, ch.flight, ch.Kind == ChangeFlag)
	if err != nil {
		return err
	}
	// Deleted while it was under way, and it did not get there.
	return t.dropNowhere(itemIDs(ch.Items))
}

// Refuse writes down that the server will not do it: our side is given back
// and the problem kept for the person to see, in the rows and as a Notice. An
// append, which exists nowhere else, stays shown where it is and waits for the
// person to move it.
func (c *Changes) Refuse(ctx context.Context, ch *Change, p Problem) error {
	return c.d.update(ctx, precious, "give back "+string(ch.Kind), func(t *tx) error {
		p.Kind = cmp.Or(p.Kind, ProblemRefused)
		if err := t.tellAbout(ch.Account, itemIDs(ch.Items), max(1, len(ch.Items)), *c.note(&p)); err != nil {
			return err
		}
		refused := 0
		if ch.Kind == ChangeAppend {
			refused = 1
		}
		if err := t.land(ch, &p, refused); err != nil {
			return err
		}
		if err := t.giveBack(ch, p); err != nil {
			return err
		}
		return t.endFlight(ch)
	})
}

// tellAbout writes a notice that names the first of the messages.
func (t *tx) tellAbout(acct string, ids []ID, count int, p Problem) error {
	subject := ""
	if len(ids) > 0 {
		var err error
		subject, err = one(t.query, value[string], "SELECT coalesce(max(subject), '') FROM message WHERE id = ?", ids[0])
		if err != nil {
			return err
		}
	}
	return t.tell(acct, subject, count, p)
}

// giveBack sets our side to the server's, unless the person wished for
// something else again meanwhile.
func (t *tx) giveBack(ch *Change, p Problem) error {
	ids := idList(itemIDs(ch.Items))
	var err error
	switch ch.Kind {
	case ChangeFlag:
		_, err = t.exec(`UPDATE message SET flag_add = flag_add & ~(?1 | server_flags), flag_remove = flag_remove & ~?2 & server_flags
			WHERE id IN (SELECT value FROM json_each(?3))`, int64(ch.Add), int64(ch.Remove), ids)
	case ChangeMove:
		if _, err = t.exec("UPDATE message SET folder = server_folder WHERE folder = ? AND id IN (SELECT value FROM json_each(?))", ch.Dest.ID, ids); err == nil {
			err = t.wantAgain(ch.Folder.ID)
		}
	case ChangeExpunge:
		if _, err = t.exec(`UPDATE message SET folder = server_folder, waits_for = NULL, was = NULL
			WHERE folder IS NULL AND id IN (SELECT value FROM json_each(?))`, ids); err == nil {
			err = t.wantAgain(ch.Folder.ID)
		}
	case ChangeCopy:
		_, err = t.exec("DELETE FROM message WHERE server_folder IS NULL AND id IN (SELECT value FROM json_each(?))", ids)
	case ChangeAppend:
		err = t.giveBackCrossing(ids, p)
	case ChangeRename:
		_, err = t.exec(`UPDATE folder SET name = ?1 || substr(name, length(?2) + 1), tries = 0
			WHERE account = (SELECT account FROM folder WHERE id = ?3) AND (name = ?2
			OR delim <> '' AND substr(name, 1, length(?2) + 1) = ?2 || delim)`, ch.Folder.Name, ch.Dest.Name, ch.Folder.ID)
	case ChangeRemove:
		err = t.wantAgain(ch.Folder.ID)
	case ChangeCreate:
		err = t.giveUpFolder(ch.Folder.ID)
	case ChangeSubscribe, ChangeUnsubscribe:
		_, err = t.exec("UPDATE folder SET subscribe = nullif(subscribe, ?) WHERE id = ?", ch.Kind == ChangeSubscribe, ch.Folder.ID)
	}
	return err
}

// wantAgain keeps a folder that was to be removed: what is in it stays there.
func (t *tx) wantAgain(folder ID) error {
	_, err := t.exec("UPDATE folder SET wanted = 1, tries = 0 WHERE id = ? AND NOT wanted", folder)
	return err
}

// giveBackCrossing shows the originals again of what another account would not
// take, and drops the copies.
func (t *tx) giveBackCrossing(ids string, p Problem) error {
	const waiting = "waits_for IN (SELECT value FROM json_each(?))"
	if _, err := t.exec(`DELETE FROM message WHERE id IN (SELECT value FROM json_each(?)) AND server_folder IS NULL
		AND EXISTS (SELECT 1 FROM message o WHERE o.waits_for = message.id AND o.folder IS NULL)`, ids); err != nil {
		return err
	}
	_, err := t.exec("UPDATE message SET folder = was, waits_for = NULL, was = NULL, problem = ? WHERE folder IS NULL AND "+waiting, p.text(), ids)
	return err
}

// giveUpFolder drops a folder the server would not make. What was to be moved
// there stays where it is; what was only there goes to the Inbox.
func (t *tx) giveUpFolder(id ID) error {
	if _, err := t.exec("UPDATE message SET folder = server_folder WHERE folder = ? AND server_folder IS NOT NULL", id); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE message SET folder = coalesce((SELECT f.id FROM folder f WHERE f.account = message.account AND f.role = ? AND f.wanted
		ORDER BY f.local, f.id LIMIT 1), folder) WHERE folder = ?`, account.RoleInbox, id); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE folder SET wanted = 0, flight = NULL WHERE id = ? AND server_name IS NULL
		AND NOT EXISTS (SELECT 1 FROM message m WHERE m.folder = folder.id)`, id); err != nil {
		return err
	}
	_, err := t.exec(unneededFolders)
	return err
}
