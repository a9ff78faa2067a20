package store

import (
	"context"
	"database/sql"
	"math"
	"time"

	"tmail/account"
	"tmail/message"
)

// Remote is what a server said. It never touches our side but through the
// merge rules: flags are shown under the pending masks; a message the server
// lost is hidden until it appears elsewhere; where both sides moved it the
// server wins, and a Notice says so.
type Remote struct{ d *database }

// RemoteFolder is a mailbox as LIST tells it.
type RemoteFolder struct {
	Name       string // decoded
	Delim      string
	Role       account.Role
	NoSelect   bool
	Subscribed bool
}

// RemoteState is how far a mailbox has been read.
type RemoteState struct {
	UIDValidity uint32
	UIDNext     uint32
	ModSeq      uint64
	Count       int // messages the store knows with their UID
	Synced      bool
}

// UIDFlags are the flags of one message as the server has them.
type UIDFlags struct {
	UID   uint32
	Flags message.Flags
}

// NewMessage is a message the server has and the store does not know.
type NewMessage struct {
	UID      uint32 // 0 over POP3
	Flags    message.Flags
	Date     time.Time // INTERNALDATE; over POP3 the newest Received, else Date
	Size     int64
	Envelope message.Envelope
}

// BodyPolicy says which bodies are kept on this machine. The zero value means
// only those asked for.
type BodyPolicy struct {
	All     bool
	MaxAge  time.Duration // with All false: no older than this
	MaxSize int64         // and no larger, in bytes
}

// BodyWant is a body to be fetched.
type BodyWant struct {
	ID     ID
	Folder ID
	UID    uint32
	Size   int64
	Asked  bool // by a person, or for a copy; else the policy wants it
	Whole  bool // and not its text alone, where it is large
}

// State returns how far a mailbox has been read.
func (r *Remote) State(ctx context.Context, folder ID) (RemoteState, error) {
	st, err := one(r.d.reading(ctx), func(rows *sql.Rows) (st RemoteState, err error) {
		var modseq int64
		err = rows.Scan(&st.UIDValidity, &st.UIDNext, &modseq, &st.Synced, &st.Count)
		st.ModSeq = uint64(modseq)
		return st, err
	}, `SELECT uidvalidity, uidnext, modseq, synced, (SELECT count(*) FROM message WHERE server_folder = folder.id AND uid IS NOT NULL)
		FROM folder WHERE id = ?`, folder)
	return st, r.d.explain("state of folder "+folder.String(), err)
}

// SetState writes that down; Count is not taken.
func (r *Remote) SetState(ctx context.Context, folder ID, st RemoteState) error {
	return r.d.update(ctx, retold, "set state of folder "+folder.String(), func(t *tx) error {
		n, err := t.count("UPDATE folder SET uidvalidity = ?, uidnext = ?, modseq = ?, synced = ? WHERE id = ?",
			st.UIDValidity, st.UIDNext, int64(st.ModSeq), st.Synced, folder)
		if err == nil && n == 0 {
			err = ErrNoSuch
		}
		return err
	})
}

// UIDFlags returns the messages of a mailbox as the server last told them,
// by ascending UID.
func (r *Remote) UIDFlags(ctx context.Context, folder ID) ([]UIDFlags, error) {
	return r.UIDFlagsBetween(ctx, folder, 0, math.MaxUint32)
}

// UIDFlagsBetween returns those with UIDs from low to high, both included.
func (r *Remote) UIDFlagsBetween(ctx context.Context, folder ID, low, high uint32) ([]UIDFlags, error) {
	list, err := all(r.d.reading(ctx), func(rows *sql.Rows) (u UIDFlags, err error) {
		err = rows.Scan(&u.UID, &u.Flags)
		return u, err
	}, "SELECT uid, server_flags FROM message WHERE server_folder = ? AND uid BETWEEN ? AND ? ORDER BY uid", folder, low, high)
	return list, r.d.explain("read flags", err)
}

// SetFlags takes over flags the server told. Unknown UIDs are passed over.
func (r *Remote) SetFlags(ctx context.Context, folder ID, list []UIDFlags) error {
	return r.d.update(ctx, retold, "set flags", func(t *tx) error {
		for _, u := range list {
			if err := t.setServerFlags(folder, u); err != nil {
				return err
			}
		}
		return nil
	})
}

// setServerFlags leaves the masks what they still have to say, and all they
// say while a command is under way.
func (t *tx) setServerFlags(folder ID, u UIDFlags) error {
	_, err := t.exec(`UPDATE message SET server_flags = ?1,
		flag_add = flag_add & CASE WHEN flight IS NULL THEN ~?1 ELSE -1 END,
		flag_remove = flag_remove & CASE WHEN flight IS NULL THEN ?1 ELSE -1 END
		WHERE server_folder = ?2 AND uid = ?3 AND server_flags <> ?1`, int64(u.Flags), folder, u.UID)
	return err
}

// Gone takes over that the server does not have these UIDs any more.
func (r *Remote) Gone(ctx context.Context, folder ID, uids []uint32) error {
	return r.d.update(ctx, retold, "remove what is gone", func(t *tx) error {
		// What was to be removed is done with, but for what waits to arrive
		// elsewhere or is under way to another place.
		if _, err := t.exec(`DELETE FROM message WHERE server_folder = ? AND uid IN (SELECT value FROM json_each(?)) AND folder IS NULL
			AND waits_for IS NULL AND (flight IS NULL OR (SELECT kind FROM flight WHERE id = message.flight) = 'expunge')`,
			folder, idList(uids)); err != nil {
			return err
		}
		return t.lose(folder, idList(uids), lostGone)
	})
}

// lose forgets UIDs of a folder. What was to be moved by a command under way
// may have gone where it was wanted.
func (t *tx) lose(folder ID, uids string, how int) error {
	if how == lostGone {
		if err := t.keepDrafts("server_folder = ? AND uid IN (SELECT value FROM json_each(?))", folder, uids); err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE message SET uid = NULL,
		lost = CASE WHEN flight IS NOT NULL AND (SELECT kind FROM flight WHERE id = message.flight) = 'move' THEN ? ELSE ? END,
		lost_pass = (SELECT pass FROM account WHERE id = message.account)
		WHERE server_folder = ? AND uid IN (SELECT value FROM json_each(?))`, lostAway, how, folder, uids)
	return err
}

// ResetUIDs forgets all UIDs of a folder because UIDVALIDITY changed. The
// messages stay shown, with their bodies and pending changes, and are known
// again as Add tells of them.
func (r *Remote) ResetUIDs(ctx context.Context, folder ID, validity uint32) error {
	return r.d.update(ctx, retold, "reset folder "+folder.String(), func(t *tx) error {
		uids, err := all(t.query, value[uint32], "SELECT uid FROM message WHERE server_folder = ? AND uid IS NOT NULL", folder)
		if err != nil {
			return err
		}
		if err := t.lose(folder, idList(uids), lostReset); err != nil {
			return err
		}
		// What was on its way there can be anywhere in it now.
		if _, err := t.exec("UPDATE flight SET uidnext = 0, uidvalidity = ? WHERE dest = ?", validity, folder); err != nil {
			return err
		}
		_, err = t.exec("UPDATE folder SET uidvalidity = ?, uidnext = 0, modseq = 0 WHERE id = ?", validity, folder)
		return err
	})
}

// PurgeOrphans is called after a full pass over all folders of an account. It
// drops the messages that were lost before the pass began and were not found
// by it; a Notice tells of changes that could not be made to them. What was
// never sent is not among them.
func (r *Remote) PurgeOrphans(ctx context.Context, acct string) error {
	return r.d.update(ctx, retold, "drop lost messages of "+acct, func(t *tx) error {
		a, err := accountID(t.query, acct)
		if err != nil {
			return err
		}
		const orphans = "account = ?1 AND lost <> 0 AND flight IS NULL AND lost_pass < (SELECT pass FROM account WHERE id = ?1)"
		if err := t.keepDrafts(orphans, a); err != nil {
			return err
		}
		wished, err := all(t.query, value[ID],
			"SELECT id FROM message WHERE "+orphans+" AND folder IS NOT NULL AND (folder <> server_folder OR flag_add | flag_remove <> 0 OR lost = ?2) ORDER BY id", a, lostLanded)
		if err != nil {
			return err
		}
		if err := t.tellAbout(acct, wished, len(wished), Problem{Kind: ProblemGone}); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM message WHERE "+orphans, a); err != nil {
			return err
		}
		if err := t.dropHopeless(acct); err != nil {
			return err
		}
		return t.execAll([]any{a}, "UPDATE account SET pass = pass + 1 WHERE id = ?",
			`DELETE FROM flight WHERE account = ? AND NOT EXISTS (SELECT 1 FROM message WHERE flight = flight.id)
				AND NOT EXISTS (SELECT 1 FROM folder WHERE flight = flight.id)`,
			unneededFolders+" AND account = ?")
	})
}

// dropHopeless drops copies whose source went before its bytes were here.
func (t *tx) dropHopeless(acct string) error {
	const hopeless = `copy_of IS NOT NULL AND blob IS NULL AND server_folder IS NULL AND flight IS NULL
		AND NOT EXISTS (SELECT 1 FROM message s WHERE s.id = message.copy_of)`
	ids, err := all(t.query, value[ID], "SELECT id FROM message WHERE "+hopeless)
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := t.tellAbout(acct, ids, len(ids), Problem{Kind: ProblemGone, Op: string(ChangeCopy)}); err != nil {
		return err
	}
	_, err = t.exec("DELETE FROM message WHERE " + hopeless)
	return err
}

// MissingBodies returns bodies to be fetched: those asked for first, then
// those the policy wants, newest first.
func (r *Remote) MissingBodies(ctx context.Context, acct string, policy BodyPolicy, limit int) ([]BodyWant, error) {
	a, err := accountID(r.d.reading(ctx), acct)
	if err != nil {
		return nil, r.d.explain("missing bodies", err)
	}
	scan := func(rows *sql.Rows) (w BodyWant, err error) {
		err = rows.Scan(&w.ID, &w.Folder, &w.UID, &w.Size, &w.Asked, &w.Whole)
		return w, err
	}
	list, err := all(r.d.reading(ctx), scan, `SELECT m.id, m.server_folder, m.uid, m.size, 1, w.whole FROM want w CROSS JOIN message m ON m.id = w.message
		WHERE w.problem IS NULL AND m.account = ? AND m.blob IS NULL AND m.uid IS NOT NULL ORDER BY m.date DESC, m.id DESC LIMIT ?`, a, limit)
	if err != nil || len(list) == limit || !policy.All && policy.MaxAge == 0 {
		return list, r.d.explain("missing bodies", err)
	}
	var since, most int64 = 0, 1 << 62
	if !policy.All {
		since, most = r.d.now().Add(-policy.MaxAge).Unix(), policy.MaxSize
	}
	more, err := all(r.d.reading(ctx), scan, `SELECT id, server_folder, uid, size, 0, 1 FROM message
		WHERE account = ? AND blob IS NULL AND uid IS NOT NULL AND folder IS NOT NULL AND date >= ? AND size <= ?
		AND id NOT IN (SELECT message FROM want WHERE problem IS NULL) ORDER BY date DESC, id DESC LIMIT ?`, a, since, most, limit-len(list))
	return append(list, more...), r.d.explain("missing bodies", err)
}
