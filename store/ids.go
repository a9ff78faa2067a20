package store

import (
	"fmt"
	"strconv"
)

// ID names a message or a folder: stable across moves, undo and reindexing,
// never used again. Zero is no ID.
type ID int64

// String writes the ID in [0-9a-z].
func (id ID) String() string { return strconv.FormatInt(int64(id), 36) }

// ParseID reads what [ID.String] wrote.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 36, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is not an id: %w", s, ErrNoSuch)
	}
	return ID(n), nil
}
