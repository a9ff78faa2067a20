package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"tmail/message"
)

// hoarded is a message over POP3 that tells by its content which it is; every
// fifth goes on on pages of its own.
func hoarded(rnd *rand.Rand, i int) POPNew {
	raw := fmt.Appendf(nil, "Subject: Message %d\r\n\r\n", i)
	length := 200 + rnd.IntN(2000)
	if i%5 == 0 {
		length = 5000 + rnd.IntN(20_000)
	}
	for range length {
		raw = append(raw, byte(' '+rnd.IntN(90)))
	}
	return POPNew{UIDL: fmt.Sprint("u", i), Message: mail(i, 0, 0), Raw: raw, Preview: "p"}
}

// hoard makes a database with count messages over POP3, a draft and a message
// to be sent, and returns its bytes, and the messages by subject.
func hoard(t *testing.T, count int) (sound []byte, mails map[string][]byte) {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	s, err := Open(ctx, dir, at(clock))
	must(t, err)
	setUp(t, s)
	mails = map[string][]byte{}
	rnd := rand.New(rand.NewPCG(7, 8))
	for from := 0; from < count; from += 250 {
		var list []POPNew
		for i := from; i < from+250; i++ {
			m := hoarded(rnd, i)
			mails[m.Message.Envelope.Subject] = bytes.Clone(m.Raw)
			list = append(list, m)
		}
		_, _, err := s.Remote.AddPOP(ctx, "home", list)
		must(t, err)
	}
	for _, subject := range []string{"kept", "queued"} {
		d := &Draft{Account: "home", Subject: subject, Body: "body", To: []message.Address{{Addr: "bob@example.com"}}}
		must(t, s.Drafts.Save(ctx, d))
		if subject == "queued" {
			must(t, s.Outbox.Queue(ctx, d.ID, text("raw message"), Envelope{From: "me@example.com", To: []string{"bob@example.com"}}, clock))
		}
	}
	must(t, s.Close())
	sound, err = os.ReadFile(filepath.Join(dir, fileName))
	must(t, err)
	return sound, mails
}

// pagesOf returns the pages of a b-tree, but for the leaves below its root.
func pagesOf(t *testing.T, sound []byte, name string) []int {
	t.Helper()
	return pagesWhere(t, sound, name, "path = '/' OR pagetype = 'internal'")
}

func pagesWhere(t *testing.T, sound []byte, name, which string) (list []int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "look.db")
	must(t, os.WriteFile(path, sound, 0o600))
	db, err := sql.Open("sqlite", dsn(path))
	must(t, err)
	defer db.Close()
	must(t, scanRows(t.Context(), db, 1, func(row []any) error {
		list = append(list, int(row[0].(int64)))
		return nil
	}, "SELECT pageno FROM dbstat WHERE name = ? AND ("+which+")", name))
	return list
}

// reopened opens a damaged database and returns the subjects of the messages
// over POP3 that can be read. Whatever differs from what was put in is an error.
func reopened(t *testing.T, data []byte, mails map[string][]byte) (s *Store, left map[string]bool) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, fileName), data, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, damageMark), nil, 0o600))
	s = openAt(t, dir)
	kept := false // the file as it was found, whatever was tried with it
	for _, path := range damagedFiles(t, dir) {
		aside, err := os.ReadFile(path)
		must(t, err)
		kept = kept || bytes.Equal(aside, data)
	}
	if !kept {
		t.Error("the damaged file is not as it was")
	}
	setUp(t, s)
	left = map[string]bool{}
	folders, err := s.Index.Folders(t.Context())
	must(t, err)
	for _, f := range folders {
		ids, err := s.Index.IDs(t.Context(), f.ID)
		must(t, err)
		rows, err := s.Index.Rows(t.Context(), ids)
		must(t, err)
		for _, m := range rows {
			if m.Subject == "kept" || m.Subject == "queued" {
				continue
			}
			var raw []byte
			r, _, err := s.Bodies.Open(t.Context(), m.ID)
			if err == nil {
				raw, err = io.ReadAll(r)
			}
			if errors.Is(err, ErrDamaged) {
				continue // it stood on one of the pages
			}
			must(t, err)
			if want, ok := mails[m.Subject]; !ok || left[m.Subject] || !bytes.Equal(raw, want) {
				t.Errorf("%q was invented, doubled or changed", m.Subject)
			}
			left[m.Subject] = true
		}
	}
	return s, left
}

func wipe(data []byte, rnd *rand.Rand, pages ...int) {
	for _, n := range pages {
		for i := (n - 1) * 4096; i < n*4096; i++ {
			data[i] = byte(rnd.Uint32())
		}
	}
}

// The way to the rows of a table is damaged, and the rows are not.
func TestSalvageLostWays(t *testing.T) {
	sound, mails := hoard(t, 750)
	rnd := rand.New(rand.NewPCG(1, 2))
	cases := map[string][]int{"whole schema": pagesWhere(t, sound, "sqlite_schema", "true")}
	for name, trees := range map[string][]string{
		"messages":           {"message", "piece", "blob", "uidl", "sqlite_schema"},
		"account":            {"account"},
		"folder, ids, files": {"folder", "sqlite_sequence", "file"},
	} {
		for _, tree := range trees {
			pages := pagesOf(t, sound, tree)
			if len(pages) == 0 {
				t.Fatalf("no page of %s", tree)
			}
			cases[name] = append(cases[name], pages...)
		}
	}
	for name, pages := range cases {
		t.Run(name, func(t *testing.T) {
			data := bytes.Clone(sound)
			wipe(data, rnd, pages...)
			s, left := reopened(t, data, mails)
			if len(left) != len(mails) {
				t.Errorf("%d of %d messages are left", len(left), len(mails))
			}
			drafts, err := s.Drafts.List(t.Context(), "")
			must(t, err)
			out, err := s.Outbox.List(t.Context(), "")
			must(t, err)
			if len(drafts) != 1 || len(out) != 1 {
				t.Errorf("%d drafts, %d messages to be sent", len(drafts), len(out))
			}
		})
	}
}

// What was deleted does not come back from the pages it once stood on.
func TestSalvageLeavesDeleted(t *testing.T) {
	sound, mails := hoard(t, 750)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, fileName), sound, 0o600))
	s, err := Open(t.Context(), dir, at(clock))
	must(t, err)
	must(t, s.d.update(t.Context(), precious, "delete", func(t *tx) error {
		_, err := t.exec("DELETE FROM message WHERE id > 300 AND id NOT IN (SELECT message FROM draft)")
		return err
	}))
	must(t, s.Close())
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	must(t, err)
	wipe(data, rand.New(rand.NewPCG(3, 3)), pagesOf(t, data, "message")...)
	if _, left := reopened(t, data, mails); len(left) != 300 {
		t.Errorf("300 were not deleted, and %d are left", len(left))
	}
}

// Of a hundredth of all pages, not much more than what stood on them is lost.
func TestSalvageDamagedPages(t *testing.T) {
	count := 1000
	if os.Getenv("TMAIL_TEST_LONG") != "" {
		count = 10_000
	}
	sound, mails := hoard(t, count)
	pages := len(sound) / 4096
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 9))
			data := bytes.Clone(sound)
			for range pages / 100 {
				wipe(data, rnd, 1+rnd.IntN(pages))
			}
			_, left := reopened(t, data, mails)
			t.Logf("%d of %d messages left of %d pages", len(left), len(mails), pages)
			if len(left) < len(mails)*90/100 {
				t.Errorf("only %d of %d messages are left", len(left), len(mails))
			}
		})
	}
}
