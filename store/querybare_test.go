package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// What of a query is taken for a time is told.
func TestQueryTimes(t *testing.T) {
	for text, want := range map[string]string{
		"会议 十一月": "November", "会议 11月5日 2024": "November 5, 2024-01-01 2024-12-31", "plan last march": "2026-03-01 2026-03-31", "nov 2024 plan": "2024-11-01 2024-11-30", "两年前": "2024-01-01 2024-12-31", "before:2024-05-20": "0001-01-01 2024-05-19",
		"plan": "", "-2024-11": "",
	} {
		q, err := ParseQuery(text, clock)
		must(t, err)
		var spans []string
		for _, span := range q.Times() {
			switch {
			case span.Day > 0:
				spans = append(spans, fmt.Sprint(span.Month, " ", span.Day))
			case span.Month > 0:
				spans = append(spans, span.Month.String())
			default:
				spans = append(spans, span.First.Format(time.DateOnly)+" "+span.Last.Format(time.DateOnly))
			}
		}
		if got := strings.Join(spans, ", "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Who remembers a word and a month types them beside each other.
func TestBareDates(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	var list []NewMessage
	for i, m := range []struct{ subject, date string }{
		{"会议纪要", "2024-11-05"}, {"会议纪要", "2024-12-05"}, {"Plan", "2024-11-20"}, {"发票", "2025-03-01"}, {"Report 2024-11", "2026-02-01"}, {"会议", "2026-10-10"},
	} {
		one := mail(i, uint32(i+1), 0)
		one.Envelope.Subject = m.subject
		date, err := time.Parse("2006-01-02", m.date)
		must(t, err)
		one.Date = date.Add(12 * time.Hour)
		list = append(list, one)
	}
	ids, err := s.Remote.Add(t.Context(), inbox, list)
	must(t, err)
	for text, want := range map[string][]int{
		"会议 2024-11": {0}, "2024年11月 会议": {0}, "会议2024年11月": {0}, "2024年11月的会议": {0}, "会议 november 2024": {0}, "Nov 2024 会议": {0},
		"会议 2024/11/5": {0}, "2024-11": {4, 2, 0}, "plan 2024-11": {2}, "去年的发票": {3}, "发票 去年": {3}, "会议 上个月": {5}, "会议 last month": {5},
		"会议 -2024-11": {5, 1}, "会议 (2024-11 OR 上个月)": {5, 0}, `"2024-11"`: {4}, "subject:2024-11": {4},
		"会议 二〇二四年十一月": {0}, "二零二四年十一月的会议": {0}, "会议 两年前": {1, 0}, "两年前的会议": {1, 0}, "会议 两年前十一月": {0}, "会议两年前的11月": {0},
		"会议 两年前11月5日": {0}, "会议 二〇二四年十一月五日": {0}, "会议 十月": {5}, "会议 十月份": {5}, "会议 two years ago": {1, 0}, "会议 2 years ago": {1, 0},
		"发票 去年三月": {3}, "发票 march last year": {3}, "发票 二十一个月前": nil, "会议 date:两年前": {1, 0}, "会议 before:两年前": {0},
		"last plan": nil, "会议 3000-99": nil,
		// A month of no year is that of every year; the year may stand apart.
		"会议 11月": {0}, "会议 十一月": {0}, "发票 三月": {3}, "发票 3月1日": {3}, "发票 3月2日": nil, "date:3月": {3}, "会议 date:11月": {0}, "会议 -11月": {5, 1},
		"发票 三月 去年": {3}, "发票 去年 三月": {3}, "去年的发票 三月": {3}, "发票三月 去年": {3}, "发票 三月 2025": {3}, "发票 三月 2024": nil, "2025 三月 发票": {3},
		"会议 前年 十一月": {0}, "前年的会议 十一月": {0}, "会议 十一月 两年前": {0}, "会议 十一月 2024年": {0}, "会议 24年11月": {0}, "会议 11/2024": {0},
		"大概两年前十一月的会议": {0}, "会议 大概 2024-11": {0}, "在2024年11月左右的会议": {0}, "会议 十二月 2024": {1},
		"november plan": {2}, "plan november": {2}, "plan in november": {2}, "plan from november 2024": {2}, "plan nov": nil, "2024 plan november": {2}, "nov plan 2024": {2},
		"plan november two years ago": {2}, "plan two years ago in november": {2}, "plan date:november 2024": {2}, "plan last november": nil, "november": nil,
		"plan 2024": nil, "report 2024": {4}, `plan "november"`: nil, "plan subject:november": nil, "plan may": nil,
	} {
		q, err := ParseQuery(text, clock)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		found, err := s.Search.Find(t.Context(), q, Scope{}, 0)
		must(t, err)
		var got []int
		for _, id := range found.IDs {
			got = append(got, slices.Index(ids, id))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", text, got, want)
		}
	}
}
