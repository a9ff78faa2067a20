package store

import (
	"context"
	"io"
	"time"
)

// Outbox holds messages on their way out. Every step is durable before it is
// taken, so that after a crash it is known what may have been sent.
type Outbox struct{}

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
	UTF8       bool
	Size       int64 // of the raw message, which Bodies.Open returns
	MessageID  string
	Answers    ID // the message it replies to or forwards
	Forward    bool
	Attempts   int
	Problem    *Problem
	Updated    time.Time
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
// Drafts, its row appears in the Outbox under the same ID. raw gives the
// message as it is to be sent, written once. due is when it may leave.
func (o *Outbox) Queue(ctx context.Context, draft ID, raw func(io.Writer) error, env Envelope, due time.Time) error {
	panic("not written")
}

// Get returns one message of the Outbox, or ErrNoSuch.
func (o *Outbox) Get(ctx context.Context, id ID) (*Outgoing, error) { panic("not written") }

// List returns the messages of the Outbox of an account ("" for all), oldest first.
func (o *Outbox) List(ctx context.Context, acct string) ([]*Outgoing, error) { panic("not written") }

// Due returns what an account has to send now, oldest first. A message whose
// Step is SendAccepted is not to be sent, only to be filed with Sent.
func (o *Outbox) Due(ctx context.Context, acct string) ([]*Outgoing, error) { panic("not written") }

// NextDue returns when the next message of an account is due; the zero time
// when none waits.
func (o *Outbox) NextDue(ctx context.Context, acct string) (time.Time, error) { panic("not written") }

// Claim marks a due message as being sent and reports whether it was still
// due: the person may have taken it back.
func (o *Outbox) Claim(ctx context.Context, id ID) (bool, error) { panic("not written") }

// Mark writes down where a message stands, durably, before it returns.
func (o *Outbox) Mark(ctx context.Context, id ID, m Mark) error { panic("not written") }

// Sent takes an accepted message out of the Outbox: into folder sent, to be
// appended on the server, or, when sent is zero, away.
func (o *Outbox) Sent(ctx context.Context, id ID, sent ID) error { panic("not written") }

// Back takes a message back into Drafts, to be edited. One that is being sent
// is not given back: ErrNotPossible.
func (o *Outbox) Back(ctx context.Context, id ID) (*Draft, error) { panic("not written") }

// Schedule sets when a message may leave; the zero time holds it until told.
// It also sends a failed or unconfirmed one again, because the person says so.
func (o *Outbox) Schedule(ctx context.Context, id ID, due time.Time) error { panic("not written") }

// Recover is called by the one process that sends for an account, before it
// begins: what a crash left as being sent becomes due again when the final dot
// was not reached, else unconfirmed.
func (o *Outbox) Recover(ctx context.Context, acct string) error { panic("not written") }
