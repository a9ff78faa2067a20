package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
)

// salvageLeaves saves what SQLite finds no way to: rows whose own page is
// sound, but not the root of their table, a page between, or the schema. It
// gathers the rows of all leaves in a database beside, from where they are
// copied as if it were the damaged one. What was saved already stays as it is.
// It returns how many messages came.
func salvageLeaves(ctx context.Context, d *database, path string) (saved int) {
	found, err := openBeside(ctx, d.dir)
	if err != nil {
		return 0
	}
	defer os.RemoveAll(found.dir)
	defer found.close()
	// With a schema that is written to, SQLite minds no damage of it.
	old, err := sql.Open("sqlite", dsn(path, "writable_schema(1)")+"&mode=ro")
	if err != nil {
		return 0
	}
	defer old.Close()
	old.SetMaxOpenConns(1)

	g := &gathering{ctx: ctx, to: found, from: old}
	if err := g.findLeaves(); err != nil {
		return 0
	}
	g.rows(leafTables)
	_ = found.update(ctx, retold, "prepare saving", func(t *tx) error { return t.execAll(nil, afterGathering...) })
	namesOfAccounts(ctx, d, old)
	saved, _ = copyRows(ctx, d, found.reader)
	if missing, err := all(d.reading(ctx), value[int64], blobsMissing); err == nil {
		g.pieces(missing)
	}
	copyBlobs(ctx, d, found.reader)
	return saved
}

// afterGathering is what is done to rows before they are copied: what waited to
// be sent may be a row that was deleted since, so the person is to release it,
// and a draft tells which files it has.
var afterGathering = []string{
	"UPDATE outbox SET due = NULL WHERE status = 'due'",
	"INSERT OR IGNORE INTO file (draft, blob) SELECT message, j.value ->> 'Blob' FROM draft, json_each(data, '$.Files') j WHERE json_valid(data)",
}

// namesOfAccounts saves accounts whose rows are lost: their ids and names stand
// in an index, too. What else there is to know of them comes when they are
// registered the next time.
func namesOfAccounts(ctx context.Context, d *database, old *sql.DB) {
	_ = d.update(ctx, retold, "save accounts", func(t *tx) error {
		_ = scanRows(ctx, old, 2, func(row []any) error {
			_, err := t.exec("INSERT OR IGNORE INTO account (id, name, protocol) VALUES (?, ?, '')", row...)
			return err
		}, "SELECT id, name FROM account INDEXED BY sqlite_autoindex_account_1")
		return nil // what came before it is kept
	})
}

// leafTable says by what the rows of a table are known: how many columns they
// have at least, which is with how many it was made first, and the kinds of all
// of them. No other table has such rows.
type leafTable struct {
	name  string
	least int
	empty string // a column that is NULL in the rows looked for; "": none
}

var leafTables = []leafTable{
	{"account", 10, ""}, {"folder", 19, ""}, {"message", 30, ""}, {"flight", 10, ""}, {"draft", 4, ""},
	{"outbox", 10, ""}, {"uidl", 8, ""}, {"saved_search", 3, ""}, {"blob", 3, "loose"},
}

// shape is what the rows of a table look like.
type shape struct {
	columns []shapeColumn
	least   int
	insert  string // with as many columns as a row has
}

type shapeColumn struct {
	name, kind    string
	optional, key bool
}

func (d *database) shape(ctx context.Context, table leafTable) (*shape, error) {
	columns, err := all(d.reading(ctx), func(rows *sql.Rows) (c shapeColumn, err error) {
		var required bool
		err = rows.Scan(&c.name, &c.kind, &required, &c.key)
		c.optional = !required
		return c, err
	}, "SELECT name, type, [notnull], pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid", table.name)
	if err != nil || len(columns) < table.least {
		return nil, fmt.Errorf("columns of %s: %w", table.name, err)
	}
	for i := range columns {
		if columns[i].name == table.empty {
			columns[i].kind = ""
		}
	}
	return &shape{columns, table.least, "INSERT OR IGNORE INTO " + table.name}, nil
}

// fits reports whether a row looks like one of the table. The key stands before
// the row, and is NULL in it.
func (s *shape) fits(c *cell) bool {
	if c.key <= 0 || c.key > mostKeys || len(c.types) < s.least || len(c.types) > len(s.columns) {
		return false
	}
	for i, kind := range c.types {
		column := &s.columns[i]
		ok := false
		switch {
		case kind == typeNull:
			ok = column.optional || column.key
		case column.key:
		case kind < typeBlob:
			ok = column.kind == "INTEGER"
		case kind%2 == 0:
			ok = column.kind == "BLOB"
		default:
			ok = column.kind == "TEXT"
		}
		if !ok {
			return false
		}
	}
	return true
}

// gathering takes rows out of the leaves of a database.
type gathering struct {
	ctx    context.Context
	to     *database
	from   *sql.DB
	leaves []int64
}

// page returns a page as SQLite has it, with what its log says; nil where there
// is none.
func (g *gathering) page(number int64) (data []byte) {
	if g.from.QueryRowContext(g.ctx, "SELECT data FROM sqlite_dbpage WHERE pgno = ?", number).Scan(&data) != nil {
		return nil
	}
	return data
}

func (g *gathering) findLeaves() error {
	var pages int64
	if err := g.from.QueryRowContext(g.ctx, "SELECT count(*) FROM sqlite_dbpage").Scan(&pages); err != nil {
		return err
	}
	free := g.free(pages)
	for n := int64(2); n <= pages && g.ctx.Err() == nil; n++ { // the first is the schema's
		if page := g.page(n); len(page) > 0 && page[0] == tableLeaf && !free[n] {
			g.leaves = append(g.leaves, n)
		}
	}
	return g.ctx.Err()
}

// free are the pages on SQLite's list of free ones, as far as it can be read:
// what stands there was deleted.
func (g *gathering) free(pages int64) map[int64]bool {
	free := map[int64]bool{}
	first := g.page(1)
	if len(first) < 100 {
		return free
	}
	next := int64(binary.BigEndian.Uint32(first[32:]))
	for next > 0 && next <= pages && !free[next] {
		free[next] = true
		trunk := g.page(next)
		if len(trunk) < 512 {
			return free
		}
		for i := range min(int(binary.BigEndian.Uint32(trunk[4:])), len(trunk)/4-2) {
			free[int64(binary.BigEndian.Uint32(trunk[8+4*i:]))] = true
		}
		next = int64(binary.BigEndian.Uint32(trunk))
	}
	return free
}

// each hands every row of the leaves on, many in one transaction.
func (g *gathering) each(take func(*tx, *cell)) {
	const together = 256 // leaves
	for rest := g.leaves; len(rest) > 0 && g.ctx.Err() == nil; rest = rest[min(together, len(rest)):] {
		_ = g.to.update(g.ctx, retold, "gather rows", func(t *tx) error {
			for _, n := range rest[:min(together, len(rest))] {
				for c := range cells(g.page(n)) {
					take(t, &c)
				}
			}
			return nil
		})
	}
}

// rows gathers the rows of tables.
func (g *gathering) rows(tables []leafTable) {
	var shapes []*shape
	for _, table := range tables {
		if s, err := g.to.shape(g.ctx, table); err == nil {
			shapes = append(shapes, s)
		}
	}
	g.each(func(t *tx, c *cell) {
		for _, s := range shapes {
			if !s.fits(c) {
				continue
			}
			if row, ok := c.values(g.page); ok {
				_ = s.keep(t, c.key, row) // this one is lost
			}
			return
		}
	})
}

func (s *shape) keep(t *tx, key int64, row []any) error {
	names := make([]string, len(row))
	for i := range row {
		names[i] = s.columns[i].name
		if s.columns[i].key {
			row[i] = key
		}
	}
	_, err := t.exec(fmt.Sprintf("%s (%s) VALUES (?%s)", s.insert, strings.Join(names, ", "), strings.Repeat(", ?", len(row)-1)), row...)
	return err
}

// frame is how pieces begin: with the mark of zstd, whose checksum then proves
// that they are whole.
var frame = []byte{0x28, 0xb5, 0x2f, 0xfd}

// pieces gathers the bytes of blobs. Where the row of a blob is lost, its last
// piece tells its size: unless it is as long as those before it.
func (g *gathering) pieces(blobs []int64) {
	wanted := make(map[int64]bool, len(blobs))
	for _, id := range blobs {
		wanted[id] = true
	}
	var raw []byte
	g.each(func(t *tx, c *cell) {
		isPiece := len(c.types) == 2 && c.types[0] == typeNull && c.types[1] >= typeBlob && c.types[1]%2 == 0
		if !isPiece || !wanted[c.key>>pieceBits] || !bytes.HasPrefix(c.local, frame) {
			return
		}
		row, ok := c.values(g.page)
		if !ok {
			return
		}
		var err error
		if raw, err = zstdDecoder.DecodeAll(row[1].([]byte), raw[:0]); err != nil || len(raw) == 0 {
			return
		}
		_, _ = t.exec("INSERT OR IGNORE INTO piece (id, data) VALUES (?, ?)", c.key, row[1]) // this one is lost
		if id, number := c.key>>pieceBits, c.key&(1<<pieceBits-1); len(raw) < pieceSize {
			_, _ = t.exec("INSERT OR IGNORE INTO blob (id, size) VALUES (?, ?)", id, number*pieceSize+int64(len(raw)))
		}
	})
}
