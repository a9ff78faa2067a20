package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzSalvagePages reads rows out of whatever is given as a page, after those of
// a sound file came back as they were.
func FuzzSalvagePages(f *testing.F) {
	dir := f.TempDir()
	d, err := openBeside(f.Context(), dir)
	must(f, err)
	must(f, d.update(f.Context(), retold, "fill", func(t *tx) error {
		for n := range 3 { // in the leaf, and on pages of its own
			if _, err := t.exec("INSERT INTO piece (id, data) VALUES (?, ?)", 1<<40+n, bytes.Repeat([]byte("piece"), 1+n*n*1000)); err != nil {
				return err
			}
		}
		return nil
	}))
	must(f, d.close())
	sound, err := os.ReadFile(filepath.Join(d.dir, fileName))
	must(f, err)
	rows := 0
	for page := sound; len(page) > 0; page = page[4096:] {
		if page[0] == tableLeaf {
			f.Add(page[:4096])
		}
		for c := range cells(page[:4096]) {
			if row, ok := c.values(pagesIn(sound)); ok && c.key >= 1<<40 && len(row) == 2 {
				rows++
				if n := int(c.key - 1<<40); !bytes.Equal(row[1].([]byte), bytes.Repeat([]byte("piece"), 1+n*n*1000)) {
					f.Errorf("piece %d is %d bytes of others", n, len(row[1].([]byte)))
				}
			}
		}
	}
	if rows != 3 {
		f.Errorf("read %d of 3 rows", rows)
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		for c := range cells(page) {
			if c.size > 1<<14 {
				continue // it would go on and on in this one page
			}
			if row, ok := c.values(func(int64) []byte { return page }); ok && len(row) != len(c.types) {
				t.Errorf("%d values of %d", len(row), len(c.types))
			}
		}
	})
}

// pagesIn reads pages of a file in memory.
func pagesIn(data []byte) func(int64) []byte {
	return func(n int64) []byte {
		if n < 1 || n > int64(len(data)/4096) {
			return nil
		}
		return data[(n-1)*4096 : n*4096]
	}
}
