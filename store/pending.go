package store

import (
	"context"
	"time"

	"tmail/account"
	"tmail/message"
)

// ChangeKind is what a server has to be told.
type ChangeKind string

// The kinds of pending changes.
const (
	ChangeCreate  ChangeKind = "create"  // a mailbox named Folder.Name
	ChangeRename  ChangeKind = "rename"  // Folder.Name to Dest.Name, with all below it
	ChangeRemove  ChangeKind = "remove"  // the mailbox Folder.Name, which is empty
	ChangeFlag    ChangeKind = "flag"    // STORE Add and Remove on Items in Folder
	ChangeMove    ChangeKind = "move"    // Items from Folder to Dest
	ChangeCopy    ChangeKind = "copy"    // Items (by the UID of their source) from Folder to Dest
	ChangeAppend  ChangeKind = "append"  // the one Item, whose bytes are stored, to Dest
	ChangeExpunge ChangeKind = "expunge" // Items from Folder, for ever
)

// MaxItems is the most messages in one Change.
const MaxItems = 1000

// FolderRef is a mailbox as the server knows it.
type FolderRef struct {
	ID          ID
	Name        string // on the server, decoded
	UIDValidity uint32 // as last seen; 0 when it was never opened
	// UIDNext is set by the caller of Begin on Dest, as the server tells it
	// right before the command. A message that appears in Dest at or above it
	// can be the one that was under way.
	UIDNext uint32
}

// Item is one message of a Change.
type Item struct {
	ID        ID
	UID       uint32 // in Folder; of a copy, that of its source; 0 for an append
	MessageID string
	Size      int64
	Date      time.Time     // INTERNALDATE, for an append
	Flags     message.Flags // what an append is stored with
}

// Change is a batch of what is alike.
type Change struct {
	Account     string
	Kind        ChangeKind
	Folder      FolderRef // where the messages are; the folder concerned
	Dest        FolderRef // where they go
	Role        account.Role
	Items       []Item // in the order of their UIDs
	Add, Remove message.Flags
}

// Outcome is what the server answered to a Change it carried out.
type Outcome struct {
	UIDValidity uint32 // of Dest; 0 when the server did not say
	// UIDs gives the new UID by the old one (an append: by 0). What is missing
	// is taken to have arrived under a UID not known yet, and is known again
	// when Dest is listed.
	UIDs map[uint32]uint32
}

// Next returns the next change of an account that a server has to be told, nil
// when there is none that can be told now. What is in flight is left out.
func (c *Changes) Next(ctx context.Context, acct string) (*Change, error) { panic("not written") }

// Begin writes down that the change is on its way, before the command goes
// out. From here until Done, Retry or Refuse it is not handed out again, also
// not after a crash: InFlight tells of it then.
func (c *Changes) Begin(ctx context.Context, ch *Change) error { panic("not written") }

// InFlight returns the changes of an account that were begun and neither Done
// nor given up: after a crash or a lost connection the server may have carried
// them out or not. A flag change or an expunge can simply be made again (Retry).
// Of a move, copy or append the messages are to be looked for by Message-ID in
// Dest among the UIDs from Dest.UIDNext on: Done for those found, Retry for
// the others (Items may be cut down for each call).
func (c *Changes) InFlight(ctx context.Context, acct string) ([]*Change, error) {
	panic("not written")
}

// Done writes down that the server carried the change out for all Items of ch.
func (c *Changes) Done(ctx context.Context, ch *Change, out Outcome) error { panic("not written") }

// Retry writes down that the server did not carry the change out, and that it
// shall be told again later. Others go first then.
func (c *Changes) Retry(ctx context.Context, ch *Change, p Problem) error { panic("not written") }

// Refuse writes down that the server will not do it: our side is given back
// and the problem kept for the person to see. An append, which exists nowhere
// else, stays shown where it is and waits for the person to move it.
func (c *Changes) Refuse(ctx context.Context, ch *Change, p Problem) error { panic("not written") }
