package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"tmail/account"
	"tmail/message"
)

// Index reads what the screen shows: folders and message rows.
type Index struct{ d *database }

// Folder is one mailbox as shown.
type Folder struct {
	ID       ID
	Account  string
	Name     string // whole path, decoded; not safe for the screen
	Delim    string // between the levels of Name; "" when there are none
	Role     account.Role
	Local    bool  // exists on this machine only
	NoSelect bool  // holds folders, no messages
	Total    int   // messages shown
	Unread   int   // of these, without \Seen
	Synced   bool  // its messages have been listed once
	Version  int64 // counts up with every change of what the folder shows

	Subscribed bool // the person wants to see it
	Favourite  bool // stands on top
	Folded     bool // those below it are not shown
}

// OutStatus says where an outgoing message stands.
type OutStatus string

// The states of a message in the Outbox.
const (
	OutHeld        OutStatus = "held"        // waits for its time, or until told
	OutDue         OutStatus = "due"         // to be sent as soon as possible
	OutSending     OutStatus = "sending"     // on its way now
	OutUnconfirmed OutStatus = "unconfirmed" // the server may have it: never sent again unasked
	OutFailed      OutStatus = "failed"      // refused for good, or needs the person
)

// Row is one message as lists show it. Its text is not safe for the screen.
type Row struct {
	ID             ID
	Thread         ID // the conversation it belongs to
	Folder         ID
	Account        string
	Date           time.Time // the time it is ordered by; in UTC
	From, To       []message.Address
	Subject        string
	Preview        string // the first words of its text; "" until the body is stored
	Flags          message.Flags
	Size           int64     // of the raw message, in bytes
	HasAttachments bool      // a guess until the body is stored
	Stored         bool      // the body is here
	Pending        bool      // the server has still to be told about a change
	MessageID      string    // without the angle brackets; "" where it has none
	Status         OutStatus // "" unless in the Outbox
	Due            time.Time // in the Outbox, when it may leave; zero: when told
	Sent           int64     // octets of it that the server has taken, while it is being sent
	Problem        *Problem  // why the last change to it failed; nil when none did
}

const folderColumns = `SELECT f.id, a.name, f.name, f.delim, f.role, f.local, f.noselect, f.total, f.unread, f.synced OR f.local,
	f.version, coalesce(f.subscribe, f.subscribed), f.favourite, f.folded
	FROM folder f JOIN account a ON a.id = f.account `

func scanFolder(rows *sql.Rows) (f Folder, err error) {
	err = rows.Scan(&f.ID, &f.Account, &f.Name, &f.Delim, &f.Role, &f.Local, &f.NoSelect, &f.Total, &f.Unread, &f.Synced,
		&f.Version, &f.Subscribed, &f.Favourite, &f.Folded)
	return f, err
}

// roleOrder is the order of folders with a role.
const roleOrder = `CASE f.role WHEN 'inbox' THEN 0 WHEN 'drafts' THEN 1 WHEN 'outbox' THEN 2 WHEN 'sent' THEN 3
	WHEN 'archive' THEN 4 WHEN 'trash' THEN 5 WHEN 'junk' THEN 6 ELSE 7 END`

// Folders returns every folder wanted, accounts in the order they were
// registered, within them Inbox first, then by role, then by name.
func (x *Index) Folders(ctx context.Context) ([]Folder, error) {
	list, err := all(x.d.reading(ctx), scanFolder,
		folderColumns+"WHERE f.wanted AND a.position IS NOT NULL ORDER BY a.position, "+roleOrder+", f.name, f.id")
	return list, x.d.explain("list folders", err)
}

// Folder returns one folder, or ErrNoSuch.
func (x *Index) Folder(ctx context.Context, id ID) (Folder, error) {
	f, err := one(x.d.reading(ctx), scanFolder, folderColumns+"WHERE f.id = ? AND f.wanted", id)
	return f, x.d.explain("folder "+id.String(), err)
}

// FolderByRole returns the account's folder of that role, or ErrNoSuch.
func (x *Index) FolderByRole(ctx context.Context, acct string, role account.Role) (Folder, error) {
	f, err := one(x.d.reading(ctx), scanFolder,
		folderColumns+"WHERE a.name = ? AND f.role = ? AND f.wanted ORDER BY f.noselect, f.local, f.id LIMIT 1", acct, role)
	return f, x.d.explain("folder for "+string(role)+" of "+acct, err)
}

// IDs returns the messages of a folder, newest first.
func (x *Index) IDs(ctx context.Context, folder ID) ([]ID, error) {
	list, err := one(x.d.reading(ctx), value[sql.NullString],
		"SELECT group_concat(id) FROM (SELECT id FROM message WHERE listed = ? ORDER BY date DESC, id DESC LIMIT -1)", folder)
	return parseIDs(list.String), x.d.explain("list messages", err)
}

// CROSS JOIN keeps SQLite from reading the accounts first.
const (
	rowColumns = `SELECT m.id, coalesce(m.thread, -m.id), coalesce(m.folder, 0), a.name, m.date, m.sender, m.recipients, m.subject, m.preview, m.flags, m.size,
	m.attachments, m.blob IS NOT NULL, m.pending, m.message_id, coalesce(o.problem, m.problem), coalesce(o.status, ''), o.due, coalesce(o.sent, 0) `
	rowJoins = `CROSS JOIN account a ON a.id = m.account LEFT JOIN outbox o ON o.message = m.id `
)

func (d *database) scanRow(rows *sql.Rows) (r Row, err error) {
	var date int64
	var from, to string
	var problem sql.NullString
	var due sql.NullInt64
	err = rows.Scan(&r.ID, &r.Thread, &r.Folder, &r.Account, &date, &from, &to, &r.Subject, &r.Preview, &r.Flags, &r.Size,
		&r.HasAttachments, &r.Stored, &r.Pending, &r.MessageID, &problem, &r.Status, &due, &r.Sent)
	r.Date = time.Unix(date, 0).UTC()
	r.From, r.To = splitAddresses(from), splitAddresses(to)
	r.Problem = parseProblem(problem)
	r.Status = shownStatus(r.Status, due, d.now())
	if due.Valid {
		r.Due = time.UnixMilli(due.Int64)
	}
	return r, err
}

// Newest returns the rows of the n newest messages of a folder.
func (x *Index) Newest(ctx context.Context, folder ID, n int) ([]Row, error) {
	list, err := all(x.d.reading(ctx), x.d.scanRow,
		rowColumns+"FROM message m "+rowJoins+"WHERE m.listed = ? ORDER BY m.date DESC, m.id DESC LIMIT ?", folder, n)
	return list, x.d.explain("read messages", err)
}

// Rows returns the rows of ids in that order; those that are gone are absent.
func (x *Index) Rows(ctx context.Context, ids []ID) ([]Row, error) {
	list, err := all(x.d.reading(ctx), x.d.scanRow, rowColumns+"FROM json_each(?) j CROSS JOIN message m ON m.id = j.value "+rowJoins+
		"WHERE m.listed IS NOT NULL", idList(ids))
	if err != nil {
		return nil, x.d.explain("read messages", err)
	}
	order := make(map[ID]int, len(ids))
	for i, id := range ids {
		order[id] = i
	}
	slices.SortFunc(list, func(a, b Row) int { return order[a.ID] - order[b.ID] })
	return list, nil
}

// idList writes ids as json_each reads them: one bound parameter for any number.
func idList[T ~int64 | ~uint32](ids []T) string {
	b, _ := json.Marshal(ids) // integers always can
	if ids == nil {
		return "[]"
	}
	return string(b)
}
