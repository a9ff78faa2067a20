package store

import (
	"context"
	"database/sql"
	"time"
)

// Search finds messages by their words. What is indexed is found by the index
// (searchanswer.go, searcheval.go, searchorder.go); the rest is compared directly.
type Search struct {
	d      *database
	bodies *Bodies
	few    int // messages that are looked at one by one, rather than all there are
}

// fewMessages take no longer to look at than what is found of all others.
const fewMessages = 2000

// Scope is where a search looks: the zero Scope is everywhere.
type Scope struct {
	Account string // this account only
	Folder  ID     // this folder only
}

// Found is what a search found.
type Found struct {
	IDs       []ID // newest first, or best first when the query says so
	More      bool // there are more than were asked for
	Unindexed int  // stored messages whose text was not looked at yet: Index, and ask again
}

// scanTime is how long texts that are not indexed are read for one search.
const scanTime = 30 * time.Millisecond

// Find returns the messages that a query holds for, at most limit of them (0:
// all). Beyond a single folder, the same message in several folders of an
// account is one. What is not in the index yet is read from the messages
// themselves, newest first, for as long as a screen can wait; Unindexed says
// how much of it is left.
func (s *Search) Find(ctx context.Context, q Query, in Scope, limit int) (Found, error) {
	found, err := s.find(ctx, q, in, limit)
	return found, s.d.explain("search", err)
}

func (s *Search) find(ctx context.Context, q Query, in Scope, limit int) (Found, error) {
	f, err := s.finder(ctx, in)
	if err != nil {
		return Found{}, err
	}
	a, err := f.answer(q.root, limit == 0)
	if err != nil {
		return Found{}, err
	}
	left := 0
	if q.root != nil {
		if left, err = s.scan(f, q.root, a); err != nil {
			return Found{}, err
		}
	}
	var found Found
	if q.best {
		found, err = f.best(q, a, limit)
	} else {
		found, err = f.collect(a, f.seeCopies(), limit)
	}
	found.Unindexed = left
	return found, err
}

// scan adds to what the index found what it does not know of: messages that
// came or changed since, and drafts. left counts those that were not looked at.
func (s *Search) scan(f *finder, n node, a *answer) (left int, err error) {
	readsText := looksInText(n)
	list, left, err := s.unknown(f, readsText)
	if err != nil {
		return 0, err
	}
	until := time.Now().Add(scanTime)
	for _, c := range list {
		c.names = f.names
		if readsText && (c.draft || c.blob != 0) {
			if !c.draft && time.Now().After(until) {
				if left++; c.indexed {
					continue // its header was found
				}
			} else if err := s.readText(f.ctx, c); err != nil {
				return 0, err
			}
		}
		a.compared = a.compared.add(c.id)
		if n.holds(c) {
			a.held = a.held.add(c.id)
		}
	}
	return left, f.ctx.Err()
}

// unknown returns the messages to be compared directly, newest first; left
// counts those that would be too many.
func (s *Search) unknown(f *finder, readsText bool) (list []*candidate, left int, err error) {
	list, err = all(s.d.reading(f.ctx), scanCandidate, candidates+headsToScan, f.scope, maxHeadsScanned)
	if err != nil {
		return nil, 0, err
	}
	if len(list) >= maxHeadsScanned {
		left, err = s.behind(f.ctx, len(list), "SELECT count(*) FROM message WHERE id > (SELECT head FROM search_mark)")
	}
	if err != nil || !readsText {
		return list, left, err
	}
	texts, err := all(s.d.reading(f.ctx), scanCandidate, candidates+textsToScan, f.scope, maxScanned)
	if err != nil {
		return nil, 0, err
	}
	behind, err := s.behind(f.ctx, len(texts), "SELECT count(*) FROM message WHERE blob > (SELECT blob FROM search_mark)")
	return append(list, texts...), left + behind, err
}

// behind counts what lies behind a mark, but for what is compared.
func (s *Search) behind(ctx context.Context, compared int, query string) (int, error) {
	n, err := one(s.d.reading(ctx), value[int], query)
	return max(0, n-compared), err
}

// readText adds the words of its text to a candidate.
func (s *Search) readText(ctx context.Context, c *candidate) (err error) {
	var t content
	if c.draft {
		t, err = s.draftText(ctx, c.id)
	} else {
		t = s.textOf(ctx, stored{c.id, c.blob})
	}
	c.words[inBody], c.words[inFiles] = wordsOf(t.body), wordsOf(t.files)
	return err
}

// How many headers and texts are compared at most: the first ones to be indexed
// next, which are the newest where a mailbox is read for the first time.
const (
	maxHeadsScanned = 3000
	maxScanned      = 500
)

// candidates are the messages in a scope that are to be compared directly: those
// whose header the index does not know, or does not know any more; and those
// whose text will be indexed next.
const (
	candidates = `SELECT id, listed, date, sent, size, flags, attachments, subject, sender, recipients, coalesce(blob, 0),
		EXISTS (SELECT 1 FROM draft WHERE message = m.id), id <= (SELECT head FROM search_mark) FROM message m
		WHERE listed IN (SELECT value FROM json_each(?1)) AND id IN `
	headsToScan = `(SELECT message FROM draft UNION SELECT message FROM search_todo
		UNION SELECT id FROM (SELECT id FROM message WHERE id > (SELECT head FROM search_mark) ORDER BY id LIMIT ?2))`
	textsToScan = `(SELECT id FROM message WHERE blob > (SELECT blob FROM search_mark) ORDER BY blob LIMIT ?2)
		AND id <= (SELECT head FROM search_mark) AND id NOT IN (SELECT message FROM draft UNION SELECT message FROM search_todo)`
)

func scanCandidate(rows *sql.Rows) (*candidate, error) {
	c := &candidate{}
	var subject, sender, recipients string
	err := rows.Scan(&c.id, &c.folder, &c.date, &c.sent, &c.size, &c.flags, &c.files, &subject, &sender, &recipients, &c.blob, &c.draft, &c.indexed)
	to, copies := cutRecipients(recipients)
	c.words = map[fields][]string{inSubject: wordsOf(subject), inFrom: wordsOf(sender), inTo: wordsOf(to), inCc: wordsOf(copies)}
	return c, err
}
