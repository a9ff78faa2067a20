package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tmail/account"
	"tmail/message"
)

// Add is [Remote.AddBatch] for those who have not prepared a batch.
func (r *Remote) Add(ctx context.Context, folder ID, list []NewMessage) ([]ID, error) {
	return r.AddBatch(ctx, folder, Prepare(list))
}

// AddBatch takes over messages of a mailbox whose UIDs are not known. A message
// that is lost, or in flight to this folder, is recognised by Message-ID, size
// and date, and keeps its ID, body and pending flags. The ids are returned in
// order. Zero in Date or Size means not known.
func (r *Remote) AddBatch(ctx context.Context, folder ID, batch *Batch) ([]ID, error) {
	var ids []ID
	err := r.d.update(ctx, retold, "add messages", func(t *tx) error {
		f, err := one(t.query, scanFolderRow, folderRowColumns+"WHERE id = ?", folder)
		if err != nil {
			return fmt.Errorf("folder %s: %w", folder, err)
		}
		in := &intake{t: t, folder: f, show: folder}
		if err := in.prepare(batch.List); err != nil {
			return err
		}
		threads, err := t.weave(batch.weaving)
		if err != nil {
			return err
		}
		if ids, err = in.take(batch, threads); err != nil {
			return err
		}
		if in.follows {
			if err := t.news(in.made); err != nil {
				return err
			}
		}
		if err := t.indexAdded(in.heads); err != nil {
			return err
		}
		return t.settle()
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// intake takes messages into one folder.
type intake struct {
	t       *tx
	folder  folderRow
	show    ID            // the folder they are shown in: Trash, where the folder is to be removed
	known   map[uint32]ID // messages of the batch that are there already
	missing map[int64][]*missing
	follows bool   // the folder was read before: what is new in it is news
	made    []ID   // rows that were not there before
	heads   []head // of these
}

// missing is a message of ours that may turn up: one that is lost, or on its way.
type missing struct {
	id           ID
	folder       ID
	serverFolder ID
	lost         int
	size         int64
	received     int64
	messageID    string
	stored       bool
	flight       bool
	dest         ID // of a move, copy or append under way
	uidNext      uint32
}

// prepare reads what the batch has to be compared with, at a cost that follows
// what is lost, not what exists.
func (in *intake) prepare(list []NewMessage) error {
	if !in.folder.wanted {
		trash, err := folderByRole(in.t.query, in.folder.account, account.RoleTrash)
		if ignoreNoSuch(err) != nil {
			return err
		}
		in.show = trash
	}
	var err error
	if in.follows, err = one(in.t.query, value[bool], "SELECT synced FROM folder WHERE id = ?", in.folder.id); err != nil {
		return err
	}
	in.known = map[uint32]ID{}
	if len(list) > 0 {
		low, high := list[0].UID, list[0].UID
		for _, m := range list {
			low, high = min(low, m.UID), max(high, m.UID)
		}
		rows, err := in.t.query("SELECT uid, id FROM message WHERE server_folder = ? AND uid BETWEEN ? AND ?", in.folder.id, low, high)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var uid uint32
			var id ID
			if err := rows.Scan(&uid, &id); err != nil {
				return err
			}
			in.known[uid] = id
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	in.missing = map[int64][]*missing{}
	_, err = all(in.t.query, func(rows *sql.Rows) (none struct{}, err error) {
		var identity int64
		m := &missing{}
		err = rows.Scan(&identity, &m.id, &m.folder, &m.serverFolder, &m.lost, &m.size, &m.received, &m.messageID, &m.stored, &m.flight, &m.dest, &m.uidNext)
		in.missing[identity] = append(in.missing[identity], m)
		return none, err
	}, `SELECT m.identity, m.id, coalesce(m.folder, 0), coalesce(m.server_folder, 0), m.lost, m.size, m.received, m.message_id,
		m.blob IS NOT NULL, f.id IS NOT NULL, coalesce(f.dest, 0), coalesce(f.uidnext, 0)
		FROM message m LEFT JOIN flight f ON f.id = m.flight
		WHERE m.account = ? AND (m.lost <> 0 OR m.flight IS NOT NULL) AND (m.lost <> 0 OR f.dest = ?)`, in.folder.account, in.folder.id)
	return err
}

// take takes messages over, and returns their rows. Those that are new to us
// are inserted together.
func (in *intake) take(batch *Batch, threads []thread) ([]ID, error) {
	list := batch.List
	ids := make([]ID, len(list))
	fresh := make([]newRow, 0, len(list))
	at := make([]int, 0, len(list)) // their places in the list
	in.made, in.heads = make([]ID, 0, len(list)), make([]head, 0, len(list))
	where := shelf{account: in.folder.account, folder: in.show, server: in.folder.id}
	waits := make(map[uint32]bool, len(list))
	insert := func() error {
		first, err := in.t.insertMessages(where, fresh)
		for n, i := range at {
			ids[i] = first + ID(n)
			in.known[list[i].UID] = ids[i]
			in.made = append(in.made, ids[i])
			batch.texts[i].head.id = ids[i]
			in.heads = append(in.heads, batch.texts[i].head)
		}
		fresh, at = fresh[:0], at[:0]
		return err
	}
	for i := range list {
		m := &list[i]
		if waits[m.UID] { // told of twice
			if err := insert(); err != nil {
				return nil, err
			}
		}
		if id, ok := in.known[m.UID]; ok {
			ids[i] = id
			if err := in.t.setServerFlags(in.folder.id, UIDFlags{m.UID, m.Flags}); err != nil {
				return nil, err
			}
			continue
		}
		texts := &batch.texts[i]
		if found := in.recognise(texts.identity, m); found != nil {
			ids[i], in.known[m.UID] = found.id, found.id
			if err := in.adopt(found, m); err != nil {
				return nil, err
			}
			continue
		}
		row := newRow{NewMessage: m, identity: texts.identity, texts: texts, thread: threads[i], theirs: m.Flags, attachments: m.Envelope.Multipart}
		if threads[i].muted && in.follows {
			row.ours = message.Seen &^ m.Flags
		}
		waits[m.UID] = true
		fresh, at = append(fresh, row), append(at, i)
	}
	return ids, insert()
}

// listDate is the time a message is ordered by: never later than now.
func listDate(m *NewMessage, now time.Time) time.Time {
	date := m.Date
	if date.IsZero() {
		date = m.Envelope.Date
	}
	if date.IsZero() || date.After(now) {
		date = now
	}
	return date
}

// identityOf hashes what makes a message the same wherever it is: the
// Message-ID, or what stands in for it where there is none.
func identityOf(m *NewMessage) int64 {
	key := clip(m.Envelope.MessageID)
	if key == "" {
		key = strings.Join([]string{"", m.Envelope.Date.UTC().Format(time.RFC3339), joinAddresses(m.Envelope.From), m.Envelope.Subject}, "\n")
	}
	return hashOf(key)
}

// recognise finds the missing message that m is, best first, and takes it out.
func (in *intake) recognise(identity int64, m *NewMessage) *missing {
	list := in.missing[identity]
	best, bestRank := -1, 0
	for i, k := range list {
		if r := in.rank(k, m); r > bestRank {
			best, bestRank = i, r
		}
	}
	if best < 0 {
		return nil
	}
	found := list[best]
	in.missing[identity] = slices.Delete(list, best, best+1)
	return found
}

// rank says how well a missing message fits, 0 not at all. Where the server was
// told to put it, or said that it did, the Message-ID is enough: some change
// size or date on the way. What has to be in a folder that is not listed yet
// is not taken for a copy of it elsewhere.
func (in *intake) rank(k *missing, m *NewMessage) int {
	sent := k.dest == in.folder.id && k.flight
	same := (k.size == m.Size || k.size == 0 || m.Size == 0) && (k.received == toUnix(m.Date) || k.received == 0 || m.Date.IsZero())
	switch {
	case sent && m.UID >= k.uidNext:
		return 5
	case k.lost == lostLanded && k.serverFolder == in.folder.id:
		return 4
	case k.lost == 0 || !same:
		return 0
	case k.serverFolder == in.folder.id:
		return 3
	case k.lost == lostLanded || k.lost == lostReset:
		return 0
	case k.folder == in.folder.id:
		return 2
	default:
		return 1
	}
}

// adopt sets the server's side of a message that was found. Our side stays a
// wish where the message is where we knew it to be or sent it; where somebody
// else moved it, it is shown there.
func (in *intake) adopt(k *missing, m *NewMessage) error {
	moved := k.serverFolder != in.folder.id && !(k.flight && k.dest == in.folder.id)
	show := k.folder
	if moved || k.folder == in.folder.id {
		show = in.show
	}
	if moved && k.folder != k.serverFolder && k.folder != in.folder.id {
		p := Problem{Kind: ProblemConflict, Op: string(ChangeMove), At: in.t.d.now()}
		acct, err := one(in.t.query, value[string], "SELECT name FROM account WHERE id = ?", in.folder.account)
		if err != nil {
			return err
		}
		if err := in.t.tell(acct, m.Envelope.Subject, 1, p); err != nil {
			return err
		}
	}
	_, err := in.t.exec(`UPDATE message SET folder = nullif(?1, 0), server_folder = ?2, uid = ?3, server_flags = ?4,
		flag_add = flag_add & ~?4, flag_remove = flag_remove & ?4, lost = 0, lost_pass = NULL, flight = NULL, flight_uid = NULL,
		copy_of = NULL, waits_for = CASE ?1 WHEN 0 THEN waits_for END,
		tries = 0, problem = NULL, size = CASE ?5 WHEN 0 THEN size ELSE ?5 END, received = CASE ?6 WHEN 0 THEN received ELSE ?6 END
		WHERE id = ?7`, int64(show), in.folder.id, m.UID, int64(m.Flags), m.Size, toUnix(m.Date), k.id)
	return err
}

// ignoreNoSuch is for those to whom nothing is an answer.
func ignoreNoSuch(err error) error {
	if errors.Is(err, ErrNoSuch) {
		return nil
	}
	return err
}
