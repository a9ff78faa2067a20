package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
)

// clock is the time the tests start from.
var clock = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// openAt opens a store that is closed with the test.
func openAt(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, at(clock))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		checkSound(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newStore opens a store with an IMAP account "work" that has the usual
// mailboxes, and a POP3 account "home".
func newStore(t testing.TB) *Store {
	t.Helper()
	s := openAt(t, t.TempDir())
	setUp(t, s)
	return s
}

func setUp(t testing.TB, s *Store) {
	t.Helper()
	err := s.Accounts.Register(t.Context(),
		account.Account{Name: "work", Incoming: account.Endpoint{Protocol: "imap"}},
		account.Account{Name: "home", Incoming: account.Endpoint{Protocol: "pop3"}},
		account.Account{Name: "other", Incoming: account.Endpoint{Protocol: "imap"}})
	must(t, err)
	for _, acct := range []string{"work", "other"} {
		must(t, s.Remote.SetFolders(t.Context(), acct, usual))
	}
}

var usual = []RemoteFolder{
	{Name: "INBOX", Delim: "/", Role: account.RoleInbox}, {Name: "Drafts", Delim: "/", Role: account.RoleDrafts},
	{Name: "Sent", Delim: "/", Role: account.RoleSent}, {Name: "Archive", Delim: "/", Role: account.RoleArchive},
	{Name: "Trash", Delim: "/", Role: account.RoleTrash}, {Name: "Old", Delim: "/"},
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// folderNamed returns the folder of an account by name.
func folderNamed(t testing.TB, s *Store, acct, name string) ID {
	t.Helper()
	list, err := s.Index.Folders(t.Context())
	must(t, err)
	for _, f := range list {
		if f.Account == acct && f.Name == name {
			return f.ID
		}
	}
	t.Fatalf("no folder %q of %s", name, acct)
	return 0
}

// mail makes a message; equal n make the same one.
func mail(n int, uid uint32, flags message.Flags) NewMessage {
	return NewMessage{UID: uid, Flags: flags, Date: clock.Add(time.Duration(n-1000) * time.Minute), Size: int64(1000 + n),
		Envelope: message.Envelope{MessageID: fmt.Sprintf("m%d@example.com", n), Subject: fmt.Sprintf("Message %d", n),
			From: []message.Address{{Name: "Ann Archer", Addr: "ann@example.com"}}, To: []message.Address{{Addr: "me@example.com"}}}}
}

// fill adds messages 1 to n to a mailbox under the UIDs 1 to n.
func fill(t testing.TB, s *Store, folder ID, n int) []ID {
	t.Helper()
	list := make([]NewMessage, n)
	for i := range list {
		list[i] = mail(i+1, uint32(i+1), 0)
	}
	ids, err := s.Remote.Add(t.Context(), folder, list)
	must(t, err)
	must(t, s.Remote.SetState(t.Context(), folder, RemoteState{UIDValidity: 7, UIDNext: uint32(n + 1), Synced: true}))
	return ids
}

func row(t testing.TB, s *Store, id ID) Row {
	t.Helper()
	rows, err := s.Index.Rows(t.Context(), []ID{id})
	must(t, err)
	if len(rows) != 1 {
		t.Fatalf("message %s has %d rows", id, len(rows))
	}
	return rows[0]
}

func ids(t testing.TB, s *Store, folder ID) []ID {
	t.Helper()
	list, err := s.Index.IDs(t.Context(), folder)
	must(t, err)
	return list
}

func next1(t testing.TB, s *Store, acct string) *Change {
	t.Helper()
	ch, err := s.Changes.Next(t.Context(), acct)
	must(t, err)
	return ch
}

func begin(t testing.TB, s *Store, acct string, kind ChangeKind) *Change {
	t.Helper()
	ch := next1(t, s, acct)
	if ch == nil || ch.Kind != kind {
		t.Fatalf("next change is %+v, want %s", ch, kind)
	}
	must(t, s.Changes.Begin(t.Context(), ch))
	return ch
}

func waiting(t testing.TB, s *Store, acct string, want int) {
	t.Helper()
	n, err := s.Changes.Waiting(t.Context(), acct)
	must(t, err)
	if n != want {
		t.Errorf("%d changes wait, want %d", n, want)
	}
}

// checkSound compares what is counted with a recount, and asks SQLite.
func checkSound(t testing.TB, s *Store) {
	t.Helper()
	ctx := context.Background()
	wrong, err := all(s.d.reading(ctx), value[string], `SELECT f.name || ': ' || f.total || '/' || f.unread || ' counted, ' || r.total || '/' || r.unread
		FROM folder f JOIN (SELECT f.id, count(m.id) AS total, coalesce(sum(m.flags & 1 = 0), 0) AS unread
			FROM folder f LEFT JOIN message m ON m.listed = f.id GROUP BY f.id) r ON r.id = f.id
		WHERE f.total <> r.total OR f.unread <> r.unread`)
	must(t, err)
	for _, w := range wrong {
		t.Errorf("counters: %s", w)
	}
	checks := map[string]string{
		"integrity":                   "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
		"blob without owner":          "SELECT id FROM blob WHERE loose IS NULL AND id NOT IN (SELECT blob FROM message WHERE blob IS NOT NULL) AND id NOT IN (SELECT blob FROM file)",
		"piece without blob":          "SELECT id FROM piece WHERE id >> 20 NOT IN (SELECT id FROM blob)",
		"message on neither side":     "SELECT id FROM message WHERE folder IS NULL AND server_folder IS NULL AND flight IS NULL AND NOT local",
		"mask that says nothing":      "SELECT id FROM message WHERE flight IS NULL AND (flag_add & server_flags <> 0 OR flag_remove & ~server_flags <> 0)",
		"message in an unknown place": "SELECT id FROM message WHERE folder IS NOT NULL AND folder NOT IN (SELECT id FROM folder)",
	}
	for what, query := range checks {
		bad, err := all(s.d.reading(ctx), value[string], query)
		must(t, err)
		if len(bad) > 0 {
			t.Errorf("%s: %v", what, bad)
		}
	}
}

func TestAddAndRead(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	added := fill(t, s, inbox, 10)
	got := ids(t, s, inbox)
	if len(got) != 10 || got[0] != added[9] || got[9] != added[0] {
		t.Fatalf("ids %v, want %v newest first", got, added)
	}
	rows, err := s.Index.Newest(t.Context(), inbox, 3)
	must(t, err)
	r := rows[0]
	if len(rows) != 3 || r.Subject != "Message 10" || r.From[0].Name != "Ann Archer" || r.To[0].Addr != "me@example.com" ||
		r.Account != "work" || r.Folder != inbox || r.MessageID != "m10@example.com" || r.Pending || r.Stored || r.Size != 1010 {
		t.Errorf("rows %+v", rows)
	}
	f, err := s.Index.Folder(t.Context(), inbox)
	must(t, err)
	if f.Total != 10 || f.Unread != 10 || !f.Synced || f.Role != account.RoleInbox {
		t.Errorf("folder %+v", f)
	}
	again, err := s.Remote.Add(t.Context(), inbox, []NewMessage{mail(3, 3, message.Seen)})
	must(t, err)
	if again[0] != added[2] || row(t, s, added[2]).Flags != message.Seen {
		t.Errorf("a message told twice became %v", again)
	}
}

func TestBodies(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	added := fill(t, s, inbox, 2)
	if _, _, err := s.Bodies.Open(t.Context(), added[0]); err == nil {
		t.Error("a body that is not there opened")
	}
	raw := bytes.Repeat([]byte("From: a\r\n\x00\xff text\r\n"), 200_000)
	must(t, s.Bodies.Put(t.Context(), []Body{{ID: added[0], Raw: raw[:5000], Preview: "small"}, {ID: 999}}))
	w, err := s.Bodies.Create(t.Context())
	must(t, err)
	if _, err := io.Copy(w, bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	must(t, w.Commit(t.Context(), added[1], "large", true))
	for i, want := range [][]byte{raw[:5000], raw} {
		r, size, err := s.Bodies.Open(t.Context(), added[i])
		must(t, err)
		got, err := io.ReadAll(r)
		must(t, err)
		must(t, r.Close())
		if size != int64(len(want)) || !bytes.Equal(got, want) {
			t.Errorf("body %d: %d bytes (said %d), want %d", i, len(got), size, len(want))
		}
	}
	if r := row(t, s, added[1]); !r.Stored || r.Preview != "large" || !r.HasAttachments {
		t.Errorf("row %+v", r)
	}
}

func TestMoveIsTheDifference(t *testing.T) {
	s := newStore(t)
	inbox, archive := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive")
	added := fill(t, s, inbox, 3)

	step, err := s.Changes.Move(t.Context(), added[:2], archive)
	must(t, err)
	if step.Count != 2 || step.From != "INBOX" || step.To != "Archive" {
		t.Errorf("step %+v", step)
	}
	waiting(t, s, "work", 2)
	must(t, s.Changes.Undo(t.Context(), step))
	waiting(t, s, "work", 0)

	step, err = s.Changes.Move(t.Context(), added[:2], archive)
	must(t, err)
	ch := begin(t, s, "work", ChangeMove)
	if ch.Folder.Name != "INBOX" || ch.Dest.Name != "Archive" || len(ch.Items) != 2 || ch.Items[1].UID != 2 {
		t.Errorf("change %+v", ch)
	}
	must(t, s.Changes.Done(t.Context(), ch, Outcome{UIDValidity: 9, UIDs: map[uint32]uint32{1: 21, 2: 22}}))
	waiting(t, s, "work", 0)
	must(t, s.Changes.Undo(t.Context(), step))
	ch = begin(t, s, "work", ChangeMove)
	if ch.Folder.Name != "Archive" || ch.Dest.Name != "INBOX" || ch.Items[0].UID != 21 {
		t.Errorf("inverse change %+v", ch)
	}
	must(t, s.Changes.Done(t.Context(), ch, Outcome{UIDs: map[uint32]uint32{21: 31, 22: 32}}))
	if got := ids(t, s, inbox); len(got) != 3 {
		t.Errorf("inbox %v", got)
	}
}

func TestFlagsUnderMasks(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	id := fill(t, s, inbox, 1)[0]

	_, err := s.Changes.Flag(t.Context(), []ID{id}, message.Seen, 0)
	must(t, err)
	must(t, s.Remote.SetFlags(t.Context(), inbox, []UIDFlags{{1, message.Flagged}}))
	if r := row(t, s, id); r.Flags != message.Seen|message.Flagged || !r.Pending {
		t.Errorf("row %+v", r)
	}
	ch := begin(t, s, "work", ChangeFlag)
	if ch.Add != message.Seen || ch.Remove != 0 {
		t.Errorf("change %+v", ch)
	}
	// The person changes their mind while the command is under way.
	_, err = s.Changes.Flag(t.Context(), []ID{id}, 0, message.Seen)
	must(t, err)
	must(t, s.Changes.Done(t.Context(), ch, Outcome{}))
	ch = begin(t, s, "work", ChangeFlag)
	if ch.Add != 0 || ch.Remove != message.Seen {
		t.Errorf("change %+v", ch)
	}
	must(t, s.Changes.Done(t.Context(), ch, Outcome{}))
	if r := row(t, s, id); r.Flags != message.Flagged || r.Pending {
		t.Errorf("row %+v", r)
	}
	step, err := s.Changes.Flag(t.Context(), []ID{id}, message.Seen, message.Flagged)
	must(t, err)
	must(t, s.Changes.Undo(t.Context(), step))
	waiting(t, s, "work", 0)
}

func TestCloseTwice(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), at(clock))
	must(t, err)
	must(t, s.Close())
	must(t, s.Close())
}

// A program that is open while a newer one brings the database up to date goes on reading, writes nothing, and says why.
func TestNewerProgramTakesOver(t *testing.T) {
	dir := t.TempDir()
	old, err := Open(t.Context(), dir, at(clock))
	must(t, err)
	setUp(t, old)
	folders, err := old.Index.Folders(t.Context())
	must(t, err)
	newer := openAt(t, dir)
	must(t, newer.d.update(t.Context(), precious, "migrate", func(t *tx) error {
		_, err := t.d.conn.ExecContext(t.ctx, fmt.Sprintf("ALTER TABLE folder ADD COLUMN later TEXT; PRAGMA user_version=%d", len(migrations)+1))
		return err
	}))
	more := append(slices.Clone(usual), RemoteFolder{Name: "More", Delim: "/"})
	if err := old.Remote.SetFolders(t.Context(), "work", more); !errors.Is(err, ErrNewer) {
		t.Errorf("writing: %v", err)
	}
	if still, err := old.Index.Folders(t.Context()); err != nil || len(still) != len(folders) {
		t.Errorf("%d folders where there were %d, %v", len(still), len(folders), err)
	}
	must(t, old.Close())
	if _, err := Open(t.Context(), dir, at(clock)); !errors.Is(err, ErrNewer) {
		t.Errorf("opening: %v", err)
	}
}
