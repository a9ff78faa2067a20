package message

import (
	"strconv"
	"strings"
	"time"

	"tmail/message/safe"
)

// invitation is one event of a calendar part (RFC 5545, RFC 5546). Its text is
// not safe for the screen.
type invitation struct {
	Method     string // REQUEST, REPLY, CANCEL, …, in upper case
	UID        string
	Summary    string
	Location   string
	Organizer  Address
	Attendees  []Address
	Start, End time.Time // in the zone asked for; End is zero when not known
	AllDay     bool      // Start and End are dates; End is the last day
	Repeats    string    // the raw RRULE, "" when it happens once
	theirs     time.Time // Start in the zone the calendar names; zero when it names none
}

// invitations reads the events of a calendar part, with their times in zone;
// nil leaves each time in its own. Floating times are taken to be in zone.
// What cannot be read is left out.
func invitations(calendar string, zone *time.Location) []invitation {
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

// blocks shows the invitation without needing words of any language: what,
// when, where, from whom to whom.
func (v *invitation) blocks() []Block {
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
	if n := min(len(v.Attendees), shownAttendees); n > 0 {
		people += " → " + joinNames(v.Attendees[:n])
		if more := len(v.Attendees) - n; more > 0 {
			people += " … +" + strconv.Itoa(more)
		}
	}
	add(Para, 0, strings.TrimSpace(people))
	return append(blocks, Block{})
}

// joinNames lists people by their names, those without by their addresses.
func joinNames(people []Address) string {
	names := make([]string, len(people))
	for i, a := range people {
		names[i] = firstOf(a.Name, a.Addr)
	}
	return strings.Join(names, ", ")
}

// shownAttendees is how many people are named.
const shownAttendees = 12

// when writes the time span in the form of ISO 8601, which needs no language,
// and when it begins for those who set it, if their clocks differ.
func (v *invitation) when() string {
	span := v.span()
	_, here := v.Start.Zone()
	if _, there := v.theirs.Zone(); span != "" && !v.theirs.IsZero() && there != here {
		layout := "15:04 -07:00"
		if v.theirs.YearDay() != v.Start.YearDay() {
			layout = "2006-01-02 " + layout
		}
		span += " (" + v.theirs.Format(layout) + ")"
	}
	return span
}

func (v *invitation) span() string {
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

// invite puts the events of a calendar above the text. Addresses in them, of
// calls mostly, become links.
func (d *Document) invite(calendar string, zone *time.Location) {
	const most = 5
	var card []Block
	for _, v := range invitations(calendar, zone) {
		if len(card) > most*5 {
			break
		}
		card = append(card, v.blocks()...)
	}
	for i := range card {
		if len(card[i].Spans) == 1 {
			card[i].Spans = d.linked(card[i].Spans[0].Text, card[i].Spans[0].Style)
		}
	}
	d.Blocks = append(card, d.Blocks...)
	d.trim()
}
