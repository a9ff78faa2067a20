package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// place is where tmail runs in a test: its configuration and data.
type place struct {
	t            *testing.T
	config, data string
}

// newPlace writes a configuration of two accounts whose servers do not answer,
// and what is added.
func newPlace(t *testing.T, added string) *place {
	dir := t.TempDir()
	p := &place{t: t, config: filepath.Join(dir, "config.toml"), data: filepath.Join(dir, "data")}
	text := ""
	for _, name := range []string{"work", "home"} {
		text += fmt.Sprintf(`[[account]]
name = %q
email = "me@%[1]s.example"
full_name = "Me"
[account.incoming]
protocol = "pop3"
host = "127.0.0.1"
port = 1
security = "none"
password_command = ["echo", "secret"]
[account.outgoing]
protocol = "smtp"
host = "127.0.0.1"
port = 1
security = "none"
`, name)
	}
	if err := os.WriteFile(p.config, []byte(text+added), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// tmail runs a command line there.
func (p *place) tmail(stdin string, args ...string) outcome {
	p.t.Helper()
	return tmail(p.t, stdin, append(args, "--config", p.config, "--data", p.data)...)
}

// open opens the store of the place.
func (p *place) open() *store.Store {
	p.t.Helper()
	st, err := store.Open(p.t.Context(), p.data, time.Now)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { st.Close() })
	return st
}

// lines reads the JSON objects that a command printed.
func (p *place) lines(got outcome) []map[string]any {
	p.t.Helper()
	if got.code != 0 {
		p.t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	var all []map[string]any
	for _, line := range strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n") {
		var m map[string]any
		if line == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			p.t.Fatalf("%v in %q", err, line)
		}
		all = append(all, m)
	}
	return all
}

func TestSendQueue(t *testing.T) {
	p := newPlace(t, "")
	file := filepath.Join(t.TempDir(), "计划.txt")
	if err := os.WriteFile(file, []byte("the plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := p.tmail("Hello,\nthere.\n", "send", "--queue", "--to", "Ann <ann@example.com>; bob@example.com", "--cc", "王 <w@example.com>",
		"--bcc", "eve@example.com", "--subject", "会议", "--attach", file)
	if got != (outcome{}) {
		t.Fatalf("%+v", got)
	}
	rows := p.lines(p.tmail("", "list", "--folder", "outbox", "--json"))
	if len(rows) != 1 || rows[0]["status"] != "due" || rows[0]["error"] != "" || rows[0]["subject"] != "会议" || rows[0]["account"] != "work" {
		t.Fatalf("%v", rows)
	}
	id := rows[0]["id"].(string)
	shown := p.lines(p.tmail("", "show", "--json", id))[0]
	if shown["folder"] != "Outbox" || shown["text"] != "Hello,\nthere." && shown["text"] != "Hello,\nthere.\n" {
		t.Errorf("%v", shown)
	}
	raw := p.tmail("", "show", "--raw", id).stdout
	if strings.Contains(raw, "eve@") || strings.Count(raw, "\n") != strings.Count(raw, "\r\n") {
		t.Errorf("the message as it would go out:\n%q", raw)
	}
	dir := t.TempDir()
	if got := p.tmail("", "show", "--save", dir, id); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "计划.txt")); string(text) != "the plan" {
		t.Errorf("saved %q, %v", text, err)
	}
	id64, err := store.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.open().Outbox.Get(t.Context(), id64)
	if err != nil || len(out.Recipients) != 4 || out.From != "me@work.example" {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestSendWithoutServer finds nobody at the port: the message waits.
func TestSendWithoutServer(t *testing.T) {
	p := newPlace(t, "")
	got := p.tmail("Hello\n", "send", "--to", "ann@example.com", "--subject", "x", "--account", "home")
	if got.code != 1 || !strings.Contains(got.stderr, "not sent yet: ") || !strings.Contains(got.stderr, "is tried again") {
		t.Errorf("%+v", got)
	}
	rows := p.lines(p.tmail("", "list", "--folder", "Outbox", "--json"))
	if len(rows) != 1 || rows[0]["status"] == "failed" || rows[0]["account"] != "home" || rows[0]["error"] == "" {
		t.Errorf("%v", rows)
	}
}

func TestSendRefuses(t *testing.T) {
	p := newPlace(t, "")
	tests := []struct {
		name, stdin string
		args        []string
		code        int
		stderr      string
	}{
		{"nobody", "x", nil, 2, "nobody to send to"},
		{"bad address", "x", []string{"--to", "ann@"}, 2, "--to: "},
		{"bad address among good ones", "x", []string{"--cc", "ann@example.com, bob at example"}, 2, "--cc: "},
		{"no file", "x", []string{"--to", "a@b.example", "--attach", "/no/such"}, 2, "--attach: "},
		{"folder attached", "x", []string{"--to", "a@b.example", "--attach", "/"}, 2, "is a folder"},
		{"endless file", "x", []string{"--to", "a@b.example", "--attach", "/dev/zero"}, 2, "/dev/zero is not a file"},
		{"no such account", "x", []string{"--to", "a@b.example", "--account", "wrok"}, 2, `no account called "wrok"`},
		{"not UTF-8", "\xff", []string{"--to", "a@b.example"}, 1, "not UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := p.tmail(test.stdin, append([]string{"send", "--queue"}, test.args...)...)
			if got.code != test.code || !strings.Contains(got.stderr, test.stderr) {
				t.Errorf("%+v", got)
			}
		})
	}
	if rows := p.lines(p.tmail("", "list", "--folder", "outbox", "--json")); len(rows) != 0 {
		t.Errorf("left in the outbox: %v", rows)
	}
}

// TestSeveralAuthors has the account as Sender (RFC 5322 §3.6.2).
func TestSeveralAuthors(t *testing.T) {
	p := newPlace(t, "")
	if got := p.tmail("x", "send", "--queue", "--from", "ann@example.com", "--from", "bob@example.com", "--to", "eve@example.com"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	id := p.lines(p.tmail("", "list", "--folder", "outbox", "--json"))[0]["id"].(string)
	raw := p.tmail("", "show", "--raw", id).stdout
	if !strings.Contains(raw, "Sender: Me <me@work.example>\r\n") {
		t.Errorf("got %q", raw)
	}
}

// TestBrokenAccount has a third account with a mistake: the others are listed,
// and the exit code tells.
func TestBrokenAccount(t *testing.T) {
	p := newPlace(t, "[[account]]\nname = \"old\"\nemail = \"x@example.com\"\n")
	p.tmail("x", "send", "--queue", "--to", "a@b.example", "--subject", "one")
	got := p.tmail("", "list", "--folder", "outbox")
	if got.code != 2 || !strings.Contains(got.stdout, "one") || !strings.Contains(got.stderr, `config.toml:31: account "old": [account.incoming] is missing`) {
		t.Errorf("%+v", got)
	}
	if got := p.tmail("", "list", "--account", "work", "--folder", "outbox"); got.code != 0 {
		t.Errorf("another account: %+v", got)
	}
	if got := p.tmail("", "list", "--account", "old"); got.code != 2 || got.stdout != "" {
		t.Errorf("the broken account: %+v", got)
	}
}

// TestList puts messages into two inboxes and a folder.
func TestList(t *testing.T) {
	p := newPlace(t, "")
	p.lines(p.tmail("", "list", "--json")) // makes the store
	st := p.open()
	base := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for i, acct := range []string{"work", "home"} {
		var list []store.POPNew
		for n := range 3 {
			list = append(list, store.POPNew{
				UIDL: fmt.Sprint(n), Raw: []byte("Subject: x\r\n\r\n"),
				Message: store.NewMessage{
					Date: base.Add(time.Duration(2*n+i) * time.Hour), Size: 14,
					Envelope: message.Envelope{
						Subject: fmt.Sprintf("%s %d\x1b[31m", acct, n),
						From:    []message.Address{{Name: "王小明\n", Addr: "w@example.com"}},
					},
				},
			})
		}
		if _, err := st.Remote.ListedUIDLs(t.Context(), acct, []store.POPListed{{UIDL: "0"}, {UIDL: "1"}, {UIDL: "2"}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := st.Remote.AddPOP(t.Context(), acct, list); err != nil {
			t.Fatal(err)
		}
	}
	rows := p.lines(p.tmail("", "list", "--json"))
	var order []string
	for _, r := range rows {
		order = append(order, strings.TrimSuffix(r["subject"].(string), "\x1b[31m"))
	}
	if got := strings.Join(order, ","); got != "home 2,work 2,home 1,work 1,home 0,work 0" {
		t.Errorf("order: %s", got)
	}
	if rows[0]["unread"] != true || rows[0]["starred"] != false || rows[0]["date"] != "2026-11-20T17:00:00Z" || rows[0]["size"] != 14.0 {
		t.Errorf("%v", rows[0])
	}
	if _, ok := rows[0]["status"]; ok {
		t.Errorf("status of an ordinary message: %v", rows[0])
	}
	if got := p.lines(p.tmail("", "list", "--json", "--limit", "2", "--account", "work", "--folder", "INBOX")); len(got) != 2 {
		t.Errorf("limited: %v", got)
	}
	if got := p.tmail("", "list", "--folder", "nowhere"); got.code != 1 || !strings.Contains(got.stderr, `no folder "nowhere"; there are: `) {
		t.Errorf("%+v", got)
	}
	p.checkColumns(p.tmail("", "list"), 6)
}

// checkColumns looks that the subjects stand in one column.
func (p *place) checkColumns(got outcome, want int) {
	p.t.Helper()
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	if len(lines) != want || strings.Contains(got.stdout, "\x1b") {
		p.t.Fatalf("%q", got.stdout)
	}
	columns := map[int]bool{}
	for _, line := range lines {
		subject := max(strings.LastIndex(line, "home "), strings.LastIndex(line, "work "))
		columns[safe.Width(safe.Line(line[:subject]))] = true
	}
	if len(columns) != 1 {
		p.t.Errorf("subjects start in columns %v:\n%s", columns, got.stdout)
	}
}

func TestSyncWithoutServer(t *testing.T) {
	p := newPlace(t, "[[account]]\nname = \"old\"\n")
	got := p.tmail("", "sync", "--json")
	var report struct {
		Accounts []struct {
			Name, Error string
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || got.code != 1 || len(report.Accounts) != 3 {
		t.Fatalf("%v: %+v", err, got)
	}
	for i, name := range []string{"work", "home", "old"} {
		if a := report.Accounts[i]; a.Name != name || a.Error == "" {
			t.Errorf("%+v", a)
		}
	}
	if !strings.Contains(got.stderr, "email is missing") {
		t.Errorf("standard error: %s", got.stderr)
	}
}

func TestTraceIsPrivate(t *testing.T) {
	p := newPlace(t, "")
	trace := filepath.Join(t.TempDir(), "trace")
	if err := os.WriteFile(trace, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p.tmail("", "list", "--trace", trace)
	if info, err := os.Stat(trace); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestChoose(t *testing.T) {
	broken := account.Account{Name: "b", Err: &account.Errors{}}
	s := &session{config: &account.Config{Accounts: []account.Account{{Name: "a"}, broken, {Name: "c"}}}}
	working, err := s.choose("c")
	if err != nil || len(working) != 2 || len(s.accounts) != 1 || s.accounts[0].Name != "c" || len(s.broken) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}
