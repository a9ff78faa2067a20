package message

import (
	"strings"

	"tmail/message/safe"
)

// Kind says what a Block is.
type Kind uint8

const (
	Para       Kind = iota // a line or paragraph of text; without spans an empty line
	Heading                // of HTML, or the summary of an invitation
	List                   // a list item; its first span is the marker
	Pre                    // a line whose columns matter: ASCII tables, code
	Table                  // a row of a table, its columns already aligned
	Signature              // what follows "-- "
	Rule                   // a horizontal line; no spans
	DiffHeader             // of a patch: diff, index, ---, +++ lines
	DiffHunk               // of a patch: @@ lines
	DiffAdd
	DiffDel
)

// Style is a set of ways to show a Span.
type Style uint16

const (
	Bold Style = 1 << iota
	Dim
	Italic
	Underline
	Strike
	Code
	Linked // part of a link; Span.Link tells which
	Warn   // the host of a link whose text claims another one
)

// Span is a run of text in one style.
type Span struct {
	Text  safe.Text
	Style Style
	Link  int // number of the link it belongs to, from 1; 0 for none
}

// Block is one logical line: a paragraph, a heading, a list item. It is not
// wrapped; Wrap does that for a width.
type Block struct {
	Kind   Kind
	Quote  int  // how many levels deep it is quoted
	Indent int  // columns it is moved to the right
	Hang   int  // further columns that lines after the first are moved, so that they align behind a list marker
	Pre    bool // better cut or scrolled than wrapped
	Spans  []Span
}

// Link is a link of a Document.
type Link struct {
	Text safe.Text // what the message calls it
	URL  string    // http, https, ftp or mailto, in ASCII; safe to print, not to be given to a shell
	Host safe.Text // where it really goes: the host, in ASCII form if its letters could deceive; for mailto the address
}

// Document is a message laid out for the screen, independent of its width.
// All text in it is safe to print.
type Document struct {
	Blocks   []Block
	Links    []Link // number n is Links[n-1]
	FromHTML bool
}

// HasHTML reports whether the message has an HTML form.
func (m *Message) HasHTML() bool { return strings.TrimSpace(m.HTML) != "" }

// Document lays the text of the message out: its plain form, unless that is
// empty or only says to look elsewhere, or preferHTML asks for the other.
// A message that is nothing but an invitation shows that.
func (m *Message) Document(preferHTML bool) *Document { panic("not written") }

// Text is what the screen shows, one line for each block: quotes marked with
// '>', nothing wrapped.
func (d *Document) Text() string { panic("not written") }

// Wrap breaks the block into rows of at most width columns, Indent, Hang and
// the room for quote bars not included: the caller draws these. Blocks that
// are better cut (Pre) come back as one row.
func (b *Block) Wrap(width int) [][]Span { panic("not written") }
