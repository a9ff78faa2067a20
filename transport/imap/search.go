package imap

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	goimap "github.com/emersion/go-imap/v2"

	"tmail/message"
)

// Criteria are what messages are to be searched for on the server (RFC 3501 §6.4.4). The zero Criteria is every
// message.
type Criteria struct {
	keys  goimap.SearchCriteria
	gmail string // the same in the words of Gmail's own search, which finds what it shows
}

// SearchIn is where words are looked for.
type SearchIn string

// Where words are looked for: a field of the header, the text, or anywhere.
const (
	SearchSubject SearchIn = "Subject"
	SearchFrom    SearchIn = "From"
	SearchTo      SearchIn = "To"
	SearchCc      SearchIn = "Cc"
	SearchBody    SearchIn = "BODY"
	SearchText    SearchIn = "TEXT"
)

// Words looks for a text, which may be any UTF-8; for servers it can be part of words.
func Words(in SearchIn, words string) Criteria {
	words = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r == '"' || r == '\\' {
			return ' '
		}
		return r
	}, words)
	c := Criteria{gmail: `"` + words + `"`}
	switch in {
	case SearchBody:
		c.keys.Body = []string{words}
	case SearchText:
		c.keys.Text = []string{words}
	default:
		c.keys.Header = []goimap.SearchCriteriaHeaderField{{Key: string(in), Value: words}}
		c.gmail = strings.ToLower(string(in)) + ":" + c.gmail
	}
	return c
}

// Flag looks for the messages that have one of the system flags.
func Flag(flag message.Flags) Criteria {
	var c Criteria
	switch flag {
	case message.Seen:
		c.keys.Flag, c.gmail = []goimap.Flag{goimap.FlagSeen}, "is:read"
	case message.Flagged:
		c.keys.Flag, c.gmail = []goimap.Flag{goimap.FlagFlagged}, "is:starred"
	case message.Answered:
		c.keys.Flag = []goimap.Flag{goimap.FlagAnswered}
	case message.DraftFlag:
		c.keys.Flag, c.gmail = []goimap.Flag{goimap.FlagDraft}, "is:draft"
	}
	return c
}

// Since looks for what was sent on that day or later, by the sender's calendar. Gmail goes by when it came.
func Since(day time.Time) Criteria {
	return Criteria{goimap.SearchCriteria{SentSince: day}, "after:" + day.Format("2006/01/02")}
}

// Before looks for what was sent before that day, by the sender's calendar. Gmail goes by when it came.
func Before(day time.Time) Criteria {
	return Criteria{goimap.SearchCriteria{SentBefore: day}, "before:" + day.Format("2006/01/02")}
}

// Larger looks for messages of more octets.
func Larger(size int64) Criteria {
	return Criteria{goimap.SearchCriteria{Larger: size}, "larger:" + decimal(uint64(max(0, size)))}
}

// Smaller looks for messages of fewer octets.
func Smaller(size int64) Criteria {
	return Criteria{goimap.SearchCriteria{Smaller: size}, "smaller:" + decimal(uint64(max(0, size)))}
}

// All asks that all hold.
func All(list ...Criteria) Criteria {
	var c Criteria
	var words []string
	for _, each := range list {
		c.keys.And(&each.keys)
		if each.gmail != "" {
			words = append(words, each.gmail)
		}
	}
	c.gmail = strings.Join(words, " ")
	return c
}

// Any asks that one holds.
func Any(list ...Criteria) Criteria {
	if len(list) == 1 {
		return list[0]
	}
	rest := Any(list[1:]...)
	c := Criteria{keys: goimap.SearchCriteria{Or: [][2]goimap.SearchCriteria{{list[0].keys, rest.keys}}}}
	if list[0].gmail != "" && rest.gmail != "" {
		c.gmail = "{(" + list[0].gmail + ") (" + rest.gmail + ")}"
	}
	return c
}

// Not asks that it does not hold.
func Not(not Criteria) Criteria {
	c := Criteria{keys: goimap.SearchCriteria{Not: []goimap.SearchCriteria{not.keys}}}
	if not.gmail != "" {
		c.gmail = "-(" + not.gmail + ")"
	}
	return c
}

// Search gives the messages of the selected mailbox that the server says meet the criteria, by UID: servers find other
// words than one would think, and some give nonsense. Gmail is asked in its own words (X-GM-RAW) first.
func (c *Client) Search(ctx context.Context, criteria Criteria) ([]UID, error) {
	const op = "search"
	if c.Has("X-GM-EXT-1") && criteria.gmail != "" {
		uids, err := c.searchGmail(ctx, op, criteria.gmail)
		if err == nil || !c.Stands() {
			return uids, err
		}
	}
	return c.search(ctx, op, &criteria.keys)
}

func (c *Client) searchGmail(ctx context.Context, op, words string) ([]UID, error) {
	return c.searchBy(op, func(data listener) error {
		x := &exchange{data: data, limit: maxNumbers}
		if isASCII(words) {
			return c.raw(ctx, op, []string{"UID SEARCH X-GM-RAW " + quote(words)}, x)[0]
		}
		return c.doLiteral(ctx, op, "UID SEARCH CHARSET UTF-8 X-GM-RAW", words, x)
	})
}
