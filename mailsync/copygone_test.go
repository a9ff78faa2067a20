package mailsync

import (
	"context"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

// A message that somebody else removed a moment ago cannot be copied: that is said, and nothing is asked for ever.
func TestCopyOfWhatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "INBOX", "one")
	w.arrive(w.ann, "INBOX", "two")
	w.sync("work")
	if _, err := w.store.Changes.Copy(background, []store.ID{w.row("one").ID}, w.folder("work", account.RoleSent).ID); err != nil {
		t.Fatal(err)
	}
	w.dovecot.Doveadm("expunge", "-u", w.ann, "mailbox", "INBOX", "subject", "one")
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	if _, err := w.engine.SyncOnce(ctx, "work", nil); err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	w.sync("work")
	w.wantOnServer(w.ann, "Sent", "one") // its bytes are here
	w.wantShown("work", account.RoleInbox, "two")
	w.wantShown("work", account.RoleSent, "one")
	if n := w.waiting("work"); n != 0 {
		t.Errorf("%d changes wait", n)
	}
}

// A server that says OK and makes no copy that could be known again is not told for ever.
func TestCopyThatIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 MOVE"})
	w.arrive(w.ann, "INBOX", "one")
	w.sync("work")
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Incoming.Port = answers(t, w.dovecot.IMAP, "UID COPY", "OK done")
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	if _, err := w.store.Changes.Copy(background, []store.ID{w.row("one").ID}, w.folder("work", account.RoleSent).ID); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	if _, err := w.engine.SyncOnce(ctx, "work", nil); err != nil {
		t.Fatal(err)
	}
	if n := w.waiting("work"); n != 0 {
		t.Errorf("%d changes wait", n)
	}
	w.wantShown("work", account.RoleSent)
	if list, err := w.store.Notices(background); err != nil || len(list) != 1 {
		t.Errorf("notices %+v, error %v", list, err)
	}
}
