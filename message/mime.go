package message

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// What is read of the MIME structure. Beyond it parts are passed over, and that
// is noted.
const (
	maxMIMEDepth   = 50
	maxParts       = 2_000
	maxPartHeader  = 64 << 10 // bytes of one part
	maxPartHeaders = 8 << 20  // bytes of all parts together; then each may have a few
	minPartHeader  = 2 << 10
	maxBoundary    = 1_000
	maxPreamble    = maxPlain
)

// entity is a node of the MIME structure (RFC 2045 §2.4).
type entity struct {
	id          string // IMAP numbering; "" for a multipart at the top
	typ         string // in lower case, always with a subtype
	params      map[string]string
	disposition string // in lower case, may be empty
	name        string
	contentID   string
	encoding    string
	alone       bool      // the whole message
	children    []*entity // of a multipart
	leaf        *leaf     // of anything else, when its content was kept or measured
}

func (e *entity) isMultipart() bool { return strings.HasPrefix(e.typ, "multipart/") }

// newEntity reads the fields that describe an entity. defaultType is what no
// Content-Type means here.
func newEntity(h Header, id, defaultType string) *entity {
	e := &entity{id: id, typ: defaultType}
	contentType := h.value("Content-Type")
	if typ := mediaType(contentType); typ != "" {
		e.typ = typ
	} else if contentType != "" {
		e.typ = "text/plain" // RFC 2045 §5.2
	}
	e.params = parseParams(contentType)
	if disposition := h.value("Content-Disposition"); disposition != "" {
		kind, _, _ := strings.Cut(unfold(disposition), ";")
		e.disposition = strings.ToLower(strings.Trim(kind, " \t\""))
		params := parseParams(disposition)
		if e.name = params["filename"]; e.name == "" {
			e.name = params["name"]
		}
	}
	if e.name == "" {
		e.name = e.params["name"]
	}
	e.contentID = parseID(h.value("Content-ID"))
	e.encoding = cleanEncoding(h.value("Content-Transfer-Encoding"))
	return e
}

// walker reads the MIME structure of a message as it streams by. Bad input makes
// it see less structure, never fail.
type walker struct {
	src       *source
	bounds    []bound // of the multiparts open, the outermost first
	parts     int
	headerSum int // bytes of part headers
	chosen    *charset
	notes     *notes
	// open is called for every leaf and returns where its bytes go, still
	// encoded. Their end is told by Close.
	open func(*entity) io.WriteCloser
}

// message walks the whole message.
func (w *walker) message() (Header, *entity) {
	for { // empty lines before the header
		line, ok := w.src.next()
		if !ok {
			break
		}
		if !isEmptyLine(string(line.text[:min(3, len(line.text))])) {
			w.src.again()
			break
		}
	}
	h, ended := w.header(maxHeader)
	root := newEntity(h, "1", "text/plain")
	if root.alone = !root.isMultipart(); !root.alone {
		root.id = ""
	}
	w.body(root, ended)
	return h, root
}

// body reads what follows the header of e, unless something ended it already.
func (w *walker) body(e *entity, ended *stop) stop {
	if e.isMultipart() && len(w.bounds) < maxMIMEDepth {
		if ended != nil {
			return *ended
		}
		return w.multipart(e)
	}
	if e.isMultipart() {
		w.notes.add(NoteTooDeep)
	}
	content := w.open(e)
	defer content.Close() // sinks keep their errors
	if ended != nil {
		return *ended
	}
	return w.copy(content)
}

// multipart reads the parts of e (RFC 2046 §5.1).
func (w *walker) multipart(e *entity) stop {
	level := len(w.bounds)
	declared, known := e.params["boundary"] // an empty one is none, but used
	w.bounds = append(w.bounds, bound{text: trimBoundary(declared), known: known})
	defer func() { w.bounds = w.bounds[:level] }()

	end, preamble := w.preamble(level)
	end = w.goesOn(end, level)
	empty := level == 0 && end.last && len(bytes.TrimSpace(preamble)) > 0 // all there is
	if end.level != level || empty {
		w.notes.add(NoteNoBoundary)
		w.flatten(e, preamble)
		if empty {
			end = w.copy(io.Discard) // the epilogue
		}
		return end
	}
	childType := "text/plain"
	if e.typ == "multipart/digest" {
		childType = "message/rfc822" // RFC 2046 §5.1.5
	}
	for end.level == level {
		switch {
		case end.last:
			w.bounds[level].closed = true
			end = w.copy(io.Discard) // the epilogue
		case w.parts == maxParts:
			w.notes.add(NoteTooManyParts)
			end = w.copy(io.Discard)
		default:
			w.parts++
			h, ended := w.header(w.headerLimit())
			child := newEntity(h, childID(e.id, len(e.children)+1), childType)
			e.children = append(e.children, child)
			end = w.body(child, ended)
		}
		end = w.goesOn(end, level)
	}
	if end == endOfMessage && !w.bounds[level].closed {
		w.notes.add(NoteCutOff)
	}
	return end
}

// goesOn takes the last delimiter of the multipart at level for another one when
// a field of MIME follows it.
func (w *walker) goesOn(end stop, level int) stop {
	if !end.last || end.level != level {
		return end
	}
	if line, ok := w.src.next(); ok {
		w.src.again()
		end.last = !startsMIMEField(line.text)
	}
	return end
}

// flatten makes a multipart without parts the text that stands in their place.
func (w *walker) flatten(e *entity, text []byte) {
	e.typ, e.encoding = "text/plain", ""
	if e.id == "" {
		e.id = "1"
	}
	content := w.open(e)
	_, _ = content.Write(text) // sinks keep their errors
	_ = content.Close()
}

func childID(parent string, n int) string {
	if parent == "" {
		return strconv.Itoa(n)
	}
	return parent + "." + strconv.Itoa(n)
}

// headerLimit is how large the next part header may be.
func (w *walker) headerLimit() int {
	return max(minPartHeader, min(maxPartHeader, maxPartHeaders-w.headerSum))
}

// preamble reads up to the first delimiter of the multipart at level. When the
// boundary declared does not come, for a while at least, the first line that
// looks like one and has a MIME field after it counts.
func (w *walker) preamble(level int) (stop, []byte) {
	const patience = 256 << 10 // bytes that are looked through for what is declared
	var text []byte
	var after []byte // what follows the guess
	candidate, guess := "", ""
	for {
		line, ok := w.src.next()
		end, matched := endOfMessage, false
		if ok && line.start {
			end, matched = w.match(line.text)
		}
		switch {
		case guess != "" && (!ok || matched && end.level != level || len(after) > patience):
			after = append(after, line.text...)
			return w.guessed(level, guess, after), nil
		case !ok || matched:
			return end, text
		case guess == "" && line.start:
			if candidate != "" && startsMIMEField(line.text) {
				guess, after = candidate, afterDelimiter(text, candidate)
				if !w.bounds[level].known {
					return w.guessed(level, guess, append(after, line.text...)), nil
				}
				break
			}
			candidate = ""
			if rest, ok := bytes.CutPrefix(line.text, []byte("--")); ok && len(rest) < maxBoundary {
				candidate = strings.TrimRight(string(rest), " \t\r\n")
			}
		}
		if guess != "" {
			after = append(after, line.text...)
		}
		if len(text)+len(line.text) <= maxPreamble {
			text = append(text, line.text...)
		}
	}
}

// guessed takes another boundary than the one declared for the multipart at
// level, and goes back to what follows it.
func (w *walker) guessed(level int, boundary string, after []byte) stop {
	w.bounds[level].text, w.bounds[level].known = boundary, true
	w.notes.add(NoteNoBoundary)
	w.src.unread(after)
	return stop{level: level}
}

func startsMIMEField(line []byte) bool {
	return isContentField(string(line)) && fieldName(string(line)) > 0
}

// header reads a header section of at most limit bytes; what is more is dropped.
// ended is set when the part ended within it.
func (w *walker) header(limit int) (h Header, ended *stop) {
	var block []byte
	var last []byte // the line that ended it
	cut := false
	for {
		line, ok := w.src.next()
		if !ok {
			ended, last = &endOfMessage, nil
			break
		}
		last = line.text
		if line.start {
			if end, ok := w.match(line.text); ok {
				ended = new(stop)
				*ended = end
				break
			}
			if len(line.text) <= 2 && isEmptyLine(string(line.text)) {
				break
			}
		}
		if cut {
			continue
		}
		if len(block)+len(line.text) > limit {
			if _, used := splitHeader(string(block)); used < len(block) {
				break // no header, but text
			}
			cut = true
			continue
		}
		block = append(block, line.text...)
	}
	w.headerSum += len(block)
	h, used := splitHeader(string(block))
	if w.chosen != nil {
		h = h.as(*w.chosen)
	}
	if used < len(block) {
		w.src.unread(bytes.Clone(last))
		w.src.unread(block[used:])
		ended = nil
	}
	if h.cut = h.cut || cut; h.cut {
		w.notes.add(NoteHeaderCut)
	}
	return h, ended
}
