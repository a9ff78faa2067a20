package pop3

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tmail/transport"
)

// maxMessages bounds what a mailbox may claim to hold, and with it our memory.
const maxMessages = 1 << 20

// listing gathers the answers to STAT, LIST and UIDL.
type listing struct {
	c       *Client
	count   int // messages by STAT
	items   []Item
	byIndex map[int]int // message number to index in items
}

// List returns all messages, ordered by number. The answers to LIST and UIDL
// are checked against STAT: a short list is an error, never fewer messages.
// Duplicate UIDLs are handed on as they are.
func (c *Client) List(ctx context.Context) ([]Item, error) {
	defer c.wire.Guard(ctx)()
	l := &listing{c: c, byIndex: map[int]int{}}
	commands := []string{"STAT", "LIST", "UIDL"}
	answers := []func() error{l.stat, l.list, l.uidl}
	err := c.pipeline(len(commands),
		func(i int) string { return commands[i] },
		func(i int) error { return answers[i]() })
	if err != nil {
		c.wire.Close() // what else was asked is under way
		return nil, err
	}
	slices.SortFunc(l.items, func(a, b Item) int { return a.Number - b.Number })
	return l.items, nil
}

func (l *listing) stat() error {
	const op = "count the messages"
	words, err := l.c.status(op)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(words, " ")
	l.count, err = strconv.Atoi(first)
	if err != nil || l.count < 0 || l.count > maxMessages {
		return nonsense(op, words, "this is no number of messages up to %d", maxMessages)
	}
	return nil
}

func (l *listing) list() error {
	const op = "list the messages"
	if _, err := l.c.status(op); err != nil {
		if l.c.isRefusal(err) && l.count == 0 { // some servers have nothing to list
			return nil
		}
		return err
	}
	err := l.c.lines(op, l.count, func(line string) error {
		number, rest, err := numbered(line)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(rest, " ")
		size, err := strconv.ParseInt(first, 10, 64)
		if err != nil || size < 0 {
			return fmt.Errorf("message %d has no size", number)
		}
		if _, twice := l.byIndex[number]; twice {
			return fmt.Errorf("message %d is listed twice", number)
		}
		l.byIndex[number] = len(l.items)
		l.items = append(l.items, Item{Number: number, Size: size})
		return nil
	})
	if err == nil && len(l.items) != l.count {
		return nonsense(op, "", "the server has %d messages and lists %d", l.count, len(l.items))
	}
	return err
}

func (l *listing) uidl() error {
	const op = "list the messages' unique ids"
	if _, err := l.c.status(op); err != nil {
		if l.c.isRefusal(err) { // it has no UIDL
			return nil
		}
		return err
	}
	named := make(map[int]bool)
	err := l.c.lines(op, l.count, func(line string) error {
		number, uidl, err := numbered(line)
		if err != nil {
			return err
		}
		index, listed := l.byIndex[number]
		if !listed || named[number] {
			return fmt.Errorf("message %d is not listed, or twice", number)
		}
		named[number] = true
		l.items[index].UIDL = uidl
		return nil
	})
	if err == nil && len(named) != l.count {
		return nonsense(op, "", "the server has %d messages and gives %d of them an id", l.count, len(named))
	}
	return err
}

// numbered splits a line of LIST or UIDL into message number and the rest.
func numbered(line string) (number int, rest string, err error) {
	first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if number, err = strconv.Atoi(first); err != nil || number < 1 {
		return 0, "", fmt.Errorf("%q is no message number", first)
	}
	return number, strings.TrimSpace(rest), nil
}

func nonsense(op, words, format string, args ...any) error {
	return &transport.Error{Kind: transport.KindProtocol, Op: op, Words: words, Err: fmt.Errorf(format, args...)}
}
