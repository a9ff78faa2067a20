package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tmail/message"
)

// Claim marks a due message as being sent and reports whether it was still
// due: the person may have taken it back.
func (o *Outbox) Claim(ctx context.Context, id ID) (bool, error) {
	claimed := false
	err := o.d.update(ctx, precious, "claim message "+id.String(), func(t *tx) error {
		now := t.d.now().UnixMilli()
		n, err := t.count(`UPDATE outbox SET status = 'sending', step = ?, attempts = attempts + 1, sent = 0, updated = ?
			WHERE message = ? AND status = 'due' AND due <= ?`, SendConnecting, now, id, now)
		claimed = n > 0
		return err
	})
	return claimed, err
}

// Progress notes how many octets of a message being sent the server has taken.
// It is for the screen only, and may be lost.
func (o *Outbox) Progress(ctx context.Context, id ID, sent int64) error {
	return o.d.update(ctx, retold, "note progress of message "+id.String(), func(t *tx) error {
		_, err := t.exec("UPDATE outbox SET sent = ? WHERE message = ? AND status = 'sending'", sent, id)
		return err
	})
}

// Mark writes down where a message stands, durably, before it returns.
func (o *Outbox) Mark(ctx context.Context, id ID, m Mark) error {
	var recipients any
	if m.Recipients != nil {
		text, err := json.Marshal(m.Recipients)
		if err != nil {
			return fmt.Errorf("mark message %s: %w", id, err)
		}
		recipients = string(text)
	}
	return o.d.update(ctx, precious, "mark message "+id.String(), func(t *tx) error {
		n, err := t.count(`UPDATE outbox SET status = ?, step = ?, due = CASE ? WHEN 'due' THEN ? ELSE due END, problem = ?,
			recipients = coalesce(?, recipients), updated = ? WHERE message = ?`,
			m.Status, m.Step, m.Status, dueColumn(m.Due), m.Problem.text(), recipients, t.d.now().UnixMilli(), id)
		if err == nil && n == 0 {
			err = ErrNoSuch
		}
		return err
	})
}

// Sent takes an accepted message out of the Outbox: into folder sent, to be
// appended on the server, or, when sent is zero, away. The message it answers
// is marked as answered or forwarded, those it went to are remembered.
func (o *Outbox) Sent(ctx context.Context, id ID, sent ID) error {
	return o.d.update(ctx, precious, "file sent message "+id.String(), func(t *tx) error {
		d, err := getDraft(t.query, id)
		if err != nil {
			return err
		}
		for _, list := range [][]message.Address{d.To, d.Cc, d.Bcc} {
			if err := t.remember(list, 1, 0); err != nil {
				return err
			}
		}
		if d.Answers != 0 {
			mark := message.Answered
			if d.Forward {
				mark = message.Forwarded
			}
			if err := t.flag([]ID{d.Answers}, mark, 0); err != nil {
				return err
			}
		}
		n, err := t.count("DELETE FROM outbox WHERE message = ?", id)
		if err == nil && n == 0 {
			err = ErrNoSuch
		}
		if err != nil {
			return err
		}
		if sent == 0 {
			_, err = t.exec("DELETE FROM message WHERE id = ?", id)
			return err
		}
		if _, err := t.exec("DELETE FROM draft WHERE message = ?", id); err != nil {
			return err
		}
		to, err := t.place(sent)
		if err != nil {
			return err
		}
		now := t.d.now().Unix()
		_, err = t.exec("UPDATE message SET folder = ?, local = ?, was = NULL, flag_add = ?, date = ?, received = ? WHERE id = ?",
			to.id, to.local, int64(message.Seen), now, now, id)
		return err
	})
}

// Back takes a message back into Drafts, to be edited. One that is being sent,
// or was accepted, is not given back: ErrNotPossible.
func (o *Outbox) Back(ctx context.Context, id ID) (*Draft, error) {
	var d *Draft
	err := o.d.update(ctx, precious, "take back message "+id.String(), func(t *tx) (err error) {
		if d, err = getDraft(t.query, id); err != nil {
			return err
		}
		if err := t.notSending(id); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM outbox WHERE message = ?", id); err != nil {
			return err
		}
		if _, err = t.exec("UPDATE message SET blob = NULL WHERE id = ?", id); err != nil {
			return err
		}
		return t.backToDrafts(id)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// notSending makes sure a message is in the Outbox and nobody is sending it.
func (t *tx) notSending(id ID) error {
	status, err := one(t.query, value[OutStatus], "SELECT status FROM outbox WHERE message = ?", id)
	switch {
	case errors.Is(err, ErrNoSuch):
		return fmt.Errorf("message %s is not in the Outbox: %w", id, err)
	case err == nil && status == OutSending:
		return fmt.Errorf("message %s is being sent: %w", id, ErrNotPossible)
	}
	return err
}

// Schedule sets when a message may leave; the zero time holds it until told.
// Given a time, also a failed or unconfirmed one is sent again, because the
// person says so; held, it stays what it is.
func (o *Outbox) Schedule(ctx context.Context, id ID, due time.Time) error {
	return o.d.update(ctx, precious, "schedule message "+id.String(), func(t *tx) error {
		if err := t.notSending(id); err != nil {
			return err
		}
		now := t.d.now().UnixMilli()
		if due.IsZero() {
			_, err := t.exec("UPDATE outbox SET due = NULL, updated = ? WHERE message = ? AND status = 'due'", now, id)
			return err
		}
		_, err := t.exec("UPDATE outbox SET status = 'due', step = 0, due = ?, problem = NULL, updated = ? WHERE message = ?",
			due.UnixMilli(), now, id)
		return err
	})
}

// Recover is called by the one process that sends for an account, before it
// begins: what a crash left as being sent becomes due again when the final dot
// was not reached, else unconfirmed. What was accepted stays to be filed.
func (o *Outbox) Recover(ctx context.Context, acct string) error {
	return o.d.update(ctx, precious, "recover outbox of "+acct, func(t *tx) error {
		now := t.d.now()
		unconfirmed := &Problem{Kind: ProblemUnconfirmed, Op: "send", At: now}
		_, err := t.exec(`UPDATE outbox SET status = CASE WHEN step >= ?1 THEN 'unconfirmed' ELSE 'due' END,
			problem = CASE WHEN step >= ?1 THEN ?2 ELSE problem END, updated = ?3
			WHERE status = 'sending' AND step < ?4 AND EXISTS
			(SELECT 1 FROM message m JOIN account a ON a.id = m.account WHERE m.id = outbox.message AND a.name = ?5)`,
			SendFinalDot, unconfirmed.text(), now.UnixMilli(), SendAccepted, acct)
		return err
	})
}

// shortDelay is up to what delay a message waits for that long, and not for a time of day: to be taken back, or until it
// is tried again.
const shortDelay = 30 * time.Minute

// ClockWentBack gives messages that wait for a short time their time anew where the clock was set back since that was
// written down: they would wait for years else.
func (o *Outbox) ClockWentBack(ctx context.Context, acct string) error {
	const stranded = `status = 'due' AND updated > ?1 AND due BETWEEN updated AND updated + ?2 AND
		(SELECT a.name FROM message m JOIN account a ON a.id = m.account WHERE m.id = outbox.message) = ?3`
	args := func() []any { return []any{o.d.now().Add(time.Second).UnixMilli(), shortDelay.Milliseconds(), acct} }
	there, err := one(o.d.reading(ctx), value[bool], "SELECT EXISTS (SELECT 1 FROM outbox WHERE "+stranded+")", args()...)
	if err != nil || !there {
		return o.d.explain("look at the clock", err)
	}
	return o.d.update(ctx, precious, "set due times of "+acct, func(t *tx) error {
		_, err := t.exec("UPDATE outbox SET due = due - updated + ?4, updated = ?4 WHERE "+stranded, append(args(), t.d.now().UnixMilli())...)
		return err
	})
}

// Reconnected has what waits after a failure of the network tried at once: it is there again. What a server put off, or a
// person, keeps its time.
func (o *Outbox) Reconnected(ctx context.Context, acct string) error {
	const unreached = `status = 'due' AND due > ?1 AND json_extract(problem, '$.kind') = ?2 AND
		(SELECT a.name FROM message m JOIN account a ON a.id = m.account WHERE m.id = outbox.message) = ?3`
	args := []any{o.d.now().UnixMilli(), ProblemNetwork, acct}
	there, err := one(o.d.reading(ctx), value[bool], "SELECT EXISTS (SELECT 1 FROM outbox WHERE "+unreached+")", args...)
	if err != nil || !there {
		return o.d.explain("look for what was not sent", err)
	}
	return o.d.update(ctx, precious, "try again to send for "+acct, func(t *tx) error {
		_, err := t.exec("UPDATE outbox SET due = ?1, updated = ?1 WHERE "+unreached, args...)
		return err
	})
}
