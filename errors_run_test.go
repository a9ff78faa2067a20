package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tmail/mailtest"
)

// commandline runs tmail with text on its standard input and returns its exit status and what it said.
func (p *person) commandline(stdin string, args ...string) (status int, stdout, stderr string) {
	p.t.Helper()
	cmd := p.command(args...)
	var out, errs strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// with is this person with a word of the configuration replaced.
func (p *person) with(old, new string) *person {
	p.t.Helper()
	config, err := os.ReadFile(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	if !strings.Contains(string(config), old) {
		p.t.Fatalf("the configuration has no %q", old)
	}
	other := *p
	other.config = filepath.Join(p.t.TempDir(), "config.toml")
	other.data = filepath.Join(p.t.TempDir(), "data")
	if err := os.WriteFile(other.config, []byte(strings.Replace(string(config), old, new, 1)), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return &other
}

// Everything that can be wrong with an account is one plain sentence with the next step, on the command line and on the
// screen.
func TestSentences(t *testing.T) {
	p := newPerson(t)
	expired := mailtest.StartDovecot(t, mailtest.DovecotOptions{Cert: mailtest.CertOptions{Expired: true}})
	imaps := fmt.Sprintf("port = %d", p.dovecot.IMAPS)
	for name, c := range map[string]struct{ old, new, want string }{
		"wrong password": {`password = "pw"`, `password = "wrong"`, "password"},
		"wrong host":     {`host = "localhost"`, `host = "mail.nowhere.invalid"`, "mail.nowhere.invalid"},
		"nobody listens": {imaps, fmt.Sprintf("port = %d", mailtest.ClosedPort(t)), "localhost"},
		"expired certificate": {imaps + "\nusername = \"ann\"\npassword = \"pw\"\ntls_ca_file = " + fmt.Sprintf("%q", p.dovecot.Cert.CAFile),
			fmt.Sprintf("port = %d\nusername = \"ann\"\npassword = \"pw\"\ntls_ca_file = %q", expired.IMAPS, expired.Cert.CAFile), "expired"},
		"unknown authority": {"tls_ca_file = ", "# ", "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := p.with(c.old, c.new)
			status, _, said := broken.commandline("", "sync", "--account", "work")
			if status != 1 || !strings.Contains(said, c.want) || strings.Count(strings.TrimSpace(said), "\n") > 0 {
				t.Errorf("sync ended with %d and said:\n%s", status, said)
			}
			t.Logf("%s", said)
			mailtest.RunInTerminal(t, 120, 40, broken.command()).Shows(c.want, "! shows it in the server's own words")
		})
	}
}

// `tmail send` returns 0 only when the server has taken the message.
func TestSendCommand(t *testing.T) {
	p := newPerson(t)
	status, _, said := p.commandline("Hello.\n", "send", "--to", "carl@"+mailtest.Domain, "--bcc", "bob@"+mailtest.Domain, "--subject", "from the shell")
	if status != 0 {
		t.Fatalf("send ended with %d: %s", status, said)
	}
	for _, user := range []string{"carl", "bob"} {
		mailtest.Until(t, "the message at "+user+"'s", func() bool { return len(p.dovecot.Subjects(user, "INBOX")) == 1 })
		if raw := p.dovecot.Raw(user, "INBOX", "from the shell"); strings.Contains(strings.ToLower(raw), "bcc") || strings.Contains(raw, "bob@") && user == "carl" {
			t.Errorf("Bcc is on the wire:\n%s", raw)
		}
	}
	mailtest.Until(t, "the copy in Sent", func() bool { return len(p.dovecot.Subjects("ann", "Sent")) == 1 })

	status, _, said = p.commandline("Hello.\n", "send", "--to", "nobody@"+mailtest.Domain, "--subject", "refused")
	if status != 1 || !strings.Contains(said, "nobody@"+mailtest.Domain) {
		t.Errorf("a refused recipient: status %d, said %s", status, said)
	}
	t.Log(said)
	if list := p.output("list", "--folder", "Outbox"); !strings.Contains(list, "refused") {
		t.Errorf("the outbox has:\n%s", list)
	}
	status, _, said = p.commandline("Hello.\n", "send", "--to", "not an address", "--subject", "x")
	if status != 2 {
		t.Errorf("a bad address: status %d, said %s", status, said)
	}
	t.Log(said)
}

// Without a terminal tmail says so.
func TestNoTerminal(t *testing.T) {
	p := newPerson(t)
	if status, _, said := p.commandline(""); status != 2 || !strings.Contains(said, "terminal") {
		t.Errorf("status %d, said %s", status, said)
	}
}
