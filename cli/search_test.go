package cli

import (
	"strings"
	"testing"
)

func TestSearch(t *testing.T) {
	p := newPlace(t, "")
	for _, m := range []struct{ subject, body string }{{"会议纪要", "the budget of next year"}, {"Lunch", "没有预算的问题"}} {
		if got := p.tmail(m.body+"\n", "send", "--queue", "--to", "ann@example.com", "--subject", m.subject); got.code != 0 {
			t.Fatalf("%+v", got)
		}
	}
	if err := p.open().Search.Save(t.Context(), "money", "budget OR 预算"); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"会议": "会议纪要", "BUDG": "会议纪要", "预算": "Lunch", "in:outbox to:ann": "Lunch 会议纪要", "--saved money": "Lunch 会议纪要", "--saved money lunch": "Lunch",
		"nowhere": "", "budget OR 预算 --limit 1": "Lunch", "-- to:ann -lunch": "会议纪要", "主题：会 账户:work": "会议纪要", "account:home to:ann": "",
	} {
		line := append([]string{"--json"}, strings.Fields(args)...)
		var subjects []string
		for _, row := range p.lines(tmail(t, "", append([]string{"search", "--config", p.config, "--data", p.data}, line...)...)) {
			subjects = append(subjects, row["subject"].(string))
		}
		if found := strings.Join(subjects, " "); found != want {
			t.Errorf("%s finds %q, want %q", args, found, want)
		}
	}
	for args, want := range map[string]string{
		"": "search for what?", "before:someday": "no date", "--saved nothing": "there are: money", "--limit -1 x": "cannot be negative", "is:blue": "no state",
	} {
		if got := p.tmail("", append([]string{"search"}, strings.Fields(args)...)...); got.code != 2 || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: %+v", args, got)
		}
	}
}
