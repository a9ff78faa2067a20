package store

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The times before and after all others, in seconds.
const (
	minDate = math.MinInt64
	maxDate = math.MaxInt64
)

// byClock is what a clock shows, as if it was in Greenwich: days are those of
// the sender, wherever they were (RFC 3501 §6.4.4).
func byClock(t time.Time) int64 {
	_, offset := t.Zone()
	return t.Unix() + int64(offset)
}

// days are the limits of a time as byClock has it.
func (n dated) days() (from, to int64) { return n.limits(byClock) }

// moments are its limits where the person is.
func (n dated) moments() (from, to int64) { return n.limits(time.Time.Unix) }

func (n dated) limits(of func(time.Time) int64) (from, to int64) {
	from, to = minDate, maxDate
	if !n.from.IsZero() {
		from = of(n.from)
	}
	if !n.to.IsZero() {
		to = of(n.to)
	}
	return from, to
}

// parseDays reads a day, month, year or week as people write them, and returns
// where it begins and where the next one does. word is in lower case.
func parseDays(word string, now time.Time) (from, to time.Time, ok bool) {
	word = plainDate(word)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if n, ok := daysAgo[word]; ok {
		from = today.AddDate(0, 0, -n)
		return from, from.AddDate(0, 0, 1), true
	}
	if span, ok := spans[strings.ReplaceAll(word, "-", "")]; ok {
		from, to = span(today)
		return from, to, true
	}
	for weekday, names := range weekdays {
		for _, name := range strings.Fields(names) {
			if word == name {
				from = today.AddDate(0, 0, -(int(now.Weekday())-weekday+7)%7)
				return from, from.AddDate(0, 0, 1), true
			}
		}
	}
	for _, form := range agoForms {
		if m := form.FindStringSubmatch(word); m != nil {
			return longAgo(m[1], m[2], today)
		}
	}
	if m := thenForm.FindStringSubmatch(word); m != nil {
		year, _, _ := parseTime(m[1], today)
		return calendarDays(fmt.Sprintf("%d年%s", year.Year(), m[2]), today)
	}
	if m := lastForm.FindStringSubmatch(word); m != nil {
		return lastOne(m[1], now)
	}
	if m := monthThenForm.FindStringSubmatch(word); m != nil {
		year, _, _ := parseTime(m[2], today)
		return calendarDays(fmt.Sprintf("%s%d", m[1], year.Year()), today)
	}
	return calendarDays(word, today)
}

// lastOne is the last day of a week or month of a year that is over: on a
// Friday, last friday was a week ago.
func lastOne(word string, now time.Time) (from, to time.Time, ok bool) {
	if from, to, ok = parseDays(word, now); !ok || to.Before(now) {
		return from, to, ok
	}
	if _, _, _, ofYear := calendarParts(word); ofYear {
		return from.AddDate(-1, 0, 0), to.AddDate(-1, 0, 0), true
	}
	return from.AddDate(0, 0, -7), to.AddDate(0, 0, -7), true
}

// plainDate writes a date as the forms have it.
func plainDate(word string) string {
	return byDigits(strings.NewReplacer(" ", "", "-ago", "", "ago", "", "個", "个", "號", "日", "号", "日", "月份", "月").Replace(word))
}

// parseTime reads what parseDays does, for who means the time and not a limit
// of it: two years ago is that year, three months ago that month.
func parseTime(word string, now time.Time) (from, to time.Time, ok bool) {
	from, to, ok = parseDays(word, now)
	for _, form := range agoForms {
		if m := form.FindStringSubmatch(plainDate(word)); ok && m != nil {
			switch unit := m[2]; {
			case strings.HasPrefix(unit, "y"), unit == "年":
				from, to = year(0)(from)
			case strings.HasPrefix(unit, "m"), strings.HasSuffix(unit, "月"):
				from, to = month(0)(from)
			case strings.HasPrefix(unit, "w"), unit == "周", strings.HasSuffix(unit, "星期"):
				from, to = week(0)(from)
			}
		}
	}
	return from, to, ok
}

// timeOf is the condition that a message is of the time a word tells; nil when
// it tells none. A month or day without a year is that of every year.
func timeOf(word string, now time.Time) node {
	word = strings.ToLower(word)
	from, to, ok := parseTime(word, now)
	if !ok {
		return nil
	}
	if y, m, d, ok := calendarParts(plainDate(word)); ok && y == 0 {
		return yearly{time.Month(m), d, now}
	}
	return dated{from, to}
}

// east is how far east of Greenwich the person is, in seconds.
func (n yearly) east() int64 {
	_, offset := n.now.Zone()
	return int64(offset)
}

// latelyYears are as many years as mail is kept on servers, and as many
// conditions as one may ask of them at once.
const latelyYears = 20

// lately is the month or day in each of the last years, for who knows no other
// way to say it.
func (n yearly) lately() some {
	years := make(some, latelyYears)
	for i := range years {
		from := time.Date(n.now.Year()-i, n.month, max(n.day, 1), 0, 0, 0, 0, n.now.Location())
		to := from.AddDate(0, 1, 0)
		if n.day > 0 {
			to = from.AddDate(0, 0, 1)
		}
		years[i] = dated{from, to}
	}
	return years
}

// numeralForm are Chinese numbers of a date.
var numeralForm = regexp.MustCompile(`[〇零一二三四五六七八九十]+(?:年|月|日|号)`)

const numerals = "〇一二三四五六七八九"

// byDigits writes the Chinese numbers of a date by digits: 二〇二四年十一月.
func byDigits(text string) string {
	return numeralForm.ReplaceAllStringFunc(strings.ReplaceAll(text, "零", "〇"), func(s string) string {
		_, size := utf8.DecodeLastRuneInString(s)
		count, unit := s[:len(s)-size], s[len(s)-size:]
		tens, ones, isTens := strings.Cut(count, "十")
		if !isTens {
			return numeralDigits(count) + unit
		}
		return cmp.Or(numeralDigits(tens), "1") + cmp.Or(numeralDigits(ones), "0") + unit
	})
}

func numeralDigits(s string) string {
	var digits strings.Builder
	for _, r := range s {
		if i := strings.IndexRune(numerals, r); i >= 0 {
			digits.WriteByte(byte('0' + i/len("〇")))
		}
	}
	return digits.String()
}

// countWords are numbers as they are said before a unit of time.
var countWords = map[string]int{
	"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
}

var daysAgo = map[string]int{
	"today": 0, "今天": 0, "今日": 0, "yesterday": 1, "昨天": 1, "昨日": 1, "前天": 2, "大前天": 3,
}

// weekdays are the names of the days of a week, Sunday first; each means the
// last one, today included.
var weekdays = [7]string{
	"sunday sun 周日 周天 星期日 星期天", "monday mon 周一 星期一", "tuesday tue 周二 星期二", "wednesday wed 周三 星期三",
	"thursday thu 周四 星期四", "friday fri 周五 星期五", "saturday sat 周六 星期六",
}

// spans are weeks, months and years by their distance from today.
var spans = map[string]func(today time.Time) (from, to time.Time){
	"thisweek": week(0), "本周": week(0), "这周": week(0), "lastweek": week(-1), "上周": week(-1),
	"thismonth": month(0), "本月": month(0), "这个月": month(0), "lastmonth": month(-1), "上月": month(-1), "上个月": month(-1),
	"thisyear": year(0), "今年": year(0), "lastyear": year(-1), "去年": year(-1), "前年": year(-2),
}

// week begins on Monday (ISO 8601).
func week(n int) func(time.Time) (from, to time.Time) {
	return func(today time.Time) (from, to time.Time) {
		from = today.AddDate(0, 0, 7*n-(int(today.Weekday())+6)%7)
		return from, from.AddDate(0, 0, 7)
	}
}

func month(n int) func(time.Time) (from, to time.Time) {
	return func(today time.Time) (from, to time.Time) {
		from = time.Date(today.Year(), today.Month()+time.Month(n), 1, 0, 0, 0, 0, today.Location())
		return from, from.AddDate(0, 1, 0)
	}
}

func year(n int) func(time.Time) (from, to time.Time) {
	return func(today time.Time) (from, to time.Time) {
		from = time.Date(today.Year()+n, 1, 1, 0, 0, 0, 0, today.Location())
		return from, from.AddDate(1, 0, 0)
	}
}

// agoForms are 3d, 2weeks, twoyears and 3天前, 两年前.
var agoForms = []*regexp.Regexp{
	regexp.MustCompile(`^(\d{1,4}|an?|one|two|three|four|five|six)(d|days?|w|weeks?|m|months?|y|years?)$`),
	regexp.MustCompile(`^(\d{1,4}|[一二两三四五六七八九十])(天|日|周|个?星期|个?月|年)前$`),
}

// A day or month of a year that is told from now.
var (
	thenForm      = regexp.MustCompile(`^([去前今]年|(?:\d{1,2}|两)年前)的?(\d{1,2}月\d{0,2}日?)$`)
	monthThenForm = regexp.MustCompile(`^([a-z]{3,9})((?:last|this)year)$`)
	lastForm      = regexp.MustCompile(`^last([a-z]{3,9})$`)
)

// longAgo is the day so much before today.
func longAgo(count, unit string, today time.Time) (from, to time.Time, ok bool) {
	n, err := strconv.Atoi(count)
	if err != nil {
		n = countWords[count]
	}
	switch {
	case strings.HasPrefix(unit, "d"), unit == "天", unit == "日":
		from = today.AddDate(0, 0, -n)
	case strings.HasPrefix(unit, "w"), unit == "周", strings.HasSuffix(unit, "星期"):
		from = today.AddDate(0, 0, -7*n)
	case strings.HasPrefix(unit, "m"), strings.HasSuffix(unit, "月"):
		from = today.AddDate(0, -n, 0)
	default:
		from = today.AddDate(-n, 0, 0)
	}
	return from, from.AddDate(0, 0, 1), true
}

// The forms of dates by numbers: the year or the month may be left out.
var (
	numberForm   = regexp.MustCompile(`^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$`)
	compactForm  = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	yearLastForm = regexp.MustCompile(`^(\d{1,2})[/.](\d{4})$`)
	chineseForm  = regexp.MustCompile(`^(?:(\d{4}|\d{2})年)?(?:(\d{1,2})月(?:(\d{1,2})日?)?)?$`)
	monthForm    = regexp.MustCompile(`^(\d{4})?[-/.]?([a-z]{3,9})[-/.]?(\d{4})?$`)
)

const monthNames = "jan feb mar apr may jun jul aug sep oct nov dec"

// calendarParts reads a date of the calendar; what is left out is 0.
func calendarParts(word string) (y, m, d int, ok bool) {
	if parts := monthForm.FindStringSubmatch(word); parts != nil {
		i := strings.Index(monthNames, parts[2][:3])
		long := strings.ToLower(time.Month(i/4 + 1).String())
		if i < 0 || i%4 != 0 || !strings.HasPrefix(long, parts[2]) || parts[1] != "" && parts[3] != "" {
			return 0, 0, 0, false
		}
		y, m = number(parts[1]+parts[3]), i/4+1
	} else if parts := yearLastForm.FindStringSubmatch(word); parts != nil {
		y, m = number(parts[2]), number(parts[1])
	} else {
		for _, form := range []*regexp.Regexp{numberForm, compactForm, chineseForm} {
			if parts := form.FindStringSubmatch(word); parts != nil && word != "" {
				y, m, d = number(parts[1]), number(parts[2]), number(parts[3])
				break
			}
		}
	}
	if 0 < y && y < 100 && m > 0 { // 24年3月
		y += 2000
	}
	return y, m, d, (y > 0 || m > 0) && (y == 0 || y >= 1900) && m <= 12 && d <= 31
}

// calendarDays reads a date of the calendar. Without a year it is the last one
// that was.
func calendarDays(word string, today time.Time) (from, to time.Time, ok bool) {
	y, m, d, ok := calendarParts(word)
	if !ok {
		return from, to, false
	}
	recent := y == 0
	if recent {
		y = today.Year()
	}
	from = time.Date(y, time.Month(max(m, 1)), max(d, 1), 0, 0, 0, 0, today.Location())
	if recent && from.After(today) {
		from = from.AddDate(-1, 0, 0)
	}
	switch {
	case m == 0:
		return from, from.AddDate(1, 0, 0), true
	case d == 0:
		return from, from.AddDate(0, 1, 0), true
	}
	return from, from.AddDate(0, 0, 1), from.Day() == d
}

// number reads digits; what is left out is 0.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

var sizeForm = regexp.MustCompile(`^(\d{1,9})(?:\.(\d{1,3}))?(b|k|kb|m|mb|g|gb)?$`)

// parseSize reads a size in octets: 500k, 2.5MB, 100000.
func parseSize(word string) (int64, bool) {
	parts := sizeForm.FindStringSubmatch(word)
	if parts == nil {
		return 0, false
	}
	unit := int64(1)
	switch {
	case strings.HasPrefix(parts[3], "k"):
		unit = 1 << 10
	case strings.HasPrefix(parts[3], "m"):
		unit = 1 << 20
	case strings.HasPrefix(parts[3], "g"):
		unit = 1 << 30
	}
	size := int64(number(parts[1])) * unit
	fraction := int64(number((parts[2] + "000")[:3]))
	return size + fraction*unit/1000, true
}
