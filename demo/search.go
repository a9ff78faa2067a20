package demo

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	mail "tmail/message"
)

// search answers SEARCH (RFC 3501 §6.4.4) and ESEARCH (RFC 4731).
func (v *view) search(kind imapserver.NumKind, criteria *imap.SearchCriteria) (*imap.SearchData, error) {
	var all imap.UIDSet
	all.AddRange(1, 0)
	v.drop.mu.Lock()
	known := v.matching(all)
	v.drop.mu.Unlock()

	data := &imap.SearchData{}
	var seqs imap.SeqSet
	var uids imap.UIDSet
	for _, n := range known {
		c := candidate{numbered: n, view: v}
		if !c.matches(criteria) {
			continue
		}
		num := n.seq
		if kind == imapserver.NumKindUID {
			num = uint32(n.UID)
		}
		seqs.AddNum(n.seq)
		uids.AddNum(n.UID)
		if data.Count == 0 {
			data.Min = num
		}
		data.Max = num
		data.Count++
	}
	data.All = seqs
	if kind == imapserver.NumKindUID {
		data.All = uids
	}
	return data, nil
}

// candidate is a message that is being searched; it is read only when the
// criteria ask for its text.
type candidate struct {
	numbered
	view   *view
	parsed *mail.Message
}

func (c *candidate) matches(criteria *imap.SearchCriteria) bool {
	return c.inSets(criteria) && c.hasFlags(criteria) && c.hasDatesAndSize(criteria) && c.hasText(criteria) &&
		!slices.ContainsFunc(criteria.Not, func(not imap.SearchCriteria) bool { return c.matches(&not) }) &&
		!slices.ContainsFunc(criteria.Or, func(or [2]imap.SearchCriteria) bool { return !c.matches(&or[0]) && !c.matches(&or[1]) })
}

func (c *candidate) inSets(criteria *imap.SearchCriteria) bool {
	for _, set := range criteria.SeqNum {
		if !c.view.inSet(set, c.seq, c.UID) {
			return false
		}
	}
	for _, set := range criteria.UID {
		if !c.view.inSet(set, c.seq, c.UID) {
			return false
		}
	}
	return true
}

func (c *candidate) hasFlags(criteria *imap.SearchCriteria) bool {
	return !slices.ContainsFunc(criteria.Flag, func(f imap.Flag) bool { return !c.has(f) }) &&
		!slices.ContainsFunc(criteria.NotFlag, c.has)
}

func (c *candidate) hasDatesAndSize(criteria *imap.SearchCriteria) bool {
	size := int64(len(c.Raw))
	if criteria.Larger != 0 && size <= criteria.Larger || criteria.Smaller != 0 && size >= criteria.Smaller {
		return false
	}
	if !between(c.Date, criteria.Since, criteria.Before) {
		return false
	}
	if criteria.SentSince.IsZero() && criteria.SentBefore.IsZero() {
		return true
	}
	sent := c.read().Envelope.Date
	return !sent.IsZero() && between(sent, criteria.SentSince, criteria.SentBefore)
}

// between compares days as they were written, without the zone.
func between(t, since, before time.Time) bool {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}

func (c *candidate) hasText(criteria *imap.SearchCriteria) bool {
	for _, field := range criteria.Header {
		values := c.read().Header.Values(field.Key)
		if !slices.ContainsFunc(values, func(v string) bool { return containsFold(v, field.Value) }) {
			return false
		}
	}
	for _, words := range criteria.Body {
		if !c.bodyContains(words) {
			return false
		}
	}
	for _, words := range criteria.Text {
		header, _ := split(c.Raw)
		e := c.read().Envelope
		if !c.bodyContains(words) && !containsFold(string(header), words) && !containsFold(e.Subject, words) &&
			!slices.ContainsFunc(slices.Concat(e.From, e.To, e.Cc), func(a mail.Address) bool { return containsFold(a.Name, words) }) {
			return false
		}
	}
	return true
}

func (c *candidate) bodyContains(words string) bool {
	m := c.read()
	return containsFold(m.Plain, words) || containsFold(m.HTML, words)
}

func containsFold(text, words string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(words))
}

// read parses the message; that fails only where its reader does, and this one
// reads from memory.
func (c *candidate) read() *mail.Message {
	if c.parsed == nil {
		c.parsed, _ = mail.Read(bytes.NewReader(c.Raw))
	}
	return c.parsed
}
