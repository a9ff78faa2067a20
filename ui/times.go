package ui

import (
	"fmt"
	"strings"
	"time"

	"tmail/lang"
	"tmail/message/safe"
)

// The columns of a date in a list.
const (
	dateWidth    = 10
	compactWidth = 5
)

// shortDate is when a message came, as short as is clear on the day it is read; compact where room is scarce.
func shortDate(t, now time.Time, compact bool) safe.Text {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	day := func(x time.Time) time.Time {
		return time.Date(x.Year(), x.Month(), x.Day(), 12, 0, 0, 0, time.UTC)
	}
	switch days := int(day(now).Sub(day(t)).Hours() / 24); {
	case days <= 0:
		return safe.Text(t.Format("15:04"))
	case compact && t.Year() == now.Year():
		return safe.Text(t.Format("01-02"))
	case compact:
		return safe.Text(t.Format("2006"))
	case days == 1:
		return safe.Line(lang.T("date.yesterday"))
	case t.Year() == now.Year() || days < 180:
		return safe.Line(lang.T("date.this_year", "Day", t.Day(), "Month", word("date.months", int(t.Month())-1)))
	}
	return safe.Text(t.Format("2006-01-02"))
}

// fullDate is when a message was written, in local time.
func fullDate(t time.Time, loc *time.Location) safe.Text {
	if t.IsZero() {
		return safe.Line(lang.T("date.unknown"))
	}
	t = t.In(loc)
	return safe.Line(lang.T("date.full", "Weekday", word("date.weekdays", int(t.Weekday())), "Day", t.Day(),
		"Month", word("date.months", int(t.Month())-1), "Year", t.Year(), "Time", t.Format("15:04")))
}

// soon is a time to come, as short as is clear now.
func soon(t, now time.Time) safe.Text {
	t = t.In(now.Location())
	clock := t.Format("15:04")
	switch in := t.Sub(now); {
	case in < 24*time.Hour && t.Day() == now.Day():
		return safe.Text(clock)
	case in < 6*24*time.Hour:
		return safe.Line(word("date.weekdays", int(t.Weekday())) + " " + clock)
	case t.Year() == now.Year():
		return safe.Line(lang.T("date.this_year", "Day", t.Day(), "Month", word("date.months", int(t.Month())-1)) + " " + clock)
	}
	return safe.Text(t.Format("2006-01-02"))
}

// word is the nth word of a phrase that lists several.
func word(id string, n int) string {
	words := strings.Fields(lang.T(id))
	if n < len(words) {
		return words[n]
	}
	return ""
}

// ago is how long something is past: "just now", "5 min ago".
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < 10*time.Second:
		return lang.T("ago.now")
	case d < time.Minute:
		return lang.T("ago.seconds", "Count", int(d.Seconds()))
	case d < time.Hour:
		return lang.T("ago.minutes", "Count", int(d.Minutes()))
	case d < 24*time.Hour:
		return lang.T("ago.hours", "Count", int(d.Hours()))
	default:
		return lang.T("ago.days", "Count", int(d.Hours()/24))
	}
}

// size is a number of bytes for people, in units of 1,000.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d KB", (n+500)/1000)
	case n < 10_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n < 1_000_000_000:
		return fmt.Sprintf("%d MB", (n+500_000)/1_000_000)
	default:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	}
}
