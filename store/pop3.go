package store

import (
	"context"
	"time"

	"tmail/account"
)

// POPMessage is a message a POP3 server has or had, by its UIDL (RFC 1939 §7).
type POPMessage struct {
	UIDL      string
	SHA256    string // of the content, in hex
	Size      int64
	ID        ID   // our message; 0 when it was deleted here
	Listed    bool // the server listed it last time
	FirstSeen time.Time
}

// POPNew is a message fetched over POP3. Its bytes are in Raw, or, when large,
// in a writer of [Bodies.Create] that has not been committed.
type POPNew struct {
	UIDL           string
	Message        NewMessage
	Raw            []byte
	Body           *BodyWriter
	Preview        string
	HasAttachments bool
}

// UIDLs returns every message known of a POP3 account, those deleted here
// included.
func (r *Remote) UIDLs(ctx context.Context, acct string) ([]POPMessage, error) {
	panic("not written")
}

// ListedUIDLs takes over the whole list of UIDLs a server has now. It is
// called before AddPOP: a new UIDL with the content of an old one is the old
// message only when the old UIDL is gone.
func (r *Remote) ListedUIDLs(ctx context.Context, acct string, uidls []string) error {
	panic("not written")
}

// AddPOP stores fetched messages in the Inbox, in one transaction that is
// durable when it returns, so that the server's copies may be deleted. The ids
// are in order; zero where the message had been deleted here before.
func (r *Remote) AddPOP(ctx context.Context, acct string, list []POPNew) ([]ID, error) {
	panic("not written")
}

// POPDeletes returns the messages to be deleted on the server: those deleted
// here, and those the policy does not leave there. ListedUIDLs is told of the
// outcome by the next listing.
func (r *Remote) POPDeletes(ctx context.Context, acct string, leave account.LeavePolicy) ([]POPMessage, error) {
	panic("not written")
}
