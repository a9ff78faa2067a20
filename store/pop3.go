package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"tmail/account"
	"tmail/message"
)

// POPMessage is a message a POP3 server has or had, by its UIDL (RFC 1939 §7).
type POPMessage struct {
	UIDL   string
	Size   int64  // as the server lists it
	SHA256 string // of the content, in hex
	Head   string // digest of the header; "" where it was not taken yet
	ID     ID     // our message; 0 when it was deleted here
}

// POPListed is a message as a POP3 server lists it.
type POPListed struct {
	UIDL string
	Size int64 // in bytes, by the server, which may count in its own way
}

// schemaPOPHeads is what a message is known by when its UIDL may have been
// given to another: the size the server listed, and a digest of the header.
const schemaPOPHeads = `
ALTER TABLE uidl ADD COLUMN announced INTEGER;
ALTER TABLE uidl ADD COLUMN head TEXT NOT NULL DEFAULT '';
`

// POPNew is a message fetched over POP3. Its bytes are in Raw, or, when large,
// in a writer of [Bodies.Create] that has not been committed.
type POPNew struct {
	UIDL           string
	Size           int64  // as the server lists it
	Head           string // digest of the header
	Message        NewMessage
	Raw            []byte
	Body           *BodyWriter
	Preview        string
	HasAttachments bool
	packed         packed
	digest         string // SHA-256 of Raw; "": not packed yet
}

// Pack compresses and hashes Raw, which AddPOP does else, while others write. It
// does so in its place, see [Body.Pack].
func (m *POPNew) Pack() { m.pack(true) }

func (m *POPNew) pack(inPlace bool) {
	if m.Body == nil && m.digest == "" {
		sum := sha256.Sum256(m.Raw)
		m.digest = hex.EncodeToString(sum[:])
		m.packed.fill(m.Raw, inPlace)
	}
}

// content is the digest and the size.
func (m *POPNew) content() (string, int64) {
	if m.Body != nil {
		return m.Body.SHA256(), m.Body.Size()
	}
	return m.digest, m.packed.size
}

const popColumns = "SELECT u.uidl, coalesce(u.announced, u.size), u.sha256, u.head, coalesce(u.message, 0)"

func scanPOP(rows *sql.Rows) (m POPMessage, err error) {
	err = rows.Scan(&m.UIDL, &m.Size, &m.SHA256, &m.Head, &m.ID)
	return m, err
}

// POPListing is what a list of UIDLs says.
type POPListing struct {
	Unknown []string // UIDLs that are not known, in the order of the list
	// Doubtful are messages whose UIDL may have been given to another one: the
	// server did not have it for a while, or lists another size. Their Size is
	// the new one. They stay as they are until Settle.
	Doubtful []POPMessage
}

// ListedUIDLs takes over the whole list of UIDLs a server has now. It is called
// before AddPOP: a new UIDL with the content of an old one is the old message
// only when the old UIDL is gone. It writes only what changed.
func (r *Remote) ListedUIDLs(ctx context.Context, acct string, list []POPListed) (l POPListing, err error) {
	sizes := make(map[string]int64, len(list)) // of those the server has
	for _, m := range list {
		sizes[m.UIDL] = m.Size
	}
	known := make(map[string]bool, len(list))
	var changed, doubtful []int64
	_, err = all(r.d.reading(ctx), func(rows *sql.Rows) (none struct{}, err error) {
		var row, announced int64
		var uidl string
		var listed, hasHead bool
		err = rows.Scan(&row, &uidl, &listed, &announced, &hasHead)
		size, here := sizes[uidl]
		if here {
			known[uidl] = true
		}
		switch {
		case here && (!listed || hasHead && announced != size):
			doubtful = append(doubtful, row)
		case listed != here:
			changed = append(changed, row)
		}
		return none, err
	}, "SELECT u.id, u.uidl, u.listed, coalesce(u.announced, -1), u.head <> '' FROM uidl u JOIN account a ON a.id = u.account WHERE a.name = ?", acct)
	if err == nil && len(doubtful) > 0 {
		l.Doubtful, err = all(r.d.reading(ctx), scanPOP, popColumns+" FROM uidl u WHERE u.id IN (SELECT value FROM json_each(?)) ORDER BY u.id", idList(doubtful))
		for i := range l.Doubtful {
			l.Doubtful[i].Size = sizes[l.Doubtful[i].UIDL]
		}
	}
	if err == nil && len(changed) > 0 {
		err = r.d.update(ctx, retold, "list UIDLs of "+acct, func(t *tx) error {
			_, err := t.exec("UPDATE uidl SET listed = NOT listed WHERE id IN (SELECT value FROM json_each(?))", idList(changed))
			return err
		})
	}
	for _, m := range list {
		if !known[m.UIDL] {
			l.Unknown = append(l.Unknown, m.UIDL)
		}
	}
	return l, r.d.explain("list UIDLs of "+acct, err)
}

// Settle takes over which messages the server has under the UIDLs they are
// known by, with the sizes it lists, and which are gone from theirs, given to
// others. One that is gone puts all of the account in doubt that are not among
// the same, for who gives one away may have given them all: until they are
// settled too, they are known by their content alone.
func (r *Remote) Settle(ctx context.Context, acct string, same, gone []POPMessage) error {
	return r.d.update(ctx, retold, "know messages of "+acct, func(t *tx) error {
		a, err := accountID(t.query, acct)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			if _, err := t.exec("UPDATE uidl SET listed = 0 WHERE account = ? AND listed", a); err != nil {
				return err
			}
		}
		for _, m := range gone { // what begins with a space is no server's
			if _, err := t.exec("UPDATE uidl SET uidl = ' ' || id WHERE account = ? AND uidl = ? AND sha256 = ?", a, m.UIDL, m.SHA256); err != nil {
				return err
			}
		}
		for _, m := range same {
			if _, err := t.exec("UPDATE uidl SET listed = 1, announced = ? WHERE account = ? AND uidl = ? AND sha256 = ?", m.Size, a, m.UIDL, m.SHA256); err != nil {
				return err
			}
		}
		return nil
	})
}

// AddPOP stores fetched messages in the Inbox, in one transaction. Before the
// server is let go of its copies, Secure makes it durable. The ids are in order;
// zero where the message had been deleted here before. fresh are the places of
// those that were not known.
func (r *Remote) AddPOP(ctx context.Context, acct string, list []POPNew) (ids []ID, fresh []int, err error) {
	mail := make([]NewMessage, len(list))
	for i := range list {
		list[i].pack(false)
		mail[i] = list[i].Message
	}
	w := newWeaving(mail)
	ids = make([]ID, len(list))
	err = r.d.update(ctx, retold, "add messages to "+acct, func(t *tx) error {
		a, err := accountID(t.query, acct)
		if err != nil {
			return err
		}
		inbox, err := folderByRole(t.query, a, account.RoleInbox)
		if err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
		threads, err := t.weave(w)
		if err != nil {
			return err
		}
		if fresh, err = t.knownPOP(a, list, ids); err != nil {
			return err
		}
		made, err := t.addPOP(a, inbox, list, threads, fresh)
		if err != nil {
			return err
		}
		for n, i := range fresh {
			ids[i] = made[n]
		}
		if follows, err := t.wasInStep(a); err != nil || !follows {
			return err
		}
		return t.news(made)
	})
	if err != nil {
		return nil, nil, err
	}
	for i, m := range list {
		if m.Body != nil {
			m.Body.done = slices.Contains(fresh, i)
			_ = m.Body.Abort() // of a message that was known; else the sweep does it
		}
	}
	return ids, fresh, nil
}

// Secure returns when all that was written before is on the disk.
func (r *Remote) Secure(ctx context.Context, acct string) error {
	return r.d.update(ctx, precious, "secure the messages of "+acct, func(t *tx) error {
		_, err := t.exec("UPDATE account SET name = name WHERE name = ?", acct) // the log is synchronised with what is written
		return err
	})
}

// knownUIDL is what is remembered of a message: under which UIDL it is known,
// and whether the server has that.
type knownUIDL struct {
	row    int64
	uidl   string
	listed bool
	id     ID
}

// knownPOP finds those of a list that are known: under their UIDL, or under one
// that the server has no more, which they take over. It sets their ids and
// returns the places of the others, each content once for a UIDL.
func (t *tx) knownPOP(acct int64, list []POPNew, ids []ID) (fresh []int, err error) {
	digests := make([]string, len(list))
	for i := range list {
		digests[i], _ = list[i].content()
	}
	asked, err := json.Marshal(digests)
	if err != nil {
		return nil, err
	}
	known := map[string][]*knownUIDL{} // by content
	_, err = all(t.query, func(rows *sql.Rows) (none struct{}, err error) {
		var digest string
		k := &knownUIDL{}
		err = rows.Scan(&digest, &k.row, &k.uidl, &k.listed, &k.id)
		known[digest] = append(known[digest], k)
		return none, err
	}, "SELECT sha256, id, uidl, listed, coalesce(message, 0) FROM uidl WHERE account = ? AND sha256 IN (SELECT value FROM json_each(?)) ORDER BY message IS NULL, id", acct, string(asked))
	if err != nil {
		return nil, err
	}
	for i, m := range list {
		same := func(k *knownUIDL) bool { return k.uidl == m.UIDL }
		at := slices.IndexFunc(known[digests[i]], same)
		if at < 0 {
			at = slices.IndexFunc(known[digests[i]], func(k *knownUIDL) bool { return !k.listed })
		}
		if at < 0 {
			fresh = append(fresh, i)
			known[digests[i]] = append(known[digests[i]], &knownUIDL{uidl: m.UIDL, listed: true})
			continue
		}
		k := known[digests[i]][at]
		ids[i] = k.id
		if k.uidl == m.UIDL && k.listed {
			continue
		}
		k.uidl, k.listed = m.UIDL, true
		if _, err := t.exec("UPDATE uidl SET uidl = ?, listed = 1, announced = ?, head = ? WHERE id = ?", m.UIDL, m.Size, m.Head, k.row); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

var newUIDLs = insertionInto("uidl", []string{"account", "listed", "first_seen"}, "uidl", "message", "sha256", "size", "announced", "head")

// addPOP stores the messages at some places of a list, and returns their ids.
func (t *tx) addPOP(acct int64, inbox ID, list []POPNew, threads []thread, places []int) ([]ID, error) {
	if len(places) == 0 {
		return nil, nil
	}
	blobs, err := t.blobsOf(list, places)
	if err != nil {
		return nil, err
	}
	rows := make([]newRow, len(places))
	for n, i := range places {
		m := list[i].Message
		_, m.Size = list[i].content()
		rows[n] = newRow{NewMessage: &m, identity: identityOf(&m), thread: threads[i],
			ours: m.Flags, blob: blobs[n], preview: list[i].Preview, attachments: list[i].HasAttachments}
		if threads[i].muted {
			rows[n].ours |= message.Seen
		}
	}
	first, err := t.insertMessages(shelf{account: acct, folder: inbox}, rows)
	if err != nil {
		return nil, err
	}
	made := make([]ID, len(places))
	_, err = t.insertMany(newUIDLs, []any{acct, true, t.d.now().Unix()}, len(places), func(n int, values []any) []any {
		made[n] = first + ID(n)
		m := &list[places[n]]
		digest, size := m.content()
		return append(values, m.UIDL, int64(made[n]), digest, size, m.Size, m.Head)
	})
	return made, err
}

// blobsOf stores the bytes of the messages at some places of a list.
func (t *tx) blobsOf(list []POPNew, places []int) (blobs []ID, err error) {
	var held []*packed
	for _, i := range places {
		if list[i].Body == nil {
			held = append(held, &list[i].packed)
		}
	}
	next, err := t.addBlobs(held)
	if err != nil {
		return nil, err
	}
	for _, i := range places {
		blob := next
		if list[i].Body == nil {
			next++
		} else if blob, err = list[i].Body.finish(t); err != nil {
			return nil, err
		}
		blobs = append(blobs, blob)
	}
	return blobs, nil
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
	list, err := all(r.d.reading(ctx), scanPOP, popColumns+` FROM uidl u JOIN account a ON a.id = u.account
		WHERE a.name = ? AND u.listed AND (u.message IS NULL OR u.first_seen <= ?) ORDER BY u.id`, acct, before)
	return list, r.d.explain("POP3 messages to delete of "+acct, err)
}
