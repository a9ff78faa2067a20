package message

import (
	"strconv"
	"strings"
	"time"
)

// calendarZone is a VTIMEZONE (RFC 5545 §3.6.5), which calendars bring along
// because the names they use are often known to nobody else.
type calendarZone struct {
	name            string
	standard, light zoneRule
}

// zoneRule is when in a year an offset begins to apply.
type zoneRule struct {
	set     bool
	offset  int // seconds east of UTC
	month   time.Month
	weekday time.Weekday
	week    int // which one of the month; negative counts from its end
	clock   time.Duration
	yearly  bool
}

// readZones collects the time zones of a calendar.
func (r *calendarReader) readZones(properties []calendarProperty) {
	var zone *calendarZone
	var rule *zoneRule
	for _, p := range properties {
		value := strings.ToUpper(p.value)
		switch {
		case p.name == "BEGIN" && value == "VTIMEZONE":
			zone, rule = &calendarZone{}, nil
		case zone == nil:
		case p.name == "END" && value == "VTIMEZONE":
			if zone.name != "" && zone.standard.set {
				r.zones[zone.name] = zone
			}
			zone, rule = nil, nil
		case p.name == "TZID":
			zone.name = p.value
		case p.name == "BEGIN" && value == "STANDARD":
			rule = &zone.standard
			*rule = zoneRule{} // of several the last is the one in force
		case p.name == "BEGIN" && value == "DAYLIGHT":
			rule = &zone.light
			*rule = zoneRule{}
		case rule != nil:
			rule.property(p)
		}
	}
}

func (z *zoneRule) property(p calendarProperty) {
	switch p.name {
	case "TZOFFSETTO":
		if t, err := time.Parse("-0700", strings.TrimSpace(p.value)); err == nil {
			_, z.offset = t.Zone()
			z.set = true
		}
	case "DTSTART":
		if t, err := time.Parse("20060102T150405", p.value); err == nil {
			z.clock = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
		}
	case "RRULE":
		z.recur(strings.ToUpper(p.value))
	}
}

// recur reads "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", the one kind of rule that
// time zones use.
func (z *zoneRule) recur(rule string) {
	days := map[string]time.Weekday{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}
	var month, day bool
	for part := range strings.SplitSeq(rule, ";") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "BYMONTH":
			n, err := strconv.Atoi(value)
			month = err == nil && n >= 1 && n <= 12
			z.month = time.Month(n)
		case "BYDAY":
			if len(value) < 3 {
				continue
			}
			var known bool
			z.weekday, known = days[value[len(value)-2:]]
			n, err := strconv.Atoi(value[:len(value)-2])
			day = known && err == nil && n != 0 && n >= -5 && n <= 5
			z.week = n
		}
	}
	z.yearly = month && day
}

// start is the clock time in that year at which the rule begins to apply.
func (z *zoneRule) start(year int) time.Time {
	if z.week > 0 {
		first := time.Date(year, z.month, 1, 0, 0, 0, 0, time.UTC)
		days := (int(z.weekday-first.Weekday())+7)%7 + 7*(z.week-1)
		return first.AddDate(0, 0, days).Add(z.clock)
	}
	last := time.Date(year, z.month+1, 0, 0, 0, 0, 0, time.UTC)
	days := (int(last.Weekday()-z.weekday)+7)%7 + 7*(-z.week-1)
	return last.AddDate(0, 0, -days).Add(z.clock)
}

// at returns the zone that applies at the clock time t.
func (z *calendarZone) at(t time.Time) *time.Location {
	offset := z.standard.offset
	if z.light.set && z.light.yearly && z.standard.yearly {
		begin, end := z.light.start(t.Year()), z.standard.start(t.Year())
		summer := !t.Before(begin) && t.Before(end)
		if end.Before(begin) { // south of the equator
			summer = !t.Before(begin) || t.Before(end)
		}
		if summer {
			offset = z.light.offset
		}
	}
	return time.FixedZone("", offset)
}
