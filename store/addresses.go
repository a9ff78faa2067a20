package store

import (
	"context"
	"database/sql"
	"strings"

	"tmail/message"
)

// Addresses remembers whom mail was exchanged with, for completion.
type Addresses struct{ d *database }

// Correspondent is an address with its use.
type Correspondent struct {
	Address message.Address
	Written int // times it was written to
	Seen    int // times mail came from it
}

// Seen counts addresses mail came from.
func (a *Addresses) Seen(ctx context.Context, list []message.Address) error {
	return a.d.update(ctx, retold, "remember addresses", func(t *tx) error { return t.remember(list, 0, 1) })
}

// Written counts addresses that were written to.
func (a *Addresses) Written(ctx context.Context, list []message.Address) error {
	return a.d.update(ctx, retold, "remember addresses", func(t *tx) error { return t.remember(list, 1, 0) })
}

// remember counts addresses. A name once known is replaced by a newer one,
// never by none.
func (t *tx) remember(list []message.Address, written, seen int) error {
	now := t.d.now().Unix()
	for _, a := range list {
		if a.Addr == "" || len(a.Addr) > 320 || len(a.Name) > 500 {
			continue // no mailbox (RFC 5321 §4.5.3.1 allows 64+1+255), or nobody's name
		}
		_, err := t.exec(`INSERT INTO address (addr, shown, name, key, written, seen, last) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (addr) DO UPDATE SET written = written + excluded.written, seen = seen + excluded.seen, last = excluded.last,
			name = CASE excluded.name WHEN '' THEN name ELSE excluded.name END,
			key = CASE excluded.name WHEN '' THEN key ELSE excluded.key END`,
			fold(a.Addr), a.Addr, a.Name, " "+fold(a.Addr)+" "+fold(a.Name), written, seen, now)
		if err != nil {
			return err
		}
	}
	return nil
}

// Complete returns the addresses in which the address, or a word of the name,
// begins with prefix (case folded; any part of a name without spaces, as
// Chinese ones are), the most used first.
func (a *Addresses) Complete(ctx context.Context, prefix string, limit int) ([]Correspondent, error) {
	prefix = fold(strings.TrimSpace(prefix))
	within := " " + prefix
	if strings.IndexFunc(prefix, func(r rune) bool { return r >= 0x2e80 }) >= 0 {
		within = prefix // scripts written without spaces
	}
	list, err := all(a.d.reading(ctx), func(rows *sql.Rows) (c Correspondent, err error) {
		err = rows.Scan(&c.Address.Name, &c.Address.Addr, &c.Written, &c.Seen)
		return c, err
	}, "SELECT name, shown, written, seen FROM address WHERE instr(key, ?) ORDER BY 10 * written + seen DESC, last DESC, addr LIMIT ?",
		within, limit)
	return list, a.d.explain("complete address", err)
}

// fold makes text comparable without regard to case.
func fold(s string) string { return strings.ToLower(s) }

// Addresses stand in a column as name, unit separator, address, and a record
// separator between them: readable by a search, and cut apart at no cost. Behind
// a group separator stand those who get a copy.
const (
	unitSeparator   = "\x1f"
	recordSeparator = "\x1e"
	groupSeparator  = "\x1d"
	maxAddresses    = 50 // of one message in a list; the body has them all
	maxText         = 1000
)

var noSeparators = strings.NewReplacer(unitSeparator, "", recordSeparator, "", groupSeparator, "")

func joinAddresses(list []message.Address) string {
	var b strings.Builder
	for i, a := range list[:min(len(list), maxAddresses)] {
		if i > 0 {
			b.WriteString(recordSeparator)
		}
		b.WriteString(noSeparators.Replace(clip(a.Name)))
		b.WriteString(unitSeparator)
		b.WriteString(noSeparators.Replace(clip(a.Addr)))
	}
	return b.String()
}

// joinRecipients joins the addresses a message goes to and those it goes to as
// a copy.
func joinRecipients(to, copies []message.Address) string {
	if len(copies) == 0 {
		return joinAddresses(to)
	}
	return joinAddresses(to) + groupSeparator + joinAddresses(copies)
}

// cutRecipients cuts what joinRecipients joined in two.
func cutRecipients(s string) (to, copies string) {
	to, copies, _ = strings.Cut(s, groupSeparator)
	return to, copies
}

func splitAddresses(s string) []message.Address {
	if to, copies, ok := strings.Cut(s, groupSeparator); ok {
		return append(splitAddresses(to), splitAddresses(copies)...)
	}
	if s == "" {
		return nil
	}
	var list []message.Address
	for record := range strings.SplitSeq(s, recordSeparator) {
		name, addr, _ := strings.Cut(record, unitSeparator)
		list = append(list, message.Address{Name: name, Addr: addr})
	}
	return list
}

// clip bounds text that a stranger wrote, and keeps it valid UTF-8.
func clip(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ToValidUTF8(s, "")
}
