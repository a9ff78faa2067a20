package lang

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	now := time.Date(2026, 11, 20, 14, 30, 0, 0, zone) // a Friday
	for text, want := range map[string]string{
		"tomorrow 8:00":             "2026-11-21 08:00",
		"Tomorrow  at 8 am":         "2026-11-21 08:00",
		"tomorrow":                  "2026-11-21 08:00",
		"today 18:05":               "2026-11-20 18:05",
		"18:30":                     "2026-11-20 18:30",
		"8:00":                      "2026-11-21 08:00",
		"6 pm":                      "2026-11-20 18:00",
		"12am":                      "2026-11-21 00:00",
		"monday 9:00":               "2026-11-23 09:00",
		"next friday":               "2026-11-27 08:00",
		"in 2h":                     "2026-11-20 16:30",
		"in 90 minutes":             "2026-11-20 16:00",
		"3 days later":              "2026-11-23 14:30",
		"tonight":                   "2026-11-20 20:00",
		"2026-12-01 8:00":           "2026-12-01 08:00",
		"2026/12/1":                 "2026-12-01 08:00",
		"2026-12-01T08:00:00+08:00": "2026-12-01 08:00",
		"2小时后":                      "2026-11-20 16:30",
		"明天8点":                      "2026-11-21 08:00",
		"明天 下午3点30分":                "2026-11-21 15:30",
		"明天 8：15":                   "2026-11-21 08:15",
		"后天":                        "2026-11-22 08:00",
		"周一 9:00":                   "2026-11-23 09:00",
		"今晚":                        "2026-11-20 20:00",
	} {
		if got, err := ParseTime(text, now); err != nil || got.In(zone).Format("2006-01-02 15:04") != want {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "soon", "25:00", "8:75", "today 8:00", "2020-01-01", "tomorrowish", "in h", "13", "monday noonish", "2026-02-30"} {
		if got, err := ParseTime(text, now); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	f.Add("tomorrow 8:00")
	f.Add("2小时后")
	now := time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		if at, err := ParseTime(text, now); err == nil && at.Before(now) {
			t.Errorf("%q is in the past: %v", text, at)
		}
	})
}
