package store

import (
	"database/sql"
	"strings"
	"time"

	"tmail/message"
)

// rowsAtOnce is how many rows one statement inserts where there are many: what
// a statement costs by itself is paid once for them.
const rowsAtOnce = 50

// insertion is how rows come into a table that numbers them.
type insertion struct {
	columns   int
	one, many string // statements for 1 row and for rowsAtOnce
}

// insertionInto takes the names of the columns.
//
// OR FAIL: after an error the whole transaction is undone, so that SQLite need
// not be able to undo this statement alone. That halves its cost.
func insertionInto(table string, columns ...string) insertion {
	row := ", (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	into := "INSERT OR FAIL INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES "
	return insertion{len(columns), into + row[2:], into + strings.Repeat(row, rowsAtOnce)[2:]}
}

// insertMany inserts rows, whose values stand one behind the other, and returns
// the id of the first; the others follow it, for nobody else writes meanwhile.
func (t *tx) insertMany(i insertion, values []any) (first ID, err error) {
	rows := ID(len(values) / i.columns)
	last := rows - 1
	for len(values) > 0 && err == nil {
		query, n := i.one, i.columns
		if len(values) >= rowsAtOnce*i.columns {
			query, n = i.many, rowsAtOnce*i.columns
		}
		last, err = t.insert(query, values[:n]...)
		values = values[n:]
	}
	return last - rows + 1, err
}

var newMessages = insertionInto("message", "told", "account", "folder", "server_folder", "uid", "server_flags", "local", "flag_add", "blob", "preview",
	"date", "received", "size", "identity", "attachments", "message_id", "sender", "recipients", "subject", "list_id",
	"thread", "topic", "loose")

// newRow is a message that was not here before.
type newRow struct {
	NewMessage
	identity     int64
	thread       thread
	account      int64
	folder       ID            // where it is shown; 0: nowhere
	serverFolder ID            // 0: no server has it
	theirs, ours message.Flags // those the server has, and those we add
	blob         ID            // its bytes; 0: not here
	preview      string
	attachments  bool
}

// appendTo appends the values of newMessages.
func (r *newRow) appendTo(values []any, now time.Time) []any {
	e := &r.Envelope
	uid := sql.Null[int64]{V: int64(r.UID), Valid: r.serverFolder != 0}
	return append(values, true, r.account, orNull(r.folder), orNull(r.serverFolder), uid, int64(r.theirs), r.serverFolder == 0, int64(r.ours), orNull(r.blob),
		clip(r.preview), listDate(r.NewMessage, now).Unix(), toUnix(r.Date), r.Size, r.identity, r.attachments, clip(e.MessageID),
		joinAddresses(e.From), joinRecipients(e.To, e.Cc), clip(e.Subject), clip(e.ListID),
		int64(r.thread.id), r.thread.topic, r.thread.loose)
}

func orNull(id ID) sql.Null[int64] { return sql.Null[int64]{V: int64(id), Valid: id != 0} }

// insertMessages inserts rows of one folder, returns the id of the first, and
// tells the folder of all of them together: no trigger does it for each.
func (t *tx) insertMessages(rows []newRow) (ID, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	total, unread := 0, 0
	values := make([]any, 0, len(rows)*newMessages.columns)
	for i := range rows {
		values = rows[i].appendTo(values, t.d.now())
		flags := rows[i].theirs | rows[i].ours
		if flags&message.Deleted == 0 {
			total++
			if flags&message.Seen == 0 {
				unread++
			}
		}
	}
	first, err := t.insertMany(newMessages, values)
	if err != nil {
		return 0, err
	}
	_, err = t.exec("UPDATE folder SET total = total + ?, unread = unread + ?, version = version + 1 WHERE id = ?", total, unread, int64(rows[0].folder))
	return first, err
}
