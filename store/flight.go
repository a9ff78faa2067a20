package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Begin writes down that the change is on its way, before the command goes
// out. From here until Done, Retry or Refuse it is not handed out again, also
// not after a crash: InFlight tells of it then. Items are cut down to what is
// still wanted; ErrOvertaken when nothing is.
func (c *Changes) Begin(ctx context.Context, ch *Change) error {
	begun := *ch
	err := c.d.update(ctx, precious, "begin "+string(ch.Kind), func(t *tx) error {
		acct, err := accountID(t.query, ch.Account)
		if err != nil {
			return err
		}
		if len(ch.Items) > 0 {
			fresh, err := next(t.query, ch.Account, idList(itemIDs(ch.Items)))
			if err != nil {
				return err
			}
			if !sameChange(fresh, ch) {
				return ErrOvertaken
			}
			begun.Items = fresh.Items
		}
		name := ch.Dest.Name
		if ch.Kind == ChangeCreate {
			name = ch.Folder.Name
		}
		id, err := t.insert(`INSERT INTO flight (account, kind, folder, dest, name, uidvalidity, uidnext, flag_add, flag_remove)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, acct, ch.Kind, ch.Folder.ID, ch.Dest.ID, name, ch.Dest.UIDValidity, ch.Dest.UIDNext,
			int64(ch.Add), int64(ch.Remove))
		if err != nil {
			return err
		}
		begun.flight = int64(id)
		return t.launch(&begun)
	})
	if err == nil {
		*ch = begun
	}
	return err
}

func itemIDs(items []Item) []ID {
	ids := make([]ID, len(items))
	for i, it := range items {
		ids[i] = it.ID
	}
	return ids
}

// sameChange reports whether two changes are one command.
func sameChange(a, b *Change) bool {
	return a != nil && a.Kind == b.Kind && a.Folder.ID == b.Folder.ID && a.Dest.ID == b.Dest.ID && a.Add == b.Add && a.Remove == b.Remove
}

// launch marks what is in flight. What an append or a copy will have for flags
// on the server is taken for said, so that the masks hold what is changed
// while it is under way.
func (t *tx) launch(ch *Change) error {
	ids := idList(itemIDs(ch.Items))
	var n int
	var err error
	switch ch.Kind {
	case ChangeCreate, ChangeRename, ChangeRemove, ChangeSubscribe, ChangeUnsubscribe:
		n, err = t.count("UPDATE folder SET flight = ? WHERE id = ? AND flight IS NULL", ch.flight, ch.Folder.ID)
	case ChangeCopy:
		n, err = t.count(`UPDATE message SET flight = ?, flight_uid = s.uid, server_flags = s.server_flags,
			flag_add = message.flags & ~s.server_flags, flag_remove = s.server_flags & ~message.flags
			FROM message s WHERE s.id = message.copy_of AND message.id IN (SELECT value FROM json_each(?))`, ch.flight, ids)
	case ChangeAppend:
		n, err = t.count(`UPDATE message SET flight = ?, flight_uid = 0, server_flags = flags, flag_add = 0, flag_remove = 0
			WHERE id IN (SELECT value FROM json_each(?))`, ch.flight, ids)
	default:
		n, err = t.count("UPDATE message SET flight = ?, flight_uid = uid WHERE id IN (SELECT value FROM json_each(?))", ch.flight, ids)
	}
	if err == nil && n == 0 {
		err = ErrOvertaken
	}
	return err
}

// InFlight returns the changes of an account that were begun and neither Done
// nor given up: after a crash or a lost connection the server may have carried
// them out or not. An expunge can simply be made again (Retry), and so can a
// flag change, after SetFlags told what the server has, and a change to a
// folder, after SetFolders told what there is. Of a move, copy or append the
// messages are to be looked for by Message-ID in Dest among the UIDs from
// Dest.UIDNext on: Done for those found, Retry for the others (Items may be cut
// down for each call).
func (c *Changes) InFlight(ctx context.Context, acct string) ([]*Change, error) {
	list, err := inFlight(c.d.reading(ctx), acct)
	return list, c.d.explain("changes in flight of "+acct, err)
}

func inFlight(q querier, acct string) ([]*Change, error) {
	a, err := accountID(q, acct)
	if err != nil {
		return nil, err
	}
	folders, err := all(q, scanFolderRow, folderRowColumns+"WHERE account = ?", a)
	if err != nil {
		return nil, err
	}
	set := folderSet{folders}
	list, err := all(q, func(rows *sql.Rows) (*Change, error) {
		ch := &Change{Account: acct}
		var folder, dest ID
		var name string
		var validity, uidnext uint32
		err := rows.Scan(&ch.flight, &ch.Kind, &folder, &dest, &name, &validity, &uidnext, &ch.Add, &ch.Remove)
		ch.Folder, _ = set.ref(folder)
		ch.Dest, _ = set.ref(dest)
		ch.Dest.UIDValidity, ch.Dest.UIDNext = validity, uidnext
		switch ch.Kind {
		case ChangeCreate:
			ch.Folder = FolderRef{ID: folder, Name: name}
		case ChangeRename:
			ch.Dest.Name = name
		}
		return ch, err
	}, `SELECT id, kind, folder, dest, name, uidvalidity, uidnext, flag_add, flag_remove FROM flight WHERE account = ? AND (
		EXISTS (SELECT 1 FROM message WHERE flight = flight.id) OR EXISTS (SELECT 1 FROM folder WHERE flight = flight.id)) ORDER BY id`, a)
	if err != nil {
		return nil, err
	}
	for _, ch := range list {
		ch.Items, err = all(q, func(rows *sql.Rows) (it Item, err error) {
			var received int64
			err = rows.Scan(&it.ID, &it.UID, &it.MessageID, &it.Size, &received, &it.Flags)
			it.Date = fromUnix(received)
			return it, err
		}, "SELECT id, flight_uid, message_id, size, received, server_flags FROM message WHERE flight = ?", ch.flight)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(ch.Items, func(a, b Item) int { return cmp.Compare(a.UID, b.UID) })
	}
	return list, nil
}

// Done writes down that the server carried the change out for all Items of ch.
func (c *Changes) Done(ctx context.Context, ch *Change, out Outcome) error {
	return c.d.update(ctx, precious, "done "+string(ch.Kind), func(t *tx) error {
		if err := t.done(ch, out); err != nil {
			return err
		}
		if err := t.endFlight(ch); err != nil {
			return err
		}
		return t.settle()
	})
}

func (t *tx) done(ch *Change, out Outcome) error {
	ids := idList(itemIDs(ch.Items))
	switch ch.Kind {
	case ChangeCreate:
		_, err := t.exec("UPDATE folder SET server_name = ?, tries = 0, flight = NULL WHERE id = ? AND server_name IS NULL", ch.Folder.Name, ch.Folder.ID)
		return err
	case ChangeRename:
		return t.renamed(ch)
	case ChangeRemove:
		_, err := t.exec("UPDATE folder SET server_name = NULL, uidvalidity = 0, uidnext = 0, modseq = 0, flight = NULL WHERE id = ?", ch.Folder.ID)
		if err != nil {
			return err
		}
		_, err = t.exec(unneededFolders)
		return err
	case ChangeSubscribe, ChangeUnsubscribe:
		_, err := t.exec("UPDATE folder SET subscribed = ?1, subscribe = nullif(subscribe, ?1), tries = 0, flight = NULL WHERE id = ?2", ch.Kind == ChangeSubscribe, ch.Folder.ID)
		return err
	case ChangeFlag:
		_, err := t.exec(`UPDATE message SET server_flags = (server_flags | ?1) & ~?2, flag_add = flag_add & ~((server_flags | ?1) & ~?2),
			flag_remove = flag_remove & (server_flags | ?1) & ~?2, flight = NULL, flight_uid = NULL, problem = NULL, tries = 0
			WHERE flight = ?3 AND id IN (SELECT value FROM json_each(?4))`, int64(ch.Add), int64(ch.Remove), ch.flight, ids)
		return err
	case ChangeExpunge:
		_, err := t.exec("DELETE FROM message WHERE flight = ? AND id IN (SELECT value FROM json_each(?))", ch.flight, ids)
		return err
	default:
		return t.arrived(ch, out)
	}
}

// arrived sets the server's side of what was moved, copied or appended.
func (t *tx) arrived(ch *Change, out Outcome) error {
	known, err := one(t.query, value[uint32], "SELECT uidvalidity FROM folder WHERE id = ?", ch.Dest.ID)
	if err != nil {
		return fmt.Errorf("folder %s: %w", ch.Dest.ID, err)
	}
	if known == 0 && out.UIDValidity != 0 { // the first that is heard of this mailbox
		if _, err := t.exec("UPDATE folder SET uidvalidity = ? WHERE id = ?", out.UIDValidity, ch.Dest.ID); err != nil {
			return err
		}
	}
	uids := out.UIDs
	if out.UIDValidity != 0 && known != 0 && out.UIDValidity != known {
		uids = map[uint32]uint32{} // of another life of the mailbox
		for old := range out.UIDs {
			uids[old] = 0
		}
	}
	missed := *ch
	missed.Items = nil
	for _, it := range ch.Items {
		uid, there := uids[it.UID]
		if len(uids) > 0 && !there && ch.Kind != ChangeAppend {
			missed.Items = append(missed.Items, it)
		} else if err := t.arrive(ch, it.ID, uid); err != nil {
			return err
		}
	}
	return t.missed(&missed)
}

// arrive sets the server's side of one message; uid 0 is not known.
func (t *tx) arrive(ch *Change, id ID, uid uint32) error {
	// A listing may have been faster, without knowing what it saw.
	_, err := t.exec(`DELETE FROM message WHERE server_folder = ?1 AND uid = ?2 AND id <> ?3
		AND EXISTS (SELECT 1 FROM message WHERE id = ?3 AND flight = ?4)`, ch.Dest.ID, uid, id, ch.flight)
	if err != nil {
		return err
	}
	lost := 0
	if uid == 0 {
		lost = lostLanded
	}
	_, err = t.exec(`UPDATE message SET server_folder = ?1, uid = nullif(?2, 0), lost = ?3,
		lost_pass = CASE ?3 WHEN 0 THEN NULL ELSE (SELECT pass FROM account WHERE id = message.account) END,
		flag_add = flag_add & ~server_flags, flag_remove = flag_remove & server_flags,
		copy_of = NULL, flight = NULL, flight_uid = NULL, problem = NULL, tries = 0
		WHERE id = ?4 AND flight = ?5`, ch.Dest.ID, uid, lost, id, ch.flight)
	return err
}

// missed takes over that messages were not there to be moved or copied.
func (t *tx) missed(ch *Change) error {
	if ch.Kind == ChangeMove {
		_, err := t.exec(`UPDATE message SET uid = NULL, lost = ?, lost_pass = (SELECT pass FROM account WHERE id = message.account)
			WHERE flight = ? AND lost = 0 AND id IN (SELECT value FROM json_each(?))`, lostGone, ch.flight, idList(itemIDs(ch.Items)))
		if err != nil {
			return err
		}
	}
	return t.land(ch, nil, 0)
}

// renamed sets the server's name of a folder and of those below it.
func (t *tx) renamed(ch *Change) error {
	_, err := t.exec(`UPDATE folder SET server_name = ?1 || substr(server_name, length(?2) + 1), tries = 0
		WHERE account = (SELECT account FROM folder WHERE id = ?3) AND server_name IS NOT NULL AND (server_name = ?2
		OR delim <> '' AND substr(server_name, 1, length(?2) + 1) = ?2 || delim)`, ch.Dest.Name, ch.Folder.Name, ch.Folder.ID)
	return err
}

// endFlight forgets a flight when nothing is on it any more.
func (t *tx) endFlight(ch *Change) error {
	if _, err := t.exec("UPDATE folder SET flight = NULL WHERE flight = ?", ch.flight); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM flight WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM message WHERE flight = ?1)", ch.flight)
	return err
}
