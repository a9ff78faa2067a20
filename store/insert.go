package store

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"

	"tmail/message"
)

// rowsAtOnce is how many rows one statement inserts where there are many: what
// a statement costs by itself is paid once for them.
const rowsAtOnce = 50

// insertion is how rows come into a table that numbers them.
type insertion struct {
	shared, columns int    // values of all rows together, and of each
	one, many       string // statements for 1 row and for rowsAtOnce
}

// insertionInto takes the names of the columns that have the same value in all
// rows that are inserted together, and those of the others.
//
// OR FAIL: after an error the whole transaction is undone, so that SQLite need
// not be able to undo this statement alone. That halves its cost.
func insertionInto(table string, shared []string, columns ...string) insertion {
	row := ", ("
	for i := range shared {
		row += fmt.Sprintf("?%d, ", i+1)
	}
	row += "?" + strings.Repeat(", ?", len(columns)-1) + ")"
	into := "INSERT OR FAIL INTO " + table + " (" + strings.Join(slices.Concat(shared, columns), ", ") + ") VALUES "
	return insertion{len(shared), len(columns), into + row[2:], into + strings.Repeat(row, rowsAtOnce)[2:]}
}

// insertMany inserts rows and returns the id of the first; the others follow it,
// for nobody else writes meanwhile. appendRow appends the values of one row;
// as shared, they are of the types that are stored.
func (t *tx) insertMany(i insertion, shared []any, rows int, appendRow func(n int, values []any) []any) (first ID, err error) {
	last := ID(rows) - 1
	values := append(make([]any, 0, i.shared+min(rows, rowsAtOnce)*i.columns), shared...)
	for done := 0; done < rows && err == nil; {
		query, n := i.one, 1
		if rows-done >= rowsAtOnce {
			query, n = i.many, rowsAtOnce
		}
		values = values[:i.shared]
		for range n {
			values = appendRow(done, values)
			done++
		}
		last, err = t.insertRaw(query, values)
	}
	return last - ID(rows) + 1, err
}

// insertRaw runs an insertion of many values past database/sql, which would
// look at each of them, and copy them all.
func (t *tx) insertRaw(query string, values []any) (last ID, err error) {
	err = t.d.conn.Raw(func(conn any) error {
		s := t.d.bulk[query]
		if s == nil {
			if s, err = conn.(driver.ConnPrepareContext).PrepareContext(t.ctx, query); err != nil {
				return err
			}
			t.d.bulk[query] = s
		}
		args := t.d.args[:0]
		for n, v := range values {
			args = append(args, driver.NamedValue{Ordinal: n + 1, Value: v})
		}
		t.d.args = args
		defer clear(args) // what was inserted need not be kept
		result, err := s.(driver.StmtExecContext).ExecContext(t.ctx, args)
		if err != nil {
			return err
		}
		id, err := result.LastInsertId()
		last = ID(id)
		return err
	})
	return last, err
}

var newMessages = insertionInto("message", []string{"told", "account", "folder", "server_folder", "local"},
	"uid", "server_flags", "flag_add", "blob", "preview", "date", "received", "size", "identity", "attachments",
	"message_id", "sender", "recipients", "subject", "list_id", "thread", "topic", "loose", "sent")

// newRow is a message that was not here before.
type newRow struct {
	*NewMessage
	identity     int64
	texts        *texts // nil: not worked out yet
	thread       thread
	theirs, ours message.Flags // those the server has, and those we add
	blob         ID            // its bytes; 0: not here
	preview      string
	attachments  bool
}

// shelf is where rows are inserted.
type shelf struct {
	account int64
	folder  ID // where they are shown; 0: nowhere
	server  ID // the server's folder; 0: no server has them
}

// appendTo appends the values of newMessages.
func (r *newRow) appendTo(values []any, onServer bool, now time.Time) []any {
	x := r.texts
	if x == nil {
		now := textsOf(r.NewMessage)
		x = &now
	}
	var uid any
	if onServer {
		uid = int64(r.UID)
	}
	return append(values, uid, int64(r.theirs), int64(r.ours), orNull(r.blob),
		clip(r.preview), listDate(r.NewMessage, now).Unix(), toUnix(r.Date), r.Size, r.identity, r.attachments, x.messageID,
		x.sender, x.recipients, x.subject, x.listID,
		int64(r.thread.id), r.thread.topicValue(), r.thread.loose, sentValue(r.Envelope.Date))
}

// sentValue is what is stored of Date.
func sentValue(date time.Time) any {
	if date.IsZero() {
		return nil
	}
	return byClock(date)
}

// orNull is what is stored of an id that may be none.
func orNull(id ID) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

// insertMessages inserts rows of one shelf, returns the id of the first, and
// tells the folder of all of them together: no trigger does it for each.
func (t *tx) insertMessages(at shelf, rows []newRow) (ID, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	total, unread := 0, 0
	for i := range rows {
		flags := rows[i].theirs | rows[i].ours
		if flags&message.Deleted == 0 {
			total++
			if flags&message.Seen == 0 {
				unread++
			}
		}
	}
	now := t.d.now()
	shared := []any{true, at.account, orNull(at.folder), orNull(at.server), at.server == 0}
	first, err := t.insertMany(newMessages, shared, len(rows), func(n int, values []any) []any {
		return rows[n].appendTo(values, at.server != 0, now)
	})
	if err != nil {
		return 0, err
	}
	_, err = t.exec("UPDATE folder SET total = total + ?, unread = unread + ?, version = version + 1 WHERE id = ?", total, unread, int64(at.folder))
	return first, err
}
