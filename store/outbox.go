package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"tmail/account"
	"tmail/message"
)

// Outbox holds messages on their way out. Every step is durable before it is
// taken, so that after a crash it is known what may have been sent.
type Outbox struct {
	d      *database
	bodies *Bodies
}

// SendStep is how far an attempt to send has come. A step is marked before it
// is taken.
type SendStep int

// The steps of sending (RFC 5321 §3.3).
const (
	SendNone       SendStep = iota
	SendConnecting          // to the server, up to the sign-in
	SendRecipients          // MAIL and RCPT
	SendData                // DATA and the content
	SendFinalDot            // from here on the server may have it
	SendAccepted            // the server has taken it; the Sent copy is to be filed
)

// Envelope is whom a message goes from and to (RFC 5321 §2.3.1).
type Envelope struct {
	From string
	To   []string
	UTF8 bool // needs SMTPUTF8
}

// Recipient is one addressee and what became of the message to them.
type Recipient struct {
	Addr    string   `json:"addr"`
	Sent    bool     `json:"sent,omitempty"`
	Problem *Problem `json:"problem,omitempty"`
}

// Outgoing is a message in the Outbox.
type Outgoing struct {
	ID         ID
	Account    string
	Status     OutStatus
	Step       SendStep
	Due        time.Time // zero: held until told
	From       string
	Recipients []Recipient
	UTF8       bool  // needs SMTPUTF8 (RFC 6531)
	Size       int64 // of the raw message, which Bodies.Open returns
	MessageID  string
	Answers    ID        // the message it replies to or forwards; 0 for none
	Forward    bool      // it forwards Answers
	Notify     bool      // ask for delivery reports
	Resent     bool      // another message sent on, under the Message-ID that has
	Attempts   int       // to send it, so far
	Problem    *Problem  // why the last one failed; nil when none did
	Updated    time.Time // when its Status or Step changed
}

// Mark is what a worker notes about a message it is sending.
type Mark struct {
	Status     OutStatus
	Step       SendStep
	Due        time.Time   // with OutDue: not before
	Problem    *Problem    // nil: none
	Recipients []Recipient // nil: as they were
}

// Queue takes a draft into the Outbox in one durable transaction: it leaves
// Drafts, its row appears in the Outbox under the same ID. raw writes the
// message as it is to be sent. due is when it may leave; the zero time holds it
// until told.
func (o *Outbox) Queue(ctx context.Context, draft ID, raw io.WriterTo, env Envelope, due time.Time) error {
	w, err := o.bodies.Create(ctx)
	if err != nil {
		return err
	}
	if _, err := raw.WriteTo(w); err != nil {
		_ = w.Abort() // else the sweep does it
		return fmt.Errorf("write message: %w", err)
	}
	err = o.d.update(ctx, precious, "queue message", func(t *tx) error { return t.enqueue(draft, w, env, due) })
	if err != nil {
		_ = w.Abort()
		return err
	}
	w.done = true
	return nil
}

func (t *tx) enqueue(id ID, w *BodyWriter, env Envelope, due time.Time) error {
	d, err := getDraft(t.query, id)
	if err != nil {
		return fmt.Errorf("draft %s: %w", id, err)
	}
	acct, err := accountID(t.query, d.Account)
	if err != nil {
		return err
	}
	folder, err := t.localFolder(acct, "Outbox", account.RoleOutbox)
	if err != nil {
		return err
	}
	list := make([]Recipient, len(env.To))
	for i, addr := range env.To {
		list[i].Addr = addr
	}
	recipients, err := json.Marshal(list)
	if err != nil {
		return err
	}
	n, err := t.count(`INSERT OR IGNORE INTO outbox (message, status, due, sender, recipients, utf8, updated) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, OutDue, dueColumn(due), env.From, string(recipients), env.UTF8, t.d.now().UnixMilli())
	if err != nil {
		return err
	}
	if n == 0 {
		return t.whyNoDraft(id) // it is queued already
	}
	blob, err := w.finish(t)
	if err != nil {
		return err
	}
	if err := t.detach(id, 0); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE draft SET published = NULL WHERE message = ?", id); err != nil {
		return err
	}
	identity := identityOf(&NewMessage{Envelope: message.Envelope{MessageID: d.MessageID, Date: d.Date, From: d.From, Subject: d.Subject}})
	_, err = t.exec("UPDATE message SET was = folder, folder = ?, blob = ?, size = ?, identity = ?, message_id = ?, date = ? WHERE id = ?",
		folder, blob, w.size, identity, d.MessageID, t.d.now().Unix(), id)
	if err != nil {
		return err
	}
	return t.weaveDraft(d)
}

// dueColumn writes when a message may leave; NULL for never.
func dueColumn(due time.Time) any {
	if due.IsZero() {
		return nil
	}
	return due.UnixMilli()
}

// shownStatus says held of what is due only later.
func shownStatus(st OutStatus, due sql.NullInt64, now time.Time) OutStatus {
	if st == OutDue && (!due.Valid || due.Int64 > now.UnixMilli()) {
		return OutHeld
	}
	return st
}

const outgoingColumns = `SELECT o.message, a.name, o.status, o.step, o.due, o.sender, o.recipients, o.utf8, m.size, m.message_id,
	coalesce(d.answers, 0), coalesce(json_extract(d.data, '$.Forward'), 0),
	coalesce(json_extract(d.data, '$.Notify'), 0), coalesce(json_extract(d.data, '$.Resent'), 0), o.attempts, o.problem, o.updated
	FROM outbox o JOIN message m ON m.id = o.message JOIN account a ON a.id = m.account LEFT JOIN draft d ON d.message = o.message `

func (d *database) scanOutgoing(rows *sql.Rows) (*Outgoing, error) {
	o := &Outgoing{}
	var due sql.NullInt64
	var recipients string
	var problem sql.NullString
	var updated int64
	err := rows.Scan(&o.ID, &o.Account, &o.Status, &o.Step, &due, &o.From, &recipients, &o.UTF8, &o.Size, &o.MessageID,
		&o.Answers, &o.Forward, &o.Notify, &o.Resent, &o.Attempts, &problem, &updated)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(recipients), &o.Recipients); err != nil {
		return nil, fmt.Errorf("recipients of message %s: %w: %w", o.ID, ErrDamaged, err)
	}
	if due.Valid {
		o.Due = time.UnixMilli(due.Int64)
	}
	o.Status = shownStatus(o.Status, due, d.now())
	o.Problem, o.Updated = parseProblem(problem), time.UnixMilli(updated)
	return o, nil
}

// Get returns one message of the Outbox, or ErrNoSuch.
func (o *Outbox) Get(ctx context.Context, id ID) (*Outgoing, error) {
	out, err := one(o.d.reading(ctx), o.d.scanOutgoing, outgoingColumns+"WHERE o.message = ?", id)
	return out, o.d.explain("outgoing message "+id.String(), err)
}

// List returns the messages of the Outbox of an account ("" for all), oldest first.
func (o *Outbox) List(ctx context.Context, acct string) ([]*Outgoing, error) {
	list, err := all(o.d.reading(ctx), o.d.scanOutgoing, outgoingColumns+"WHERE ?1 = '' OR a.name = ?1 ORDER BY o.message", acct)
	return list, o.d.explain("list outgoing messages", err)
}

// Due returns what an account has to send now, oldest first. A message whose
// Step is SendAccepted is not to be sent, only to be filed with Sent.
func (o *Outbox) Due(ctx context.Context, acct string) ([]*Outgoing, error) {
	list, err := all(o.d.reading(ctx), o.d.scanOutgoing, outgoingColumns+`WHERE a.name = ? AND
		(o.status = 'due' AND o.due <= ? OR o.status = 'sending' AND o.step = ?) ORDER BY o.due, o.message`, acct, o.d.now().UnixMilli(), SendAccepted)
	return list, o.d.explain("list due messages", err)
}

// NextDue returns when the next message of an account is due; the zero time
// when none waits.
func (o *Outbox) NextDue(ctx context.Context, acct string) (time.Time, error) {
	due, err := one(o.d.reading(ctx), value[sql.NullInt64], `SELECT min(o.due) FROM outbox o JOIN message m ON m.id = o.message
		JOIN account a ON a.id = m.account WHERE a.name = ? AND o.status = 'due'`, acct)
	if err != nil || !due.Valid {
		return time.Time{}, o.d.explain("next due message", err)
	}
	return time.UnixMilli(due.Int64), nil
}
