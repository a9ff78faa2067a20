package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"tmail/message"
)

func TestParseDays(t *testing.T) {
	now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC) // a Friday
	for word, want := range map[string]string{
		"2024": "2024-01-01 2025-01-01", "2024-05": "2024-05-01 2024-06-01", "2024-05-03": "2024-05-03 2024-05-04", "2024/5/3": "2024-05-03 2024-05-04",
		"20240503": "2024-05-03 2024-05-04", "2024年": "2024-01-01 2025-01-01", "2024年5月": "2024-05-01 2024-06-01", "2024年5月3日": "2024-05-03 2024-05-04",
		"5月": "2026-05-01 2026-06-01", "12月": "2025-12-01 2026-01-01", "5月3日": "2026-05-03 2026-05-04", "may": "2026-05-01 2026-06-01",
		"may2024": "2024-05-01 2024-06-01", "2024-may": "2024-05-01 2024-06-01", "december": "2025-12-01 2026-01-01",
		"today": "2026-11-20 2026-11-21", "昨天": "2026-11-19 2026-11-20", "前天": "2026-11-18 2026-11-19", "friday": "2026-11-20 2026-11-21",
		"周一": "2026-11-16 2026-11-17", "上周": "2026-11-09 2026-11-16", "last-week": "2026-11-09 2026-11-16", "上个月": "2026-10-01 2026-11-01",
		"去年": "2025-01-01 2026-01-01", "3d": "2026-11-17 2026-11-18", "2weeks": "2026-11-06 2026-11-07", "3个月前": "2026-08-20 2026-08-21",
		"两年前": "2024-11-20 2024-11-21", "1y ago": "2025-11-20 2025-11-21",
		"lastmarch": "2026-03-01 2026-04-01", "last november": "2025-11-01 2025-12-01", "last friday": "2026-11-13 2026-11-14", "last thursday": "2026-11-19 2026-11-20",
		"24年3月": "2024-03-01 2024-04-01", "3/2024": "2024-03-01 2024-04-01", "last2024": "", "24年": "",
		"": "", "x": "", "13月": "", "2024-13": "", "2024-02-30": "", "20": "", "-": "", "99999999": "", "mayor": "", "1-1": "",
	} {
		from, to, ok := parseDays(word, now)
		got := ""
		if ok {
			got = from.Format("2006-01-02") + " " + to.Format("2006-01-02")
		}
		if got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for word, want := range map[string]int64{"100": 100, "2k": 2048, "2kb": 2048, "1.5m": 1572864, "1g": 1 << 30, "x": -1, "": -1, "-1": -1, "1e9": -1, "9999999999": -1} {
		if got, ok := parseSize(word); got != want && (ok || want >= 0) {
			t.Errorf("%q is %d %v, want %d", word, got, ok, want)
		}
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"Ärger, naïve!": "arger naive", "A\u0308rger": "arger", "ＡＢＣ１２": "abc12", "预算表Q3": "预 算 表 q3", "ｶﾞｷﾞ": "ガ ギ", "か\u3099": "が",
		"\u1112\u1161\u11ab": "한", "ﬁne": "fine", "it's 3.14": "it s 3 14", "ΟΔΟΣ οδός": "οδοσ οδοσ", "a\x00b": "a b", "\xff\xfex": "x",
		"🎉party": "🎉 party", strings.Repeat("x", 100): strings.Repeat("x", maxWord), "": "", "—…": "", "①②": "12", "Straße": "straße",
	} {
		if got := strings.Join(wordsOf(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestQuerySpots(t *testing.T) {
	for _, c := range []struct {
		query string
		in    WordField
		text  string
		want  string
	}{
		{"plan", WordsInBody, "Plans and a PLAN.", "[Plans] and a [PLAN]."},
		{"预算", WordsInSubject, "年度预算表", "年度[预算]表"},
		{`"release plan"`, WordsInSubject, "the release plan, no plan", "the [release plan], no plan"},
		{"-plan from:x", WordsAnywhere, "plan x", "plan [x]"},
		{"arg", WordsInFrom, "Ärger", "[Ärger]"},
		{"from:ann plan", WordsInSubject, "Ann's plan", "Ann's [plan]"},
		{"from:ann plan", WordsInFrom, "Ann Planck, Bob", "[Ann Planck], Bob"},
		{"subject:plan", WordsInBody, "the plan", "the plan"},
	} {
		q, err := ParseQuery(c.query, clock)
		must(t, err)
		got, at := "", 0
		for _, s := range q.Spots(c.in, c.text) {
			got += c.text[at:s[0]] + "[" + c.text[s[0]:s[1]] + "]"
			at = s[1]
		}
		if got += c.text[at:]; got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.query, c.text, got, c.want)
		}
	}
}

// hostile are queries that want to break something.
func hostile() []string {
	list := []string{
		"", " ", "\x00", "\x00\x01\x02", "\xff\xfe", "'", `"`, `""`, `"""`, `\`, `\"`, "(", ")", "((((", "))))", "()", "(()", "-", "--", "---x", "- -", "-(", "-()",
		"OR", "OR OR", "a OR", "OR a", "a OR OR b", "AND", "NOT", "NOT NOT a", "a AND", "NEAR(a b)", "NEAR(a b, 5)", "a NEAR b", "a*", "*", "^a", "a^2", "a + b", "+", "a:b",
		"subject:", "subject:subject:x", "from:from:from:", ":", "::", "：", "from：", "{subject} : x", "{a b}: c", "-{x} : y", "rowid:1", "search_head MATCH 'x'",
		"'; DROP TABLE message; --", `"); DELETE FROM message; --`, "1=1", "x' OR '1'='1", "%", "_", "a%b", "?", "?1", ":name", "@x", "$x", "/* */", "-- comment", ";",
		"before:", "before:x", "before:0000-00-00", "before:9999-99-99", "after:-1", "date:2024-02-31", "larger:", "larger:-1", "larger:99999999999999999999", "smaller:0",
		"is:", "is:nonsense", "has:", "has:the", "in:", "in:nowhere", `in:"`, "in:../../etc", "account:", "account:nobody", "order:", "order:worst", "order:best",
		"\"unclosed", "(unclosed", "unopened)", "a\"b\"c", "\u202e\u200b", "a\u0300\u0301\u0302", "ﷺ", "㍿", "𝕬𝖇𝖈", "\U0001F469\u200d\U0001F467", "\ufeff", "İ", "ß", "ﬀ",
		"subject:(a OR b", "-subject:(a (b (c", "from:\"a\" to:\"b", "a\nb\rc\td", "–—", "…", "“”", "“会议”", "（会议 OR 预算）-周报",
	}
	return append(list,
		strings.Repeat("a", 1<<20), strings.Repeat("a ", 1<<19), strings.Repeat("(", 4000), strings.Repeat("(a ", 1000), strings.Repeat("-", 4000),
		strings.Repeat("a OR ", 800), strings.Repeat("\"a\" ", 1000), strings.Repeat("预", 1300), strings.Repeat("预 ", 1000), strings.Repeat("-(", 2000),
		strings.Repeat("\x00", 4096), strings.Repeat("x*", 2000), strings.Repeat("a.", 2000), strings.Repeat("b OR ", 95)+"c", strings.Repeat("(", 19)+"a"+strings.Repeat(")", 19))
}

// ask parses and runs a query; what is not understood has to be a QueryError.
func ask(t testing.TB, s *Store, text string) {
	q, err := ParseQuery(text, clock)
	var wrong *QueryError
	if err != nil {
		if !errors.As(err, &wrong) || wrong.At < 0 || wrong.At > len(text) {
			t.Errorf("%.60q: %v", text, err)
		}
		return
	}
	for _, limit := range []int{0, 1} {
		if _, err := s.Search.Find(context.Background(), q, Scope{}, limit); err != nil {
			t.Errorf("%.60q: %v", text, err)
		}
	}
	q.Marks()
	q.Spots(WordsAnywhere, text)
	Translate(q, Terms[string]{
		All: func(s []string) string { return strings.Join(s, " ") }, Any: func(s []string) string { return strings.Join(s, "|") },
		Not: func(s string) string { return "-" + s }, Words: func(in WordField, words string) string { return string(in) + words },
		Flag: func(f message.Flags) string { return f.String() }, Since: time.Time.String, Before: time.Time.String,
		Larger: func(n int64) string { return fmt.Sprint(n) }, Smaller: func(n int64) string { return fmt.Sprint(n) }, Other: func() string { return "" },
	})
}

// someMail is a store with a few messages, half of them indexed.
func someMail(t testing.TB) *Store {
	s := newStore(t)
	ids := fill(t, s, folderNamed(t, s, "work", "INBOX"), 6)
	for i, id := range ids {
		must(t, s.Bodies.Put(t.Context(), []Body{{ID: id, Raw: rawText(strings.Join(vocabulary, " "), "plan")}}))
		if i == 2 {
			_, err := s.Search.Index(t.Context(), 0)
			must(t, err)
		}
	}
	return s
}

func TestHostileQueries(t *testing.T) {
	s := someMail(t)
	list := hostile()
	if len(list) < 100 {
		t.Errorf("only %d queries", len(list))
	}
	for _, text := range list {
		ask(t, s, text)
	}
	rows, err := s.Index.IDs(t.Context(), folderNamed(t, s, "work", "INBOX"))
	if err != nil || len(rows) != 6 {
		t.Error("the messages are", rows, err)
	}
}

func FuzzQuery(f *testing.F) {
	for _, text := range hostile() {
		if len(text) < maxQuery {
			f.Add(text)
		}
	}
	s := someMail(f)
	f.Fuzz(func(t *testing.T, text string) { ask(t, s, text) })
}

func TestQueryFields(t *testing.T) {
	for text, want := range map[string]string{
		"主题：会议 发件人：王": "every", "from:(ann OR bob)": "some", "“exact words”": "*wanted", "-x": "except", "": "", "in:inbox": "inFolder",
		"是：未读": "except", "有：附件": "hasFiles", "早于：2024年5月": "dated", "larger:2M": "larger", "http://example.com": "*wanted",
	} {
		q, err := ParseQuery(text, clock)
		must(t, err)
		got := ""
		if q.root != nil {
			got = strings.Replace(reflect.TypeOf(q.root).String(), "store.", "", 1)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
