package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fileName is the database in the data directory; SQLite adds -wal and -shm.
const fileName = "mail.db"

// damageMark is a file that says that the database was found damaged while in
// use, so that the next Open sets it aside.
const damageMark = fileName + ".is-damaged"

// durability says what a transaction must survive.
type durability string

const (
	// precious is what exists nowhere else: on the disk when the call returns.
	precious durability = "FULL"
	// retold is what the server can tell again: it survives a crash of the
	// program, and may be missing after a power cut.
	retold durability = "NORMAL"
)

// database is the file with one writing connection and many reading ones. It
// owns every statement, so that each is prepared once.
type database struct {
	dir string
	now func() time.Time

	writer *sql.DB
	turn   chan struct{} // holds one token: whose turn it is to write
	conn   *sql.Conn     // the writing connection, and
	stmts  map[string]*sql.Stmt
	bulk   map[string]driver.Stmt // and those of insertMany
	args   []driver.NamedValue    // what one of these has been given; used again
	sync   durability             // its setting; these belong to the holder of the token

	reader *sql.DB
	mu     sync.Mutex // guards reads
	reads  map[string]*sql.Stmt

	wake func() // tells of a commit

	committed chan struct{} // holds one token: something was, since checkpoints looked
	rest      func()        // ends checkpoints
}

// openDatabase opens connections to an existing or new file.
func openDatabase(ctx context.Context, dir string, now func() time.Time, wake func()) (*database, error) {
	path := filepath.Join(dir, fileName)
	// SQLite gives its other files the mode of this one.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	d := &database{dir: dir, now: now, wake: wake, turn: make(chan struct{}, 1),
		stmts: map[string]*sql.Stmt{}, bulk: map[string]driver.Stmt{}, reads: map[string]*sql.Stmt{}}
	if d.writer, err = sql.Open("sqlite", dsn(path, "journal_mode(WAL)", fmt.Sprintf("wal_autocheckpoint(%d)", writerHelps),
		"cache_size(-4000)", "temp_store(MEMORY)")); err != nil {
		return nil, err
	}
	d.writer.SetMaxOpenConns(1)
	if d.conn, err = d.writer.Conn(ctx); err != nil {
		d.writer.Close()
		return nil, err
	}
	if d.reader, err = sql.Open("sqlite", dsn(path, "query_only(1)", "cache_size(-1000)")); err != nil {
		d.conn.Close()
		d.writer.Close()
		return nil, err
	}
	d.reader.SetMaxOpenConns(4)
	d.reader.SetMaxIdleConns(4)
	d.turn <- struct{}{}
	d.committed = make(chan struct{}, 1)
	background, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	d.rest = func() { stop(); <-ended }
	go func() {
		defer close(ended)
		d.checkpoints(background)
	}()
	return d, nil
}

func dsn(path string, pragmas ...string) string {
	s := "file:" + uriPath(path) + "?_pragma=busy_timeout(10000)"
	for _, p := range pragmas {
		s += "&_pragma=" + p
	}
	return s
}

func (d *database) close() error {
	<-d.turn // never given back: nobody writes any more
	d.rest()
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.reader.Close()
	for _, s := range d.stmts { // else SQLite leaves its log behind
		err = errors.Join(err, s.Close())
	}
	for _, s := range d.bulk {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, d.conn.Close(), d.writer.Close())
}

// tx is a writing transaction.
type tx struct {
	ctx context.Context
	d   *database
}

// update runs f in a transaction: all of it is done or nothing. Once begun it
// is not interrupted by the end of ctx. what names it in errors.
func (d *database) update(ctx context.Context, sync durability, what string, f func(*tx) error) error {
	if err := d.take(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { d.turn <- struct{}{} }()
	t := &tx{ctx: context.WithoutCancel(ctx), d: d}
	if err := t.run(sync, f); err != nil {
		return d.explain(what, err)
	}
	d.wake()
	select {
	case d.committed <- struct{}{}:
	default:
	}
	return nil
}

// take waits for one's turn to write.
func (d *database) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-d.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *tx) run(sync durability, f func(*tx) error) error {
	d := t.d
	if d.sync != sync {
		if _, err := d.conn.ExecContext(t.ctx, "PRAGMA synchronous="+string(sync)); err != nil {
			return err
		}
		d.sync = sync
	}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed { // also when f panics; after a full disk SQLite may have done it itself
			_, _ = t.exec("ROLLBACK")
		}
	}()
	version, err := one(t.query, value[int], "PRAGMA user_version")
	if err != nil {
		return err
	}
	if version > len(migrations) { // since this was opened
		return newer(version)
	}
	if err := f(t); err != nil {
		return err
	}
	if _, err := t.exec("COMMIT"); err != nil {
		return err
	}
	committed = true
	return nil
}

// stmt prepares a statement of the writing connection once.
func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.d.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.d.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, err
	}
	t.d.stmts[query] = s
	return s, nil
}

func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(t.ctx, args...)
}

// execAll runs several statements with the same arguments.
func (t *tx) execAll(args []any, queries ...string) error {
	for _, q := range queries {
		if _, err := t.exec(q, args...); err != nil {
			return err
		}
	}
	return nil
}

// count is exec for those who want to know how many rows changed.
func (t *tx) count(query string, args ...any) (int, error) {
	res, err := t.exec(query, args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// insert is exec for those who want to know the new id.
func (t *tx) insert(query string, args ...any) (ID, error) {
	res, err := t.exec(query, args...)
	if err != nil {
		return 0, err
	}
	n, err := res.LastInsertId()
	return ID(n), err
}

func (t *tx) query(query string, args ...any) (*sql.Rows, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.ctx, args...)
}

// read prepares a statement of the reading connections once.
func (d *database) read(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	d.mu.Lock()
	s := d.reads[query]
	d.mu.Unlock()
	if s == nil {
		var err error
		if s, err = d.statement(ctx, query); err != nil {
			return nil, err
		}
	}
	return s.QueryContext(ctx, args...)
}

// statement prepares one. It waits for a connection, and keeps nobody else from reading meanwhile.
func (d *database) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	s, err := d.reader.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if first := d.reads[query]; first != nil { // another was faster
		return first, s.Close()
	}
	d.reads[query] = s
	return s, nil
}

// querier is what both a transaction and the reading connections can do.
type querier func(query string, args ...any) (*sql.Rows, error)

func (d *database) reading(ctx context.Context) querier {
	return func(query string, args ...any) (*sql.Rows, error) { return d.read(ctx, query, args...) }
}

// all reads every row of a query; scan is called for each.
func all[T any](q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// one reads the first row; ErrNoSuch when there is none.
func one[T any](q querier, scan func(*sql.Rows) (T, error), query string, args ...any) (T, error) {
	var none T
	rows, err := q(query, args...)
	if err != nil {
		return none, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return none, err
		}
		return none, ErrNoSuch
	}
	return scan(rows)
}

// value scans a row of a single column.
func value[T any](rows *sql.Rows) (v T, err error) {
	err = rows.Scan(&v)
	return v, err
}

// explain adds what was being done and the type that callers decide on.
func (d *database) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", what, err)
	}
	var kind error
	code := e.Code() & 0xff // the low byte is the primary result code
	if e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
		code = sqlite3.SQLITE_FULL // there is no room for what the processes share
	}
	switch code {
	case sqlite3.SQLITE_FULL:
		kind = ErrDiskFull
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		kind = ErrIO
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		kind = ErrBusy
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		kind = ErrDamaged
		d.markDamaged()
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w (%w)", what, kind, err)
}

// markDamaged leaves word for the next Open. If even that fails, the damage
// will be met again.
func (d *database) markDamaged() {
	_ = os.WriteFile(filepath.Join(d.dir, damageMark), nil, 0o600)
}
