package imap

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"tmail/account"
)

// Mailbox is a mailbox as LIST tells of it.
type Mailbox struct {
	Name       string       // decoded, whole path; what the other methods take; not safe for the screen
	Delim      string       // between the levels of Name; "" when there are none
	Role       account.Role // from the server's attributes, else from the name
	NoSelect   bool         // holds other mailboxes only
	Subscribed bool
	Status     *Status // nil when the server does not tell
}

// Status is how a mailbox stands. What the server did not tell is 0.
type Status struct {
	Messages, UIDNext, UIDValidity uint32
	HighestModSeq                  uint64 // RFC 7162 §3.1.2.1
}

// List gives all mailboxes, in the server's order, with their Status: in one round trip where the server has
// LIST-EXTENDED (RFC 5258) and LIST-STATUS (RFC 5819), in up to three elsewhere.
func (c *Client) List(ctx context.Context) ([]Mailbox, error) {
	l := listing{byName: map[string]int{}, spell: c.tap.spell}
	extended := c.Has("LIST-EXTENDED")
	if extended {
		if err := c.listExtended(ctx, &l); c.conn.Err() != nil {
			return nil, err
		} else if err != nil {
			extended = false // some servers promise it and say BAD
		}
	}
	if !extended {
		if err := c.listPlain(ctx, &l); err != nil {
			return nil, err
		}
	}
	assignRoles(l.mailboxes, l.attributes)
	return l.mailboxes, c.fillStatuses(ctx, l.mailboxes)
}

// fillStatuses asks for the statuses that came not along with the list.
func (c *Client) fillStatuses(ctx context.Context, boxes []Mailbox) error {
	var at []int
	var names []string
	for i, m := range boxes {
		if m.Status == nil && !m.NoSelect {
			at, names = append(at, i), append(names, m.Name)
		}
	}
	statuses, err := c.statuses(ctx, names)
	for i, status := range statuses {
		boxes[at[i]].Status = status
	}
	return err
}

const listOp = "list the mailboxes"

func (c *Client) listExtended(ctx context.Context, l *listing) error {
	options := &goimap.ListOptions{ReturnSubscribed: true, ReturnSpecialUse: c.Has("SPECIAL-USE")}
	if c.Has("LIST-STATUS") {
		options.ReturnStatus = c.statusItems()
	}
	return c.do(ctx, listOp, l.add, func(lib *imapclient.Client) func() error { return lib.List("", "*", options).Close })
}

func (c *Client) listPlain(ctx context.Context, l *listing) error {
	command := `LIST "" "*"`
	if c.Has("XLIST") && !c.Has("SPECIAL-USE") {
		command = `XLIST "" "*"` // the roles, as Gmail once told them
	}
	if err := c.doRaw(ctx, listOp, command, l.add); err != nil {
		return err
	}
	if err := c.doRaw(ctx, listOp, `LSUB "" "*"`, l.add); c.conn.Err() != nil {
		return err
	}
	return nil // subscriptions are not worth a failure
}

// listing gathers what LIST, XLIST, LSUB and STATUS responses say.
type listing struct {
	mailboxes  []Mailbox
	attributes [][]string // of each, lower case
	byName     map[string]int
	spell      func(name, raw string)
}

func (l *listing) add(r response) bool {
	switch r.kind {
	case "LIST", "XLIST":
		m, attributes, raw := parseList(r.rest)
		if _, known := l.byName[m.Name]; known || m.Name == "" {
			return true
		}
		l.spell(m.Name, raw)
		l.byName[m.Name] = len(l.mailboxes)
		l.mailboxes = append(l.mailboxes, m)
		l.attributes = append(l.attributes, attributes)
	case "LSUB":
		m, _, _ := parseList(r.rest)
		if i, ok := l.byName[m.Name]; ok {
			l.mailboxes[i].Subscribed = true
		}
	case "STATUS":
		name, status := parseStatus(r.rest)
		if i, ok := l.byName[name]; ok {
			l.mailboxes[i].Status = &status
		}
	default:
		return false
	}
	return true
}

// parseList reads (\Attributes) "delimiter" name; raw is the name in the server's spelling.
func parseList(rest []byte) (m Mailbox, attributes []string, raw string) {
	s := scanner{rest}
	if s.next().kind != tokenOpen {
		return m, nil, ""
	}
	s.list(func(t token) { attributes = append(attributes, strings.ToLower(string(t.text))) })
	delim := s.next()
	if !delim.is("NIL") && utf8.Valid(delim.text) && len(delim.text) > 0 && len(delim.text) <= utf8.UTFMax {
		m.Delim = string(delim.text)
	}
	name := s.next()
	if name.kind == tokenAtom { // some servers quote no name, spaces or not
		name.text = append(slices.Clone(name.text), s.b...)
	}
	if name.kind != tokenAtom && name.kind != tokenString {
		return m, nil, ""
	}
	raw = string(name.text)
	m.Name = decodeName(raw)
	m.NoSelect = slices.Contains(attributes, `\noselect`) || slices.Contains(attributes, `\nonexistent`)
	m.Subscribed = slices.Contains(attributes, `\subscribed`)
	if slices.Contains(attributes, `\inbox`) {
		m.Name = "INBOX" // XLIST gives it the name in the person's language
	}
	return m, attributes, raw
}

// statusItems is what to ask of a mailbox.
func (c *Client) statusItems() *goimap.StatusOptions {
	return &goimap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true, HighestModSeq: c.Has("CONDSTORE")}
}

// parseStatus reads name (ITEM value …). The list is the last thing in it, so that an unquoted name may hold anything.
func parseStatus(rest []byte) (name string, status Status) {
	open := bytes.LastIndexByte(rest, '(')
	if open < 0 {
		return "", status
	}
	head := scanner{rest[:open]}
	first := head.next()
	if first.kind == tokenAtom {
		first.text = bytes.TrimSpace(rest[:open])
	}
	s := scanner{rest[open+1:]}
	for {
		item := s.next()
		if item.kind != tokenAtom {
			return decodeName(string(first.text)), status
		}
		value := s.next()
		switch {
		case item.is("MESSAGES"):
			status.Messages = value.uint32()
		case item.is("UIDNEXT"):
			status.UIDNext = value.uint32()
		case item.is("UIDVALIDITY"):
			status.UIDValidity = value.uint32()
		case item.is("HIGHESTMODSEQ"):
			status.HighestModSeq = value.number()
		}
	}
}

// statuses asks how several mailboxes stand, a hundred of them in one round trip: an answer must not wait for us to have
// written all. What is refused is nil.
func (c *Client) statuses(ctx context.Context, names []string) ([]*Status, error) {
	all := make([]*Status, 0, len(names))
	for some := range slices.Chunk(names, 100) {
		told, err := c.statusesAtOnce(ctx, some)
		if err != nil {
			return nil, err
		}
		all = append(all, told...)
	}
	return all, nil
}

func (c *Client) statusesAtOnce(ctx context.Context, names []string) ([]*Status, error) {
	items := "MESSAGES UIDNEXT UIDVALIDITY"
	if c.Has("CONDSTORE") {
		items += " HIGHESTMODSEQ"
	}
	told := make([]*Status, len(names))
	take := func(r response) bool {
		if r.kind != "STATUS" {
			return false
		}
		name, status := parseStatus(r.rest)
		for i := range names { // not by whose turn it is: a server may answer in its own order
			if names[i] == name {
				told[i] = &status
			}
		}
		return true
	}
	lines, exchanges := make([]string, len(names)), make([]*exchange, len(names))
	for i, name := range names {
		lines[i] = "STATUS " + quote(encodeName(name)) + " (" + items + ")"
		exchanges[i] = &exchange{data: take}
	}
	for _, err := range c.raw(ctx, "look at the mailboxes", lines, exchanges...) {
		if err != nil && c.conn.Err() != nil {
			return nil, err
		}
	}
	return told, nil
}

// Status asks how a mailbox stands (RFC 3501 §6.3.10); it need not be the selected one.
func (c *Client) Status(ctx context.Context, name string) (Status, error) {
	var status Status
	data := func(r response) bool {
		if r.kind != "STATUS" {
			return false
		}
		_, status = parseStatus(r.rest)
		return true
	}
	err := c.do(ctx, "look at "+name, data, func(lib *imapclient.Client) func() error {
		cmd := lib.Status(name, c.statusItems())
		return func() error { _, err := cmd.Wait(); return err }
	})
	return status, err
}

// Create makes a mailbox (RFC 3501 §6.3.3).
func (c *Client) Create(ctx context.Context, name string) error {
	return c.do(ctx, "create "+name, nil, func(lib *imapclient.Client) func() error { return lib.Create(name, nil).Wait })
}

// Rename renames a mailbox and those below it (RFC 3501 §6.3.5).
func (c *Client) Rename(ctx context.Context, from, to string) error {
	return c.do(ctx, "rename "+from, nil, func(lib *imapclient.Client) func() error { return lib.Rename(from, to, nil).Wait })
}

// Remove deletes a mailbox and what is in it (RFC 3501 §6.3.4).
func (c *Client) Remove(ctx context.Context, name string) error {
	return c.do(ctx, "remove "+name, nil, func(lib *imapclient.Client) func() error { return lib.Delete(name).Wait })
}

// Subscribe adds a mailbox to those the person wants to see (RFC 3501 §6.3.6).
func (c *Client) Subscribe(ctx context.Context, name string) error {
	return c.do(ctx, "subscribe to "+name, nil, func(lib *imapclient.Client) func() error { return lib.Subscribe(name).Wait })
}

// Unsubscribe takes a mailbox off them (RFC 3501 §6.3.7).
func (c *Client) Unsubscribe(ctx context.Context, name string) error {
	return c.do(ctx, "unsubscribe from "+name, nil, func(lib *imapclient.Client) func() error { return lib.Unsubscribe(name).Wait })
}
