package mailsync

import (
	"strings"
	"testing"

	"tmail/account"
	"tmail/mailtest"
)

// One message with an enormous header keeps no other from being read.
func TestEnormousHeader(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "INBOX", "before")
	huge := "Subject: huge\r\nMessage-ID: <huge@other.test>\r\nTo: " + strings.Repeat("a@b.example,\r\n ", 400_000) + "c@d.example\r\n\r\nbody\r\n"
	w.dovecot.Save(w.ann, "INBOX", []byte(huge))
	w.arrive(w.ann, "INBOX", "after")
	w.sync("work")
	w.wantShown("work", account.RoleInbox, "after", "before", "huge")
}
