package message

import (
	"strconv"
	"strings"
	"time"
)

const (
	maxEvents    = 100
	maxAttendees = 1000
)

// calendarProperty is one content line (RFC 5545 §3.1).
type calendarProperty struct {
	name   string // in upper case
	params map[string]string
	value  string
}

// calendarProperties splits a calendar into its content lines, unfolded.
func calendarProperties(calendar string) []calendarProperty {
	calendar = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(calendar)
	calendar = strings.NewReplacer("\n ", "", "\n\t", "").Replace(calendar)
	var properties []calendarProperty
	for line := range strings.Lines(calendar) {
		if p, ok := calendarLine(strings.TrimSpace(line)); ok {
			properties = append(properties, p)
		}
	}
	return properties
}

// calendarLine reads `NAME;PARAM=value;PARAM="value":value`.
func calendarLine(line string) (p calendarProperty, ok bool) {
	quoted, start := false, 0
	var parts []string
	for i := range len(line) {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			parts = append(parts, line[start:i])
			start = i + 1
		case c == ':':
			parts = append(parts, line[start:i])
			p = calendarProperty{name: strings.ToUpper(parts[0]), value: line[i+1:], params: map[string]string{}}
			for _, param := range parts[1:] {
				key, value, _ := strings.Cut(param, "=")
				p.params[strings.ToUpper(key)] = strings.Trim(value, `"`)
			}
			return p, true
		}
	}
	return p, false
}

// text undoes the escapes of a TEXT value (RFC 5545 §3.3.11).
func (p calendarProperty) text() string {
	return strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(p.value)
}

// address reads an ORGANIZER or ATTENDEE.
func (p calendarProperty) address() Address {
	addr := p.value
	if len(addr) > 7 && strings.EqualFold(addr[:7], "mailto:") {
		addr = addr[7:]
	}
	name := p.params["CN"]
	if name == addr {
		name = ""
	}
	return Address{Name: name, Addr: addr}
}

// calendarReader gathers events.
type calendarReader struct {
	zone   *time.Location
	zones  map[string]*calendarZone
	method string
	events []invitation
	open   *invitation // the VEVENT being read
	inner  int         // depth of components within it, such as alarms
	length time.Duration
	named  time.Time // the time read last in the zone named with it; zero when none was
}

func (r *calendarReader) property(p calendarProperty) {
	switch {
	case p.name == "METHOD" && r.open == nil:
		r.method = strings.ToUpper(p.value)
	case p.name == "BEGIN" && r.open != nil:
		r.inner++
	case p.name == "BEGIN" && strings.EqualFold(p.value, "VEVENT") && len(r.events) < maxEvents:
		r.open, r.length = &invitation{}, 0
	case r.open == nil:
	case p.name == "END" && r.inner > 0:
		r.inner--
	case p.name == "END":
		r.finish()
	case r.inner == 0:
		r.event(p)
	}
}

func (r *calendarReader) event(p calendarProperty) {
	v := r.open
	switch p.name {
	case "UID":
		v.UID = p.value
	case "SUMMARY":
		v.Summary = p.text()
	case "LOCATION":
		v.Location = p.text()
	case "ORGANIZER":
		v.Organizer = p.address()
	case "ATTENDEE":
		if len(v.Attendees) < maxAttendees {
			v.Attendees = append(v.Attendees, p.address())
		}
	case "DTSTART":
		v.Start, v.AllDay = r.time(p)
		v.theirs = r.named
	case "DTEND":
		v.End, _ = r.time(p)
	case "DURATION":
		r.length = calendarDuration(p.value)
	case "RRULE":
		v.Repeats = p.value
	}
}

// finish closes the event. Whole days end, as people say it, on their last day.
func (r *calendarReader) finish() {
	v := r.open
	r.open = nil
	if v.End.IsZero() && r.length > 0 && !v.Start.IsZero() {
		v.End = v.Start.Add(r.length)
	}
	if v.AllDay && v.End.After(v.Start) {
		v.End = v.End.AddDate(0, 0, -1)
	}
	r.events = append(r.events, *v)
}

// time reads a DATE or DATE-TIME value (RFC 5545 §3.3.4, §3.3.5).
func (r *calendarReader) time(p calendarProperty) (t time.Time, allDay bool) {
	value := strings.TrimSpace(p.value)
	r.named = time.Time{}
	local := r.zone
	if local == nil {
		local = time.UTC
	}
	if t, err := time.ParseInLocation("20060102", value, local); err == nil {
		return t, true
	}
	if t, err := time.Parse("20060102T150405Z", value); err == nil {
		return r.shown(t), false
	}
	t, err := time.Parse("20060102T150405", value)
	if err != nil {
		return time.Time{}, false
	}
	id := p.params["TZID"]
	if id == "" {
		return inZone(t, local), false
	}
	if zone := r.zones[id]; zone != nil {
		r.named = inZone(t, zone.at(t))
		return r.shown(r.named), false
	}
	// LoadLocation reads only the time zone database, whatever the name.
	if zone, err := time.LoadLocation(id); err == nil {
		r.named = inZone(t, zone)
		return r.shown(r.named), false
	}
	return inZone(t, local), false
}

// shown moves t into the zone asked for.
func (r *calendarReader) shown(t time.Time) time.Time {
	if r.zone == nil {
		return t
	}
	return t.In(r.zone)
}

// inZone is the same clock face as t in another zone.
func inZone(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
}

// calendarDuration reads "P1DT2H30M" (RFC 5545 §3.3.6), 0 when it is none.
func calendarDuration(s string) time.Duration {
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	s = strings.TrimPrefix(s, "+")
	if !strings.HasPrefix(s, "P") {
		return 0
	}
	var total time.Duration
	start := 1
	for i := 1; i < len(s); i++ {
		switch unit := units[s[i]]; {
		case s[i] == 'T':
			start = i + 1
		case unit != 0:
			n, err := strconv.ParseInt(s[start:i], 10, 16)
			if err != nil || n < 0 {
				return 0
			}
			total += time.Duration(n) * unit
			start = i + 1
		}
	}
	return total
}
