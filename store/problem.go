package store

import "time"

// ProblemKind sorts what went wrong by what a person can do about it.
type ProblemKind string

// The kinds of problems.
const (
	ProblemAuth        ProblemKind = "auth"        // the server does not accept the sign-in
	ProblemTLS         ProblemKind = "tls"         // no safe connection
	ProblemNetwork     ProblemKind = "network"     // no connection
	ProblemRefused     ProblemKind = "refused"     // the server said no
	ProblemProtocol    ProblemKind = "protocol"    // the server made no sense
	ProblemTemporary   ProblemKind = "temporary"   // the server asked to come back later
	ProblemQuota       ProblemKind = "quota"       // the mailbox is full
	ProblemSize        ProblemKind = "size"        // the message is too large
	ProblemRecipient   ProblemKind = "recipient"   // recipients were refused
	ProblemUnconfirmed ProblemKind = "unconfirmed" // nobody knows whether it was sent
	ProblemConflict    ProblemKind = "conflict"    // changed on the server meanwhile: the server won
	ProblemGone        ProblemKind = "gone"        // gone on the server: the change could not be made
	ProblemDamaged     ProblemKind = "damaged"     // the database was set aside
	ProblemDisk        ProblemKind = "disk"        // no room, or the disk failed
	ProblemConfig      ProblemKind = "config"      // the account is set up wrong
	ProblemInternal    ProblemKind = "internal"    // anything else
)

// Problem is a failure as it is kept and shown: the sentence is made of Kind,
// Op and Host by the language room, Words are the server's own.
type Problem struct {
	Kind  ProblemKind `json:"kind"`
	Op    string      `json:"op,omitempty"`    // what was being done, as "move"
	Host  string      `json:"host,omitempty"`  // whom it was done with
	Words string      `json:"words,omitempty"` // raw, not safe for the screen
	At    time.Time   `json:"at"`
}

// Notice is a problem a person has to be told about once, of something that
// has no row of its own any more.
type Notice struct {
	ID      int64
	Account string // "" when it concerns the whole store
	Subject string // of the message concerned, "" otherwise
	Count   int    // messages concerned
	Problem Problem
}
