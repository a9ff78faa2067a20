package store

import (
	"context"
	"io"
	"time"

	"tmail/message"
)

// Drafts holds messages being written. A draft is a row of the Drafts folder
// of its account; attachments are copied into the store when they are added.
type Drafts struct{}

// Draft is a message being written, as plain data.
type Draft struct {
	ID          ID // of its row; 0 before it is first saved
	Account     string
	From        []message.Address
	Sender      *message.Address
	ReplyTo     []message.Address
	To, Cc, Bcc []message.Address
	// Fields are the words as typed, by field name ("to", "cc", …), where they
	// are not (yet) addresses: half an address survives a crash too.
	Fields     map[string]string
	Subject    string
	Body       string
	MessageID  string
	InReplyTo  string
	References []string
	Date       time.Time
	Answers    ID   // the message this replies to or forwards; 0 for none
	Forward    bool // it forwards Answers
	Files      []Attachment
	Updated    time.Time // set by Save
}

// Attachment is a file of a draft, held in the store.
type Attachment struct {
	Blob ID // what OpenFile takes
	Name string
	Type string // media type
	Size int64
}

// Save writes the draft down durably, in the Drafts folder, which is made when
// the account has none. A new draft gets its ID; d.Updated is set.
func (d *Drafts) Save(ctx context.Context, draft *Draft) error { panic("not written") }

// Get returns a draft, also one that waits in the Outbox; else ErrNoSuch.
func (d *Drafts) Get(ctx context.Context, id ID) (*Draft, error) { panic("not written") }

// List returns the drafts of an account ("" for all), newest first.
func (d *Drafts) List(ctx context.Context, acct string) ([]*Draft, error) { panic("not written") }

// Delete discards a draft. Undo brings it back.
func (d *Drafts) Delete(ctx context.Context, id ID) (Step, error) { panic("not written") }

// Attach copies r into the store and returns it as an attachment, to be added
// to Draft.Files and saved with it. What no draft holds after a day is purged.
func (d *Drafts) Attach(ctx context.Context, name, mediaType string, r io.Reader) (Attachment, error) {
	panic("not written")
}

// OpenFile returns the bytes of an attachment.
func (d *Drafts) OpenFile(ctx context.Context, a Attachment) (io.ReadCloser, error) {
	panic("not written")
}
