package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// ProblemKind sorts what went wrong by what a person can do about it.
type ProblemKind string

// The kinds of problems.
const (
	ProblemAuth        ProblemKind = "auth"        // the server does not accept the sign-in
	ProblemTLS         ProblemKind = "tls"         // no safe connection
	ProblemNetwork     ProblemKind = "network"     // no connection
	ProblemRefused     ProblemKind = "refused"     // the server said no
	ProblemProtocol    ProblemKind = "protocol"    // the server made no sense
	ProblemTemporary   ProblemKind = "temporary"   // the server asked to come back later
	ProblemQuota       ProblemKind = "quota"       // the mailbox is full
	ProblemSize        ProblemKind = "size"        // the message is too large
	ProblemRecipient   ProblemKind = "recipient"   // recipients were refused
	ProblemUnconfirmed ProblemKind = "unconfirmed" // nobody knows whether it was sent
	ProblemConflict    ProblemKind = "conflict"    // changed on the server meanwhile: the server won
	ProblemGone        ProblemKind = "gone"        // gone on the server: the change could not be made
	ProblemDamaged     ProblemKind = "damaged"     // the database was set aside
	ProblemDisk        ProblemKind = "disk"        // no room, or the disk failed
	ProblemConfig      ProblemKind = "config"      // the account is set up wrong
	ProblemAlert       ProblemKind = "alert"       // nothing failed: the server has something to say to the person
	ProblemInternal    ProblemKind = "internal"    // anything else
)

// Problem is a failure as it is kept and shown: the sentence is made of Kind,
// Op and Host by the language room, Words are the server's own.
type Problem struct {
	Kind  ProblemKind `json:"kind"`
	Op    string      `json:"op,omitempty"`    // what was being done, as "move"
	Host  string      `json:"host,omitempty"`  // whom it was done with
	Words string      `json:"words,omitempty"` // raw, not safe for the screen
	At    time.Time   `json:"at"`
	// Says names the sentence for what no server said, as about a secret, in
	// the place of the one made of the above; "" none. Values are the names and
	// values in it, by turns, not safe for the screen.
	Says   string   `json:"says,omitempty"`
	Values []string `json:"values,omitempty"`
}

// Phrase names the sentence of Says for the language room.
func (p *Problem) Phrase() (id string, values []any) {
	for _, v := range p.Values {
		values = append(values, v)
	}
	return p.Says, values
}

// Notice is a problem a person has to be told about once, of something that
// has no row of its own any more.
type Notice struct {
	ID      int64
	Account string // "" when it concerns the whole store
	Subject string // of the message concerned, "" otherwise
	Count   int    // messages concerned
	Problem Problem
}

// text writes a problem for a column; NULL for none.
func (p *Problem) text() any {
	if p == nil {
		return nil
	}
	b, _ := json.Marshal(p) // plain data always can
	return string(b)
}

func parseProblem(s sql.NullString) *Problem {
	var p Problem
	if !s.Valid || json.Unmarshal([]byte(s.String), &p) != nil {
		return nil
	}
	return &p
}

// Notices returns what the person has to be told, oldest first.
func (s *Store) Notices(ctx context.Context) ([]Notice, error) {
	list, err := all(s.d.reading(ctx), func(rows *sql.Rows) (n Notice, err error) {
		var problem sql.NullString
		err = rows.Scan(&n.ID, &n.Account, &n.Subject, &n.Count, &problem)
		if p := parseProblem(problem); p != nil {
			n.Problem = *p
		}
		return n, err
	}, "SELECT id, account, subject, count, problem FROM notice ORDER BY id")
	return list, s.d.explain("read notices", err)
}

// Dismiss forgets notices that were shown.
func (s *Store) Dismiss(ctx context.Context, ids ...int64) error {
	return s.d.update(ctx, retold, "dismiss notices", func(t *tx) error {
		_, err := t.exec("DELETE FROM notice WHERE id IN (SELECT value FROM json_each(?))", idList(ids))
		return err
	})
}

// tell writes a notice. Nothing is written when it concerns no messages.
func (t *tx) tell(acct, subject string, count int, p Problem) error {
	if count == 0 {
		return nil
	}
	if p.At.IsZero() {
		p.At = t.d.now()
	}
	_, err := t.exec("INSERT INTO notice (account, subject, count, problem) VALUES (?, ?, ?, ?)", acct, subject, count, p.text())
	return err
}
