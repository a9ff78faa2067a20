//go:build unix

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"filippo.io/age"

	"tmail/mailtest"
)

// A secret with a passphrase is asked for where there is a terminal; elsewhere its account says what is missing.
func TestUnlock(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	user := mailtest.User("ann")
	d.Save(user, "INBOX", []byte(note))
	n := newNewcomer(t, zone{}).trusts(d.Cert)
	n.writes(fmt.Sprintf("[[account]]\nname = \"own\"\nemail = \"me@own.test\"\n[account.incoming]\nprotocol = \"imap\"\nhost = \"localhost\"\nport = %d\nusername = %q\npassword_file = \"own.age\"\n", d.IMAPS, user))
	to, err := age.NewScryptRecipient("open sesame")
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(10)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err == nil {
		_, err = io.WriteString(w, mailtest.Password+"\n")
	}
	if err = errors.Join(err, w.Close(), os.WriteFile(filepath.Join(filepath.Dir(n.config()), "own.age"), sealed.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	screen := n.runs(100, 20).Shows("Passphrase of", "own.age").Type("open says me\r").Shows("That is not it.").Type("open sesame\r")
	screen.Shows("Welcome aboard").Press("q").Ends()
	if strings.Contains(screen.Raw(), "sesame") {
		t.Error("the passphrase was shown")
	}
	alone := n.command("sync")
	alone.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal
	if out, err := alone.CombinedOutput(); err == nil || !bytes.Contains(out, []byte("own: The password is locked with a passphrase")) {
		t.Errorf("%v\n%s", err, out)
	}
}
