package store

import (
	"encoding/binary"
	"iter"
)

// This reads the pages of a damaged database where SQLite itself finds no way
// to them any more: as https://www.sqlite.org/fileformat2.html has it, "B-tree
// Pages" and "Record Format". Anything may stand in such a file: every place
// that is read from is looked at first.

// cell is a row as it lies in a leaf of a table.
type cell struct {
	key   int64   // its rowid
	types []int64 // of its columns, the "serial types"
	size  int64   // of its values, all together
	local []byte  // those, as far as they lie in the leaf
	more  int64   // the page where they go on; 0: none
}

const (
	tableLeaf  = 0x0d // the first byte of one; that of an overflow page is 0 below 64 GB
	leafHeader = 8
	// No row of ours has nearly as many bytes or columns.
	mostBytes   = 64 << 20
	mostColumns = 200
)

// cells are the rows of a leaf that can be read; there are none in other pages.
func cells(page []byte) iter.Seq[cell] {
	return func(yield func(cell) bool) {
		if len(page) < 512 || page[0] != tableLeaf {
			return
		}
		count, used := int(binary.BigEndian.Uint16(page[3:])), 0
		for i := leafHeader; count > 0 && i+2 <= len(page); i += 2 {
			count--
			c, ok := readCell(page, int(binary.BigEndian.Uint16(page[i:])))
			if !ok {
				continue
			}
			used += len(c.types) + len(c.local)
			if used > len(page) || !yield(c) { // rows do not lie on one another
				return
			}
		}
	}
}

// readCell reads the row that begins at a place of the page. One whose column
// types do not lie in the leaf, or do not come to its length, is none.
func readCell(page []byte, at int) (c cell, ok bool) {
	if at < leafHeader || at >= len(page) {
		return c, false
	}
	rest := page[at:]
	length, n := varint(rest)
	rest = rest[n:]
	key, m := varint(rest)
	rest = rest[m:]
	if n == 0 || m == 0 || length <= 0 || length > mostBytes {
		return c, false
	}
	here := localPart(length, int64(len(page)))
	if here > int64(len(rest)) {
		return c, false
	}
	if here < length {
		if int64(len(rest)) < here+4 {
			return c, false
		}
		c.more = int64(binary.BigEndian.Uint32(rest[here:]))
	}
	record := rest[:here]
	header, n := varint(record)
	if n == 0 || header < int64(n) || header > here {
		return c, false
	}
	c.key, c.local = key, record[header:]
	for types := record[n:header]; len(types) > 0; {
		kind, n := varint(types)
		size, known := valueSize(kind)
		if n == 0 || !known || size > length-header-c.size || len(c.types) == mostColumns {
			return c, false
		}
		types = types[n:]
		c.types = append(c.types, kind)
		c.size += size
	}
	return c, c.size == length-header
}

// localPart is how much of a row lies in its leaf.
func localPart(length, page int64) int64 {
	most, least := page-35, (page-12)*32/255-23
	if length <= most {
		return length
	}
	if n := least + (length-least)%(page-4); n <= most {
		return n
	}
	return least
}

// values reads the columns; read returns a page, or nil. What is not whole is
// nothing.
func (c *cell) values(read func(number int64) []byte) ([]any, bool) {
	data := c.local[:len(c.local):len(c.local)] // appending leaves the page alone
	for next := c.more; int64(len(data)) < c.size; {
		page := read(next)
		if next == 0 || len(page) < 512 {
			return nil, false
		}
		next = int64(binary.BigEndian.Uint32(page))
		data = append(data, page[4:min(int64(len(page)), 4+c.size-int64(len(data)))]...)
	}
	row := make([]any, len(c.types))
	for i, kind := range c.types {
		size, _ := valueSize(kind)
		row[i] = valueOf(kind, data[:size])
		data = data[size:]
	}
	return row, true
}

// The serial types that the schema has; from typeBlob on, the even ones are
// blobs and the odd ones texts, and say their length.
const (
	typeNull = 0
	typeReal = 7
	typeZero = 8
	typeOne  = 9
	typeBlob = 12
)

func valueSize(kind int64) (size int64, known bool) {
	switch {
	case kind >= typeBlob:
		return (kind - typeBlob) / 2, true
	case kind < 0 || kind == typeReal || kind > typeOne: // no column is a real number
		return 0, false
	}
	return [...]int64{0, 1, 2, 3, 4, 6, 8, 8, 0, 0}[kind], true
}

func valueOf(kind int64, data []byte) any {
	switch {
	case kind == typeNull:
		return nil
	case kind == typeOne:
		return int64(1)
	case kind >= typeBlob && kind%2 == 0:
		return data
	case kind >= typeBlob:
		return string(data)
	}
	var n int64
	for i, b := range data {
		if i == 0 {
			n = int64(int8(b)) // the sign
		} else {
			n = n<<8 | int64(b)
		}
	}
	return n
}

// varint reads SQLite's integer of up to nine bytes, and how many it had: 0
// when it is cut off.
func varint(b []byte) (value int64, n int) {
	for n < len(b) && n < 8 {
		value = value<<7 | int64(b[n]&0x7f)
		n++
		if b[n-1] < 0x80 {
			return value, n
		}
	}
	if n < 8 || len(b) < 9 {
		return 0, 0
	}
	return value<<8 | int64(b[8]), 9
}
