package message

import (
	"io"
	"time"
)

// File is an attachment of a Draft. Open is called when the message is
// written, and may be called again.
type File struct {
	Name string // file name; only its last element goes out
	Type string // media type; anything unusable becomes application/octet-stream
	Size int64  // decoded bytes, for the screen and estimates
	Open func() (io.ReadCloser, error)
}

// Draft is a message being written. Its fields hold what a person typed, as
// decoded text: WriteTo encodes all that needs it.
type Draft struct {
	From        []Address
	Sender      *Address // required when From has several (RFC 5322 §3.6.2)
	ReplyTo     []Address
	To, Cc, Bcc []Address
	Subject     string
	Body        string // plain text; any line ends
	Files       []File
	MessageID   string // without the angle brackets, like the next two
	InReplyTo   string
	References  []string // oldest first
	Date        time.Time
}

// Check tells what keeps the draft from being sent, nil if nothing does.
func (d *Draft) Check() error { panic("not written") }

// Recipients returns the addresses of To, Cc and Bcc, each once, in the form
// the envelope takes: domains in ASCII where they can be.
func (d *Draft) Recipients() []Address { panic("not written") }

// NeedsUTF8 reports whether an address of the draft has letters outside ASCII
// that have no ASCII form, so that only servers with SMTPUTF8 (RFC 6531) take it.
func (d *Draft) NeedsUTF8() bool { panic("not written") }

// WriteTo writes the message as it is sent (RFC 5322, MIME), with CRLF line
// ends and without Bcc. It refuses what Check refuses and a draft without Date
// or MessageID; other errors are those of w and of opening or reading Files.
func (d *Draft) WriteTo(w io.Writer) (int64, error) { panic("not written") }

// WriteDraft writes the message as it is kept in a Drafts folder: with Bcc, and
// even if it is not complete.
func (d *Draft) WriteDraft(w io.Writer) (int64, error) { panic("not written") }

// NewMessageID returns a new identifier in the domain of from. It tells
// nothing of the machine.
func NewMessageID(from Address, random io.Reader, now time.Time) string { panic("not written") }
