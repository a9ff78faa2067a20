package imap_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
	"tmail/transport/imap"
)

// A password that was replaced where it is kept, while this process had the one before, is found when the server
// refuses that; one that is wrong there too is asked for once more and no oftener.
func TestPasswordReplaced(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	kept, asked := write("kept", "old\n"), write("asked", "")
	config := write("config.toml", fmt.Sprintf(`[[account]]
name = "own"
email = "me@own.test"
[account.incoming]
protocol = "imap"
host = "localhost"
port = %d
username = %q
tls_ca_file = %q
password_command = "echo >> %s; cat %s"
`, d.IMAPS, user(t), d.Cert.CAFile, asked, kept))
	loaded, err := account.Load(config)
	if err == nil {
		err = loaded.Accounts[0].Err
	}
	if err != nil {
		t.Fatal(err)
	}
	server := loaded.Accounts[0].Incoming
	known := func() { // as after a sign-in with it
		if _, err := server.Secret(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	times := func(want int) {
		t.Helper()
		if text, err := os.ReadFile(asked); err != nil || len(text) != want {
			t.Errorf("asked %d times, want %d: %v", len(text), want, err)
		}
	}
	known()
	_, err = imap.Dial(t.Context(), &transport.Dialer{}, server)
	var refused *transport.Error
	if !errors.As(err, &refused) || refused.Kind != transport.KindAuth {
		t.Fatalf("signed in with a wrong password: %v", err)
	}
	times(2)

	known()
	write("kept", mailtest.Password+"\n")
	c, err := imap.Dial(t.Context(), &transport.Dialer{}, server)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	times(4)
}
