package store

import (
	"context"

	"tmail/account"
	"tmail/message"
)

// Changes is what the person does. Each action is one durable transaction
// that sets our side; what the server has to be told follows from it.
type Changes struct{}

// StepKind names the action a Step takes back.
type StepKind string

// The actions that can be taken back.
const (
	StepMove    StepKind = "move"
	StepCopy    StepKind = "copy"
	StepFlag    StepKind = "flag"
	StepDiscard StepKind = "discard" // of a draft
)

// Step is an action as Undo takes it back, with the words to say what it was.
// The zero Step undoes nothing.
type Step struct {
	Kind        StepKind
	Count       int    // messages it changed
	From, To    string // folder names; From is "" when there were several
	Add, Remove message.Flags
}

// Move shows the messages in folder. Into a folder of another account each
// becomes a new message there, and the old one is removed from its server only
// when the new one has arrived.
func (c *Changes) Move(ctx context.Context, ids []ID, folder ID) (Step, error) {
	panic("not written")
}

// Copy makes copies of the messages in folder and returns their ids in the Step.
func (c *Changes) Copy(ctx context.Context, ids []ID, folder ID) (Step, error) {
	panic("not written")
}

// Flag sets and clears flags.
func (c *Changes) Flag(ctx context.Context, ids []ID, add, remove message.Flags) (Step, error) {
	panic("not written")
}

// Delete removes the messages for ever. It cannot be undone.
func (c *Changes) Delete(ctx context.Context, ids []ID) error { panic("not written") }

// Undo takes a step back, also after the server was told of it.
func (c *Changes) Undo(ctx context.Context, step Step) error { panic("not written") }

// CreateFolder makes a folder at once here and soon on the server. name is
// the whole path. It returns ErrExists when there is one.
func (c *Changes) CreateFolder(ctx context.Context, acct, name string, role account.Role) (ID, error) {
	panic("not written")
}

// RenameFolder renames a folder and all below it. name is the whole new path.
func (c *Changes) RenameFolder(ctx context.Context, folder ID, name string) error {
	panic("not written")
}

// RemoveFolder moves what is in the folder to Trash and removes it. A folder
// with a role, or with folders below it, is not removed: ErrNotPossible.
func (c *Changes) RemoveFolder(ctx context.Context, folder ID) error { panic("not written") }

// Waiting counts the messages and folders of an account ("" for all) of which
// the server has still to be told.
func (c *Changes) Waiting(ctx context.Context, acct string) (int, error) { panic("not written") }
