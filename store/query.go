package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tmail/message"
)

// Query is what a person looks for, read from their words by [ParseQuery]. The
// zero Query finds everything.
type Query struct {
	text string // as typed
	root node   // nil: everything
	best bool   // best first instead of newest first
}

// QueryErrorKind says what is wrong with the words of a query.
type QueryErrorKind string

// What can be wrong with a query. Everything else is looked for as it is.
const (
	QueryTooLong QueryErrorKind = "too_long" // more text than anybody types
	QueryTooMany QueryErrorKind = "too_many" // too many words, or parentheses too deep
	QueryDate    QueryErrorKind = "no_date"  // no date behind before:, after: or date:
	QuerySize    QueryErrorKind = "no_size"  // no size behind larger: or smaller:
	QueryIs      QueryErrorKind = "no_state" // no state behind is:
	QueryHas     QueryErrorKind = "no_thing" // nothing that a message has behind has:
	QueryOrder   QueryErrorKind = "no_order" // no order behind order:
)

// QueryError says what of a query is not understood, for a sentence.
type QueryError struct {
	Kind QueryErrorKind
	At   int    // where in the text, in bytes
	Word string // what stands there; not safe for the screen
}

func (e *QueryError) Error() string {
	return fmt.Sprintf("search: %s at %d: %q", e.Kind, e.At, e.Word)
}

// Empty reports whether the query finds everything.
func (q Query) Empty() bool { return q.root == nil }

// InTexts reports whether words are looked for in texts and names of attachments.
func (q Query) InTexts() bool { return looksInText(q.root) }

// Best reports whether the best comes first instead of the newest.
func (q Query) Best() bool { return q.best }

// String is the query as typed.
func (q Query) String() string { return q.text }

// Marks returns the words to be marked in what was found, as typed.
func (q Query) Marks() []string {
	var marks []string
	eachWanted(q.root, func(w *wanted) { marks = append(marks, w.typed) })
	return marks
}

// Time is a span of days that is looked for: from the first to the last, where
// the zero Time is open; or, with a Month, that month of every year, and if Day
// is not 0 that day of it.
type Time struct {
	First, Last time.Time
	Month       time.Month
	Day         int
}

// Times returns the days that were read from dates, in order.
func (q Query) Times() []Time {
	var times []Time
	eachPositive(q.root, func(n node) {
		switch n := n.(type) {
		case dated:
			t := Time{First: n.from}
			if !n.to.IsZero() {
				t.Last = n.to.AddDate(0, 0, -1)
			}
			times = append(times, t)
		case yearly:
			times = append(times, Time{Month: n.month, Day: n.day})
		}
	})
	return times
}

// Spots returns where in the text of a field the words that are looked for in
// it stand: pairs of offsets in bytes, in order, that do not overlap.
func (q Query) Spots(in WordField, text string) [][2]int {
	var places [][2]int
	var words []string
	eachWord(text, func(from, to int, word []byte) {
		places = append(places, [2]int{from, to})
		words = append(words, string(word))
	})
	marked := make([]bool, len(words))
	eachWanted(q.root, func(w *wanted) {
		if w.fields&wordFields[in] == 0 {
			return
		}
		n := len(w.words)
		for i := 0; i+n <= len(words); i++ {
			if w.at(words[i : i+n]) {
				for k := i; k < i+n; k++ {
					marked[k] = true
				}
			}
		}
	})
	var spots [][2]int
	for i, place := range places {
		if !marked[i] {
			continue
		}
		if n := len(spots); n > 0 && (spots[n-1][1] == place[0] || marked[i-1] && strings.TrimSpace(text[spots[n-1][1]:place[0]]) == "") {
			spots[n-1][1] = place[1]
			continue
		}
		spots = append(spots, place)
	}
	return spots
}

// node is a condition a message meets or not.
type node interface{ holds(c *candidate) bool }

// The nodes that join others.
type (
	every  []node           // AND
	some   []node           // OR
	except struct{ n node } // NOT
)

// fields are the parts of a message that words are looked for in.
type fields uint8

const (
	inSubject fields = 1 << iota
	inFrom
	inTo
	inCc
	inBody
	inFiles
	inHeader   = inSubject | inFrom | inTo | inCc
	inText     = inBody | inFiles
	everywhere = inHeader | inText
)

// wanted are words that stand beside each other in one of the fields.
type wanted struct {
	phrase
	fields fields
	typed  string
}

// The nodes that ask for something else than words.
type (
	hasFlag  struct{ flag message.Flags }
	hasFiles struct{}
	dated    struct{ from, to time.Time } // the days of Date; from is in it, to is not; the zero Time is open
	yearly   struct {
		month time.Month
		day   int       // 0: all of the month
		now   time.Time // when it is asked
	}
	larger      struct{ than int64 } // octets
	smaller     struct{ than int64 }
	inFolder    struct{ name string }
	fromAccount struct{ name string }
)

// eachWanted calls f for all words looked for, but those that must not be there.
func eachWanted(n node, f func(*wanted)) {
	eachPositive(n, func(n node) {
		if w, ok := n.(*wanted); ok {
			f(w)
		}
	})
}

// eachPositive calls f for all conditions, but those that must not hold.
func eachPositive(n node, f func(node)) {
	switch n := n.(type) {
	case every:
		for _, n := range n {
			eachPositive(n, f)
		}
	case some:
		for _, n := range n {
			eachPositive(n, f)
		}
	case except:
	default:
		f(n)
	}
}

// looksInText reports whether texts have to be read to answer a condition.
func looksInText(n node) bool {
	switch n := n.(type) {
	case every:
		return slices.ContainsFunc(n, looksInText)
	case some:
		return slices.ContainsFunc(n, looksInText)
	case except:
		return looksInText(n.n)
	case *wanted:
		return n.fields&inText != 0
	}
	return false
}

// candidate is a message that is compared with a query directly.
type candidate struct {
	id, blob   ID
	draft      bool // is being written
	indexed    bool // its header is in the index
	date, size int64
	sent       *int64 // Date by the sender's clock; nil: not known
	flags      message.Flags
	files      bool
	folder     ID
	names      *folderNames
	words      map[fields][]string
}

func (n every) holds(c *candidate) bool {
	for _, n := range n {
		if !n.holds(c) {
			return false
		}
	}
	return true
}

func (n some) holds(c *candidate) bool {
	for _, n := range n {
		if n.holds(c) {
			return true
		}
	}
	return false
}

func (n except) holds(c *candidate) bool { return !n.n.holds(c) }

func (n *wanted) holds(c *candidate) bool {
	for field, words := range c.words {
		if n.fields&field != 0 && n.in(words) {
			return true
		}
	}
	return false
}

func (n hasFlag) holds(c *candidate) bool  { return c.flags&n.flag != 0 }
func (n hasFiles) holds(c *candidate) bool { return c.files }
func (n dated) holds(c *candidate) bool {
	from, to := n.moments()
	if c.sent == nil {
		return from <= c.date && c.date < to
	}
	from, to = n.days()
	return from <= *c.sent && *c.sent < to
}
func (n yearly) holds(c *candidate) bool {
	at := c.date + n.east()
	if c.sent != nil {
		at = *c.sent
	}
	_, month, day := time.Unix(at, 0).UTC().Date()
	return month == n.month && (n.day == 0 || n.day == day)
}
func (n larger) holds(c *candidate) bool      { return c.size > n.than }
func (n smaller) holds(c *candidate) bool     { return c.size < n.than }
func (n inFolder) holds(c *candidate) bool    { return c.names.called(n.name)[c.folder] }
func (n fromAccount) holds(c *candidate) bool { return c.names.of(n.name)[c.folder] }
