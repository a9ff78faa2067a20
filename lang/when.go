package lang

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ParseTime reads a moment in the future as people write it, in English or Chinese: RFC 3339, "2026-12-01 8:00",
// "18:30", "tomorrow 8:00", "monday", "in 2h", "2小时后", "明天 8点". A day without a time means 8 o'clock.
func ParseTime(text string, now time.Time) (time.Time, error) {
	words := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(text, "：", ":")), " "))
	at, ok := parseMoment(words, now)
	switch {
	case !ok:
		return time.Time{}, errors.New(T("time.unclear", "Words", text))
	case at.Before(now):
		return time.Time{}, errors.New(T("time.past", "Words", text))
	}
	return at, nil
}

const morning = 8 * time.Hour

func parseMoment(words string, now time.Time) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, strings.ToUpper(words)); err == nil {
		return at, true
	}
	if d, ok := parseSpan(words); ok {
		return now.Add(d), true
	}
	if at, ok := onDay(now, words); ok { // a time alone: today, or else tomorrow
		if at.Before(now) {
			at, _ = onDay(now.AddDate(0, 0, 1), words)
		}
		return at, true
	}
	day, clock, ok := parseDay(words, now)
	if !ok {
		return time.Time{}, false
	}
	if clock == "" {
		return startOf(day).Add(morning), true
	}
	return onDay(day, clock)
}

func startOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, day.Location())
}

var spans = regexp.MustCompile(`^(?:in )?(\d{1,4}) ?(m|min|minutes?|h|hours?|d|days?|w|weeks?|分钟|小时|天|周)(后| later)?$`)

// parseSpan reads "in 2h" and "2小时后".
func parseSpan(words string) (time.Duration, bool) {
	m := spans.FindStringSubmatch(words)
	if m == nil || !strings.HasPrefix(words, "in ") && m[3] == "" {
		return 0, false
	}
	n, _ := strconv.Atoi(m[1])
	unit := time.Minute
	switch {
	case strings.HasPrefix(m[2], "h"), m[2] == "小时":
		unit = time.Hour
	case strings.HasPrefix(m[2], "d"), m[2] == "天":
		unit = 24 * time.Hour
	case strings.HasPrefix(m[2], "w"), m[2] == "周":
		unit = 7 * 24 * time.Hour
	}
	return time.Duration(n) * unit, true
}

var clock = regexp.MustCompile(`^(?:at )?(上午|下午|晚上)?(\d{1,2})(?:[:点](\d{2})?分?)? ?(am|pm)?$`)

// onDay is the time of a day that words say.
func onDay(day time.Time, words string) (time.Time, bool) {
	m := clock.FindStringSubmatch(words)
	if m == nil || m[1]+m[3]+m[4] == "" && !strings.ContainsAny(words, ":点") {
		return time.Time{}, false
	}
	hour, _ := strconv.Atoi(m[2])
	minute, _ := strconv.Atoi("0" + m[3])
	switch {
	case (m[4] == "pm" || m[1] == "下午" || m[1] == "晚上") && hour < 12:
		hour += 12
	case (m[4] == "am" || m[1] == "上午") && hour == 12:
		hour = 0
	}
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location()), hour < 24 && minute < 60
}

var daysAhead = map[string]int{"today": 0, "tonight": 0, "tomorrow": 1, "今天": 0, "今晚": 0, "明天": 1, "后天": 2}

var weekdays = map[string]time.Weekday{
	"monday": 1, "mon": 1, "周一": 1, "星期一": 1, "tuesday": 2, "tue": 2, "周二": 2, "星期二": 2,
	"wednesday": 3, "wed": 3, "周三": 3, "星期三": 3, "thursday": 4, "thu": 4, "周四": 4, "星期四": 4,
	"friday": 5, "fri": 5, "周五": 5, "星期五": 5, "saturday": 6, "sat": 6, "周六": 6, "星期六": 6,
	"sunday": 0, "sun": 0, "周日": 0, "星期日": 0, "星期天": 0,
}

// parseDay reads a day at the beginning of words and returns what stands behind it. A weekday is the next one.
func parseDay(words string, now time.Time) (day time.Time, rest string, ok bool) {
	name, rest, _ := strings.Cut(words, " ")
	if strings.HasPrefix(words, "next ") {
		name, rest, _ = strings.Cut(rest, " ")
	}
	for known, n := range daysAhead { // Chinese goes on without a space
		if after, found := strings.CutPrefix(words, known); found && (after == "" || after[0] == ' ' || known[0] >= 0x80) {
			if known == "tonight" || known == "今晚" {
				after = laterThan(strings.TrimSpace(after))
			}
			return now.AddDate(0, 0, n), strings.TrimSpace(after), true
		}
	}
	if weekday, found := weekdays[name]; found {
		ahead := (int(weekday-now.Weekday())+6)%7 + 1
		return now.AddDate(0, 0, ahead), rest, true
	}
	date, err := time.ParseInLocation("2006-1-2", strings.ReplaceAll(name, "/", "-"), now.Location())
	return date, rest, err == nil
}

// laterThan is the time of an evening: 20:00 if nothing is said.
func laterThan(clock string) string {
	if clock == "" {
		return "20:00"
	}
	return clock
}
