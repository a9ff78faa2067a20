package store

import (
	"context"

	"tmail/message"
)

// Addresses remembers whom mail was exchanged with, for completion.
type Addresses struct{}

// Correspondent is an address with its use.
type Correspondent struct {
	Address message.Address
	Written int // times it was written to
	Seen    int // times mail came from it
}

// Seen counts addresses mail came from.
func (a *Addresses) Seen(ctx context.Context, list []message.Address) error { panic("not written") }

// Written counts addresses that were written to.
func (a *Addresses) Written(ctx context.Context, list []message.Address) error { panic("not written") }

// Complete returns the addresses in which the address, or a word of the name,
// begins with prefix (case folded; any part of a name without spaces, as
// Chinese ones are), the most used first.
func (a *Addresses) Complete(ctx context.Context, prefix string, limit int) ([]Correspondent, error) {
	panic("not written")
}
