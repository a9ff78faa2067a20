package message

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
)

// How much text is kept of a message, in bytes.
const (
	maxPlain    = 2 << 20
	maxHTML     = 12 << 20
	maxCalendar = 256 << 10
)

// uuPrefix stands between the id of a text part and the number of a uuencoded
// file within it.
const uuPrefix = ".u"

// leaf is an entity with content, measured as it streamed by.
type leaf struct {
	entity    *entity
	hash      hash.Hash // nil: it is not measured
	size      int64
	head      []byte // its first bytes
	textual   bool   // may be shown as text of the message
	shown     bool   // is
	inRelated bool   // belongs to the HTML text beside it
	otherForm bool   // another form of what is shown
	kept      []byte
	limit     int // of kept
	decoded   *string
	chosen    *charset // by a person; nil for the one declared
	notes     *notes
}

// isHTML tells the two forms of text apart.
func (e *entity) isHTML() bool {
	switch e.typ {
	case "text/html", "application/xhtml+xml", "text/xhtml", "text/x-html", "text/htm":
		return true
	}
	return false
}

// isCalendar knows RFC 5545 by its type, and by what some senders call it.
func (e *entity) isCalendar() bool {
	return e.typ == "text/calendar" || e.typ == "application/ics" || strings.HasSuffix(strings.ToLower(e.name), ".ics")
}

// isBodyType knows the types that are shown as text of the message. A message
// that is nothing else is text whatever kind it says (RFC 2046 §4.1.4).
func (e *entity) isBodyType() bool {
	switch e.typ {
	case "text/plain", "text/markdown", "text/enriched", "text/richtext":
		return true
	case "text/rtf", "text/calendar":
		return false
	}
	return e.isHTML() || e.alone && e.name == "" && strings.HasPrefix(e.typ, "text/")
}

// holdsFiles reports whether uuencoded files are looked for in e.
func holdsFiles(e *entity) bool { return e.typ == "text/plain" }

// keeper is what becomes of the leaves of a message that is read.
type keeper struct {
	leaves      []*leaf
	files       int // uuencoded ones
	hasText     bool
	hasCalendar bool
	plain, html int                          // bytes of text kept so far, at most
	chosen      *charset                     // nil: the one declared
	textOnly    bool                         // attachments pass unread
	inner       struct{ plain, html string } // the text in a winmail.dat
	notes       notes
}

// open starts a leaf. A part with a file name is text of the message only when
// nothing else was before it.
func (k *keeper) open(e *entity) io.WriteCloser {
	l := k.leaf(e)
	if e.isBodyType() && e.disposition != "attachment" && (e.name == "" || !k.hasText) {
		l.textual, k.hasText = true, true
		l.limit = maxPlain - k.plain
		if e.isHTML() {
			l.limit = maxHTML - k.html
		}
	}
	if e.isCalendar() && !k.hasCalendar {
		l.limit, k.hasCalendar = maxCalendar, true
	}
	if k.textOnly && !l.textual && l.limit == 0 && !e.isTNEF() {
		return nopCloser{io.Discard}
	}
	t, known := transferOf(e.encoding)
	if !known {
		k.notes.add(NoteBadEncoding)
	}
	var content io.WriteCloser = leafContent{l}
	switch {
	case l.textual && holdsFiles(e):
		content = &uuSplitter{text: leafContent{l}, open: k.fileIn(e)}
	case e.isTNEF():
		content = k.container(e)
	}
	var dst io.Writer = content
	if !k.textOnly {
		dst = io.MultiWriter(leafMeter{l}, content)
	}
	d := newDecoder(t, dst)
	return pipe{d, func() error {
		err := content.Close()
		if d.damaged() {
			k.notes.add(NoteBadEncoding)
		}
		if e.isHTML() {
			k.html += len(l.kept)
		} else if l.textual {
			k.plain += len(l.kept)
		}
		return err
	}}
}

func (k *keeper) leaf(e *entity) *leaf {
	l := &leaf{entity: e, chosen: k.chosen, notes: &k.notes}
	if !k.textOnly {
		l.hash = sha256.New()
	}
	e.leaf = l
	k.leaves = append(k.leaves, l)
	return l
}

// container takes a winmail.dat apart: its files are listed after it, its text
// counts when the message has no other.
func (k *keeper) container(e *entity) io.WriteCloser {
	n := 0
	var file *entity
	open := func() io.WriteCloser {
		n++
		if k.files++; k.files > maxParts {
			k.notes.add(NoteTooManyParts)
			file = &entity{}
			return nopCloser{io.Discard}
		}
		file = &entity{id: e.id + tnefPrefix + strconv.Itoa(n), typ: "application/octet-stream"}
		return nopCloser{leafMeter{k.leaf(file)}}
	}
	describe := func(f tnefFile) {
		if file == nil {
			return
		}
		file.name, file.contentID = f.name, f.contentID
		if f.mediaType != "" {
			file.typ = f.mediaType
		}
	}
	return newTNEFSplitter(open, describe, func(plain, html string) {
		if plain != "" && k.inner.plain == "" {
			k.inner.plain = plain
		}
		if html != "" && k.inner.html == "" {
			k.inner.html = html
		}
	})
}

// fileIn opens the uuencoded files found in the text e.
func (k *keeper) fileIn(e *entity) func(name string) io.WriteCloser {
	n := 0
	return func(name string) io.WriteCloser {
		n++
		if k.files++; k.files > maxParts {
			k.notes.add(NoteTooManyParts)
			return nopCloser{io.Discard}
		}
		return nopCloser{leafMeter{k.leaf(&entity{
			id: e.id + uuPrefix + strconv.Itoa(n), typ: "application/octet-stream", name: name, encoding: "x-uuencode",
		})}}
	}
}

// leafMeter hashes and counts the decoded bytes of a leaf that is measured.
type leafMeter struct{ *leaf }

func (m leafMeter) Write(p []byte) (int, error) {
	if m.hash == nil {
		return len(p), nil
	}
	m.size += int64(len(p))
	if room := sniffLength - len(m.head); room > 0 {
		m.head = append(m.head, p[:min(room, len(p))]...)
	}
	return m.hash.Write(p)
}

// leafContent keeps the decoded bytes of a leaf up to its limit.
type leafContent struct{ *leaf }

func (c leafContent) Write(p []byte) (int, error) {
	room := c.limit - len(c.kept)
	if n := min(len(p), room); n > cap(c.kept)-len(c.kept) {
		c.kept = slices.Grow(c.kept, max(n, len(c.kept))) // append would copy it more often
	}
	c.kept = append(c.kept, p[:min(len(p), room)]...)
	if len(p) > room && (c.textual || c.limit > 0) {
		c.notes.add(NoteTextCut)
	}
	return len(p), nil
}

func (leafContent) Close() error { return nil }

func (l *leaf) part() Part {
	e := l.entity
	p := Part{
		ID: e.id, Type: e.typ, Params: e.params, Name: e.name,
		Inline:    e.disposition == "inline" || e.disposition == "" && l.inRelated,
		ContentID: e.contentID, Encoding: e.encoding,
	}
	if l.hash != nil {
		p.Size, p.Content, p.SHA256 = l.size, contentType(l.head), hex.EncodeToString(l.hash.Sum(nil))
	}
	return p
}

// flowed reads the parameters of RFC 3676 §4.
func (l *leaf) flowed() (flowed, delSp bool) {
	flowed = strings.EqualFold(l.entity.params["format"], "flowed")
	return flowed, flowed && strings.EqualFold(l.entity.params["delsp"], "yes")
}

// text is what was kept, as UTF-8 with \n line ends.
func (l *leaf) text() string {
	if l.decoded != nil {
		return *l.decoded
	}
	text := unixLines(l.decode())
	if l.entity.isEnriched() {
		text = enrichedText(text)
	}
	l.decoded, l.kept = &text, nil
	return text
}

func (l *leaf) decode() string {
	if l.chosen != nil {
		return l.chosen.decode(l.kept)
	}
	label := l.entity.params["charset"]
	if cleanLabel(label) == "" && l.entity.isHTML() {
		label = metaCharset(l.kept)
	}
	text, repaired := decodeText(l.kept, label)
	if repaired {
		l.notes.add(NoteBadCharset)
	}
	return text
}

// unixLines ends lines with \n alone, and drops NUL.
func unixLines(text string) string {
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	end := strings.IndexByte(text, '\r')
	if end < 0 {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	for ; end >= 0; end = strings.IndexByte(text, '\r') {
		out.WriteString(text[:end])
		if text = text[end+1:]; text == "" || text[0] != '\n' {
			out.WriteByte('\n')
		}
	}
	out.WriteString(text)
	return out.String()
}

// metaCharset finds the charset an HTML text declares in itself, in the bytes
// browsers look at.
func metaCharset(b []byte) string {
	const prescan = 1024
	s := strings.ToLower(string(b[:min(len(b), prescan)]))
	for {
		_, rest, ok := strings.Cut(s, "<meta")
		if !ok {
			return ""
		}
		tag, after, _ := strings.Cut(rest, ">")
		if _, label, ok := strings.Cut(tag, "charset"); ok {
			label, ok = strings.CutPrefix(strings.TrimSpace(label), "=")
			label = strings.TrimLeft(label, " \"'")
			if end := strings.IndexAny(label, " \"';/"); end >= 0 {
				label = label[:end]
			}
			if ok && !strings.HasPrefix(label, "utf-16") { // it was just read as ASCII
				return label
			}
		}
		s = after
	}
}
