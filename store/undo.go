package store

import (
	"context"
	"errors"

	"tmail/message"
)

// StepKind names the action a Step takes back.
type StepKind string

// The actions that can be taken back.
const (
	StepMove    StepKind = "move"
	StepCopy    StepKind = "copy"
	StepFlag    StepKind = "flag"
	StepDiscard StepKind = "discard" // of a draft
	StepMute    StepKind = "mute"    // of a conversation
)

// Step is an action as Undo takes it back, with the words to say what it was.
// The zero Step undoes nothing.
type Step struct {
	Kind        StepKind
	Count       int    // messages it changed
	From, To    string // folder names; From is "" when there were several
	Add, Remove message.Flags

	to      ID          // move: where they went
	from    map[ID][]ID // move: by the folder they were in
	crossed []crossing  // move: those that went to another account
	learnt  []lesson    // move: what it taught
	made    []ID        // copy: the new messages
	flipped map[flip][]ID
	draft   ID
	muted   ID   // mute: the conversation
	mute    bool // or heard again
}

// crossing is a move to another account.
type crossing struct {
	pair
	from ID
}

// flip is what a flag action did to a message.
type flip struct{ added, removed message.Flags }

// Undo takes a step back, also after the server was told of it: then the
// inverse becomes pending. Messages that somebody else changed meanwhile are
// left as they are.
func (c *Changes) Undo(ctx context.Context, step Step) error {
	return c.d.update(ctx, precious, "undo", func(t *tx) error {
		switch step.Kind {
		case StepMove:
			return t.undoMove(step)
		case StepCopy:
			return t.delete(step.made)
		case StepFlag:
			for f, ids := range step.flipped {
				if err := t.flag(ids, f.removed, f.added); err != nil {
					return err
				}
			}
		case StepDiscard:
			return t.undiscard(step.draft)
		case StepMute:
			_, err := t.mute(step.muted, !step.mute)
			return err
		}
		return nil
	})
}

func (t *tx) undoMove(step Step) error {
	for from, ids := range step.from {
		if _, err := t.place(from); errors.Is(err, ErrNoSuch) {
			continue // the folder was removed meanwhile
		} else if err != nil {
			return err
		}
		_, err := t.exec(`UPDATE message SET folder = ?, problem = NULL, refused = 0, tries = 0
			WHERE id IN (SELECT value FROM json_each(?)) AND folder = ?`, from, idList(ids), step.to)
		if err != nil {
			return err
		}
	}
	for _, c := range step.crossed {
		if err := t.uncross(c); err != nil && !errors.Is(err, ErrNoSuch) {
			return err
		}
	}
	return t.unlearn(step.learnt)
}
