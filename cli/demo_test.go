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
	"tmail/demo"
)

// newDemoPlace starts the demo's server and writes the configuration a person
// would write for its accounts.
func newDemoPlace(t *testing.T) (*place, *demo.Server) {
	server, err := demo.Start(t.Context(), "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	text := ""
	for _, a := range server.Accounts() {
		text += fmt.Sprintf("[[account]]\nname = %q\nemail = %q\noffline = \"headers\"\n", a.Name, a.Email)
		text += endpoint(t, "incoming", a.Incoming) + endpoint(t, "outgoing", *a.Outgoing)
	}
	dir := t.TempDir()
	p := &place{t: t, config: filepath.Join(dir, "config.toml"), data: filepath.Join(dir, "data")}
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p, server
}

func endpoint(t *testing.T, name string, e account.Endpoint) string {
	text := fmt.Sprintf("[account.%s]\nprotocol = %q\nhost = %q\nport = %d\nsecurity = %q\nusername = %q\n",
		name, e.Protocol, e.Host, e.Port, e.Security, e.Username)
	if e.Secret != nil {
		secret, err := e.Secret(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("password = %q\n", secret)
	}
	return text
}

// TestFromSyncToShow fetches, lists, shows what was not stored, and sends from
// one account to the other.
func TestFromSyncToShow(t *testing.T) {
	p, _ := newDemoPlace(t)
	first := p.sync()
	for _, a := range first {
		if a.Error != "" || a.New == 0 || a.BytesIn == 0 || a.RoundTrips == 0 || a.Seconds <= 0 {
			t.Errorf("first sync: %+v", a)
		}
	}
	rows := p.lines(p.tmail("", "list", "--json", "--account", "work"))
	if len(rows) < 40 {
		t.Fatalf("%d messages in the inbox", len(rows))
	}
	for _, row := range []map[string]any{rows[0], rows[len(rows)-1]} {
		shown := p.lines(p.tmail("", "show", "--json", row["id"].(string)))[0]
		if shown["subject"] != row["subject"] || shown["folder"] != row["folder"] || shown["account"] != "work" {
			t.Errorf("listed %v\nshown %v", row, shown)
		}
	}

	got := p.tmail("From one to the other.\n", "send", "--to", demo.PersonalAddress, "--subject", "会议 across")
	if got != (outcome{}) {
		t.Fatalf("%+v", got)
	}
	if rows := p.lines(p.tmail("", "list", "--folder", "outbox", "--json")); len(rows) != 0 {
		t.Errorf("still in the outbox: %v", rows)
	}
	p.sync()
	newest := p.lines(p.tmail("", "list", "--json", "--account", "personal", "--limit", "1"))[0]
	if newest["subject"] != "会议 across" || newest["unread"] != true {
		t.Errorf("newest: %v", newest)
	}
	sent := p.lines(p.tmail("", "list", "--json", "--account", "work", "--folder", "sent", "--limit", "1"))[0]
	if sent["subject"] != "会议 across" {
		t.Errorf("newest in Sent: %v", sent)
	}
}

// sync runs tmail sync, which must do well.
func (p *place) sync() []synced {
	p.t.Helper()
	got := p.tmail("", "sync", "--json")
	var report struct {
		Accounts []synced `json:"accounts"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || got.code != 0 || got.stderr != "" {
		p.t.Fatalf("%v: %+v", err, got)
	}
	return report.Accounts
}

// TestShowWithoutServer wants a message that is not stored when the server is
// gone.
func TestShowWithoutServer(t *testing.T) {
	p, server := newDemoPlace(t)
	p.sync()
	id := p.lines(p.tmail("", "list", "--json", "--account", "work", "--limit", "1"))[0]["id"].(string)
	server.Close()
	got := p.tmail("", "show", id)
	if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "is not stored yet: ") {
		t.Errorf("%+v", got)
	}
}

func TestSyncPlain(t *testing.T) {
	p, _ := newDemoPlace(t)
	got := p.tmail("", "sync")
	if lines := strings.Split(got.stdout, "\n"); got.code != 0 || len(lines) != 3 || !strings.HasPrefix(lines[0], "work: ") {
		t.Errorf("%+v", got)
	}
}

// TestTraceHidesSecrets looks for the password in the talk with the servers.
func TestTraceHidesSecrets(t *testing.T) {
	p, _ := newDemoPlace(t)
	config, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(config), `password = "`)
	secret, _, _ := strings.Cut(rest, `"`)
	trace := filepath.Join(t.TempDir(), "trace")
	if got := p.tmail("", "sync", "--trace", trace); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	talk, err := os.ReadFile(trace)
	if err != nil || len(talk) < 1000 || secret == "" {
		t.Fatalf("trace of %d bytes, %v", len(talk), err)
	}
	if strings.Contains(string(talk), secret) {
		t.Errorf("the trace holds %q", secret)
	}
}
