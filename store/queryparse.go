package store

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// How much one query may ask for: more than a person types, and little enough
// to be answered at once.
const (
	maxQuery  = 4096 // bytes
	maxLeaves = 100  // conditions
	maxDepth  = 20   // of parentheses
	maxWords  = 400  // in all phrases together
)

// ParseQuery reads what a person typed:
//
//	words "exact words" from:ann -draft (plan OR 计划) before:2024-05 is:unread
//
// Words stand for all that begin with them; Chinese, Japanese and Korean stand
// for any text they are part of. A month or day among them (2024-11, 上个月, last
// month) is a time as well as a word. Full-width punctuation serves as well. Half a
// query, as it stands while it is being typed, is one too. now is what relative
// dates count from, in the time zone that days are meant in. The error is a
// *QueryError.
func ParseQuery(text string, now time.Time) (Query, error) {
	if len(text) > maxQuery {
		return Query{}, &QueryError{Kind: QueryTooLong, Word: clip(text)}
	}
	p := &queryParser{text: strings.ToValidUTF8(text, " "), now: now, fields: everywhere}
	var parts every
	for p.skipSpace(); p.at < len(p.text) && p.err == nil; p.skipSpace() {
		if n := p.either(0); n != nil {
			parts = append(parts, n)
		}
		if p.peek() == ')' { // one too many
			p.next()
		}
	}
	if p.err != nil {
		return Query{}, p.err
	}
	return Query{text: text, root: joined(parts), best: p.best}, nil
}

// joined is the condition that all of them hold; nil when there are none.
func joined(parts every) node {
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return parts
}

// queryParser reads a query from left to right. The first error ends it.
type queryParser struct {
	text   string
	at     int
	now    time.Time
	fields fields // that words are looked for in
	best   bool
	leaves int
	words  int
	err    error
}

// plainMark is a character as it counts in a query: what an input method for
// Chinese types means the same as its ASCII sister.
func plainMark(r rune) rune {
	switch r {
	case '“', '”', '„', '«', '»', '「', '」', '＂':
		return '"'
	case '（':
		return '('
	case '）':
		return ')'
	case '：':
		return ':'
	case '－', '−':
		return '-'
	}
	return r
}

// peek returns the next character as it counts, 0 at the end.
func (p *queryParser) peek() rune {
	if p.at == len(p.text) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return plainMark(r)
}

func (p *queryParser) next() {
	_, n := utf8.DecodeRuneInString(p.text[p.at:])
	p.at += n
}

func (p *queryParser) skipSpace() {
	for p.at < len(p.text) && (unicode.IsSpace(p.peek()) || p.peek() < ' ') {
		p.next()
	}
}

func (p *queryParser) fail(kind QueryErrorKind, at int, word string) {
	if p.err == nil {
		p.err = &QueryError{Kind: kind, At: at, Word: word}
	}
}

// takeWord takes the word if it is the next one.
func (p *queryParser) takeWord(word string) bool {
	rest, ok := strings.CutPrefix(p.text[p.at:], word)
	if !ok {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && !unicode.IsSpace(r) && plainMark(r) != '(' {
		return false
	}
	p.at += len(word)
	return true
}

// either reads conditions with OR between them, up to a closing parenthesis.
func (p *queryParser) either(depth int) node {
	var list some
	for p.err == nil {
		if n := p.all(depth); n != nil {
			list = append(list, n)
		}
		if !p.takeWord("OR") {
			break
		}
	}
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return list
}

// all reads conditions side by side, up to OR or a closing parenthesis.
func (p *queryParser) all(depth int) node {
	var parts every
	for p.err == nil {
		p.skipSpace()
		at := p.at
		if p.at == len(p.text) || p.peek() == ')' || p.takeWord("OR") {
			p.at = at
			break
		}
		if p.takeWord("AND") {
			continue
		}
		if n := p.one(depth); n != nil {
			parts = append(parts, n)
		}
	}
	return joined(p.timesAmong(parts))
}

// one reads a single condition, nil when it asks for nothing.
func (p *queryParser) one(depth int) node {
	negative := p.takeWord("NOT")
	for p.skipSpace(); p.peek() == '-'; p.next() {
		negative = true
	}
	n := p.positive(depth)
	if n != nil && negative {
		return except{n}
	}
	return n
}

func (p *queryParser) positive(depth int) node {
	if p.leaves++; p.leaves > maxLeaves || depth > maxDepth {
		p.fail(QueryTooMany, p.at, "")
		return nil
	}
	if p.peek() == '(' {
		p.next()
		n := p.either(depth + 1)
		if p.peek() == ')' {
			p.next()
		}
		return n
	}
	at := p.at
	if op, ok := p.operator(); ok {
		return p.behind(op, at, depth)
	}
	if n := p.bareDate(); n != nil {
		return n
	}
	return p.wanted(p.value())
}

// operator reads a word that is an operator, with its colon.
func (p *queryParser) operator() (operator, bool) {
	at := p.at
	for p.at < len(p.text) {
		r := p.peek()
		if r == ':' {
			if op, ok := operators[strings.ToLower(p.text[at:p.at])]; ok {
				p.next()
				return op, true
			}
			break
		}
		if !unicode.IsLetter(r) {
			break
		}
		p.next()
	}
	p.at = at
	return "", false
}

// value reads a word, or what stands in quotes. It is exact in closed quotes.
func (p *queryParser) value() (text string, exact bool) {
	if p.peek() == '"' {
		p.next()
		from := p.at
		for p.at < len(p.text) && p.peek() != '"' {
			p.next()
		}
		text = p.text[from:p.at]
		exact = p.at < len(p.text)
		if exact {
			p.next()
		}
		return text, exact
	}
	from := p.at
	for p.at < len(p.text) {
		if r := p.peek(); unicode.IsSpace(r) || r < ' ' || r == '"' || r == '(' || r == ')' {
			break
		}
		p.next()
	}
	return p.text[from:p.at], false
}

// wanted looks for words.
func (p *queryParser) wanted(text string, exact bool) node {
	ph := phraseOf(text, !exact)
	if len(ph.words) == 0 {
		return nil
	}
	if p.words += len(ph.words); p.words > maxWords {
		p.fail(QueryTooMany, p.at, "")
	}
	return &wanted{phrase: ph, fields: p.fields, typed: strings.TrimSpace(text)}
}

// behind reads what stands behind an operator. An operator with nothing behind
// it asks for nothing: it is being typed.
func (p *queryParser) behind(op operator, at, depth int) node {
	if in, ok := opFields[op]; ok {
		before := p.fields
		p.fields = in
		defer func() { p.fields = before }()
		if p.peek() == '(' {
			return p.positive(depth)
		}
		return p.wanted(p.value())
	}
	text, _ := p.value()
	word := strings.ToLower(strings.TrimSpace(norm.NFKC.String(text)))
	if word == "" {
		return nil
	}
	n, kind := p.condition(op, word)
	if kind != "" {
		p.fail(kind, at, text)
	}
	return n
}
