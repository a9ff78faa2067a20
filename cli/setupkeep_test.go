package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tmail/mailtest"
)

// The secret is kept where the person wants it: in a file that a passphrase opens, or with a command that has it.
func TestSetupKeepsSecret(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	user := mailtest.User("me") + "@own.test"
	d.Save(user, "INBOX", []byte(note))
	fresh := func(t *testing.T) *newcomer {
		return newNewcomer(t, zone{SRV: map[string]string{"imaps": fmt.Sprintf("localhost:%d", d.IMAPS)}}).trusts(d.Cert)
	}
	config := func(n *newcomer) string {
		text, err := os.ReadFile(n.config())
		if err != nil {
			n.t.Error(err)
		}
		return string(text)
	}
	up := func(screen *mailtest.Terminal, choice string, rights int) {
		screen.Press("enter").Shows("own.test names its servers") // the fields are filled
		for range 8 {
			screen.Press("down")
		}
		for range rights {
			screen.Press("right")
		}
		screen.Shows("[" + choice + "]").Press("tab")
	}
	t.Run("passphrase", func(t *testing.T) {
		n := fresh(t)
		screen := n.runs(100, 30).Shows("Address").Type(user)
		up(screen, "with passphrase", 2)
		screen.Press("enter").Shows("The secret is missing").Type(mailtest.Password).Press("enter").Shows("The passphrase is missing")
		screen.Type("open sesame").Press("enter").Shows("Welcome aboard").Press("q").Ends()
		if text := config(n); !strings.Contains(text, "password_file = ") {
			t.Error(text)
		}
		sealed, err := filepath.Glob(filepath.Join(n.home, ".local/share/tmail/secrets/*"))
		if err != nil || len(sealed) != 1 {
			t.Errorf("%q, %v: there is no key to a passphrase", sealed, err)
		}
		n.runs(100, 30).Shows("Passphrase of").Type("open sesame\r").Shows("Welcome aboard").Press("q").Ends()
		searchFor(t, n.home, "open sesame")
	})
	t.Run("command", func(t *testing.T) {
		n := fresh(t)
		script := fmt.Sprintf("#!/bin/sh\necho %s\n", mailtest.Password)
		if err := os.MkdirAll(filepath.Join(n.home, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(n.home, "bin", "show-mail"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		n.env = append(n.env, "PATH="+n.home+"/bin:/usr/bin:/bin")
		screen := n.runs(100, 30).Shows("Address").Type(user)
		up(screen, "by command", 3)
		screen.Press("enter").Shows("The command is missing").Type("show-nothing").Press("enter").Shows("password_command failed", "show-nothing")
		screen.Press("ctrl+u").Type("show-mail").Press("enter").Shows("Welcome aboard").Press("q").Ends()
		if text := config(n); !strings.Contains(text, `password_command = "show-mail"`) {
			t.Error(text)
		}
	})
}

// Where the DNS alone leads to another domain, the person is asked before the password goes there.
func TestSetupAsksBeforeForeignServers(t *testing.T) {
	t.Parallel()
	for _, language := range []struct{ config, sentence string }{
		{"", "imap.evil.invalid, in another domain"}, {"language = \"zh\"\n", "imap.evil.invalid 提供，它属于另一个域名"},
	} {
		n := newNewcomer(t, zone{SRV: map[string]string{"imaps": "imap.evil.invalid:993"}}).writes(language.config)
		screen := n.runs(150, 24).Shows("ctrl+l").Type("me@own.test").Press("enter").Type("secret").Press("enter")
		screen.Shows(language.sentence).ShowsNot("✓", "!")
		screen.Press("enter").ShowsNot(language.sentence).Shows("imap.evil.invalid", "!") // tried now: there is no such name
		screen.Press("ctrl+c").Ends()
	}
}
