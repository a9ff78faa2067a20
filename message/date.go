package message

import (
	"strings"
	"time"
)

// parseDate reads a date as mail has it: RFC 5322 §3.3 with the obsolete forms
// of §4.3, and what other programs write (ISO 8601, asctime, 12-hour clocks,
// numeric months, zones missing or odd). A missing zone counts as UTC. It
// returns the zero time when there is no date in s.
func parseDate(s string) time.Time {
	var d dateReader
	if !isASCII(s) {
		s = chineseDate.Replace(s)
	}
	for len(s) > 0 {
		var token string
		token, s = nextDateToken(s)
		d.token(token)
	}
	return d.time()
}

var chineseDate = strings.NewReplacer("年", "-", "月", "-", "日", " ")

// nextDateToken cuts the next word off s; comments are skipped.
func nextDateToken(s string) (token, rest string) {
	depth := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '(':
			if depth == 0 && token == "" {
				token = s[:i]
			}
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n' || c == ';':
			if token != "" {
				return token, s[i+1:]
			}
			return s[:i], s[i+1:]
		}
	}
	if token == "" && depth == 0 {
		token = s
	}
	return token, ""
}

// dateReader gathers the parts of a date in whatever order they come.
type dateReader struct {
	day, month, year int
	hour, min, sec   int
	hasYear, hasTime bool
	pm, am, hasZone  bool
	offset           int // seconds east of UTC
}

func (d *dateReader) token(s string) {
	if s == "" {
		return
	}
	switch c := s[0]; {
	case isDigit(c) && strings.IndexByte(s, ':') > 0:
		d.clock(s)
	case isDigit(c):
		d.number(s)
	case c == '+' || c == '-':
		d.zone(s)
	default:
		d.word(s)
	}
}

// clock reads 13:40, 13:40:05.25, 1:40PM, and times glued to a zone or, as in
// ISO 8601, to a date.
func (d *dateReader) clock(s string) {
	if t := strings.IndexAny(s, "Tt"); t > 0 && t < strings.IndexByte(s, ':') {
		d.number(s[:t])
		s = s[t+1:]
	}
	var parts [3]int
	n := 0
	for ; n < 3; n++ {
		v, digits := leadingInt(s)
		if digits == 0 {
			break
		}
		parts[n] = v
		s = s[digits:]
		if !strings.HasPrefix(s, ":") || n == 2 {
			n++
			break
		}
		s = s[1:]
	}
	if strings.HasPrefix(s, ".") {
		_, digits := leadingInt(s[1:])
		s = s[1+digits:]
	}
	if n >= 2 && parts[0] <= 24 && parts[1] < 60 && parts[2] <= 60 {
		d.hour, d.min, d.sec, d.hasTime = parts[0], parts[1], parts[2], true
	}
	if s != "" && n > 0 {
		d.token(s)
	}
}

// number reads a day or a year, or a date in numbers: 2026-11-20, 20-Nov-2026,
// 20.11.2026, 11/20/2026.
func (d *dateReader) number(s string) {
	v, digits := leadingInt(s)
	rest := s[digits:]
	if d.day > 0 && digits <= 2 && strings.HasPrefix(rest, ".") { // 13.40.05
		d.clock(strings.ReplaceAll(s, ".", ":"))
		return
	}
	if rest != "" && (rest[0] == '-' || rest[0] == '/' || rest[0] == '.') && len(rest) > 1 {
		d.joined(v, digits, rest)
		return
	}
	switch {
	case digits == 8 && d.day == 0: // 20261120
		d.year, d.month, d.day, d.hasYear = v/10000, v/100%100, v%100, true
	case digits <= 2 && d.day == 0 && v <= 31:
		d.day = v
	case !d.hasYear && digits <= 4:
		d.year, d.hasYear = fullYear(v, digits), true
	}
	if rest != "" && !isDigit(rest[0]) {
		d.token(rest) // "20th", "20Nov"
	}
}

// joined reads the date whose first number, of the given digits, is first.
func (d *dateReader) joined(first, digits int, rest string) {
	separator := rest[0]
	middle, last, ok := strings.Cut(rest[1:], rest[:1])
	m, middleDigits := leadingInt(middle)
	if middleDigits == 0 {
		m = monthNumber(middle)
	}
	l, lastDigits := leadingInt(last)
	switch {
	case !ok || m == 0 || lastDigits == 0:
	case digits == 4:
		d.year, d.month, d.day, d.hasYear = first, m, l, true
	case separator == '/' && middleDigits > 0 && first <= 12: // American: month first
		d.year, d.month, d.day, d.hasYear = fullYear(l, lastDigits), first, m, true
	default:
		d.year, d.month, d.day, d.hasYear = fullYear(l, lastDigits), m, first, true
	}
}

// zone reads +0800, +08:00, +08, -0000.
func (d *dateReader) zone(s string) {
	v, digits := leadingInt(s[1:])
	rest := s[1+digits:]
	hours, minutes := v, 0
	switch {
	case digits == 0 || digits > 4:
		return
	case digits > 2:
		hours, minutes = v/100, v%100
	case strings.HasPrefix(rest, ":"):
		minutes, _ = leadingInt(rest[1:])
	}
	if hours > 15 || minutes > 59 {
		return
	}
	d.offset, d.hasZone = hours*3600+minutes*60, true
	if s[0] == '-' {
		d.offset = -d.offset
	}
}

// word reads a month, the name of a zone, AM or PM. Anything else, days of the
// week included, says nothing.
func (d *dateReader) word(s string) {
	if d.month == 0 {
		if m := monthNumber(s); m > 0 {
			d.month = m
			if i := strings.IndexByte(s, '-'); i > 0 { // "Nov-20-2026"
				d.number(s[i+1:])
			}
			return
		}
	}
	name := strings.ToUpper(s[:min(len(s), 8)])
	switch name {
	case "PM":
		d.pm = true
	case "AM":
		d.am = true
	}
	if hours, ok := zoneHours[name]; ok && !d.hasZone {
		d.offset, d.hasZone = int(hours*3600), true
		return
	}
	for _, prefix := range []string{"GMT", "UTC"} { // "GMT+8", "UTC+08:00"
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			d.token(rest)
		}
	}
}

// zoneHours are the zones of RFC 5322 §4.3 and the unambiguous rest of what is
// seen. The military letters count as UTC, as the RFC says.
var zoneHours = map[string]float64{
	"UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "HST": -10,
	"WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
	"IST": 5.5, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}

func (d *dateReader) time() time.Time {
	if d.day < 1 || d.day > 31 || d.month < 1 || d.month > 12 || !d.hasYear || d.year < 1900 || d.year > 9999 {
		return time.Time{}
	}
	hour := d.hour
	switch {
	case d.pm && hour < 12:
		hour += 12
	case d.am && hour == 12:
		hour = 0
	}
	zone := time.UTC
	if d.offset != 0 {
		zone = time.FixedZone("", d.offset)
	}
	return time.Date(d.year, time.Month(d.month), d.day, hour, d.min, d.sec, 0, zone)
}

// fullYear completes a year of two or three digits (RFC 5322 §4.3).
func fullYear(year, digits int) int {
	switch {
	case digits <= 2 && year < 50:
		return 2000 + year
	case digits <= 3:
		return 1900 + year
	}
	return year
}

// monthNumber knows a month by its first three letters; 0: none.
func monthNumber(s string) int {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	if len(s) < 3 {
		return 0
	}
	for m := range 12 {
		if strings.EqualFold(s[:3], names[3*m:3*m+3]) {
			return m + 1
		}
	}
	return 0
}

// leadingInt reads the number s begins with and how many digits it has. Numbers
// of more than nine digits are none.
func leadingInt(s string) (v, digits int) {
	for digits < len(s) && isDigit(s[digits]) {
		if digits == 9 {
			return 0, 0
		}
		v = v*10 + int(s[digits]-'0')
		digits++
	}
	return v, digits
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
