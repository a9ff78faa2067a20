package store

import (
	"context"
	"time"

	"tmail/account"
	"tmail/message"
)

// Remote is what a server said. It never touches our side but through the
// merge rules: flags are shown under the pending masks; a message the server
// lost is hidden until it appears elsewhere; where both sides moved it the
// server wins, and a Notice says so.
type Remote struct{}

// RemoteFolder is a mailbox as LIST tells it.
type RemoteFolder struct {
	Name       string // decoded
	Delim      string
	Role       account.Role
	NoSelect   bool
	Subscribed bool
}

// RemoteState is how far a mailbox has been read.
type RemoteState struct {
	UIDValidity uint32
	UIDNext     uint32
	ModSeq      uint64
	Count       int // messages the store knows with their UID
	Synced      bool
}

// UIDFlags are the flags of one message as the server has them.
type UIDFlags struct {
	UID   uint32
	Flags message.Flags
}

// NewMessage is a message the server has and the store does not know.
type NewMessage struct {
	UID      uint32 // 0 over POP3
	Flags    message.Flags
	Date     time.Time // INTERNALDATE; over POP3 the newest Received, else Date
	Size     int64
	Envelope message.Envelope
}

// BodyPolicy says which bodies are kept on this machine. The zero value means
// only those asked for.
type BodyPolicy struct {
	All     bool
	MaxAge  time.Duration // with All false: no older than this
	MaxSize int64         // and no larger, in bytes
}

// BodyWant is a body to be fetched.
type BodyWant struct {
	ID     ID
	Folder ID
	UID    uint32
	Size   int64
	Asked  bool // by the person, not by the policy
}

// SetFolders takes over the list of all mailboxes of an account.
func (r *Remote) SetFolders(ctx context.Context, acct string, list []RemoteFolder) error {
	panic("not written")
}

// Folders returns the mailboxes that exist on the server, as it names them.
func (r *Remote) Folders(ctx context.Context, acct string) ([]FolderRef, error) {
	panic("not written")
}

// State returns how far a mailbox has been read.
func (r *Remote) State(ctx context.Context, folder ID) (RemoteState, error) { panic("not written") }

// SetState writes that down; Count is not taken.
func (r *Remote) SetState(ctx context.Context, folder ID, st RemoteState) error {
	panic("not written")
}

// ResetUIDs forgets all UIDs of a folder because UIDVALIDITY changed. The
// messages stay shown, with their bodies and pending changes, and are known
// again as Add tells of them.
func (r *Remote) ResetUIDs(ctx context.Context, folder ID, validity uint32) error {
	panic("not written")
}

// UIDFlags returns the messages of a mailbox as the server last told them,
// by ascending UID.
func (r *Remote) UIDFlags(ctx context.Context, folder ID) ([]UIDFlags, error) { panic("not written") }

// Add takes over messages of a mailbox whose UIDs are not known. A message
// that is lost, or in flight to this folder, is recognised by Message-ID, size
// and date, and keeps its ID, body and pending flags. The ids are returned in
// order. Zero in Date or Size means not known.
func (r *Remote) Add(ctx context.Context, folder ID, list []NewMessage) ([]ID, error) {
	panic("not written")
}

// SetFlags takes over flags the server told. Unknown UIDs are passed over.
func (r *Remote) SetFlags(ctx context.Context, folder ID, list []UIDFlags) error {
	panic("not written")
}

// Gone takes over that the server does not have these UIDs any more.
func (r *Remote) Gone(ctx context.Context, folder ID, uids []uint32) error { panic("not written") }

// PurgeOrphans is called after a full pass over all folders of an account. It
// drops the messages that were lost before the pass began and were not found
// by it. What was never sent is not among them.
func (r *Remote) PurgeOrphans(ctx context.Context, acct string) error { panic("not written") }

// MissingBodies returns bodies to be fetched: those asked for first, then
// those the policy wants, newest first.
func (r *Remote) MissingBodies(ctx context.Context, acct string, policy BodyPolicy, limit int) ([]BodyWant, error) {
	panic("not written")
}
