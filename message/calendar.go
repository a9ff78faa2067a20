package message

import "time"

// Invitation is one event of a calendar part (RFC 5545, RFC 5546). Its text is
// not safe for the screen.
type Invitation struct {
	Method     string // REQUEST, REPLY, CANCEL, …, in upper case
	UID        string
	Summary    string
	Location   string
	Organizer  Address
	Attendees  []Address
	Start, End time.Time // in the zone asked for; End is zero when not known
	AllDay     bool      // Start and End are dates; End is the last day
	Repeats    string    // the raw RRULE, "" when it happens once
}

// Invitations reads the events of a calendar part, with their times in zone.
// Floating times are taken to be in it. What cannot be read is left out.
func Invitations(calendar string, zone *time.Location) []Invitation { panic("not written") }

// Blocks shows the invitation without needing words of any language: what,
// when, where, from whom to whom.
func (v *Invitation) Blocks() []Block { panic("not written") }

// invitationDocument shows the events of a message that has no other text.
func invitationDocument(calendar string) *Document {
	d := &Document{}
	for _, v := range Invitations(calendar, nil) {
		d.Blocks = append(d.Blocks, v.Blocks()...)
	}
	return d
}
