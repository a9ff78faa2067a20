package message

import (
	"strings"
	"time"

	"tmail/message/safe"
)

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

// Invitations reads the events of a calendar part, with their times in zone;
// nil leaves each time in its own. Floating times are taken to be in zone.
// What cannot be read is left out.
func Invitations(calendar string, zone *time.Location) []Invitation {
	r := calendarReader{zone: zone, zones: make(map[string]*calendarZone)}
	properties := calendarProperties(calendar)
	r.readZones(properties) // they may come after the events that need them
	for _, p := range properties {
		r.property(p)
	}
	for i := range r.events {
		r.events[i].Method = r.method
	}
	return r.events
}

// Blocks shows the invitation without needing words of any language: what,
// when, where, from whom to whom.
func (v *Invitation) Blocks() []Block {
	var blocks []Block
	add := func(kind Kind, style Style, text string) {
		if line := safe.Line(text); strings.TrimSpace(string(line)) != "" {
			blocks = append(blocks, Block{Kind: kind, Spans: []Span{{Text: line, Style: style}}})
		}
	}
	style := Bold
	if v.Method == "CANCEL" {
		style |= Strike
	}
	add(Heading, style, v.Summary)
	add(Para, 0, v.when())
	add(Para, 0, v.Location)
	people := v.Organizer.String()
	if len(v.Attendees) > 0 {
		people += " → " + joinAddresses(v.Attendees)
	}
	add(Para, 0, strings.TrimSpace(people))
	return append(blocks, Block{})
}

// when writes the time span in the form of ISO 8601, which needs no language.
func (v *Invitation) when() string {
	const day, clock = "2006-01-02", "15:04"
	if v.Start.IsZero() {
		return ""
	}
	from, to := v.Start.Format(day), v.End.Format(day)
	switch {
	case v.AllDay && (v.End.IsZero() || from == to):
		return from
	case v.AllDay:
		return from + " – " + to
	case v.End.IsZero():
		return v.Start.Format(day + " " + clock + " -07:00")
	case from == to:
		return from + " " + v.Start.Format(clock) + "–" + v.End.Format(clock+" -07:00")
	}
	return v.Start.Format(day+" "+clock) + " – " + v.End.Format(day+" "+clock+" -07:00")
}

// invitationDocument shows the events of a message that has no other text.
func invitationDocument(calendar string) *Document {
	d := &Document{}
	for _, v := range Invitations(calendar, nil) {
		d.Blocks = append(d.Blocks, v.Blocks()...)
	}
	d.trim()
	return d
}
