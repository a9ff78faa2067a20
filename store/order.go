package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tmail/message"
)

// OrderKey is what a list of messages is ordered by.
type OrderKey string

// The keys of an Order.
const (
	ByDate    OrderKey = ""        // newest first
	BySender  OrderKey = "sender"  // by name, case apart; in folders of one's own mail, by whom it is to
	BySubject OrderKey = "subject" // without what replying puts before it
	BySize    OrderKey = "size"    // largest first
)

// Order is how a list of messages is ordered. Among equals the newest is
// first. The zero Order is that of mailboxes: newest first.
type Order struct {
	By       OrderKey
	Reversed bool
}

// IDsBy returns the messages of a folder in an order.
func (x *Index) IDsBy(ctx context.Context, folder ID, o Order) ([]ID, error) {
	ids, err := x.IDs(ctx, folder)
	if err != nil {
		return nil, err
	}
	return x.Sort(ctx, ids, o)
}

// Sort puts messages that are in the order newest first into another one, in
// place. Those that are gone meanwhile come last.
func (x *Index) Sort(ctx context.Context, ids []ID, o Order) ([]ID, error) {
	if o.By == ByDate {
		if o.Reversed {
			slices.Reverse(ids)
		}
		return ids, nil
	}
	keys, err := x.orderKeys(ctx, ids, o.By)
	if err != nil {
		return nil, x.d.explain("order messages", err)
	}
	slices.SortStableFunc(ids, func(a, b ID) int {
		ka, kb := keys[a], keys[b]
		by := cmp.Or(cmp.Compare(ka.text, kb.text), cmp.Compare(kb.size, ka.size))
		switch {
		case ka.known != kb.known && ka.known:
			return -1
		case ka.known != kb.known:
			return 1
		case o.Reversed:
			return -by
		}
		return by
	})
	return ids, nil
}

// Merge puts more into messages that are in the order newest first, each where
// it belongs. What is shown nowhere is left out.
func (x *Index) Merge(ctx context.Context, ids, more []ID) ([]ID, error) {
	list, err := all(x.d.reading(ctx), value[ID], `SELECT m.id FROM message m
		WHERE m.id IN (SELECT value FROM json_each(?) UNION SELECT value FROM json_each(?)) AND m.listed IS NOT NULL
		ORDER BY m.date DESC, m.id DESC`, idList(ids), idList(more))
	return list, x.d.explain("merge messages", err)
}

// orderKey is what of a message is compared: a text or a size.
type orderKey struct {
	known bool
	text  string
	size  int64
}

// orderColumn is the column a key is made of. Sent mail is ordered by whom it
// is to.
var orderColumn = map[OrderKey]string{
	BySender: `CASE WHEN m.folder IN (SELECT id FROM folder WHERE role IN ('sent', 'drafts', 'outbox'))
		THEN m.recipients ELSE m.sender END`,
	BySubject: "m.subject",
	BySize:    "m.size",
}

func (x *Index) orderKeys(ctx context.Context, ids []ID, by OrderKey) (map[ID]orderKey, error) {
	rows, err := x.d.read(ctx, "SELECT m.id, "+orderColumn[by]+` FROM json_each(?) j CROSS JOIN message m ON m.id = j.value`, idList(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	keys := make(map[ID]orderKey, len(ids))
	for rows.Next() {
		var id ID
		k := orderKey{known: true}
		if by == BySize {
			err = rows.Scan(&id, &k.size)
		} else {
			err = rows.Scan(&id, &k.text)
			k.text = orderText(by, k.text)
		}
		if err != nil {
			return nil, err
		}
		keys[id] = k
	}
	return keys, rows.Err()
}

// orderText is the text messages are compared by: the first name, else the
// address; a subject without Re: and Fwd:.
func orderText(by OrderKey, column string) string {
	if by == BySubject {
		topic, _ := (&message.Envelope{Subject: column}).Topic()
		return topic
	}
	first, _, _ := strings.Cut(column, recordSeparator)
	name, addr, _ := strings.Cut(first, unitSeparator)
	return fold(strings.TrimSpace(cmp.Or(name, addr)))
}
