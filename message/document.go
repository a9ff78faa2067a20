package message

import (
	"strings"

	"tmail/message/safe"
)

// Kind says what a Block is.
type Kind uint8

// The kinds of blocks.
const (
	Para       Kind = iota // a line or paragraph of text; without spans an empty line
	Heading                // of HTML, or the summary of an invitation
	List                   // a list item; its first span is the marker
	Pre                    // a line whose columns matter: ASCII tables, code
	Table                  // a row of a table, its columns already aligned
	Signature              // what follows "-- "
	Rule                   // a horizontal line, to be drawn across; its text says how it was written
	DiffHeader             // of a patch: diff, index, ---, +++ lines
	DiffHunk               // of a patch: @@ lines
	DiffAdd                // of a patch: a line that is added
	DiffDel                // of a patch: a line that is taken away
)

// Style is a set of ways to show a Span.
type Style uint16

// The styles. A terminal that lacks one shows the text all the same.
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
	Hang   int  // further columns that rows after the first are moved, so that they align behind a list marker
	Pre    bool // its columns matter: Wrap breaks it where the row is full, not at words
	Spans  []Span
}

// Link is a link of a Document.
type Link struct {
	Text safe.Text // what the message calls it
	URL  string    // http, https, ftp or mailto, in printable ASCII; not to be given to a shell
	Host safe.Text // where it really goes: the host, in ASCII form if its letters could deceive; for mailto the address
	// Claims is the host its words name when it leads elsewhere; else empty.
	Claims safe.Text
}

// Document is a message laid out for the screen, independent of its width.
// All text in it is safe to print.
type Document struct {
	Blocks   []Block
	Links    []Link // number n is Links[n-1]
	FromHTML bool   // it is the HTML form that is laid out
}

// HasHTML reports whether the message has an HTML form.
func (m *Message) HasHTML() bool { return strings.TrimSpace(m.HTML) != "" }

// Document lays the text of the message out: its plain form, unless that is
// empty or only says to look elsewhere, or preferHTML asks for the other.
// An invitation stands above it when Zone is set, and else where there is no
// other text, in its own time zone.
func (m *Message) Document(preferHTML bool) *Document {
	d := m.textDocument(preferHTML)
	if m.Calendar != "" && (m.Zone != nil || len(d.Blocks) == 0) {
		d.invite(m.Calendar, m.Zone)
	}
	return d
}

func (m *Message) textDocument(preferHTML bool) *Document {
	if m.showsHTML(preferHTML) {
		if d := htmlDocument(m.HTML); len(d.Blocks) > 0 || !m.hasPlain() {
			return d
		}
	}
	return plainDocument(m.Plain, m.Flowed, m.DelSp)
}

func (m *Message) hasPlain() bool { return strings.TrimSpace(m.Plain) != "" }

// showsHTML reports whether the HTML form is laid out, if there is anything in it.
func (m *Message) showsHTML(preferHTML bool) bool {
	return m.HasHTML() && (preferHTML || !m.hasPlain() || isPlaceholder(m.Plain))
}

// Beginning is Document for who cannot wait: of a long HTML form it has the
// first screens only, and whole is false. What is above its last lines stands
// in Document alike, links included.
func (m *Message) Beginning(preferHTML bool) (d *Document, whole bool) {
	const first, enough = 128 << 10, 200 // bytes of HTML, and blocks to be shown of it
	if m.showsHTML(preferHTML) {
		for length := first; length < len(m.HTML); length *= 4 {
			part := *m
			part.HTML = m.HTML[:length]
			if d := part.Document(preferHTML); d.FromHTML && len(d.Blocks) >= enough {
				return d, false
			}
		}
	}
	return m.Document(preferHTML), true
}

// placeholders are how a plain form says that the message is in the other one.
var placeholders = []string{
	"not support html", "n't support html", "not display html", "n't display html", "html-capable", "html capable",
	"html compatible", "html-compatible", "html enabled", "enable html", "in html format", "is an html", "an html email",
	"in your browser", "in a browser", "web browser", "view it online", "view online", "web version", "read this email online",
	"im html-format", "im browser", "online-version", "webversion", "au format html", "navigateur", "version en ligne", "en formato html",
	"el navegador", "em html", "formato html", "nel browser", "versione online", "html形式", "htmlメール", "ブラウザ", "html 형식", "в браузере",
	"不支持html", "不支持 html", "支持html", "支持 html", "html格式", "html 格式", "html邮件", "html 邮件", "在浏览器中", "使用浏览器", "网页版",
}

// isPlaceholder reports a plain form with hardly more text than a placeholder.
func isPlaceholder(plain string) bool {
	const most = 400 // bytes, a long link included
	plain = strings.TrimSpace(plain)
	if len(plain) > most {
		return false
	}
	plain = strings.ToLower(plain)
	for _, p := range placeholders {
		if strings.Contains(plain, p) {
			return true
		}
	}
	return false
}

// Text is what the screen shows, one line for each block: quotes marked with
// '>', nothing wrapped.
func (d *Document) Text() string {
	var out strings.Builder
	for i := range d.Blocks {
		b := &d.Blocks[i]
		if b.Quote > 0 {
			out.WriteString(quoteMarks(b.Quote))
		}
		if len(b.Spans) > 0 {
			if b.Quote > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(string(safe.Pad("", b.Indent)))
		}
		for _, s := range b.Spans {
			out.WriteString(string(s.Text))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// maxQuote is how many levels of quoting are told apart.
const maxQuote = 32

func quoteMarks(level int) string { return strings.Repeat(">", level) }

// text is the text of all spans of the block.
func (b *Block) text() safe.Text {
	if len(b.Spans) == 1 {
		return b.Spans[0].Text
	}
	var out strings.Builder
	for _, s := range b.Spans {
		out.WriteString(string(s.Text))
	}
	return safe.Text(out.String())
}

// Cut returns the block with the bytes from..to of its text only.
func (b *Block) Cut(from, to int) Block {
	part := *b
	part.Spans = nil
	offset := 0
	for _, s := range b.Spans {
		end := offset + len(s.Text)
		if first, last := max(from, offset), min(to, end); first < last {
			s.Text = s.Text[first-offset : last-offset]
			part.Spans = append(part.Spans, s)
		}
		offset = end
	}
	return part
}

// Wrap breaks the block into rows of at most width columns; what is indented
// and what marks quotes is the caller's to draw, and not part of width. All
// rows but the first are to be moved by Hang, so the first may take that much
// more. There is always at least one row, and nothing but blanks is lost.
func (b *Block) Wrap(width int) [][]Span {
	text := b.text()
	var ranges []safe.Range
	if b.Pre {
		ranges = safe.HardBreaks(text, width)
	} else {
		ranges = safe.Breaks(text, width+b.Hang, width)
	}
	rows := make([][]Span, len(ranges))
	rest, offset := b.Spans, 0
	for i, r := range ranges {
		for len(rest) > 0 {
			end := offset + len(rest[0].Text)
			if from, to := max(r.From, offset), min(r.To, end); from < to {
				s := rest[0]
				s.Text = s.Text[from-offset : to-offset]
				rows[i] = append(rows[i], s)
			}
			if end > r.To {
				break
			}
			rest, offset = rest[1:], end
		}
	}
	return rows
}

// trim drops the empty lines at both ends.
func (d *Document) trim() {
	for len(d.Blocks) > 0 && len(d.Blocks[0].Spans) == 0 {
		d.Blocks = d.Blocks[1:]
	}
	for n := len(d.Blocks); n > 0 && len(d.Blocks[n-1].Spans) == 0; n-- {
		d.Blocks = d.Blocks[:n-1]
	}
}
