package mailsync

import (
	"strings"
	"sync/atomic"
	"testing"

	"tmail/account"
	"tmail/mailtest"
)

// keeping stands in front of the server of the accounts and says no to whoever takes messages away from a mailbox: the
// inbox, or any.
func (w *world) keeping(any bool) {
	w.t.Helper()
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			var inbox atomic.Bool // the one mailbox that is open; a test has one connection at a time
			w.accounts[i].Incoming.Port = between(w.t, w.imap.Port, func(c *mailtest.Conversation, line string) (string, bool) {
				if strings.Contains(line, " SELECT ") || strings.Contains(line, " EXAMINE ") {
					inbox.Store(strings.Contains(line, "INBOX"))
				}
				if strings.Contains(line, "UID STORE") && strings.Contains(line, `+FLAGS.SILENT (\Deleted)`) && (any || inbox.Load()) {
					tag, _, _ := strings.Cut(line, " ")
					c.Say(tag + " NO [NOPERM] you may not")
					return "", false
				}
				return line, true
			}, asItIs).Port
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
}

// A server without MOVE that copies messages and then refuses to take them away leaves them in both mailboxes. The move
// is given back: they are where they were, once, and that is said.
func TestMoveDoneByHalf(t *testing.T) {
	t.Parallel()
	for name, capability := range map[string]string{"UIDPLUS": "IMAP4rev1 UIDPLUS", "nothing": "IMAP4rev1"} {
		for _, cut := range []bool{false, true} {
			if cut {
				name += ", link cut after COPY"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, mailtest.DovecotOptions{Capability: capability})
				w.arrive(w.ann, "INBOX", "a")
				w.arrive(w.ann, "INBOX", "b")
				w.arrive(w.ann, "Archive", "old")
				w.sync("work")
				w.keeping(false)
				w.move(account.RoleArchive, "a", "b")
				if cut {
					w.imap.CutAfter("UID COPY")
					if _, err := w.engine.SyncOnce(background, "work", nil); err == nil || w.imap.Armed() {
						t.Fatalf("the link was not cut: %v", err)
					}
				}
				w.sync("work")
				w.sync("work")
				w.wantShown("work", account.RoleInbox, "a", "b")
				w.wantOnServerAlive(w.ann, "INBOX", "a", "b")
				w.wantOnServerAlive(w.ann, "Archive", "old")
				if n := w.waiting("work"); n != 0 {
					t.Errorf("%d changes wait", n)
				}
				if list, err := w.store.Notices(background); err != nil || len(list) != 1 || !strings.Contains(list[0].Problem.Words, "you may not") {
					t.Errorf("notices %+v, error %v", list, err)
				}
			})
		}
	}
}

// Where not even the copies can be taken away, they are shown, and no more are made.
func TestMoveThatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS"})
	w.arrive(w.ann, "INBOX", "a")
	w.sync("work")
	w.keeping(true)
	w.move(account.RoleArchive, "a")
	for range 3 {
		w.sync("work")
	}
	w.wantShown("work", account.RoleInbox, "a")
	w.wantShown("work", account.RoleArchive, "a")
	w.wantOnServer(w.ann, "Archive", "a")
	if list, err := w.store.Notices(background); err != nil || len(list) != 1 {
		t.Errorf("notices %+v, error %v", list, err)
	}
}
