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
		"今晚8点":                      "2026-11-20 20:00",
		"今晚十点半":                     "2026-11-20 22:30",
		"今天晚上12点":                   "2026-11-21 00:00",
		"今晚1点":                      "2026-11-21 01:00",
		"tonight 8:30":              "2026-11-20 20:30",
		"tonight at 9":              "2026-11-20 21:00",
		"明早八点":                      "2026-11-21 08:00",
		"明晚":                        "2026-11-21 20:00",
		"明天下午三点一刻":                  "2026-11-21 15:15",
		"后天中午":                      "2026-11-22 12:00",
		"大后天上午10点":                  "2026-11-23 10:00",
		"下午5点":                      "2026-11-20 17:00",
		"早上":                        "2026-11-21 08:00",
		"中午12点":                     "2026-11-21 12:00",
		"0:30":                      "2026-11-21 00:30",
		"凌晨0点":                      "2026-11-21 00:00",
		"noon":                      "2026-11-21 12:00",
		"tomorrow morning":          "2026-11-21 08:00",
		"tomorrow evening at 7":     "2026-11-21 19:00",
		"monday afternoon":          "2026-11-23 14:00",
		"周五三点":                      "2026-11-27 03:00",
		"周六晚上8点":                    "2026-11-21 20:00",
		"星期天 10:00":                 "2026-11-22 10:00",
		"下周一":                       "2026-11-23 08:00",
		"下个星期五下午两点":                 "2026-11-27 14:00",
		"12月1日 8:00":                "2026-12-01 08:00",
		"十二月二十五号晚上":                 "2026-12-25 20:00",
		"1月3日":                      "2027-01-03 08:00",
		"2026年12月1日下午3点":            "2026-12-01 15:00",
		"半小时后":                      "2026-11-20 15:00",
		"两个小时以后":                    "2026-11-20 16:30",
		"三天后":                       "2026-11-23 14:30",
		"一周后":                       "2026-11-27 14:30",
	} {
		if got, err := ParseTime(text, now); err != nil || got.In(zone).Format("2006-01-02 15:04") != want {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "soon", "25:00", "8:75", "today 8:00", "2020-01-01", "tomorrowish", "in h", "13", "monday noonish", "2026-02-30", "12-01", "2月30日", "晚上25点", "下", "周", "点", "明天点", "半"} {
		if got, err := ParseTime(text, now); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// A day without a time begins at 8 o'clock also when the clocks are changed in the night before.
func TestParseTimeAsClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 24, 14, 30, 0, 0, zone)
	if got, err := ParseTime("tomorrow", now); err != nil || got.Hour() != 8 {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzParseTime(f *testing.F) {
	f.Add("tomorrow 8:00")
	f.Add("2小时后")
	f.Add("下周五下午两点一刻")
	f.Add("2026年12月1日 tonight at 8")
	now := time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		if at, err := ParseTime(text, now); err == nil && at.Before(now) {
			t.Errorf("%q is in the past: %v", text, at)
		}
	})
}
