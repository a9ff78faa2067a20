package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"tmail/message"
)

// What is asked about many messages at once, of which a screen knows the ids
// only.

// Together is what is true of several messages.
type Together struct {
	Accounts []string      // that they belong to, in the order of Folders
	Flags    message.Flags // that all of them have
}

// Together returns what is true of the messages that are shown anywhere.
func (x *Index) Together(ctx context.Context, ids []ID) (Together, error) {
	type part struct {
		account  string
		position sql.NullInt64
		flags    message.Flags
	}
	parts, err := all(x.d.reading(ctx), func(rows *sql.Rows) (p part, err error) {
		err = rows.Scan(&p.account, &p.position, &p.flags)
		return p, err
	}, `SELECT a.name, a.position, m.flags FROM json_each(?) j CROSS JOIN message m ON m.id = j.value CROSS JOIN account a ON a.id = m.account
		WHERE m.listed IS NOT NULL GROUP BY a.id, m.flags ORDER BY a.position`, idList(ids))
	if err != nil || len(parts) == 0 {
		return Together{}, x.d.explain("read messages", err)
	}
	t := Together{Flags: ^message.Flags(0)}
	for _, p := range parts {
		t.Flags &= p.flags
		t.Accounts = append(t.Accounts, p.account)
	}
	t.Accounts = slices.Compact(t.Accounts)
	return t, nil
}

// Unread returns those of the messages that are not read, in the order they
// come in, at most limit of them (0: all).
func (x *Index) Unread(ctx context.Context, ids []ID, limit int) ([]ID, error) {
	if limit == 0 {
		limit = -1
	}
	list, err := all(x.d.reading(ctx), value[ID], `SELECT m.id FROM json_each(?) j CROSS JOIN message m ON m.id = j.value
		WHERE m.listed IS NOT NULL AND m.flags & ? = 0 ORDER BY j.key LIMIT ?`, idList(ids), message.Seen, limit)
	return list, x.d.explain("find unread messages", err)
}

// SentBy returns those of the messages that came from an address.
func (x *Index) SentBy(ctx context.Context, ids []ID, addr string) ([]ID, error) {
	list, err := all(x.d.reading(ctx), value[ID], `SELECT m.id FROM json_each(?) j CROSS JOIN message m ON m.id = j.value
		WHERE m.listed IS NOT NULL AND instr(lower(m.sender) || char(30), ?) > 0 ORDER BY j.key`,
		idList(ids), unitSeparator+strings.ToLower(addr)+recordSeparator)
	return list, x.d.explain("find messages of a sender", err)
}
