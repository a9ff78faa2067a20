package cli

import (
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// What is not searched is said, where it matters.
func TestSearchSaysWhatItLacks(t *testing.T) {
	p := newPlace(t, "")
	p.tmail("", "list") // the accounts are known now
	st := p.open()
	if err := st.Remote.SetFolders(t.Context(), "work", []store.RemoteFolder{{Name: "INBOX", Role: account.RoleInbox}}); err != nil {
		t.Fatal(err)
	}
	inbox, err := st.Index.FolderByRole(t.Context(), "work", account.RoleInbox)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Remote.Add(t.Context(), inbox.ID, []store.NewMessage{{UID: 1, Date: time.Now(), Size: 9, Envelope: message.Envelope{Subject: "Plan"}}}); err != nil {
		t.Fatal(err)
	}
	const said = "Of 1 message only the header is stored here"
	for args, want := range map[string]string{"plan": said, "nothing": said, "subject:plan": "", "is:unread": "", "plan --account home": ""} {
		got := p.tmail("", append([]string{"search"}, strings.Fields(args)...)...)
		if got.code != 0 || !strings.Contains(got.stderr, want) || want == "" && got.stderr != "" {
			t.Errorf("%s: %+v", args, got)
		}
	}
}

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
