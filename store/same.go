package store

import (
	"context"
	"slices"

	"tmail/account"
	"tmail/message"
)

// In a conversation, a message that lies in several folders is shown once. A
// Message-ID alone does not make two messages the same: there are programs that
// use one twice, and people who would have a message hidden behind theirs. Those
// of the same size and date are copies of each other. One's own message that
// came back, from a list or because it went to oneself, has other headers than
// the one in Sent, and so has one that came to two accounts: they are known by
// what they say.

// cameBack is within what time a message comes by another way, in seconds.
const cameBack = 7 * 24 * 60 * 60

// likeness is what tells whether two messages are the same.
type likeness struct {
	exactly
	way
	folder  ID
	preview string
}

// way is how a message came to be here: by each there is at most one of the same.
type way struct {
	account string
	sent    bool // it lies in a folder for what was sent
}

// exactly is what copies of a message have in common.
type exactly struct {
	id         string // Message-ID; "" where a message is like no other
	size, date int64
	from       string
	subject    string
}

// sameWords reports whether messages of one Message-ID that came by two ways are the same.
func sameWords(a, b likeness) bool {
	return a.from == b.from && max(a.date, b.date)-min(a.date, b.date) <= cameBack &&
		(a.preview == b.preview || a.preview == "" || b.preview == "") && topicOf(a.subject) == topicOf(b.subject)
}

func topicOf(subject string) string {
	topic, _ := (&message.Envelope{Subject: subject}).Topic()
	return topic
}

// once leaves of the same message one: that which lies in the folder, else the
// first.
func once[T any](list []T, folder ID, like func(*T) likeness) []T {
	s := sieve{copies: map[exactly]int{}, placed: map[string][]*placed{}}
	named := make(map[string]int, len(list))
	for i := range list {
		named[like(&list[i]).id]++
	}
	kept := list[:0]
	for i := range list {
		l := like(&list[i])
		at, again := 0, false
		if l.id != "" && named[l.id] > 1 {
			at, again = s.find(l, len(kept))
		}
		switch {
		case !again:
			kept = append(kept, list[i])
		case l.folder == folder && like(&kept[at]).folder != folder:
			kept[at] = list[i]
		}
	}
	return kept
}

// sieve knows messages by their place in a list.
type sieve struct {
	copies map[exactly]int
	placed map[string][]*placed // by Message-ID
}

// placed is a message with its place, and the ways it came by.
type placed struct {
	likeness
	at   int
	ways []way
}

// find returns the place of what is the same as l; when there is none, l has a new one.
func (s sieve) find(l likeness, place int) (at int, again bool) {
	if at, again = s.copies[l.exactly]; again {
		return at, true
	}
	others := s.placed[l.id]
	k := slices.IndexFunc(others, func(o *placed) bool { return !slices.Contains(o.ways, l.way) && sameWords(o.likeness, l) })
	if again = k >= 0; again {
		at = others[k].at
		others[k].ways = append(others[k].ways, l.way)
	} else {
		at = place
		s.placed[l.id] = append(others, &placed{l, place, []way{l.way}})
	}
	s.copies[l.exactly] = at
	return at, again
}

// sentFolders are the folders for what was sent.
func (x *Index) sentFolders(ctx context.Context) (map[ID]bool, error) {
	list, err := all(x.d.reading(ctx), value[ID], "SELECT id FROM folder WHERE role = ?", string(account.RoleSent))
	sent := make(map[ID]bool, len(list))
	for _, id := range list {
		sent[id] = true
	}
	return sent, err
}
