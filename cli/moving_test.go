package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/mailtest"
)

// Accounts that setup made hand mail to each other by the key for moving: from POP3 and from IMAP to a folder on the
// server of another one.
func TestMoveBetweenAccounts(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	pop, from, to := mailtest.User("me")+"@one.test", mailtest.User("me")+"@two.test", mailtest.User("me")+"@three.test"
	message := func(subject string) []byte {
		return fmt.Appendf(nil, "From: Ann <ann@own.test>\r\nTo: me@own.test\r\nSubject: %s\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <%s@own.test>\r\n\r\nHello\r\n", subject, subject)
	}
	d.Save(pop, "INBOX", message("popped"))
	d.Save(from, "INBOX", message("imapped"))
	d.Save(to, "Archive", message("there"))
	n := newNewcomer(t, zone{}).trusts(d.Cert)
	for _, account := range []struct{ user, service, subject string }{{pop, "pop3s", "popped"}, {from, "imaps", "imapped"}, {to, "imaps", "three ▾"}} {
		port := d.IMAPS
		if account.service == "pop3s" {
			port = d.POP3S
		}
		n.zone = zone{SRV: map[string]string{account.service: fmt.Sprintf("localhost:%d", port)}}
		screen := n.runs(120, 40, "setup").Shows("Address").Type(account.user).Press("enter").Type(mailtest.Password).Press("enter")
		screen.Shows(account.subject).Press("q").Ends()
	}

	screen := n.runs(120, 40).Shows("Archive         1") // the folders of all accounts are there
	for _, account := range []struct{ name, subject string }{{"one ▾", "popped"}, {"two ▾", "imapped"}} {
		if account.name == "two ▾" { // the first one is open
			screen.Press("2")
		}
		screen.Shows(account.name, account.subject, "1 unread of 1", "m move")
		screen.Press("m").Shows("Move to").Type("archive three").Press("enter").Shows("Moved 1 to Archive (three)")
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		arrived, left := d.Subjects(to, "Archive"), d.Subjects(from, "INBOX")
		slices.Sort(arrived)
		if slices.Equal(arrived, []string{"imapped", "popped", "there"}) && len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("arrived %q, left %q", arrived, left)
		}
	}
	if raw := d.Raw(to, "Archive", "popped"); raw != strings.ReplaceAll(string(message("popped")), "\r\n", "\n") {
		t.Errorf("it arrived as %q", raw)
	}
	screen.Press("q").Ends()
}
