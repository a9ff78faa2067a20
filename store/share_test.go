package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tmail/message"
)

// wakes waits for a wake-up.
func wakes(t *testing.T, ch <-chan struct{}) {
	t.Helper()
	select {
	case _, ok := <-ch:
		if !ok {
			t.Fatal("the channel is closed")
		}
	case <-time.After(time.Minute):
		t.Fatal("nothing woke")
	}
}

// Two Stores on one directory are what two processes are: they share nothing
// but the files.
func TestTwoStoresOnOneDirectory(t *testing.T) {
	dir := t.TempDir()
	one, two := openAt(t, dir), openAt(t, dir)
	setUp(t, one)
	inbox := folderNamed(t, two, "work", "INBOX")

	watching, stop := context.WithCancel(t.Context())
	own, others := one.Watch(watching), two.Watch(watching)
	fill(t, one, inbox, 1)
	wakes(t, own)
	wakes(t, others)
	stop()
	for range own { // ends when the channel is closed
	}

	var wg sync.WaitGroup
	for i, s := range []*Store{one, two} {
		wg.Go(func() {
			for n := range 50 {
				uid := uint32(1000*(i+1) + n)
				ids, err := s.Remote.Add(t.Context(), inbox, []NewMessage{mail(int(uid), uid, 0)})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := s.Changes.Flag(t.Context(), ids, message.Seen, 0); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	f, err := one.Index.Folder(t.Context(), inbox)
	must(t, err)
	if f.Total != 101 || f.Unread != 1 {
		t.Errorf("folder %+v", f)
	}
}

func TestStatusAndWishes(t *testing.T) {
	dir := t.TempDir()
	one, two := openAt(t, dir), openAt(t, dir)
	setUp(t, one)
	ctx := t.Context()
	must(t, one.Accounts.SetStatus(ctx, "work", Status{Phase: PhaseSynced}))
	must(t, one.Accounts.SetStatus(ctx, "work", Status{Phase: PhaseFailed, Problem: &Problem{Kind: ProblemAuth, Words: "no"}}))
	st, err := two.Accounts.Status(ctx, "work")
	must(t, err)
	if st.Phase != PhaseFailed || st.Problem.Words != "no" || !st.Synced.Equal(clock) {
		t.Errorf("status %+v", st)
	}
	ticket, err := two.Accounts.AskSync(ctx, "work")
	must(t, err)
	if asked, err := one.Accounts.SyncAsked(ctx, "work"); err != nil || asked != ticket {
		t.Errorf("asked %d, %v; want %d", asked, err, ticket)
	}
	if done, _, err := two.Accounts.SyncAnswered(ctx, "work", ticket); err != nil || done {
		t.Errorf("answered early: %v", err)
	}
	must(t, one.Accounts.AnswerSync(ctx, "work", ticket, &Problem{Kind: ProblemNetwork}))
	if done, p, err := two.Accounts.SyncAnswered(ctx, "work", ticket); err != nil || !done || p.Kind != ProblemNetwork {
		t.Errorf("answered %v %v %v", done, p, err)
	}
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := openAt(t, dir)
	setUp(t, s)
	list, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range list {
		info, err := e.Info()
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v, %v", info.Mode(), err)
	}
}

// A file that may not grow is what a full disk is to SQLite.
func TestFullDisk(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	added := fill(t, s, inbox, 100)
	limit := func(pages int) {
		must(t, s.d.update(t.Context(), retold, "limit", func(t *tx) error {
			_, err := t.d.conn.ExecContext(t.ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		}))
	}
	limit(1)
	big := make([]byte, 1<<20)
	for i := range big {
		big[i] = byte(i * i >> 7)
	}
	if err := s.Bodies.Put(t.Context(), []Body{{ID: added[0], Raw: big}}); !errors.Is(err, ErrDiskFull) {
		t.Errorf("a full disk: %v", err)
	}
	d := &Draft{Account: "work", Body: string(big)}
	if err := s.Drafts.Save(t.Context(), d); !errors.Is(err, ErrDiskFull) || d.ID != 0 {
		t.Errorf("a full disk: %v, draft %s", err, d.ID)
	}
	checkSound(t, s)
	limit(1 << 30)
	must(t, s.Drafts.Save(t.Context(), d))
	must(t, s.Bodies.Put(t.Context(), []Body{{ID: added[0], Raw: big}}))
}

func TestBytesNobodyTookAreSwept(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, at(clock))
	must(t, err)
	setUp(t, s)
	w, err := s.Bodies.Create(t.Context())
	must(t, err)
	_, err = w.Write(make([]byte, 3*batchBytes))
	must(t, err)
	must(t, s.Close())
	blobs := func(now time.Time) int {
		s, err := Open(t.Context(), dir, at(now))
		must(t, err)
		defer s.Close()
		n, err := one(s.d.reading(t.Context()), value[int], "SELECT (SELECT count(*) FROM blob) + (SELECT count(*) FROM piece)")
		must(t, err)
		return n
	}
	if n := blobs(clock.Add(abandoned / 2)); n == 0 {
		t.Error("bytes another process may be writing were swept")
	}
	if n := blobs(clock.Add(2 * abandoned)); n != 0 {
		t.Errorf("%d rows are left of bytes nobody took", n)
	}
}

func TestMadeByManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := Open(t.Context(), dir, at(clock))
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Accounts.SetStatus(t.Context(), "work", Status{Phase: PhaseSyncing}); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
