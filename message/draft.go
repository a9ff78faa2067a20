package message

import (
	"encoding/base32"
	"errors"
	"io"
	"strconv"
	"strings"
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
	Markdown    bool   // Body is Markdown: it goes out with an HTML alternative
	Files       []File
	MessageID   string // without the angle brackets, like the next two
	InReplyTo   string
	References  []string // oldest first
	Date        time.Time
}

// What keeps a draft from being sent, apart from an *AddressError.
var (
	ErrNoFrom       = errors.New("no From address")
	ErrNoSender     = errors.New("several From addresses need a Sender")
	ErrNoRecipients = errors.New("no recipients")
)

// Check tells what keeps the draft from being sent, nil if nothing does:
// an *AddressError with every address that is none, or one of the errors above.
func (d *Draft) Check() error {
	var bad []string
	for _, a := range d.addresses() {
		if _, ok := wireAddr(a.Addr); !ok {
			bad = append(bad, a.String())
		}
	}
	switch {
	case bad != nil:
		return &AddressError{Bad: bad}
	case len(d.From) == 0:
		return ErrNoFrom
	case len(d.From) > 1 && d.Sender == nil:
		return ErrNoSender
	case len(d.To)+len(d.Cc)+len(d.Bcc) == 0:
		return ErrNoRecipients
	}
	return nil
}

// addresses returns every address of the draft.
func (d *Draft) addresses() []Address {
	var all []Address
	for _, list := range [][]Address{d.From, d.ReplyTo, d.To, d.Cc, d.Bcc} {
		all = append(all, list...)
	}
	if d.Sender != nil {
		all = append(all, *d.Sender)
	}
	return all
}

// Recipients returns the addresses of To, Cc and Bcc, each once, in the form
// the envelope takes: domains in ASCII where they can be.
func (d *Draft) Recipients() []Address {
	var recipients []Address
	seen := make(map[string]bool)
	for _, list := range [][]Address{d.To, d.Cc, d.Bcc} {
		for _, a := range list {
			if wire, ok := wireAddr(a.Addr); ok {
				a.Addr = wire
			}
			if key := addrKey(a.Addr); !seen[key] {
				seen[key] = true
				recipients = append(recipients, a)
			}
		}
	}
	return recipients
}

// ReturnPath is where failures are reported to: the address of who sends it, in
// the form the envelope takes; "" when there is none.
func (d *Draft) ReturnPath() string {
	var sender Address
	switch {
	case d.Sender != nil:
		sender = *d.Sender
	case len(d.From) > 0:
		sender = d.From[0]
	}
	if wire, ok := wireAddr(sender.Addr); ok {
		return wire
	}
	return sender.Addr
}

// NeedsUTF8 reports whether an address of the draft has letters outside ASCII
// that have no ASCII form, so that only servers with SMTPUTF8 (RFC 6531) take it.
func (d *Draft) NeedsUTF8() bool {
	for _, a := range d.addresses() {
		if wire, ok := wireAddr(a.Addr); ok && !isASCII(wire) {
			return true
		}
	}
	return false
}

// NewMessageID returns a new identifier in the domain of from. It tells
// nothing of the machine. random must not fail.
func NewMessageID(from Address, random io.Reader, now time.Time) string {
	domain := "mail.invalid"
	if wire, ok := wireAddr(from.Addr); ok && isASCII(wire) {
		if d := wire[strings.LastIndexByte(wire, '@')+1:]; !strings.HasPrefix(d, "[") {
			domain = d
		}
	}
	var noise [15]byte
	if _, err := io.ReadFull(random, noise[:]); err != nil {
		panic("no randomness for a Message-ID: " + err.Error())
	}
	return strconv.FormatInt(now.Unix(), 36) + "." + strings.ToLower(base32.StdEncoding.EncodeToString(noise[:])) + "@" + domain
}
