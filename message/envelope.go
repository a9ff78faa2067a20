package message

import "time"

// Envelope is what lists, threads and replies need of a header, decoded. Its
// text is not safe for the screen.
type Envelope struct {
	Date      time.Time // in the sender's zone; falls back to Received; zero when neither is there
	Received  time.Time // of the newest Received field; zero when there is none
	Subject   string
	From      []Address // an author without an address keeps its words as Name
	Sender    []Address
	ReplyTo   []Address
	To        []Address
	Cc        []Address
	Bcc       []Address
	MessageID string // without the angle brackets, as all identifiers here
	InReplyTo []string
	// References are the identifiers of the thread, oldest first.
	References     []string
	ListID         string    // the identifier of RFC 2919, without the angle brackets
	ListPost       []Address // where posts to the list go (RFC 2369 §3.4)
	MailFollowupTo []Address
	// Multipart reports multipart/mixed at the top: likely to have attachments,
	// as far as the header alone can tell.
	Multipart bool
}

// Envelope reads the envelope from the header. It never fails: what cannot be
// read stays empty.
func (h Header) Envelope() Envelope { panic("not written") }
