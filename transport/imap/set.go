package imap

import (
	"slices"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// UID names a message of one mailbox while its UIDVALIDITY stays (RFC 3501 §2.3.1.1). 0 is none.
type UID uint32

// maxSetLen and maxSetSize bound the set of one command: servers need not take lines over 8 KB, and what is asked for
// at once is what has to wait when something more urgent comes.
const (
	maxSetLen  = 3500 // bytes
	maxSetSize = 2000 // messages
)

// batches cuts uids, whose order stays, into what one command can ask for.
func batches(uids []UID) [][]UID {
	var all [][]UID
	for len(uids) > 0 {
		n := min(len(uids), maxSetSize)
		for len(uidSet(uids[:n]).String()) > maxSetLen {
			n = n * 2 / 3
		}
		all = append(all, uids[:n])
		uids = uids[n:]
	}
	return all
}

// uidSet is the most compact set of uids.
func uidSet(uids []UID) goimap.UIDSet {
	sorted := slices.Clone(uids)
	slices.Sort(sorted)
	var set goimap.UIDSet
	for _, uid := range sorted {
		if last := len(set) - 1; last >= 0 && goimap.UID(uid) <= set[last].Stop+1 {
			set[last].Stop = goimap.UID(uid)
			continue
		}
		set = append(set, goimap.UIDRange{Start: goimap.UID(uid), Stop: goimap.UID(uid)})
	}
	return set
}

// Range is the UIDs from First to Last, both included.
type Range struct{ First, Last UID }

// parseRanges reads a set the server sent, in its order; ok is false when it is none.
func parseRanges(s string) (ranges []Range, ok bool) {
	for part := range strings.SplitSeq(s, ",") {
		from, to, isRange := strings.Cut(part, ":")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 32)
		last, err2 := strconv.ParseUint(to, 10, 32)
		if err1 != nil || err2 != nil || first == 0 || last == 0 {
			return nil, false
		}
		ranges = append(ranges, Range{UID(min(first, last)), UID(max(first, last))})
	}
	return ranges, true
}

// count is how many UIDs there are in ranges that do not overlap.
func count(ranges []Range) (n uint64) {
	for _, r := range ranges {
		n += uint64(r.Last-r.First) + 1
	}
	return n
}

// parseSet reads a set the server sent, in its order, of at most limit messages; ok is false when it is none.
func parseSet(s string, limit int) (uids []UID, ok bool) {
	ranges, ok := parseRanges(s)
	if !ok || count(ranges) > uint64(limit) {
		return nil, false
	}
	for _, r := range ranges {
		for n := uint64(r.First); n <= uint64(r.Last); n++ {
			uids = append(uids, UID(n))
		}
	}
	return uids, true
}

// decimal writes a number as commands have it.
func decimal[N ~uint32 | ~uint64](n N) string { return strconv.FormatUint(uint64(n), 10) }
