package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/creack/pty"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
)

// TestMain lets the test binary be tmail itself, for what needs a process of
// its own.
func TestMain(m *testing.M) {
	if os.Getenv("TMAIL_TEST_RUN_MAIN") != "" {
		os.Exit(Main(nil))
	}
	if address := os.Getenv("TMAIL_TEST_BROWSE"); address != "" {
		os.Exit(browse(address))
	}
	if zone := os.Getenv("TMAIL_TEST_ZONE"); zone != "" {
		os.Exit(runInZone(zone))
	}
	os.Exit(mailtest.Run(m))
}

// outcome is what a run of tmail gave.
type outcome struct {
	code           int
	stdout, stderr string
}

// tmail runs a command line in this process, far from the person's own files.
func tmail(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
		t.Setenv(name, home)
	}
	t.Setenv("LANG", "C.UTF-8")
	var stdout, stderr bytes.Buffer
	p := &program{stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr}
	code := p.run(t.Context(), args)
	return outcome{code, stdout.String(), stderr.String()}
}

func TestUsage(t *testing.T) {
	t.Setenv("TERM", "xterm")
	tests := []struct {
		name   string
		args   []string
		code   int
		stderr string // a part of it
	}{
		{"unknown command", []string{"sned"}, 2, `unknown command "sned"`},
		{"unknown flag", []string{"list", "--frm", "x"}, 2, "unknown flag: --frm; see tmail list --help"},
		{"flag of the wrong type", []string{"list", "--limit", "many"}, 2, "--limit wants a whole number"},
		{"negative limit", []string{"list", "--limit", "-1"}, 2, "cannot be negative"},
		{"show without argument", []string{"show"}, 2, "wants the id of a message"},
		{"two shapes", []string{"show", "--raw", "--json", "testdata/meeting.eml"}, 2, "json"},
		{"no configuration", []string{"list"}, 2, "tmail demo"},
		{"no configuration, to send", []string{"send", "--to", "a@b.example"}, 2, "tmail setup writes it"},
		{"no such configuration", []string{"sync", "--config", "/no/such.toml"}, 2, "/no/such.toml does not exist"},
		{"no terminal", nil, 2, "needs a terminal"},
		{"no terminal for the demo", []string{"demo"}, 2, "needs a terminal"},
		{"demo on own data", []string{"demo", "--data", "x"}, 2, "--keep"},
		{"no such file", []string{"show", "./nothing.eml"}, 1, "No file ./nothing.eml"},
		{"a directory", []string{"show", "./"}, 1, "is a directory"},
		{"not an id", []string{"show", "Ä!"}, 2, "neither the id of a message nor a file"},
		{"help", []string{"--help"}, 0, ""},
		{"completion", []string{"completion", "bash"}, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := tmail(t, "", test.args...)
			if got.code != test.code || !strings.Contains(got.stderr, test.stderr) {
				t.Errorf("exit code %d, standard error:\n%s", got.code, got.stderr)
			}
			if test.code == 0 && got.stderr != "" {
				t.Errorf("standard error: %s", got.stderr)
			}
		})
	}
}

func TestDumbTerminal(t *testing.T) {
	t.Setenv("TERM", "dumb")
	if got := tmail(t, ""); got.code != 2 || strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, "TERM=dumb") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// TestBrokenConfig has configurations that stop everything.
func TestBrokenConfig(t *testing.T) {
	tests := []struct{ name, text, stderr string }{
		{"syntax", "language = en", ":1: text stands in quotes: key = \"text\""},
		{"global", "langauge = \"en\"\ntheme = \"blue\"", ":1: langauge is not a setting; did you mean language?\n"},
		{"no account", "language = \"en\"", "has no account yet"},
		{"only broken accounts", "[[account]]\nname = \"work\"", `:1: account "work": email is missing`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"list", "sync"} {
				got := tmail(t, "", command, "--config", path)
				if got.code != 2 || !strings.Contains(got.stderr, test.stderr) || got.stdout != "" {
					t.Errorf("%s: exit code %d\n%s%s", command, got.code, got.stdout, got.stderr)
				}
			}
		})
	}
}

func TestShowJSON(t *testing.T) {
	sum := func(s string) string {
		digest := sha256.Sum256([]byte(s))
		return hex.EncodeToString(digest[:])
	}
	want := map[string]any{
		"id": "", "account": "", "folder": "", "message_id": "one@example.com", "date": "2026-11-20T13:40:00+08:00",
		"from":     []any{map[string]any{"name": "王小明", "address": "wxm@example.com"}},
		"to":       []any{map[string]any{"name": "Me Myself", "address": "me@example.com"}, map[string]any{"name": "", "address": "bob@example.com"}},
		"cc":       []any{map[string]any{"name": "Archer, Ann", "address": "ann@example.com"}},
		"reply_to": []any{map[string]any{"name": "", "address": "team@example.com"}},
		"subject":  "会议纪要 Friday",
		"text":     "Hello,\n\n会议 room two.",
		"attachments": []any{
			map[string]any{"name": "计划.pdf", "type": "application/pdf", "size": 19.0, "sha256": sum("%PDF-1.4 not really"), "inline": false},
			map[string]any{"name": "../../evil.sh", "type": "text/x-script", "size": 4.0, "sha256": sum("echo"), "inline": false},
		},
	}
	raw, err := os.ReadFile("testdata/meeting.eml")
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []outcome{
		tmail(t, "", "show", "--json", "testdata/meeting.eml"),
		tmail(t, string(raw), "show", "--json", "-"),
	} {
		var m map[string]any
		if err := json.Unmarshal([]byte(got.stdout), &m); err != nil || got.code != 0 || strings.Count(got.stdout, "\n") != 1 {
			t.Fatalf("exit code %d, %v\n%s%s", got.code, err, got.stdout, got.stderr)
		}
		if text, ok := m["text"].(string); ok {
			m["text"] = strings.TrimRight(text, "\n")
		}
		if !reflect.DeepEqual(m, want) {
			t.Errorf("got\n%v\nwant\n%v", m, want)
		}
	}
}

// TestShowHostile prints a message full of terminal commands in every way
// that goes to a screen.
func TestShowHostile(t *testing.T) {
	for _, args := range [][]string{{"show", "testdata/hostile.eml"}, {"show", "--json", "testdata/hostile.eml"}} {
		got := tmail(t, "", args...)
		if got.code != 0 || !strings.Contains(got.stdout, "ann@example.com") {
			t.Errorf("%v: exit code %d\n%s", args, got.code, got.stderr)
		}
		for _, bad := range []string{"\x1b", "\x07", "\u009b", "\u202e"} {
			if strings.Contains(got.stdout, bad) {
				t.Errorf("%v prints %q:\n%q", args, bad, got.stdout)
			}
		}
	}
}

func TestShowRaw(t *testing.T) {
	raw, err := os.ReadFile("testdata/hostile.eml")
	if err != nil {
		t.Fatal(err)
	}
	if got := tmail(t, "", "show", "--raw", "testdata/hostile.eml"); got.stdout != string(raw) || got.code != 0 {
		t.Errorf("exit code %d: %q", got.code, got.stdout)
	}
	if got := tmail(t, string(raw), "show", "--raw", "-"); got.stdout != string(raw) || got.code != 0 {
		t.Errorf("exit code %d: %q", got.code, got.stdout)
	}
}

// TestShowRawOnTerminal runs tmail on a terminal, where even the raw message
// is kept from acting.
func TestShowRawOnTerminal(t *testing.T) {
	cmd := exec.Command(os.Args[0], "show", "--raw", "testdata/hostile.eml")
	cmd.Env = append(os.Environ(), "TMAIL_TEST_RUN_MAIN=1")
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var screen bytes.Buffer
	screen.ReadFrom(terminal) // ends with an error when the process does
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := screen.String(); !strings.Contains(got, "Subject: red") || strings.ContainsAny(got, "\x1b\x07\u009b\u202e") {
		t.Errorf("got %q", got)
	}
}

func TestShowPlain(t *testing.T) {
	t.Setenv("TZ", "")
	got := tmail(t, "", "show", "testdata/meeting.eml")
	for _, line := range []string{
		"From: 王小明 <wxm@example.com>", "Subject: 会议纪要 Friday", "会议 room two.",
		"Attachment: 计划.pdf (application/pdf, 19 bytes)", "Attachment: evil.sh (text/x-script, 4 bytes)",
	} {
		if !strings.Contains(got.stdout, line+"\n") {
			t.Errorf("%q is not in\n%s", line, got.stdout)
		}
	}
}

// TestSave saves twice into a folder in which a link lies in wait.
func TestSave(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "evil.sh")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := tmail(t, "", "show", "--save", dir, "testdata/meeting.eml"); got.code != 0 || strings.Count(got.stdout, "\n") != 2 {
			t.Fatalf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
		}
	}
	if _, err := os.Stat(outside); err == nil {
		t.Error("the link was followed")
	}
	want := map[string]string{
		"计划.pdf": "%PDF-1.4 not really", "计划 (2).pdf": "%PDF-1.4 not really",
		"evil (2).sh": "echo", "evil (3).sh": "echo",
	}
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != len(want)+1 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestJSONEscapes(t *testing.T) {
	text := "plain 会议 <a&b> \x1b\x7f\u0085\u200b\u202e\u2028\ufeff\U000e0041"
	var out bytes.Buffer
	if err := writeJSON(&out, text); err != nil {
		t.Fatal(err)
	}
	want := `"plain 会议 <a&b> \u001b\u007f\u0085\u200b\u202e\u2028\ufeff\udb40\udc41"` + "\n"
	if out.String() != want {
		t.Errorf("got  %s\nwant %s", out.String(), want)
	}
	var back string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text {
		t.Errorf("read back: %q, %v", back, err)
	}
}

func TestHelpTopics(t *testing.T) {
	var stdout bytes.Buffer
	t.Setenv("HOME", t.TempDir())
	p := &program{stdin: strings.NewReader(""), stdout: &stdout, stderr: io.Discard, examples: map[string]string{"en": "undo_delay = \"10s\"\n"}}
	if code := p.run(t.Context(), []string{"help", "config"}); code != 0 || stdout.String() != p.examples["en"] {
		t.Errorf("help config: %d\n%s", code, stdout.String())
	}
	config := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(config, []byte("[keys]\narchive = \"Y\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := tmail(t, "", "--config", config, "help", "keys")
	for _, want := range []string{"In the list\n", "  Y                  archive            archive\n", "  ctrl+x             send "} {
		if keys.code != 0 || !strings.Contains(keys.stdout, want) {
			t.Errorf("%q is not in the table (%d, %s):\n%s", want, keys.code, keys.stderr, keys.stdout)
		}
	}
	if err := os.WriteFile(config, []byte("[keys]\narchive = \"d\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if keys := tmail(t, "", "--config", config, "help", "keys"); keys.code != 2 || !strings.Contains(keys.stderr, `"d" is already the key of trash`) {
		t.Errorf("a conflict: %d\n%s", keys.code, keys.stderr)
	}
	if help := tmail(t, "", "help", "sync"); help.code != 0 || !strings.Contains(help.stdout, "Fetch new mail") {
		t.Errorf("help sync: %d\n%s", help.code, help.stdout)
	}
	if help := tmail(t, "", "help", "snyc"); help.code != 2 {
		t.Errorf("help on nothing: %d", help.code)
	}
	dir := filepath.Join(t.TempDir(), "man")
	if man := tmail(t, "", "man", dir); man.code != 0 {
		t.Errorf("man: %d\n%s", man.code, man.stderr)
	}
	if page, err := os.ReadFile(filepath.Join(dir, "tmail-send.1")); err != nil || !bytes.Contains(page, []byte("standard input")) {
		t.Errorf("the page of send: %v\n%s", err, page)
	}
	if page, err := os.ReadFile(filepath.Join(dir, "tmail.1")); err != nil || bytes.Contains(page, []byte(os.Getenv("HOME"))) {
		t.Errorf("the page names the home of who made it: %v\n%s", err, page)
	}
}

// Every charset that the configuration takes can be read.
func TestFallbackCharsets(t *testing.T) {
	for _, charset := range account.FallbackCharsets() {
		useFallbackCharset(&account.Config{FallbackCharset: charset})
	}
	useFallbackCharset(&account.Config{FallbackCharset: "auto"})
}

// A file is read with the charset the person expects of text that declares none, where there is a configuration.
func TestShowFileByFallbackCharset(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(config, []byte("fallback_charset = \"windows-1253\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = message.SetFallback("") })
	const raw = "Subject: a\n\n\xea\xe1\xeb\xe7\xec\xdd\xf1\xe1 \xea\xfc\xf3\xec\xe5\n"
	if got := tmail(t, raw, "show", "-", "--config", config); !strings.Contains(got.stdout, "καλημέρα κόσμε") {
		t.Errorf("with a configuration: %q %q", got.stdout, got.stderr)
	}
	if got := tmail(t, raw, "show", "-", "--config", filepath.Join(t.TempDir(), "none.toml")); got.code != 0 || !strings.Contains(got.stdout, "Subject: a") {
		t.Errorf("without one: %d %q %q", got.code, got.stdout, got.stderr)
	}
}
