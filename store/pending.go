package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"tmail/message"
)

// ChangeKind is what a server has to be told.
type ChangeKind string

// The kinds of pending changes.
const (
	ChangeCreate  ChangeKind = "create"  // a mailbox named Folder.Name
	ChangeRename  ChangeKind = "rename"  // Folder.Name to Dest.Name, with all below it
	ChangeRemove  ChangeKind = "remove"  // the mailbox Folder.Name, which is empty
	ChangeFlag    ChangeKind = "flag"    // STORE Add and Remove on Items in Folder
	ChangeMove    ChangeKind = "move"    // Items from Folder to Dest
	ChangeCopy    ChangeKind = "copy"    // Items (by the UID of their source) from Folder to Dest
	ChangeAppend  ChangeKind = "append"  // the one Item, whose bytes are stored, to Dest
	ChangeExpunge ChangeKind = "expunge" // Items from Folder, for ever

	ChangeSubscribe   ChangeKind = "subscribe"   // to the mailbox Folder.Name
	ChangeUnsubscribe ChangeKind = "unsubscribe" // from it
)

// MaxItems is the most messages in one Change.
const MaxItems = 1000

// FolderRef is a mailbox as the server knows it.
type FolderRef struct {
	ID          ID
	Name        string // on the server, decoded
	UIDValidity uint32 // as last seen; 0 when it was never opened
	// UIDNext is set by the caller of Begin on Dest, as the server tells it
	// right before the command. A message that appears in Dest at or above it
	// can be the one that was under way.
	UIDNext uint32
}

// Item is one message of a Change.
type Item struct {
	ID        ID
	UID       uint32 // in Folder; of a copy, that of its source; 0 for an append
	MessageID string
	Size      int64         // of the raw message, in bytes
	Date      time.Time     // INTERNALDATE, for an append
	Flags     message.Flags // what an append is stored with
}

// Change is a batch of what is alike.
type Change struct {
	Account     string
	Kind        ChangeKind
	Folder      FolderRef // where the messages are; the folder concerned
	Dest        FolderRef // where they go
	Items       []Item    // in the order of their UIDs
	Add, Remove message.Flags

	flight int64 // 0 before Begin
}

// Outcome is what the server answered to a Change it carried out.
type Outcome struct {
	UIDValidity uint32 // of Dest; 0 when the server did not say
	// UIDs gives the new UID by the old one (COPYUID, RFC 4315 §3); an append
	// has its new UID under 0. What is not in it was not there to be moved or
	// copied any more. Empty means that the server did not say: all are taken
	// to have arrived, and are known again when Dest is listed. A copy that is
	// not known to have found its source is better looked for, as after a lost
	// connection.
	UIDs map[uint32]uint32
}

// Next returns the next change of an account that a server has to be told, nil
// when there is none that can be told now. What is in flight is left out.
// Folders to be made or renamed come first, then messages, then folders to be
// removed, which are empty by then as far as the store knows.
func (c *Changes) Next(ctx context.Context, acct string) (*Change, error) {
	ch, err := next(c.d.reading(ctx), acct, "")
	return ch, c.d.explain("next change of "+acct, err)
}

// next looks at all pending messages of an account, or at some of them (a list
// for json_each).
func next(q querier, acct, only string) (*Change, error) {
	a, err := accountID(q, acct)
	if err != nil {
		return nil, err
	}
	list, err := all(q, scanFolderRow, folderRowColumns+"WHERE account = ? AND NOT local", a)
	if err != nil {
		return nil, err
	}
	f := folderSet{list}
	if only == "" {
		if ch := f.change(); ch != nil {
			ch.Account = acct
			return ch, nil
		}
	}
	ch, err := f.messageChange(q, a, only)
	if err != nil {
		return nil, err
	}
	if ch == nil && only == "" {
		ch, err = f.removal(q)
	}
	if err == nil && ch == nil && only == "" {
		ch = f.subscription()
	}
	if ch != nil {
		ch.Account = acct
	}
	return ch, err
}

// folderSet is the folders of an account.
type folderSet struct{ list []folderRow }

// ref names a folder as the server does.
func (s folderSet) ref(id ID) (FolderRef, bool) {
	for _, f := range s.list {
		if f.id == id {
			return FolderRef{ID: id, Name: f.serverName, UIDValidity: f.validity}, f.serverName != ""
		}
	}
	return FolderRef{}, false
}

// change returns the folder to be made or renamed first, nil if there is none.
func (s folderSet) change() *Change {
	var first *folderRow
	for i, f := range s.list {
		if !f.wanted || f.inFlight || f.serverName == f.name || s.waits(f) {
			continue
		}
		if first == nil || f.tries < first.tries || f.tries == first.tries && len(f.name) < len(first.name) {
			first = &s.list[i]
		}
	}
	switch {
	case first == nil:
		return nil
	case first.serverName == "":
		return &Change{Kind: ChangeCreate, Folder: FolderRef{ID: first.id, Name: first.name}}
	default:
		ref, _ := s.ref(first.id)
		return &Change{Kind: ChangeRename, Folder: ref, Dest: FolderRef{ID: first.id, Name: first.name}}
	}
}

// waits reports whether another folder has to be changed before f can be: one
// above its new name, or above its old one, which it will move with.
func (s folderSet) waits(f folderRow) bool {
	for _, g := range s.list {
		if g.id == f.id || !g.wanted || g.serverName == g.name {
			continue
		}
		if below(f.name, g.name, f.delim) || f.serverName != "" && g.serverName != "" && below(f.serverName, g.serverName, f.delim) {
			return true
		}
	}
	return false
}

// removal returns a folder to be removed from the server, nil if there is none.
func (s folderSet) removal(q querier) (*Change, error) {
	for _, f := range s.list {
		if f.wanted || f.inFlight || f.serverName == "" {
			continue
		}
		used, err := one(q, value[bool], "SELECT EXISTS (SELECT 1 FROM message WHERE server_folder = ?)", f.id)
		if err != nil {
			return nil, err
		}
		if !used {
			ref, _ := s.ref(f.id)
			return &Change{Kind: ChangeRemove, Folder: ref}, nil
		}
	}
	return nil, nil
}

// subscription returns a folder to subscribe to or unsubscribe from, nil if
// there is none.
func (s folderSet) subscription() *Change {
	var first *folderRow
	for i, f := range s.list {
		if f.wanted && !f.inFlight && f.serverName != "" && f.subscribe.Valid && (first == nil || f.tries < first.tries) {
			first = &s.list[i]
		}
	}
	if first == nil {
		return nil
	}
	kind := ChangeUnsubscribe
	if first.subscribe.Bool {
		kind = ChangeSubscribe
	}
	ref, _ := s.ref(first.id)
	return &Change{Kind: kind, Folder: ref}
}

// pendingRow is a message whose sides differ.
type pendingRow struct {
	item         Item
	folder       ID // 0: nowhere
	serverFolder ID // 0: nowhere
	add, remove  message.Flags
	tries        int
	stored       bool
	mayExpunge   bool
	source       Item // of a copy that the server can make; UID 0: it cannot
	sourceFolder ID
}

// pendingQuery reads them in the order of their ids. A copy's source has to be
// in the same account, with a known UID and nothing under way.
const pendingQuery = `SELECT m.id, coalesce(m.uid, 0), m.message_id, m.size, m.received, m.flags, coalesce(m.folder, 0),
	coalesce(m.server_folder, 0), m.flag_add, m.flag_remove, m.tries, m.blob IS NOT NULL, ` + hasArrived + `
	AND NOT EXISTS (SELECT 1 FROM message k WHERE k.copy_of = m.id AND k.server_folder IS NULL AND k.folder IS NOT NULL AND k.blob IS NULL),
	coalesce(s.id, 0), coalesce(s.uid, 0), coalesce(s.server_folder, 0)
	FROM message m LEFT JOIN message s ON s.id = m.copy_of AND s.account = m.account AND s.flight IS NULL AND s.uid IS NOT NULL
	WHERE m.pending AND m.account = ?1 AND m.flight IS NULL `

func scanPendingRow(rows *sql.Rows) (r pendingRow, err error) {
	var received int64
	err = rows.Scan(&r.item.ID, &r.item.UID, &r.item.MessageID, &r.item.Size, &received, &r.item.Flags, &r.folder,
		&r.serverFolder, &r.add, &r.remove, &r.tries, &r.stored, &r.mayExpunge, &r.source.ID, &r.source.UID, &r.sourceFolder)
	r.item.Date = fromUnix(received)
	return r, err
}

// batchKey is equal for messages that one command can serve.
type batchKey struct {
	tries        int // first of all: what failed waits for the others
	rank         int // the order of kinds
	kind         ChangeKind
	folder, dest ID
	add, remove  message.Flags
	single       ID // an append goes alone
}

// key tells what the server has to be told about a message; false when it has
// to wait for something else.
func (s folderSet) key(r pendingRow) (batchKey, bool) {
	k := batchKey{tries: r.tries, folder: r.serverFolder, dest: r.folder}
	_, destThere := s.ref(r.folder)
	switch {
	case r.serverFolder != 0 && r.item.UID == 0:
		return k, false // lost: it will be found
	case r.serverFolder != 0 && r.folder == 0:
		k.kind, k.rank, k.dest = ChangeExpunge, 4, 0
		return k, r.mayExpunge
	case r.add|r.remove != 0 && r.serverFolder != 0:
		k.kind, k.rank, k.dest, k.add, k.remove = ChangeFlag, 0, 0, r.add, r.remove
		return k, true
	case r.serverFolder != 0:
		k.kind, k.rank = ChangeMove, 1
		return k, destThere
	case r.source.UID != 0:
		k.kind, k.rank, k.folder = ChangeCopy, 2, r.sourceFolder
		return k, destThere
	default:
		k.kind, k.rank, k.single = ChangeAppend, 3, r.item.ID
		return k, destThere && r.stored
	}
}

// messageChange gathers the messages of the most urgent batch.
func (s folderSet) messageChange(q querier, acct int64, only string) (*Change, error) {
	query, args := pendingQuery+"ORDER BY m.id", []any{acct}
	if only != "" {
		query, args = pendingQuery+"AND m.id IN (SELECT value FROM json_each(?2))", append(args, only)
	}
	rows, err := all(q, scanPendingRow, query, args...)
	if err != nil {
		return nil, err
	}
	var best batchKey
	var items []Item
	sources := map[uint32]bool{} // a message is copied once in a command
	for _, r := range rows {
		k, ready := s.key(r)
		if !ready {
			continue
		}
		if items == nil || cmp.Or(cmp.Compare(k.tries, best.tries), cmp.Compare(k.rank, best.rank)) < 0 {
			best, items = k, nil
			clear(sources)
		}
		if k != best || len(items) == MaxItems {
			continue
		}
		if k.kind == ChangeCopy {
			if sources[r.source.UID] {
				continue
			}
			sources[r.source.UID] = true
			r.item.UID = r.source.UID
		}
		items = append(items, r.item)
	}
	if items == nil {
		return nil, nil
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.UID, b.UID) })
	ch := &Change{Kind: best.kind, Items: items, Add: best.add, Remove: best.remove}
	ch.Folder, _ = s.ref(best.folder)
	ch.Dest, _ = s.ref(best.dest)
	return ch, nil
}

// fromUnix is the zero time for 0, which stands for not known.
func fromUnix(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func toUnix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
