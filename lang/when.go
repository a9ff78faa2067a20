package lang

import (
	"cmp"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ParseTime reads a moment in the future as people write it, in English or Chinese: RFC 3339, "2026-12-01 8:00",
// "18:30", "tomorrow 8:00", "monday evening", "in 2h", "2小时后", "明天 8点", "今晚八点半". A day without a time means 8
// o'clock.
func ParseTime(text string, now time.Time) (time.Time, error) {
	words := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(text, "：", ":")), " "))
	at, ok := parseMoment(spelledOut(words), now)
	switch {
	case !ok:
		return time.Time{}, errors.New(T("time.unclear", "Words", text))
	case at.Before(now):
		return time.Time{}, errors.New(T("time.past", "Words", text))
	}
	return at, nil
}

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
		clock = "8:00"
	}
	return onDay(day, clock)
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

// dayPart is a part of a day: when it is, if nothing more is said, and the hours of the clock that are twelve later in it.
type dayPart struct{ hour, from, to int }

var (
	early, morning, noon, afternoon, evening = dayPart{5, 0, 0}, dayPart{8, 0, 0}, dayPart{12, 1, 3}, dayPart{14, 1, 11}, dayPart{20, 5, 12}

	dayParts = map[string]dayPart{
		"凌晨": early, "早上": morning, "上午": morning, "中午": noon, "下午": afternoon, "傍晚": {18, 1, 11}, "晚上": evening,
		"morning": morning, "noon": noon, "afternoon": afternoon, "evening": evening, "am": early, "pm": afternoon,
	}
)

var clock = regexp.MustCompile(`^(?:at )?(?:in the )?(凌晨|早上|上午|中午|下午|傍晚|晚上|morning|noon|afternoon|evening)?(?: ?(?:at )?(\d{1,2})(?::(\d{2})|(点)(?:(\d{1,2})分?)?)? ?(am|pm)?)?$`)

// onDay is the time of a day that words say.
func onDay(day time.Time, words string) (time.Time, bool) {
	m := clock.FindStringSubmatch(words)
	if m == nil || m[1]+m[3]+m[4]+m[6] == "" {
		return time.Time{}, false
	}
	part := dayParts[cmp.Or(m[6], m[1])]
	hour, minute := part.hour, 0
	if m[2] != "" {
		hour, _ = strconv.Atoi(m[2])
		minute, _ = strconv.Atoi("0" + m[3] + m[5])
	}
	switch {
	case hour > 23, minute > 59:
		return time.Time{}, false
	case m[2] != "" && part.from > 0 && part.from <= hour && hour <= part.to:
		hour += 12 // 12 in the evening is midnight
	case part == evening && hour < part.from:
		hour += 24 // the night goes on
	case part == early && hour == 12:
		hour = 0
	}
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location()), true
}

var daysAhead = map[string]int{"today": 0, "tonight": 0, "tomorrow": 1, "今天": 0, "明天": 1, "后天": 2, "大后天": 3}

var weekdays = map[string]time.Weekday{
	"monday": 1, "mon": 1, "周一": 1, "tuesday": 2, "tue": 2, "周二": 2, "wednesday": 3, "wed": 3, "周三": 3,
	"thursday": 4, "thu": 4, "周四": 4, "friday": 5, "fri": 5, "周五": 5, "saturday": 6, "sat": 6, "周六": 6,
	"sunday": 0, "sun": 0, "周日": 0,
}

// parseDay reads a day at the beginning of words and returns what stands behind it. A weekday is the next one, "下周一"
// that of the week after this.
func parseDay(words string, now time.Time) (day time.Time, rest string, ok bool) {
	for known, n := range daysAhead {
		if after, found := cutDay(words, known); found {
			if known == "tonight" {
				after = strings.TrimSpace("evening " + after)
			}
			return now.AddDate(0, 0, n), after, true
		}
	}
	bare, nextWeek := strings.CutPrefix(words, "下")
	bare = strings.TrimPrefix(bare, "next ")
	for known, weekday := range weekdays {
		if after, found := cutDay(bare, known); found {
			ahead := (int(weekday-now.Weekday())+6)%7 + 1
			if nextWeek { // weeks begin on Monday
				ahead = 7 + (int(weekday)+6)%7 - (int(now.Weekday())+6)%7
			}
			return now.AddDate(0, 0, ahead), after, true
		}
	}
	return parseDate(words, now)
}

// cutDay takes a day off the beginning of words. Behind Chinese they go on without a blank.
func cutDay(words, day string) (after string, found bool) {
	after, found = strings.CutPrefix(words, day)
	return strings.TrimSpace(after), found && (after == "" || after[0] == ' ' || day[0] >= 0x80)
}

var dates = regexp.MustCompile(`^(?:(\d{4})(?:[-/]|年 ?))?(\d{1,2})(?:[-/]|月)(\d{1,2})(日|号)?(?: |$)?(.*)$`)

// parseDate reads "2026-12-01" and "12月1日", which is the next one.
func parseDate(words string, now time.Time) (day time.Time, rest string, ok bool) {
	m := dates.FindStringSubmatch(words)
	if m == nil || m[1] == "" && m[4] == "" || m[4] == "" && m[5] != "" && !strings.Contains(words, " ") {
		return time.Time{}, "", false
	}
	year, month, date := now.Year(), 0, 0
	if m[1] != "" {
		year, _ = strconv.Atoi(m[1])
	}
	month, _ = strconv.Atoi(m[2])
	date, _ = strconv.Atoi(m[3])
	day = time.Date(year, time.Month(month), date, 0, 0, 0, 0, now.Location())
	if m[1] == "" && day.Before(now.AddDate(0, 0, -1)) {
		day = day.AddDate(1, 0, 0)
	}
	return day, strings.TrimSpace(m[5]), day.Day() == date && int(day.Month()) == month
}
