package imap

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"tmail/message"
)

// response is one thing the server said (RFC 3501 §7), read as tolerantly as sense allows.
type response struct {
	tag  string // "*" for data, "+" for a continuation request, else the command's tag
	num  uint32 // the number before EXISTS, EXPUNGE and FETCH
	kind string // upper case: OK, NO, FETCH, LIST …
	code string // of OK, NO, BAD, BYE and PREAUTH: the word in brackets, upper case
	arg  string // what follows it in the brackets
	text string // and what follows these
	rest []byte // of all others: what follows the kind; valid until the next response
}

func parseResponse(raw []byte) response {
	var r response
	tag, rest := word(raw)
	r.tag = string(tag)
	if r.tag == "+" {
		r.text = string(rest)
		return r
	}
	kind, rest := word(rest)
	if n, err := strconv.ParseUint(string(kind), 10, 32); err == nil {
		r.num = uint32(n)
		kind, rest = word(rest)
	}
	r.kind, r.rest = upper(kind), rest
	switch r.kind {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		r.text = string(rest)
		if inside, ok := strings.CutPrefix(r.text, "["); ok {
			if code, text, ok := strings.Cut(inside, "]"); ok {
				r.code, r.arg, _ = strings.Cut(code, " ")
				r.code, r.text = strings.ToUpper(r.code), strings.TrimSpace(text)
			}
		}
	}
	return r
}

// word cuts b at its first space or opening parenthesis.
func word(b []byte) (head, rest []byte) {
	b = bytes.TrimLeft(b, " ")
	if i := bytes.IndexAny(b, " ("); i > 0 {
		return b[:i], bytes.TrimLeft(b[i:], " ")
	}
	return b, nil
}

// upper is strings.ToUpper without an allocation for the one kind that comes by the hundred thousand.
func upper(b []byte) string {
	if string(b) == "FETCH" {
		return "FETCH"
	}
	return strings.ToUpper(string(b))
}

// tokenKind is what a token of a data response is.
type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenOpen
	tokenClose
	tokenAtom
	tokenString // quoted or literal
)

// token is a piece of a data response.
type token struct {
	kind tokenKind
	text []byte
}

// is says whether the token is the atom s (any case).
func (t token) is(s string) bool {
	return t.kind == tokenAtom && len(t.text) == len(s) && strings.EqualFold(string(t.text), s)
}

// number gives the token's value when it is one in bounds, else 0.
func (t token) number() uint64 {
	n, err := strconv.ParseUint(string(t.text), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// uint32 gives the token's value when it fits, else 0, which no UID, UIDVALIDITY or UIDNEXT can be.
func (t token) uint32() uint32 {
	if n := t.number(); n <= math.MaxUint32 {
		return uint32(n)
	}
	return 0
}

// scanner cuts a data response into tokens. Whatever the bytes are, each call advances or returns tokenEnd.
type scanner struct {
	b []byte
}

func (s *scanner) next() token {
	s.b = bytes.TrimLeft(s.b, " \r\n")
	if len(s.b) == 0 {
		return token{kind: tokenEnd}
	}
	switch s.b[0] {
	case '(':
		s.b = s.b[1:]
		return token{kind: tokenOpen}
	case ')':
		s.b = s.b[1:]
		return token{kind: tokenClose}
	case '"':
		return s.quoted()
	case '{', '~':
		if t, ok := s.literal(); ok {
			return t
		}
	}
	return s.atom()
}

// quoted reads a quoted string; one that does not end reaches to the end of the response.
func (s *scanner) quoted() token {
	body := s.b[1:]
	if i := bytes.IndexAny(body, `"\`); i >= 0 && body[i] == '"' {
		s.b = body[i+1:]
		return token{tokenString, body[:i]}
	}
	var text []byte
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '"':
			s.b = body[i+1:]
			return token{tokenString, text}
		case body[i] == '\\' && i+1 < len(body):
			i++
		}
		text = append(text, body[i])
	}
	s.b = nil
	return token{tokenString, text}
}

func (s *scanner) literal() (token, bool) {
	line, rest, ok := bytes.Cut(s.b, []byte("\n"))
	if !ok {
		return token{}, false
	}
	size, ok := literalSize(trimEOL(line))
	if !ok || size > int64(len(rest)) || bytes.IndexByte(line, '{') != bytes.LastIndexByte(line, '{') {
		return token{}, false
	}
	s.b = rest[size:]
	return token{tokenString, rest[:size]}, true
}

// atom reads up to the next space or parenthesis, but takes what is in brackets after BODY or BINARY along:
// BODY[HEADER.FIELDS (DATE)]<0>.
func (s *scanner) atom() token {
	end := bytes.IndexAny(s.b, " ()\r\n")
	if end < 0 {
		end = len(s.b)
	}
	if open := bytes.IndexByte(s.b[:end], '['); open > 0 && len(s.b) > 4 &&
		(strings.EqualFold(string(s.b[:4]), "BODY") || strings.EqualFold(string(s.b[:4]), "BINA")) {
		if close := bytes.IndexByte(s.b, ']'); close > 0 {
			end = close + 1
			for end < len(s.b) && s.b[end] != ' ' && s.b[end] != ')' {
				end++
			}
		}
	}
	end = max(end, 1)
	t := token{tokenAtom, s.b[:end]}
	s.b = s.b[end:]
	return t
}

// list calls each for the tokens of a list that was opened already, up to its end. Lists inside are skipped.
func (s *scanner) list(each func(token)) {
	for {
		switch t := s.next(); t.kind {
		case tokenEnd, tokenClose:
			return
		case tokenOpen:
			s.skipList()
		default:
			each(t)
		}
	}
}

// skipList skips the rest of a list that was opened already, however deep it is.
func (s *scanner) skipList() {
	for depth := 1; depth > 0; {
		switch s.next().kind {
		case tokenEnd:
			return
		case tokenOpen:
			depth++
		case tokenClose:
			depth--
		}
	}
}

// fetched is what a FETCH response tells (RFC 3501 §7.4.2) of what we ask for.
type fetched struct {
	uid      UID
	flags    message.Flags
	hasFlags bool
	date     time.Time
	size     int64
	section  []byte // BODY[…]; valid until the next response
	hasBody  bool
	origin   int64 // at which byte of it the section begins; -1: the server did not say
}

// parseFetch reads the list of a FETCH response; items it does not know it skips.
func parseFetch(rest []byte) fetched {
	f := fetched{origin: -1}
	s := scanner{rest}
	if s.next().kind != tokenOpen {
		return f
	}
	for {
		name := s.next()
		if name.kind == tokenEnd || name.kind == tokenClose {
			return f
		}
		if name.kind != tokenAtom {
			if name.kind == tokenOpen {
				s.skipList()
			}
			continue
		}
		value := s.next()
		switch {
		case name.is("FLAGS") && value.kind == tokenOpen:
			f.hasFlags = true
			s.list(func(t token) { f.flags |= parseFlag(t.text) })
		case value.kind == tokenOpen:
			s.skipList()
		case value.kind == tokenClose || value.kind == tokenEnd:
			return f
		case name.is("UID"):
			f.uid = UID(value.uint32())
		case name.is("INTERNALDATE"):
			f.date, _ = time.Parse("_2-Jan-2006 15:04:05 -0700", strings.TrimSpace(string(value.text)))
		case name.is("RFC822.SIZE"):
			f.size = int64(min(value.number(), math.MaxInt64))
		case len(name.text) > 5 && strings.EqualFold(string(name.text[:5]), "BODY[") && value.kind == tokenString:
			f.section, f.hasBody = value.text, true
			f.origin = origin(name.text)
		}
	}
}

// origin reads the <n> in BODY[]<n>.
func origin(name []byte) int64 {
	if _, after, ok := bytes.Cut(name, []byte("]<")); ok {
		if n, err := strconv.ParseInt(string(bytes.TrimSuffix(after, []byte(">"))), 10, 64); err == nil {
			return n
		}
	}
	return -1
}
