package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tmail/mailtest"
)

// built is the program under test, compiled once.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tmail-run")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tmail")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// person has tmail configured with an IMAP account "work" (ann) and a POP3 account "home" (bob) on Dovecot, and Postfix
// to send with.
type person struct {
	t       *testing.T
	dovecot *mailtest.Dovecot
	config  string
	data    string
}

func newPerson(t *testing.T) *person {
	t.Helper()
	d := mailtest.StartDovecot(t, mailtest.DovecotOptions{})
	p := mailtest.StartPostfix(t, d, mailtest.PostfixOptions{Users: []string{"ann", "bob", "carl"}})
	dir := t.TempDir()
	one := func(name, user, protocol string, port int) string {
		return fmt.Sprintf(`
[[account]]
name = %q
email = "%s@%s"
full_name = "%s Person"
poll = "1m"
[account.incoming]
protocol = %q
host = "localhost"
port = %d
username = %q
password = "pw"
tls_ca_file = %q
[account.outgoing]
protocol = "smtp"
host = "localhost"
port = %d
security = "starttls"
tls_ca_file = %q
`, name, user, mailtest.Domain, strings.ToUpper(user[:1])+user[1:], protocol, port, user, d.Cert.CAFile, p.Submission, p.Cert.CAFile)
	}
	config := "undo_delay = \"1s\"\n" + one("work", "ann", "imap", d.IMAPS) + one("home", "bob", "pop3", d.POP3S)
	path := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return &person{t: t, dovecot: d, config: path, data: filepath.Join(dir, "data")}
}

// command is tmail with this person's configuration and data.
func (p *person) command(args ...string) *exec.Cmd {
	p.t.Helper()
	path, err := built()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"--config", p.config, "--data", p.data}, args...)...)
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "HOME="+p.t.TempDir())
	return cmd
}

// output runs tmail and returns what it printed; it must succeed.
func (p *person) output(args ...string) string {
	p.t.Helper()
	cmd := p.command(args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("tmail %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

// letter is a message written on a day of November 2026.
func letter(day int, from, to, subject, body string) []byte {
	return fmt.Appendf(nil, "From: %s Sender <%s@%s>\r\nTo: %s@%s\r\nSubject: %s\r\nDate: %02d Nov 2026 10:00:00 +0000\r\nMessage-ID: <%s@other.test>\r\n\r\n%s\r\n",
		from, from, mailtest.Domain, to, mailtest.Domain, subject, day, strings.ReplaceAll(subject, " ", "."), body)
}

// The main job: browse the inbox, read, move, reply, send, and find it all on the servers afterwards.
func TestMainJob(t *testing.T) {
	for _, account := range []struct{ name, user, key string }{{"work", "ann", "1"}, {"home", "bob", "2"}} {
		t.Run(account.name, func(t *testing.T) {
			p := newPerson(t)
			p.dovecot.Save(account.user, "INBOX", letter(1, "carl", account.user, "old news", "nothing new"))
			p.dovecot.Save(account.user, "INBOX", letter(2, "carl", account.user, "to be moved", "move me"))
			p.dovecot.Save(account.user, "INBOX", letter(3, "carl", account.user, "the question", "Shall we meet? 我们见面吗？"))
			tmail := mailtest.RunInTerminal(t, 100, 30, p.command())
			tmail.Press(account.key).Shows("the question", "to be moved", "old news")

			tmail.Press("g", "enter").Shows("Shall we meet? 我们见面吗？")
			tmail.Press("r").Shows("Re: the question").Type("Yes, on Friday. 好的").Shows("Yes, on Friday. 好的")
			tmail.Press("ctrl+x").ShowsNot("Yes, on Friday")
			mailtest.Until(t, "the reply at carl's", func() bool {
				return slices.Contains(p.dovecot.Subjects("carl", "INBOX"), "Re: the question")
			})
			reply := p.dovecot.Raw("carl", "INBOX", "Re: the question")
			for _, want := range []string{"In-Reply-To: <the.question@other.test>", "References: <the.question@other.test>"} {
				if !strings.Contains(reply, want) {
					t.Errorf("the reply lacks %q:\n%s", want, reply)
				}
			}
			tmail.Press("q").Shows("to be moved")
			tmail.Press("g", "j", "m").Type("Arch").Press("enter").ShowsNot("to be moved")
			tmail.Press("g", "j", "d").ShowsNot("old news")
			tmail.Press("u").Shows("old news").Press("g", "j", "d").ShowsNot("old news")
			if account.name == "work" {
				mailtest.Until(t, "the server to have it all", func() bool {
					return slices.Equal(p.dovecot.Subjects("ann", "INBOX"), []string{"the question"}) &&
						slices.Equal(p.dovecot.Subjects("ann", "Archive"), []string{"to be moved"}) &&
						slices.Equal(p.dovecot.Subjects("ann", "Trash"), []string{"old news"}) &&
						slices.Equal(p.dovecot.Subjects("ann", "Sent"), []string{"Re: the question"})
				})
			}
			tmail.Press("q")
			if code := tmail.Ends(); code != 0 {
				t.Errorf("tmail ended with %d", code)
			}
			for folder, subject := range map[string]string{"archive": "to be moved", "trash": "old news", "sent": "Re: the question", "inbox": "the question"} {
				if list := p.output("list", "--account", account.name, "--folder", folder); !strings.Contains(list, subject) {
					t.Errorf("%s lacks %q:\n%s", folder, subject, list)
				}
			}
		})
	}
}

// A signal leaves the terminal usable and the draft on disk; so does quitting while writing.
func TestDraftSurvivesSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			p := newPerson(t)
			tmail := mailtest.RunInTerminal(t, 80, 24, p.command())
			tmail.Shows("Inbox").Press("c").Shows("Subject").Type("carl@" + mailtest.Domain)
			tmail.Press("tab", "tab", "tab").Type("unfinished business")
			tmail.Shows("unfinished business").Signal(signal).Ends()
			if raw := tmail.Raw(); !strings.Contains(raw, "\x1b[?1049l") {
				t.Error("the alternate screen was not left")
			}
			if list := p.output("list", "--folder", "drafts"); !strings.Contains(list, "unfinished business") {
				t.Errorf("the draft is not in the list:\n%s", list)
			}
		})
	}
}

// A message of 25 MB with long lines and lines of dots comes through both protocols byte for byte, in bounded memory.
func TestLargeMessageIsExact(t *testing.T) {
	p := newPerson(t)
	var body strings.Builder
	for i := 0; body.Len() < 25<<20; i++ {
		switch i % 3 {
		case 0:
			body.WriteString(strings.Repeat("0123456789", 1000) + "\r\n")
		case 1:
			body.WriteString(".\r\n..\r\n.leading\r\n")
		default:
			body.WriteString(fmt.Sprintf("line %d \xe4\xbd\xa0\xe5\xa5\xbd\r\n", i))
		}
	}
	raw := letter(1, "carl", "ann", "large", body.String())
	withNUL := letter(1, "carl", "bob", "large", "NUL \x00\x00 bytes\r\n"+body.String()) // Dovecot's IMAP gives 0x80 for them
	p.dovecot.Save("ann", "INBOX", raw)
	p.dovecot.Save("bob", "INBOX", withNUL)
	for name, raw := range map[string][]byte{"work": raw, "home": withNUL} {
		p.wantMemory(p.command("sync", "--account", name), "sync over "+name)
		list := p.output("list", "--json", "--account", name)
		id := between(list, `"id":"`, `"`)
		show := p.command("show", "--raw", id)
		out, err := os.Create(filepath.Join(t.TempDir(), "raw"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		show.Stdout = out
		p.wantMemory(show, "show over "+name)
		got, err := os.ReadFile(out.Name())
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(raw) {
			t.Errorf("%s: %d bytes came out as %d, or others", name, len(raw), len(got))
		}
	}
}

// wantMemory runs a command, which must succeed in less than 100 MB of memory: the peak that the system keeps for it.
// (What it reports of a process that ended would count this test as well, from which the process was forked.)
func (p *person) wantMemory(cmd *exec.Cmd, what string) {
	p.t.Helper()
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	peak := 0
	for {
		if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)); err == nil {
			fmt.Sscan(between(string(status), "VmHWM:", "kB"), &peak)
		}
		select {
		case err := <-ended:
			if err != nil {
				p.t.Fatalf("%s: %v", what, err)
			}
			p.t.Logf("%s: %d MB at most", what, peak>>10)
			if peak > 100<<10 {
				p.t.Errorf("%s took %d MB, more than 100", what, peak>>10)
			}
			return
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}
