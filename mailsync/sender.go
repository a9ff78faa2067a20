package mailsync

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"tmail/store"
	"tmail/transport"
	"tmail/transport/smtp"
)

// sender sends what is due in the Outbox of one account. Each step is durable before it is taken, so that after a crash
// it is known what may have been sent, and what may have been is never sent again unasked.
type sender struct {
	*worker
	spoilt map[store.ID]time.Time // drafts that could not be given to the server as they were changed then

	sent int // messages that left the Outbox
	// unwritten are marks that could not be written down, on a full disk for one: without them a message would be "being
	// sent" until the next start
	unwritten map[store.ID]store.Mark
}

// run sends what becomes due, and gives drafts to the server, until ctx ends.
func (s *sender) run(ctx context.Context) {
	changed := s.store.Watch(ctx)
	for ctx.Err() == nil {
		least := 10 * time.Millisecond
		if err := s.sendDue(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("not sent", "error", err)
			least = afterFailure // what is due may be so still
		}
		wait, err := s.publishDrafts(ctx, false)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("drafts not given to the server", "error", err)
		}
		due, err := s.store.Outbox.NextDue(ctx, s.account.Name)
		if err == nil && !due.IsZero() {
			wait = min(wait, max(due.Sub(s.now()), least))
		}
		if len(s.unwritten) > 0 {
			wait = min(wait, afterFailure)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-changed:
		}
		timer.Stop()
	}
}

// afterFailure is how long to wait at least after something went wrong.
const afterFailure = time.Second

// sendDue sends every message whose time has come. The error is the first one's; what failed is marked in the Outbox.
func (s *sender) sendDue(ctx context.Context) error {
	if err := s.writeMarks(ctx); err != nil {
		return err
	}
	if err := s.store.Outbox.ClockWentBack(ctx, s.account.Name); err != nil {
		return err
	}
	due, err := s.store.Outbox.Due(ctx, s.account.Name)
	if err != nil {
		return err
	}
	var first error
	for _, out := range due {
		if err := s.deliver(ctx, out); err != nil && first == nil {
			first = err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return first
}

// deliver sends one message and files it. What goes wrong is marked on the message and returned.
func (s *sender) deliver(ctx context.Context, out *store.Outgoing) error {
	if out.Step == store.SendAccepted {
		return s.file(ctx, out)
	}
	claimed, err := s.store.Outbox.Claim(ctx, out.ID)
	if err != nil || !claimed {
		return err
	}
	if s.account.Outgoing == nil {
		return s.mark(out, store.Mark{Status: store.OutFailed, Problem: &store.Problem{
			Kind: store.ProblemConfig, Op: "send", Words: "the account has no [account.outgoing]", At: s.now(),
		}}, nil)
	}
	result, err := s.hand(ctx, out)
	recipients := s.recipients(out, result)
	switch {
	case err == nil, len(result.Accepted) > 0 && !errors.Is(err, smtp.ErrUnconfirmed):
		return errors.Join(s.accepted(ctx, out, recipients), err)
	case errors.Is(err, smtp.ErrUnconfirmed):
		problem := s.problem(err)
		problem.Kind = store.ProblemUnconfirmed
		return s.mark(out, store.Mark{Status: store.OutUnconfirmed, Step: store.SendFinalDot, Problem: problem, Recipients: recipients}, err)
	case ctx.Err() != nil:
		// Quitting is no failure: what had not reached the final dot goes out next time.
		return s.mark(out, store.Mark{Status: store.OutDue, Due: out.Due, Recipients: recipients}, err)
	}
	problem := s.problem(err)
	if len(result.Refused) > 0 && problem.Kind == store.ProblemRefused {
		problem.Kind = store.ProblemRecipient
	}
	if kept(err) {
		return s.mark(out, store.Mark{
			Status: store.OutDue, Due: s.now().Add(pause(out.Attempts)), Problem: problem, Recipients: recipients,
		}, err)
	}
	return s.mark(out, store.Mark{Status: store.OutFailed, Problem: problem, Recipients: givenUp(recipients)}, err)
}

// hand gives the message to the server, marking each step before it is taken.
func (s *sender) hand(ctx context.Context, out *store.Outgoing) (smtp.Result, error) {
	env := smtp.Envelope{From: out.From, Size: out.Size, UTF8: out.UTF8, Notify: out.Notify, ID: out.MessageID}
	for _, r := range out.Recipients {
		if !r.Sent {
			env.To = append(env.To, r.Addr)
		}
	}
	body := func() (io.ReadCloser, error) {
		r, _, err := s.store.Bodies.Open(ctx, out.ID)
		return &upload{ReadCloser: r, sender: s, ctx: ctx, id: out.ID, told: s.now()}, err
	}
	step := func(at smtp.Step, so smtp.Result) error {
		m := store.Mark{Status: store.OutSending, Step: stepMarks[at]}
		if at == smtp.StepAccepted {
			if m.Recipients = s.recipients(out, so); refusedAny(m.Recipients) {
				return nil // not done with it: accepted decides
			}
		}
		return s.store.Outbox.Mark(ctx, out.ID, m)
	}
	return smtp.Send(ctx, &s.dialer, *s.account.Outgoing, env, body, step)
}

// upload tells the store, twice a second, how much of a message the server has taken.
type upload struct {
	io.ReadCloser
	sender *sender
	ctx    context.Context
	id     store.ID
	sent   int64
	told   time.Time
}

func (u *upload) Read(p []byte) (int, error) {
	if now := u.sender.now(); now.Sub(u.told) >= 500*time.Millisecond {
		u.told = now
		if err := u.sender.store.Outbox.Progress(u.ctx, u.id, u.sent); err != nil && u.ctx.Err() == nil {
			u.sender.log.Warn("progress of sending", "error", err)
		}
	}
	n, err := u.ReadCloser.Read(p)
	u.sent += int64(n)
	return n, err
}

// stepMarks are the steps as the Outbox notes them.
var stepMarks = map[smtp.Step]store.SendStep{
	smtp.StepConnecting: store.SendConnecting,
	smtp.StepRecipients: store.SendRecipients,
	smtp.StepData:       store.SendData,
	smtp.StepFinalDot:   store.SendFinalDot,
	smtp.StepAccepted:   store.SendAccepted,
}

// accepted notes that the server has taken the message, for all recipients or for some, and files it.
func (s *sender) accepted(ctx context.Context, out *store.Outgoing, recipients []store.Recipient) error {
	missing, again := unreached(recipients)
	if len(missing) == 0 {
		if err := s.mark(out, store.Mark{Status: store.OutSending, Step: store.SendAccepted, Recipients: recipients}, nil); err != nil {
			return err
		}
		out.Step = store.SendAccepted
		return s.file(ctx, out)
	}
	// Some have it and some do not: it stays, and only those who do not are tried again or shown.
	problem := *missing[0].Problem
	if again {
		return s.mark(out, store.Mark{
			Status: store.OutDue, Due: s.now().Add(pause(out.Attempts)), Problem: &problem, Recipients: recipients,
		}, &ProblemError{problem})
	}
	problem.Kind = store.ProblemRecipient
	return s.mark(out, store.Mark{Status: store.OutFailed, Problem: &problem, Recipients: givenUp(recipients)}, &ProblemError{problem})
}

// givenUp are the recipients of a message that is brought back: none of them is tried again by itself, not even whom the
// server asked to try later.
func givenUp(recipients []store.Recipient) []store.Recipient {
	list := slices.Clone(recipients)
	for i, r := range list {
		if !r.Sent && r.Problem != nil && r.Problem.Kind == store.ProblemTemporary {
			problem := *r.Problem
			problem.Kind = store.ProblemRefused
			list[i].Problem = &problem
		}
	}
	return list
}

// refusedAny says whether somebody does not have the message.
func refusedAny(recipients []store.Recipient) bool {
	missing, _ := unreached(recipients)
	return len(missing) > 0
}

// unreached returns the recipients that do not have the message, and whether trying again can help them.
func unreached(recipients []store.Recipient) (missing []store.Recipient, again bool) {
	again = true
	for _, r := range recipients {
		if r.Sent || r.Problem == nil {
			continue
		}
		missing = append(missing, r)
		again = again && r.Problem.Kind == store.ProblemTemporary
	}
	return missing, again
}

// recipients brings what became of each recipient up to date.
func (s *sender) recipients(out *store.Outgoing, result smtp.Result) []store.Recipient {
	list := slices.Clone(out.Recipients)
	for i := range list {
		r := &list[i]
		if slices.ContainsFunc(result.Accepted, func(a string) bool { return strings.EqualFold(a, r.Addr) }) {
			r.Sent, r.Problem = true, nil
		}
		for _, no := range result.Refused {
			if strings.EqualFold(no.Addr, r.Addr) {
				r.Problem = s.problem(no.Err)
				if r.Problem.Kind == store.ProblemRefused {
					r.Problem.Kind = store.ProblemRecipient
				}
			}
		}
	}
	return list
}

// mark writes down where a message stands, also when the program is ending, and returns cause.
func (s *sender) mark(out *store.Outgoing, m store.Mark, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.store.Outbox.Mark(ctx, out.ID, m); err != nil {
		if s.unwritten == nil {
			s.unwritten = map[store.ID]store.Mark{}
		}
		s.unwritten[out.ID] = m
		return errors.Join(cause, err)
	}
	return cause
}

// writeMarks writes down what could not be written before.
func (s *sender) writeMarks(ctx context.Context) error {
	for id, m := range s.unwritten {
		if err := s.store.Outbox.Mark(ctx, id, m); err != nil && !errors.Is(err, store.ErrNoSuch) {
			return err
		}
		delete(s.unwritten, id)
	}
	return nil
}

// problem is problemOf with the sending server as the host.
func (s *sender) problem(err error) *store.Problem {
	p := problemOf(err, s.account, s.now())
	if s.account.Outgoing != nil && p.Host != "" {
		p.Host = whom(*s.account.Outgoing)
	}
	return p
}

// kept says whether a message that failed is tried again by itself: when the server said to come back or could not be
// reached. What needs the person first (a password, a certificate) is shown as failed.
func kept(err error) bool {
	var te *transport.Error
	if !errors.As(err, &te) {
		return false
	}
	return te.Kind == transport.KindTemporary || te.Kind == transport.KindNetwork
}

// pause is how long to wait before the next attempt (RFC 5321 §4.5.4.1 asks for growing pauses).
func pause(attempts int) time.Duration {
	return min(15*time.Second<<min(attempts, 8), 30*time.Minute)
}
