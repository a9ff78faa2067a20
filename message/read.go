package message

import (
	"errors"
	"io"
)

// ErrNoPart is returned by CopyPart for an id the message does not have.
var ErrNoPart = errors.New("no such part")

// Message is a received mail, read for the screen: text decoded and capped,
// attachments described. Nothing in it is safe for the screen.
type Message struct {
	Header   Header
	Envelope Envelope
	// Plain and HTML are the text of the message in the two forms it may have,
	// as UTF-8 with \n line ends. When both are set, both are complete; a form
	// in which something would be missing is left empty.
	Plain, HTML string
	Flowed      bool // Plain is format=flowed (RFC 3676)
	DelSp       bool // Flowed with DelSp=yes
	Attachments []Part
	Notes       []string // what was cut or repaired: the Note constants
	Signed      bool     // S/MIME or OpenPGP signature present, not checked
	Encrypted   bool     // S/MIME or OpenPGP encrypted
	Calendar    string   // the first text/calendar part (RFC 5545), UTF-8
}

// Read reads a whole message. Attachments are hashed and measured as they pass,
// not kept. Whatever the message holds is read as well as it can be: the only
// errors are those of r.
func Read(r io.Reader) (*Message, error) { panic("not written") }

// HasAttachments reports whether there is a file to save, as opposed to
// pictures of the HTML text, signatures and machine-readable reports.
func (m *Message) HasAttachments() bool { panic("not written") }
