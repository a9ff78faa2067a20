package message

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
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
	// Zone is where the reader is, for them to set: with it, Document shows the
	// events of Calendar above the text, their times in Zone.
	Zone *time.Location
}

// Read reads a whole message. Attachments are hashed and measured as they pass,
// not kept. Whatever the message holds is read as well as it can be: the only
// errors are those of r.
func Read(r io.Reader) (*Message, error) { return (&keeper{}).read(r) }

// ReadText is Read in a fraction of the time: what is attached passes unread,
// so that its Size, Content and SHA256 are not known, nor what is wrong with it.
func ReadText(r io.Reader) (*Message, error) { return (&keeper{textOnly: true}).read(r) }

// ReadAs is Read with the charset of all text chosen by a person, whatever the
// message declares; encoded words keep theirs. Charsets lists what can be
// chosen, other names of RFC 2978 do too; one not known is an error.
func ReadAs(r io.Reader, label string) (*Message, error) {
	cs, ok := lookupCharset(label)
	if !ok {
		return nil, fmt.Errorf("charset %q is not known", label)
	}
	return (&keeper{chosen: &cs}).read(r)
}

// read reads a message and keeps of it what it is for.
func (k *keeper) read(r io.Reader) (*Message, error) {
	walk := walker{src: newSource(r), chosen: k.chosen, notes: &k.notes, open: k.open}
	header, root := walk.message()
	if walk.src.err != nil {
		return nil, fmt.Errorf("read message: %w", walk.src.err)
	}
	m := &Message{Header: header, Envelope: header.Envelope()}
	for _, list := range [][]Address{m.Envelope.From, m.Envelope.To, m.Envelope.Cc, m.Envelope.Bcc} {
		if len(list) >= maxAddresses {
			k.notes.add(NoteTooManyAddresses)
		}
	}
	m.setText(bodyOf(root), &k.notes)
	markForms(root)
	if strings.TrimSpace(m.Plain) == "" && !m.HasHTML() {
		m.Plain, m.HTML = cutText(k.inner.plain, maxPlain, &k.notes), cutText(k.inner.html, maxHTML, &k.notes)
	}
	for _, l := range k.leaves {
		m.addLeaf(l)
	}
	m.protection(root)
	m.Notes = k.notes
	return m, nil
}

// HasAttachments reports whether there is a file to save, as opposed to
// pictures of the HTML text, signatures and machine-readable reports.
func (m *Message) HasAttachments() bool {
	for _, p := range m.Attachments {
		switch {
		case p.Inline && (p.ContentID != "" || p.Name == ""):
		case p.Type == "text/calendar" && p.Name == "", isSignature(p.Type):
		case p.Type == "message/delivery-status", p.Type == "message/disposition-notification",
			p.Type == "text/rfc822-headers":
		default:
			return true
		}
	}
	return false
}

// setText sets the forms of the text, and how the plain one is wrapped.
func (m *Message) setText(b body, n *notes) {
	m.Plain, m.HTML = joinPlain(b.plain, n), joinHTML(b.html, n)
	if len(b.plain) > 0 {
		m.Flowed, m.DelSp = b.plain[0].flowed()
	}
	for _, l := range b.plain {
		l.shown = true
	}
	for _, l := range b.html {
		l.shown = true
	}
}

// addLeaf lists a leaf that is not shown as text.
func (m *Message) addLeaf(l *leaf) {
	if l.entity.isCalendar() && m.Calendar == "" { // only of the first is anything kept
		m.Calendar = l.text()
	}
	if !l.shown && !l.otherForm {
		m.Attachments = append(m.Attachments, l.part())
	}
}

// protection finds signatures and encryption: of S/MIME (RFC 8551 §3.10), of
// PGP/MIME (RFC 3156), and inline OpenPGP (RFC 9580 §6.2).
func (m *Message) protection(e *entity) {
	switch e.typ {
	case "multipart/signed":
		m.Signed = true
	case "multipart/encrypted":
		m.Encrypted = true
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		if kind := strings.ToLower(e.params["smime-type"]); strings.HasPrefix(kind, "signed") {
			m.Signed = true
		} else if kind != "certs-only" && kind != "compressed-data" {
			m.Encrypted = true
		}
	}
	if e.leaf != nil && e.leaf.shown {
		text := e.leaf.text()
		m.Signed = m.Signed || hasLine(text, "-----BEGIN PGP SIGNED MESSAGE-----")
		m.Encrypted = m.Encrypted || hasLine(text, "-----BEGIN PGP MESSAGE-----")
	}
	for _, child := range e.children {
		m.protection(child)
	}
}

// hasLine reports whether a line begins so.
func hasLine(text, beginning string) bool {
	return strings.HasPrefix(text, beginning) || strings.Contains(text, "\n"+beginning)
}

func isSignature(typ string) bool {
	switch typ {
	case "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature":
		return true
	}
	return false
}
