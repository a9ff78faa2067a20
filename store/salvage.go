package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// salvaged are the tables worth saving, in an order in which each row finds
// what it needs, and which of their rows: what no server can tell again. The
// folders of a server come along where something of ours lies in them; they
// are known again by their names.
var salvaged = []struct{ table, which string }{
	{"account", "1"},
	{"folder", "1"},
	{"flight", "1"}, // of appends that may have been carried out
	{"message", "local OR server_folder IS NULL"},
	{"draft", "1"},
	{"file", "draft IN (SELECT message FROM draft)"},
	{"outbox", "1"},
	{"uidl", "1"},
	{"address", "1"},
	{"habit", "folder IN (SELECT id FROM folder)"},
	{"saved_search", "1"},
	{"reference", "1"},
	{"thread", "1"},
}

// salvage copies what can be read of a damaged database into a new one, row by
// row: an unreadable one costs only itself. It returns how many messages came
// through. Errors are no reason to stop; there is nothing better to do.
func salvage(ctx context.Context, d *database, path string) int {
	saved, whole := 0, false
	if old, err := openDamaged(ctx, path, d.dir); err == nil {
		saved, whole = copyRows(ctx, d, old)
		whole = copyBlobs(ctx, d, old) && whole
		keepIDs(ctx, d, old)
		old.Close()
	}
	if !whole {
		saved += salvageLeaves(ctx, d, path)
	}
	_ = d.update(ctx, precious, "finish saving", func(t *tx) error { return t.execAll(nil, afterSalvage...) })
	return saved
}

// copyRows copies what is worth saving, but for the bytes of messages. It
// returns how many messages came, and whether all could be read.
func copyRows(ctx context.Context, d *database, old *sql.DB) (messages int, whole bool) {
	whole = true
	for _, s := range salvaged {
		n, err := copyTable(ctx, d, old, s.table, s.which)
		if s.table == "message" {
			messages = n
		}
		whole = whole && err == nil
	}
	return messages, whole
}

// afterSalvage makes the saved rows one whole again: the servers' mailboxes
// are to be listed anew, counters are counted, and what lost its bytes or its
// place is put right.
var afterSalvage = []string{
	"UPDATE account SET pass = pass + 1, status = NULL",
	"UPDATE folder SET uidvalidity = 0, uidnext = 0, modseq = 0, synced = local, flight = NULL",
	"DELETE FROM message WHERE account NOT IN (SELECT id FROM account)",
	`UPDATE message SET flight = NULL, flight_uid = NULL, server_flags = 0, flag_add = flags, flag_remove = 0
		WHERE flight IS NOT NULL AND flight NOT IN (SELECT id FROM flight)`,
	"DELETE FROM flight WHERE id NOT IN (SELECT flight FROM message WHERE flight IS NOT NULL)",
	"UPDATE message SET copy_of = NULL",
	"UPDATE message SET blob = NULL WHERE blob NOT IN (SELECT id FROM blob)",
	"DELETE FROM message WHERE blob IS NULL AND id NOT IN (SELECT message FROM draft)",
	homeless,
	"UPDATE message SET folder = was, waits_for = NULL WHERE folder IS NULL AND waits_for NOT IN (SELECT id FROM message)",
	"DELETE FROM outbox WHERE message NOT IN (SELECT id FROM message WHERE blob IS NOT NULL)",
	"DELETE FROM draft WHERE message NOT IN (SELECT id FROM message)",
	"DELETE FROM file WHERE draft NOT IN (SELECT message FROM draft) OR blob NOT IN (SELECT id FROM blob)",
	`UPDATE message SET folder = (SELECT min(f.id) FROM folder f WHERE f.account = message.account AND f.role = ` + homeRole + `)
		WHERE folder NOT IN (SELECT id FROM folder)`,
	"DELETE FROM message WHERE folder IS NULL AND waits_for IS NULL AND id NOT IN (SELECT message FROM draft)",
	// Its content is not here any more, and the server may have it still.
	"DELETE FROM uidl WHERE message IS NOT NULL AND message NOT IN (SELECT id FROM message)",
	"UPDATE blob SET loose = 0 WHERE id NOT IN (SELECT blob FROM message WHERE blob IS NOT NULL) AND id NOT IN (SELECT blob FROM file)",
	"DELETE FROM blob WHERE loose = 0",
	`UPDATE last_thread SET id = max(coalesce((SELECT max(thread) FROM message), 0), coalesce((SELECT max(thread) FROM reference), 0),
		coalesce((SELECT max(id) FROM thread), 0))`,
	`UPDATE folder SET version = version + 1, total = (SELECT count(*) FROM message m WHERE m.listed = folder.id),
		unread = (SELECT count(*) FROM message m WHERE m.listed = folder.id AND m.flags & 1 = 0)`,
}

// homeless makes the folders for messages whose own was lost, where there are
// none that would do. Their ids were never those of others.
const homeless = `INSERT INTO folder (id, account, name, role, local, synced)
	SELECT (SELECT max(coalesce(max(m.folder), 0), coalesce(max(m.was), 0), coalesce(max(m.server_folder), 0),
			(SELECT coalesce(max(id), 0) FROM folder)) FROM message m) + row_number() OVER (), account, name, role, 1, 1
	FROM (SELECT DISTINCT account, upper(substr(role, 1, 1)) || substr(role, 2) name, role
		FROM (SELECT account, ` + homeRole + ` role FROM message WHERE folder NOT IN (SELECT id FROM folder)) h
		WHERE NOT EXISTS (SELECT 1 FROM folder f WHERE f.account = h.account AND f.role = h.role))`

// homeRole is the role of the folder that a message without one goes to.
const homeRole = `CASE WHEN message.id IN (SELECT message FROM outbox) THEN 'outbox'
	WHEN message.id IN (SELECT message FROM draft) THEN 'drafts' ELSE 'inbox' END`

// openDamaged opens a copy of the file to read from. When not even its schema
// can be read, the first page, where it begins, is taken from a new database:
// the tables begin on the same pages in all of them.
func openDamaged(ctx context.Context, path, dir string) (*sql.DB, error) {
	readable := func() (*sql.DB, error) {
		// Read only, so that its log is not written back into it at the end.
		db, err := sql.Open("sqlite", dsn(path, "cell_size_check(1)")+"&mode=ro")
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		var n int
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'message'").Scan(&n); err != nil || n == 0 {
			db.Close()
			return nil, errors.Join(ErrDamaged, err)
		}
		return db, nil
	}
	if db, err := readable(); err == nil {
		return db, nil
	}
	if err := transplant(ctx, path, dir); err != nil {
		return nil, err
	}
	return readable()
}

// transplant writes the first page of a new database over that of a copy. The
// damaged file itself stays as it is, under the name with .original.
func transplant(ctx context.Context, path, dir string) error {
	donor, err := openBeside(ctx, dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(donor.dir)
	if err := donor.close(); err != nil {
		return err
	}
	page, err := firstPage(filepath.Join(donor.dir, fileName))
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(data) < 2*len(page) {
		return fmt.Errorf("nothing after the first page: %w", ErrDamaged)
	}
	if err := os.WriteFile(path+".original", data, 0o600); err != nil {
		return err
	}
	copy(data, page)
	return os.WriteFile(path, data, 0o600)
}

// openBeside makes a new database in a directory of its own below dir, to be
// removed after it was closed.
func openBeside(ctx context.Context, dir string) (*database, error) {
	fresh, err := os.MkdirTemp(dir, "salvage-")
	if err != nil {
		return nil, err
	}
	d, err := openDatabase(ctx, fresh, time.Now, func() {})
	if err == nil {
		if err = d.update(ctx, retold, "migrate", migrate); err != nil {
			err = errors.Join(err, d.close())
		}
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(fresh))
	}
	return d, nil
}

func firstPage(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	page := make([]byte, 4096) // SQLite's page size where none is asked for
	_, err = io.ReadFull(f, page)
	// The size in the header is only valid beside a matching counter: without
	// it SQLite takes that of the file.
	copy(page[28:32], []byte{0, 0, 0, 0})
	return page, err
}

// copyTable copies the rows of a table that can be read, and returns how many,
// and what kept it from reading others. Columns that only one side knows are
// left out.
func copyTable(ctx context.Context, d *database, old *sql.DB, table, which string) (saved int, err error) {
	names, key := columns(ctx, d, table)
	if there := columnsIn(ctx, old, table); len(there) > 0 {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(there, name) })
	}
	list := strings.Join(names, ", ")
	insert := fmt.Sprintf("INSERT OR IGNORE INTO %s (%s) VALUES (?%s)", table, list, strings.Repeat(", ?", len(names)-1))
	query := fmt.Sprintf("SELECT %s FROM %s WHERE (%s)", list, table, which)
	take := func(query string, args ...any) error {
		var unreadable error
		err := d.update(ctx, retold, "save "+table, func(t *tx) error {
			unreadable = scanRows(ctx, old, len(names), func(row []any) error {
				n, err := t.count(insert, row...)
				saved += n
				return err
			}, query, args...)
			return nil // what came before it is kept
		})
		return errors.Join(unreadable, err)
	}
	last, err := lastKey(ctx, old, table, key)
	if err != nil || key == "" || last > mostKeys {
		err = cmp.Or(take(query), err) // as far as it goes
		return saved, err
	}
	eachKey(ctx, last, func(low, high int64) error {
		e := take(fmt.Sprintf("%s AND %s BETWEEN ? AND ?", query, key), low, high)
		err = cmp.Or(err, e)
		return e
	})
	return saved, err
}

// mostKeys is up to where keys are counted up one by one; beyond it they are
// hashes, or damage.
const mostKeys = 1 << 32

// lastKey is the largest key of a table.
func lastKey(ctx context.Context, old *sql.DB, table, key string) (int64, error) {
	if key == "" {
		return 0, nil
	}
	var last sql.NullInt64
	if err := old.QueryRowContext(ctx, fmt.Sprintf("SELECT max(%s) FROM %s", key, table)).Scan(&last); err != nil {
		return 0, err
	}
	return last.Int64, nil
}

// eachKey walks over the keys of a table by ranges, and by single rows where
// reading a range fails.
func eachKey(ctx context.Context, last int64, read func(low, high int64) error) {
	const chunk = 1024
	for low := int64(0); low <= last && ctx.Err() == nil; low += chunk {
		if read(low, low+chunk-1) == nil {
			continue
		}
		for id := low; id < low+chunk; id++ {
			_ = read(id, id) // this one is lost
		}
	}
}

// scanRows reads rows as they are and hands them on.
func scanRows(ctx context.Context, old *sql.DB, width int, keep func([]any) error, query string, args ...any) error {
	rows, err := old.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, into := make([]any, width), make([]any, width)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := keep(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// columns returns the stored columns of a table and its integer key.
func columns(ctx context.Context, d *database, table string) (names []string, key string) {
	type column struct {
		name, kind string
		key        int
	}
	list, _ := all(d.reading(ctx), func(rows *sql.Rows) (c column, err error) {
		err = rows.Scan(&c.name, &c.kind, &c.key)
		return c, err
	}, "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden = 0", table)
	for _, c := range list {
		names = append(names, c.name)
		if c.key == 1 && c.kind == "INTEGER" {
			key = c.name
		}
	}
	if slices.ContainsFunc(list, func(c column) bool { return c.key > 1 }) {
		key = "" // a key of several columns
	}
	return names, key
}

// columnsIn returns the stored columns of a table in a damaged database, which
// may be of an older version.
func columnsIn(ctx context.Context, old *sql.DB, table string) (names []string) {
	_ = scanRows(ctx, old, 1, func(row []any) error {
		names = append(names, fmt.Sprint(row[0]))
		return nil
	}, "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", table)
	return names
}

// copyBlobs copies the bytes of what was saved, each whole or not at all, and
// says whether all were.
func copyBlobs(ctx context.Context, d *database, old *sql.DB) bool {
	wanted, err := all(d.reading(ctx), value[int64], blobsMissing)
	for _, id := range wanted {
		e := d.update(ctx, retold, "save message", func(t *tx) error {
			var size int64
			if err := old.QueryRowContext(ctx, "SELECT size FROM blob WHERE id = ?", id).Scan(&size); err != nil {
				return err
			}
			missing := (size + pieceSize - 1) / pieceSize
			err := scanRows(ctx, old, 2, func(row []any) error {
				missing--
				_, err := t.exec("INSERT INTO piece (id, data) VALUES (?, ?)", row...)
				return err
			}, "SELECT id, data FROM piece WHERE id BETWEEN ? AND ?", id<<pieceBits, (id+1)<<pieceBits-1)
			if err != nil || missing > 0 {
				return errors.Join(ErrDamaged, err)
			}
			_, err = t.exec("INSERT INTO blob (id, size) VALUES (?, ?)", id, size)
			return err
		})
		err = cmp.Or(err, e)
	}
	return err == nil
}

// blobsMissing are those of what was saved that are still to be.
const blobsMissing = "SELECT blob FROM message WHERE blob IS NOT NULL UNION SELECT blob FROM file EXCEPT SELECT id FROM blob"

// keepIDs makes sure that no id is used again.
func keepIDs(ctx context.Context, d *database, old *sql.DB) {
	_ = d.update(ctx, retold, "save ids", func(t *tx) error {
		return scanRows(ctx, old, 2, func(row []any) error {
			if n, err := t.count("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", row...); err != nil || n > 0 {
				return err
			}
			_, err := t.exec("INSERT INTO sqlite_sequence (name, seq) SELECT ?, ?", row...)
			return err
		}, "SELECT name, seq FROM sqlite_sequence")
	})
}
