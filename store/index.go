package store

import (
	"context"
	"time"

	"tmail/account"
	"tmail/message"
)

// Index reads what the screen shows: folders and message rows.
type Index struct{}

// Folder is one mailbox as shown.
type Folder struct {
	ID       ID
	Account  string
	Name     string // whole path, decoded; not safe for the screen
	Delim    string // between the levels of Name; "" when there are none
	Role     account.Role
	Local    bool // exists on this machine only
	NoSelect bool // holds folders, no messages
	Total    int  // messages shown
	Unread   int
	Synced   bool  // its messages have been listed once
	Version  int64 // counts up with every change of what the folder shows
	Pending  bool  // to be created, renamed or removed on the server
}

// OutStatus says where an outgoing message stands.
type OutStatus string

// The states of a message in the Outbox.
const (
	OutHeld        OutStatus = "held"        // waits for its time, or until told
	OutDue         OutStatus = "due"         // to be sent as soon as possible
	OutSending     OutStatus = "sending"     // on its way now
	OutUnconfirmed OutStatus = "unconfirmed" // the server may have it: never sent again unasked
	OutFailed      OutStatus = "failed"      // refused for good, or needs the person
)

// Row is one message as lists show it. Its text is not safe for the screen.
type Row struct {
	ID             ID
	Folder         ID
	Account        string
	Date           time.Time // the time it is ordered by; in UTC
	From, To       []message.Address
	Subject        string
	Preview        string
	Flags          message.Flags
	Size           int64
	HasAttachments bool // a guess until the body is stored
	Stored         bool // the body is here
	Pending        bool // the server has still to be told about a change
	MessageID      string
	Status         OutStatus // "" unless in the Outbox
	Problem        *Problem  // why the last change to it failed; nil when none did
}

// Folders returns every folder wanted, accounts in the order they were
// registered, within them Inbox first, then by role, then by name.
func (x *Index) Folders(ctx context.Context) ([]Folder, error) { panic("not written") }

// Folder returns one folder, or ErrNoSuch.
func (x *Index) Folder(ctx context.Context, id ID) (Folder, error) { panic("not written") }

// FolderByRole returns the account's folder of that role, or ErrNoSuch.
func (x *Index) FolderByRole(ctx context.Context, acct string, role account.Role) (Folder, error) {
	panic("not written")
}

// IDs returns the messages of a folder, newest first.
func (x *Index) IDs(ctx context.Context, folder ID) ([]ID, error) { panic("not written") }

// Newest returns the rows of the n newest messages of a folder.
func (x *Index) Newest(ctx context.Context, folder ID, n int) ([]Row, error) { panic("not written") }

// Rows returns the rows of ids in that order; those that are gone are absent.
func (x *Index) Rows(ctx context.Context, ids []ID) ([]Row, error) { panic("not written") }

// Find returns the messages whose subject or addresses contain every word,
// newest first, in one folder or, when folder is zero, in all.
func (x *Index) Find(ctx context.Context, folder ID, words string) ([]ID, error) {
	panic("not written")
}

// Version returns [Folder.Version] alone, cheaply; zero when there is no such
// folder.
func (x *Index) Version(ctx context.Context, folder ID) (int64, error) { panic("not written") }
