package store

import (
	"context"
	"time"

	"tmail/account"
)

// Accounts holds what is known of the accounts themselves. Every process sees
// it.
type Accounts struct{}

// Phase is what the worker of an account is doing.
type Phase string

// The phases of an account.
const (
	PhaseIdle       Phase = ""           // nobody works on it
	PhaseConnecting Phase = "connecting" //
	PhaseSyncing    Phase = "syncing"    //
	PhaseBodies     Phase = "bodies"     // fetching bodies in the background
	PhaseSending    Phase = "sending"    //
	PhaseSynced     Phase = "synced"     // in step as of At
	PhaseOffline    Phase = "offline"    // no connection; tried again by itself
	PhaseFailed     Phase = "failed"     // needs the person: Problem says why
)

// Status is what an account is doing, for all processes to see.
type Status struct {
	Phase       Phase
	Problem     *Problem
	Done, Total int       // of what Phase is busy with; Total 0: not known
	At          time.Time // when it was set
	Synced      time.Time // when the account was last in step
}

// Register makes the accounts known by their names and makes the local folders
// they need: an Outbox each, and for POP3 Inbox, Drafts, Sent, Archive, Trash
// and Junk. What is no longer configured keeps its mail but is not shown.
func (a *Accounts) Register(ctx context.Context, accounts ...account.Account) error {
	panic("not written")
}

// SetStatus tells all processes what an account is doing. Synced is kept by
// the store: it is the time PhaseSynced was last set.
func (a *Accounts) SetStatus(ctx context.Context, acct string, st Status) error {
	panic("not written")
}

// Status returns what was set last.
func (a *Accounts) Status(ctx context.Context, acct string) (Status, error) { panic("not written") }

// AskSync writes down the wish that the process which owns the account
// synchronises it now, and returns a ticket for Synced.
func (a *Accounts) AskSync(ctx context.Context, acct string) (ticket int64, err error) {
	panic("not written")
}

// SyncAsked returns the newest ticket that was not answered, 0 when there is none.
func (a *Accounts) SyncAsked(ctx context.Context, acct string) (ticket int64, err error) {
	panic("not written")
}

// AnswerSync says that the wish was fulfilled, or why not.
func (a *Accounts) AnswerSync(ctx context.Context, acct string, ticket int64, p *Problem) error {
	panic("not written")
}

// SyncAnswered reports whether the wish was answered, and with what problem.
func (a *Accounts) SyncAnswered(ctx context.Context, acct string, ticket int64) (bool, *Problem, error) {
	panic("not written")
}
