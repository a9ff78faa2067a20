package mailsync

import (
	"bytes"
	"math/rand"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

// A draft whose attachment cannot be read any more keeps no other draft from the server and no mail from being read, and
// is not tried again and again.
func TestSpoiltDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.sync("work")
	random := make([]byte, 3<<20)
	rand.New(rand.NewSource(1)).Read(random)
	attach := func() store.Attachment {
		a, err := w.store.Drafts.Attach(background, "a.bin", "application/octet-stream", bytes.NewReader(random))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	from := []message.Address{{Addr: "ann@" + mailtest.Domain}}
	bad := &store.Draft{Account: "work", From: from, Subject: "spoilt", Body: "b\n", Files: []store.Attachment{attach(), attach()}}
	w.saveDraft(bad)
	disk := w.disk()
	if _, err := disk.Exec("DELETE FROM piece WHERE id >> 20 = ?", int64(bad.Files[1].Blob)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond) // drafts are ordered by milliseconds: the spoilt one comes first
	w.saveDraft(&store.Draft{Account: "work", From: from, Subject: "good", Body: "b\n"})
	w.arrive(w.ann, "INBOX", "new")
	if _, err := w.engine.SyncOnce(background, "work", nil); err == nil {
		t.Error("nobody is told")
	}
	w.wantShown("work", account.RoleInbox, "new")
	w.wantOnServer(w.ann, "Drafts", "good")

	blobs := func() (n int) {
		if err := disk.QueryRow("SELECT seq FROM sqlite_sequence WHERE name = 'blob'").Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	w.run()
	time.Sleep(6 * time.Second) // it has been left alone for long enough
	before := blobs()
	time.Sleep(2 * time.Second) // that no more come cannot be awaited: a machine too slow sees fewer
	if after := blobs(); after > before+1 {
		t.Errorf("it was written %d times in two seconds", after-before)
	}
}
