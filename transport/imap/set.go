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

// parseSet reads a set the server sent, in its order, of at most limit messages; ok is false when it is none.
func parseSet(s string, limit int) (uids []UID, ok bool) {
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
		first, last = min(first, last), max(first, last)
		if last-first >= uint64(limit-len(uids)) {
			return nil, false
		}
		for n := first; n <= last; n++ {
			uids = append(uids, UID(n))
		}
	}
	return uids, true
}
