package store

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
)

// writerTo is a message that is written by a function.
type writerTo func(io.Writer) error

func (f writerTo) WriteTo(w io.Writer) (int64, error) { return 0, f(w) }

func text(s string) writerTo {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// treasure puts into a store what exists nowhere else, and returns a function
// that tells what of it is missing in another.
func treasure(t *testing.T, s *Store) func(*Store) []string {
	ctx := t.Context()
	fill(t, s, folderNamed(t, s, "work", "INBOX"), 500)
	a, err := s.Drafts.Attach(ctx, "plan.pdf", "application/pdf", strings.NewReader(strings.Repeat("pdf", 200_000)))
	must(t, err)
	draft := &Draft{Account: "work", Subject: "kept", Body: "draft body", Files: []Attachment{a}}
	must(t, s.Drafts.Save(ctx, draft))
	out := &Draft{Account: "work", Subject: "queued", To: []message.Address{{Addr: "bob@example.com"}}}
	must(t, s.Drafts.Save(ctx, out))
	must(t, s.Outbox.Queue(ctx, out.ID, text("raw message"), Envelope{From: "me@example.com", To: []string{"bob@example.com"}}, clock))
	var list []POPNew
	for i := range 50 {
		list = append(list, POPNew{UIDL: "u" + ID(i+1).String(), Message: mail(i, 0, 0), Raw: bytes.Repeat([]byte{byte('a' + i%26)}, 2000), Preview: "p"})
	}
	pop, _, err := s.Remote.AddPOP(ctx, "home", list)
	must(t, err)
	return func(s *Store) (missing []string) {
		if d, err := s.Drafts.Get(ctx, draft.ID); err != nil || d.Body != "draft body" || len(d.Files) != 1 {
			missing = append(missing, "draft")
		} else if r, err := s.Drafts.OpenFile(ctx, d.Files[0]); err != nil {
			missing = append(missing, "attachment")
		} else if data, err := io.ReadAll(r); err != nil || len(data) != 600_000 {
			missing = append(missing, "attachment bytes")
		}
		if o, err := s.Outbox.Get(ctx, out.ID); err != nil || o.Recipients[0].Addr != "bob@example.com" {
			missing = append(missing, "outgoing message")
		} else if r, _, err := s.Bodies.Open(ctx, out.ID); err != nil {
			missing = append(missing, "outgoing bytes")
		} else if data, err := io.ReadAll(r); err != nil || string(data) != "raw message" {
			missing = append(missing, "outgoing bytes")
		}
		for i, id := range pop {
			r, _, err := s.Bodies.Open(ctx, id)
			if err != nil {
				missing = append(missing, "POP3 message")
				continue
			}
			if data, err := io.ReadAll(r); err != nil || !bytes.Equal(data, list[i].Raw) {
				missing = append(missing, "POP3 message bytes")
			}
		}
		return missing
	}
}

func damagedFiles(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*.damaged-*"))
	must(t, err)
	return list
}

func TestDamagedFileIsSetAside(t *testing.T) {
	cases := map[string]struct {
		damage func(data []byte)
		all    bool // everything is to be saved
	}{
		"first page": {func(d []byte) { clear(d[:4096]) }, true},
		"header":     {func(d []byte) { copy(d, "not a database at all") }, true},
		"schema":     {func(d []byte) { clear(d[200:4096]) }, true},
		"not one":    {func(d []byte) { clear(d) }, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := Open(t.Context(), dir, at(clock))
			must(t, err)
			setUp(t, s)
			missing := treasure(t, s)
			must(t, s.Close())

			path := filepath.Join(dir, fileName)
			data, err := os.ReadFile(path)
			must(t, err)
			c.damage(data)
			must(t, os.WriteFile(path, data, 0o600))

			s = openAt(t, dir)
			if got := missing(s); c.all && len(got) > 0 {
				t.Errorf("missing after the damage: %v", got)
			}
			if len(damagedFiles(t, dir)) == 0 {
				t.Error("the damaged file is gone")
			}
			notices, err := s.Notices(t.Context())
			must(t, err)
			if len(notices) != 1 || notices[0].Problem.Kind != ProblemDamaged {
				t.Errorf("notices %+v", notices)
			}
			setUp(t, s) // and it works
			fill(t, s, folderNamed(t, s, "work", "INBOX"), 3)
		})
	}
}

// What a version before this one wrote is saved too.
func TestDamagedFileOfAnOlderVersion(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, at(clock))
	must(t, err)
	setUp(t, s)
	missing := treasure(t, s)
	must(t, s.d.update(t.Context(), precious, "age", func(t *tx) error {
		_, err := t.d.conn.ExecContext(t.ctx, "ALTER TABLE folder DROP COLUMN folded; ALTER TABLE message DROP COLUMN list_id; DROP TABLE habit")
		return err
	}))
	s.d.markDamaged()
	must(t, s.Close())
	if got := missing(openAt(t, dir)); len(got) > 0 {
		t.Errorf("missing after the damage: %v", got)
	}
}

// Whatever bit of the file is wrong, opening and reading give an answer, and
// the file is never lost.
func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, at(clock))
	must(t, err)
	setUp(t, s)
	missing := treasure(t, s)
	must(t, s.Close())
	sound, err := os.ReadFile(filepath.Join(dir, fileName))
	must(t, err)

	runs := 30
	if os.Getenv("TMAIL_TEST_LONG") != "" {
		runs = 300
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range runs {
		data := bytes.Clone(sound)
		for range 1 + rnd.IntN(20) {
			data[rnd.IntN(len(data))] ^= 1 << rnd.IntN(8)
		}
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, fileName), data, 0o600))
		for range 2 { // damage met while in use is mended by the second
			s, err := Open(t.Context(), dir, at(clock))
			if err != nil {
				t.Fatal(err)
			}
			useAll(t.Context(), s)
			missing(s)
			must(t, s.Close())
		}
	}
}

// useAll reads everything and does not mind errors.
func useAll(ctx context.Context, s *Store) {
	folders, _ := s.Index.Folders(ctx)
	for _, f := range folders {
		list, _ := s.Index.IDs(ctx, f.ID)
		_, _ = s.Index.Rows(ctx, list)
		_, _ = s.Changes.Move(ctx, list, folders[0].ID)
	}
	query, _ := ParseQuery("message OR body:x", clock)
	_, _ = s.Search.Find(ctx, query, Scope{}, 0)
	_, _ = s.Search.Index(ctx, 0)
	_, _ = s.Changes.Next(ctx, "work")
	_, _ = s.Drafts.List(ctx, "")
}

func TestNewerDatabaseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, at(clock))
	must(t, err)
	must(t, s.d.update(t.Context(), precious, "age", func(t *tx) error {
		_, err := t.d.conn.ExecContext(t.ctx, "PRAGMA user_version = 1000")
		return err
	}))
	must(t, s.Close())
	if _, err := Open(t.Context(), dir, at(clock)); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("a newer database opened: %v", err)
	}
	if len(damagedFiles(t, dir)) > 0 {
		t.Error("it was set aside")
	}
}

func TestDamagedWhileInUse(t *testing.T) {
	dir := t.TempDir()
	one, err := Open(t.Context(), dir, at(clock))
	must(t, err)
	must(t, one.Accounts.Register(t.Context(), account.Account{Name: "work", Incoming: account.Endpoint{Protocol: "imap"}}))
	one.d.markDamaged()
	ctx, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	if s, err := Open(ctx, dir, at(clock)); err == nil {
		s.Close()
		t.Error("the database was replaced under another's feet")
	}
	must(t, one.Close())
	s := openAt(t, dir)
	if n, err := s.Notices(t.Context()); err != nil || len(n) != 1 {
		t.Errorf("notices %v, %v", n, err)
	}
}
