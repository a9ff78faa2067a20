package mailsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tmail/store"
)

// Progress is how far SyncOnce has come.
type Progress struct {
	Phase       store.Phase
	Done, Total int // Total 0: not known
}

// Report says what one synchronisation of an account did.
type Report struct {
	Name              string
	New               int // messages that are here now and were not before
	Changed           int // messages whose flags or place the server had changed
	Removed           int // messages the server has no more
	Pushed            int // changes of ours that the server has taken
	Sent              int // messages that left the Outbox
	BytesIn, BytesOut int64
	RoundTrips        int64
	Took              time.Duration
	ByOther           bool // another process owns the account and did it
	Problem           *store.Problem
}

// SyncOnce makes one account and its server agree once: what waits is pushed and sent, everything is fetched. When
// another process owns the account, that one is asked to and waited for; should it end before it answers, the account
// is free and done here. The error is the Problem of the report, or that of ctx.
func (e *Engine) SyncOnce(ctx context.Context, name string, progress func(Progress)) (Report, error) {
	w := e.workers[name]
	if w == nil {
		return Report{Name: name}, fmt.Errorf("%w: %s", errUnknownAccount, name)
	}
	begin := e.opts.Now()
	report := Report{Name: name}
	unlock, err := w.lock.try()
	switch {
	case err != nil:
		return report, fmt.Errorf("lock account %s: %w", name, err)
	case unlock == nil:
		if err = e.askOwner(ctx, name); errors.Is(err, errOwnerGone) {
			return e.SyncOnce(ctx, name, progress)
		}
		report.ByOther = true
	default:
		defer unlock()
		w.progress = progress
		if err = w.once(ctx); err == nil {
			err = e.store.Search.IndexHeaders(ctx)
		}
		report.count(w)
	}
	report.Took = e.opts.Now().Sub(begin)
	if err != nil && ctx.Err() == nil {
		report.Problem = problemOf(err, w.account, e.opts.Now())
	}
	return report, err
}

func (r *Report) count(w *worker) {
	r.New, r.Changed, r.Removed, r.Pushed, r.Sent = w.counts.new, w.counts.changed, w.counts.removed, w.counts.pushed, w.counts.sent
	r.BytesIn, r.BytesOut, r.RoundTrips = w.meter.In.Load(), w.meter.Out.Load(), w.meter.RoundTrips.Load()
}

// askOwner writes down the wish that the owner of the account synchronises it, and waits for the answer.
func (e *Engine) askOwner(ctx context.Context, name string) error {
	ticket, err := e.store.Accounts.AskSync(ctx, name)
	if err != nil {
		return fmt.Errorf("ask the running tmail to synchronise %s: %w", name, err)
	}
	return e.await(ctx, name, func() (bool, error) {
		answered, problem, err := e.store.Accounts.SyncAnswered(ctx, name, ticket)
		if err == nil && answered && problem != nil {
			err = &ProblemError{Problem: *problem}
		}
		return answered, err
	})
}

// errOwnerGone says that the process which owned the account ended before it answered.
var errOwnerGone = errors.New("the owner of the account ended")

// await waits until done holds, asking again whenever the store changes, and gives up when nobody owns the account
// any more.
func (e *Engine) await(ctx context.Context, name string, done func() (bool, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changed := e.store.Watch(ctx)
	check := time.NewTicker(time.Second)
	defer check.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-check.C:
			unlock, err := e.workers[name].lock.try()
			if err != nil {
				return err
			}
			if unlock != nil {
				unlock()
				if ok, err := done(); ok || err != nil {
					return err
				}
				return errOwnerGone
			}
		}
	}
}

// ProblemError is a Problem as an error, where another process had it.
type ProblemError struct{ Problem store.Problem }

func (e *ProblemError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Problem.Op, e.Problem.Kind, cmp.Or(e.Problem.Words, e.Problem.Says))
}

// Deliver sends one message of the Outbox now and waits for what becomes of it: nil once the server has taken it, else
// an error, a *ProblemError where the store has the problem. The message stays in the Outbox then.
func (e *Engine) Deliver(ctx context.Context, id store.ID) error {
	out, err := e.store.Outbox.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("outbox message %s: %w", id, err)
	}
	w := e.workers[out.Account]
	if w == nil {
		return fmt.Errorf("%w: %s", errUnknownAccount, out.Account)
	}
	unlock, err := w.lock.try()
	if err != nil {
		return fmt.Errorf("lock account %s: %w", out.Account, err)
	}
	if unlock != nil {
		defer unlock()
		if err := e.store.Outbox.Recover(ctx, out.Account); err != nil {
			return fmt.Errorf("recover the outbox: %w", err)
		}
		w.sender.deliver(ctx, out)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err := e.outcome(ctx, id)
		if err == nil {
			// The Sent copy is appended here rather than by the next tmail, so that it is not missing until then.
			w.afterSending(ctx, id)
		}
		return err
	}
	err = e.await(ctx, out.Account, func() (bool, error) {
		out, err := e.store.Outbox.Get(ctx, id)
		if err == nil && (out.Status == store.OutDue && out.Problem == nil || out.Status == store.OutSending && out.Step != store.SendAccepted) {
			return false, nil
		}
		return true, e.outcome(ctx, id)
	})
	if errors.Is(err, errOwnerGone) {
		return e.Deliver(ctx, id)
	}
	return err
}

// outcome says what became of an outgoing message: it left the Outbox, or is there with a problem.
func (e *Engine) outcome(ctx context.Context, id store.ID) error {
	out, err := e.store.Outbox.Get(ctx, id)
	switch {
	case errors.Is(err, store.ErrNoSuch):
		return nil
	case err != nil:
		return fmt.Errorf("outbox message %s: %w", id, err)
	case out.Step == store.SendAccepted:
		return nil
	case out.Problem != nil:
		return &ProblemError{Problem: *out.Problem}
	default:
		return fmt.Errorf("message %s is still %s", id, out.Status)
	}
}

// ProblemOf sorts an error of SyncOnce or Deliver for a person; nil when err is nil.
func (e *Engine) ProblemOf(name string, err error) *store.Problem {
	if err == nil {
		return nil
	}
	w := e.workers[name]
	if w == nil {
		return &store.Problem{Kind: store.ProblemConfig, Words: err.Error(), At: e.opts.Now()}
	}
	return problemOf(err, w.account, e.opts.Now())
}
