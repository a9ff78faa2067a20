package message

import (
	"io"
	"time"
)

// Opener opens the decoded content of the attachment with the given part ID.
type Opener func(id string) (io.ReadCloser, error)

// Reply returns a draft that answers m, to all or to its author only. From is
// the one of me the message came to. The body starts with blank lines for the
// answer, then quotes; times in it are in the zone of now.
func Reply(m *Message, me []Address, all bool, now time.Time) *Draft { panic("not written") }

// Forward returns a draft that passes m on: its text below a header block, its
// attachments through open. From is chosen as by Reply.
func Forward(m *Message, me []Address, now time.Time, open Opener) *Draft { panic("not written") }

// DraftFrom turns a stored message back into a draft to go on writing.
func DraftFrom(m *Message, open Opener) *Draft { panic("not written") }
