//go:build unix

package mailsync

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

// fillMaildir puts n messages into the inbox of a user who has one, as files.
func fillMaildir(t *testing.T, d *mailtest.Dovecot, user string, n int) {
	t.Helper()
	dir := filepath.Join(d.Mail, user, "Maildir", "cur")
	var like syscall.Stat_t
	if err := syscall.Stat(dir, &like); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		path := filepath.Join(dir, fmt.Sprintf("1700000000.M%06d.test:2,", i))
		if err := os.WriteFile(path, testMessage(fmt.Sprintf("many %05d", i), "body\r\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, int(like.Uid), int(like.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

// Ten thousand messages moved, starred and taken back, online, offline, and with the link broken in the middle:
// the server and what is shown here end equal each time.
func TestTenThousandMessages(t *testing.T) {
	count := 10_000
	if !mailtest.Long() {
		count = 1_000
	}
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "INBOX", "many")
	fillMaildir(t, w.dovecot, w.ann, count)
	w.sync("work")
	inbox, archive := w.folder("work", account.RoleInbox).ID, w.folder("work", account.RoleArchive).ID
	all, err := w.store.Index.IDs(background, inbox)
	if err != nil || len(all) != count+1 {
		t.Fatalf("%d messages listed, want %d: %v", len(all), count+1, err)
	}
	chosen := all[:count]

	equal := func(when string, inInbox, inArchive int) {
		t.Helper()
		for _, side := range []struct {
			mailbox string
			id      store.ID
			want    int
		}{{"INBOX", inbox, inInbox}, {"Archive", archive, inArchive}} {
			here := w.listed(side.id)
			there := w.alive(side.mailbox)
			if !slices.Equal(here, there) || len(here) != side.want {
				t.Errorf("%s: %d in %s here, %d on the server, want %d", when, len(here), side.mailbox, len(there), side.want)
			}
		}
		if n := w.waiting("work"); n != 0 {
			t.Errorf("%s: %d changes wait", when, n)
		}
	}
	do := func(step store.Step, err error) store.Step {
		t.Helper()
		if err != nil || step.Count != count {
			t.Fatalf("%d of %d changed: %v", step.Count, count, err)
		}
		return step
	}

	moved := do(w.store.Changes.Move(background, chosen, archive))
	w.sync("work")
	equal("moved", 1, count)
	w.undo(moved)
	w.sync("work")
	equal("taken back", count+1, 0)

	w.imap.Refuse(true)
	moved = do(w.store.Changes.Move(background, chosen, archive))
	starred := do(w.store.Changes.Flag(background, chosen, message.Flagged, 0))
	if _, err := w.engine.SyncOnce(background, "work", nil); err == nil {
		t.Fatal("synchronised offline")
	}
	if got := len(w.listed(archive)); got != count {
		t.Errorf("%d shown in Archive offline", got)
	}
	w.imap.Refuse(false)
	w.sync("work")
	equal("moved and starred offline", 1, count)

	w.imap.Refuse(true)
	w.undo(starred)
	w.undo(moved)
	w.imap.Refuse(false)
	w.imap.CutAfter("UID MOVE")
	for range 3 { // the first ends in the middle
		if _, err := w.engine.SyncOnce(background, "work", nil); err == nil {
			break
		}
	}
	w.sync("work")
	equal("taken back offline, the link broken", count+1, 0)
	if flags := strings.Join(w.dovecot.Fetch(w.ann, "INBOX", "flags"), " "); strings.Contains(flags, `\Flagged`) {
		t.Error("stars are left on the server")
	}
}

// listed are the subjects of all messages shown in a folder, sorted.
func (w *world) listed(folder store.ID) []string {
	w.t.Helper()
	rows, err := w.store.Index.Newest(background, folder, 100_000)
	if err != nil {
		w.t.Fatal(err)
	}
	subjects := make([]string, len(rows))
	for i, r := range rows {
		subjects[i] = r.Subject
	}
	slices.Sort(subjects)
	return subjects
}

// alive are the subjects of all messages in a mailbox of ann's on the server that are not marked \Deleted, sorted.
func (w *world) alive(mailbox string) []string {
	w.t.Helper()
	subjects := []string{}
	for line := range strings.Lines(w.dovecot.Doveadm("fetch", "-u", w.ann, "hdr.subject", "mailbox", mailbox, "undeleted")) {
		if s, ok := strings.CutPrefix(line, "hdr.subject: "); ok {
			subjects = append(subjects, strings.TrimSpace(s))
		}
	}
	slices.Sort(subjects)
	return subjects
}
