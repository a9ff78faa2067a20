package store

import (
	"math/bits"
	"strconv"
)

// idSet is a set of messages: a bit for each id. Ids are counted up from 1, so
// that the sets of a mailbox of 100,000 take 12 KB each. Methods return no nil,
// which may mean something else than an empty set.
type idSet []uint64

func (s idSet) has(id ID) bool {
	return int(id>>6) < len(s) && s[id>>6]&(1<<(id&63)) != 0
}

// add returns the set with id in it.
func (s idSet) add(id ID) idSet {
	if id < 0 {
		return s
	}
	for int(id>>6) >= len(s) {
		s = append(s, 0)
	}
	s[id>>6] |= 1 << (id & 63)
	return s
}

// and returns what is in both.
func (s idSet) and(t idSet) idSet {
	both := make(idSet, min(len(s), len(t)))
	for i := range both {
		both[i] = s[i] & t[i]
	}
	return both
}

// or returns what is in any of the two.
func (s idSet) or(t idSet) idSet {
	if len(s) < len(t) {
		s, t = t, s
	}
	any := make(idSet, len(s))
	copy(any, s)
	for i := range t {
		any[i] |= t[i]
	}
	return any
}

// without returns what is in s only.
func (s idSet) without(t idSet) idSet {
	rest := make(idSet, len(s))
	copy(rest, s)
	for i := range rest[:min(len(s), len(t))] {
		rest[i] &^= t[i]
	}
	return rest
}

func (s idSet) size() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// ids lists the set by ascending id.
func (s idSet) ids() []ID {
	list := make([]ID, 0, s.size())
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			list = append(list, ID(i<<6+bits.TrailingZeros64(word)))
		}
	}
	return list
}

// parseIDs reads ids with commas between them, as group_concat gives them: a
// tenth of the cost of a row for each.
func parseIDs(list string) []ID {
	var ids []ID
	eachNumber(list, func(n int64) { ids = append(ids, ID(n)) })
	return ids
}

func setOf(list string) (s idSet) {
	eachNumber(list, func(n int64) { s = s.add(ID(n)) })
	return s
}

func eachNumber(list string, f func(int64)) {
	for list != "" {
		end := 0
		for end < len(list) && list[end] != ',' {
			end++
		}
		if n, err := strconv.ParseInt(list[:end], 10, 64); err == nil {
			f(n)
		}
		list = list[min(end+1, len(list)):]
	}
}
