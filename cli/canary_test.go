package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"tmail/mailtest"
)

// A secret is found nowhere but where its owner put it, wherever that may be, even when every server says it aloud.
func TestCanary(t *testing.T) {
	t.Parallel()
	const canary = "canary-7c31e0"
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	loud := func(_ *mailtest.Conversation, _, command string) string { // repeats what it was told, base64 or not
		if strings.HasPrefix(command, "LOGIN") {
			return "NO [ALERT] refused: " + command
		}
		return ""
	}
	service := newSignInService(t)
	imap := behindTLS(t, cert, mailtest.Script(t, imapServer("ID", loud)).Port)
	bearer := behindTLS(t, cert, mailtest.Script(t, imapServer("AUTH=XOAUTH2 LOGINDISABLED", func(c *mailtest.Conversation, _, command string) string {
		if !strings.HasPrefix(command, "AUTHENTICATE") {
			return ""
		}
		c.Say("+ ")
		said, _ := c.Hear()
		return "NO refused: " + said + " " + service.access()
	})).Port)
	smtp := behindTLS(t, cert, mailtest.Script(t, func(c *mailtest.Conversation) {
		c.Say("220 ready")
		for line, ok := c.Hear(); ok; line, ok = c.Hear() {
			switch {
			case strings.HasPrefix(line, "EHLO"):
				c.Say("250-localhost")
				c.Say("250 AUTH PLAIN")
			case strings.HasPrefix(line, "AUTH"):
				c.Say("535 5.7.8 refused: " + line)
			default:
				c.Say("250 fine")
			}
		}
	}).Port)
	pop := behindTLS(t, cert, mailtest.Script(t, func(c *mailtest.Conversation) {
		c.Say("+OK ready")
		for line, ok := c.Hear(); ok; line, ok = c.Hear() {
			if strings.HasPrefix(line, "USER") {
				c.Say("+OK go on")
				continue
			}
			c.Say("-ERR refused: " + line)
		}
	}).Port)

	n := newNewcomer(t, zone{TokenURL: service.URL}).trusts(cert)
	n.env = append(n.env, "PATH="+n.home+"/bin:/usr/bin:/bin")
	own := t.TempDir() // where the owner put it; not searched
	secretFile := filepath.Join(own, "secret")
	config := filepath.Join(own, "config.toml")
	sealed := filepath.Join(own, "sealed.age")
	if err := errors.Join(os.WriteFile(secretFile, []byte(canary+"\n"), 0o600), seal(sealed, canary)); err != nil {
		t.Fatal(err)
	}
	service.mu.Lock()
	service.refresh = canary
	service.mu.Unlock()
	var text strings.Builder
	for _, a := range []struct {
		name, protocol, secret string
		port                   int
	}{
		{"literal", "imap", fmt.Sprintf("password = %q", canary), imap},
		{"command", "imap", fmt.Sprintf("password_command = \"cat %s\"", secretFile), imap},
		{"file", "imap", fmt.Sprintf("password_file = %q", sealed), imap},
		{"post office", "pop3", fmt.Sprintf("password = %q", canary), pop},
		{"token", "imap", fmt.Sprintf("password_file = %q\noauth2 = { client_id = \"client-1\", client_secret = %q, auth_url = %q, token_url = %q, scopes = [\"mail\"] }",
			filepath.Join(own, "token.age"), canary, service.URL+"/auth", service.URL+"/token"), bearer},
	} {
		fmt.Fprintf(&text, "[[account]]\nname = %q\nemail = \"me@own.test\"\n[account.incoming]\nprotocol = %q\nhost = \"localhost\"\nport = %d\nsecurity = \"tls\"\n%s\n", a.name, a.protocol, a.port, a.secret)
		fmt.Fprintf(&text, "[account.outgoing]\nprotocol = \"smtp\"\nhost = \"localhost\"\nport = %d\nsecurity = \"tls\"\n", smtp)
	}
	if err := errors.Join(seal(filepath.Join(own, "token.age"), canary), os.WriteFile(config, []byte(text.String()), 0o600)); err != nil {
		t.Fatal(err)
	}
	silent := func(what string, out []byte) {
		for _, secret := range []string{canary, "canary-access", "canary-refresh"} {
			if bytes.Contains(out, []byte(secret)) {
				t.Errorf("%s says %s:\n%s", what, secret, out)
			}
		}
	}
	for _, args := range [][]string{
		{"sync"}, {"sync", "--json"}, {"check"}, {"check", "--json"}, {"list"},
		{"send", "--to", "ann@own.test", "--subject", "x", "--account", "literal"},
	} {
		cmd := n.command(append(args, "--config", config, "--trace", filepath.Join(n.home, "trace"))...)
		cmd.Stdin = strings.NewReader("x")
		out, _ := cmd.CombinedOutput() // most of it fails, as it has to
		silent(args[0], out)
	}
	screen := n.runs(120, 30, "--config", config, "--trace", filepath.Join(n.home, "trace"))
	screen.Shows("literal", "does not accept")
	mailtest.Until(t, "the server's words", func() bool { // while it is tried again there is nothing to say
		return strings.Contains(screen.Press("!").Screen(), "refused: ")
	})
	screen.Press("esc").ShowsNot("refused: ").Press("q")
	screen.Ends()
	silent("the screen", []byte(screen.Raw()))
	searchFor(t, n.home, canary)
	searchFor(t, n.home, "canary-access")
	searchFor(t, n.home, "canary-refresh")
}

// seal writes a secret encrypted to the key beside it, which it makes when there is none.
func seal(path, secret string) error {
	keyFile := filepath.Join(filepath.Dir(path), "key.txt")
	text, err := os.ReadFile(keyFile)
	if errors.Is(err, os.ErrNotExist) {
		key, err := age.GenerateX25519Identity()
		if err != nil {
			return err
		}
		text = []byte(key.String())
		if err := os.WriteFile(keyFile, text, 0o600); err != nil {
			return err
		}
	}
	key, err := age.ParseX25519Identity(string(text))
	if err != nil {
		return err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, key.Recipient())
	if err == nil {
		_, err = w.Write([]byte(secret))
	}
	return errors.Join(err, w.Close(), os.WriteFile(path, sealed.Bytes(), 0o600))
}
