package store

import (
	"fmt"
	"testing"

	"tmail/message"
)

// put adds one message to the Inbox of work, from a sender and a list.
func put(t testing.TB, s *Store, n int, from, list string) ID {
	t.Helper()
	m := mail(n, uint32(n), 0)
	m.Envelope.From, m.Envelope.ListID = []message.Address{{Addr: from}}, list
	ids, err := s.Remote.Add(t.Context(), folderNamed(t, s, "work", "INBOX"), []NewMessage{m})
	must(t, err)
	return ids[0]
}

func makeFolder(t testing.TB, s *Store, acct, name string) ID {
	t.Helper()
	id, err := s.Changes.CreateFolder(t.Context(), acct, name, "")
	must(t, err)
	return id
}

func suggested(t testing.TB, s *Store, ids ...ID) string {
	t.Helper()
	list, err := s.Habits.Suggest(t.Context(), ids)
	must(t, err)
	text := ""
	for _, h := range list {
		f, err := s.Index.Folder(t.Context(), h.Folder)
		must(t, err)
		text += fmt.Sprintf("%s:%s ", f.Name, h.Why)
	}
	return text
}

func expect(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestHabitsOfMoves(t *testing.T) {
	s := newStore(t)
	projects, lists := makeFolder(t, s, "work", "项目"), makeFolder(t, s, "work", "Lists")
	move := func(folder ID, ids ...ID) Step {
		t.Helper()
		step, err := s.Changes.Move(t.Context(), ids, folder)
		must(t, err)
		return step
	}
	n := 0
	from := func(who, list string) ID { n++; return put(t, s, n, who, list) }

	expect(t, "nothing is known", suggested(t, s, from("ann@example.com", "")), "")
	move(projects, from("Ann@Example.com", ""))
	expect(t, "the sender, however written", suggested(t, s, from("ann@example.com", "")), "项目:sender ")
	expect(t, "another sender", suggested(t, s, from("bob@example.com", "")), "项目:last ")
	first := move(lists, from("bob@example.com", "dev.example.org"))
	expect(t, "the list before the sender", suggested(t, s, from("ann@example.com", "dev.example.org")), "Lists:list 项目:sender ")

	must(t, s.Changes.Undo(t.Context(), first))
	expect(t, "undo unlearns", suggested(t, s, from("bob@example.com", "dev.example.org")), "项目:last ")

	// An old habit gives way to a new one in three moves.
	for range 20 {
		move(projects, from("ann@example.com", ""))
	}
	for range 3 {
		move(lists, from("ann@example.com", ""))
	}
	expect(t, "a new habit", suggested(t, s, from("ann@example.com", "")), "Lists:sender 项目:last ")

	// What has keys of its own teaches nothing.
	move(folderNamed(t, s, "work", "Trash"), from("eve@example.com", ""))
	expect(t, "Trash", suggested(t, s, from("eve@example.com", "")), "Lists:last 项目:last ")

	must(t, s.Changes.RenameFolder(t.Context(), lists, "邮件列表"))
	expect(t, "renamed", suggested(t, s, from("ann@example.com", "")), "邮件列表:sender 项目:last ")
	must(t, s.Changes.RemoveFolder(t.Context(), lists))
	expect(t, "removed", suggested(t, s, from("ann@example.com", "")), "项目:sender ")
	left, err := one(s.d.reading(t.Context()), value[int], "SELECT count(*) FROM habit WHERE folder = ?", lists)
	if err != nil || left != 0 {
		t.Errorf("%d habits of a folder that is gone, %v", left, err)
	}
}

// An answer is put where the rest of its conversation lies, before anything else.
func TestHabitOfConversations(t *testing.T) {
	s := newStore(t)
	projects, lists := makeFolder(t, s, "work", "项目"), makeFolder(t, s, "work", "Lists")
	put(t, s, 1, "ann@example.com", "dev.example.org")
	_, err := s.Changes.Move(t.Context(), []ID{put(t, s, 2, "ann@example.com", "dev.example.org")}, lists)
	must(t, err)
	first := put(t, s, 3, "bob@example.com", "")
	_, err = s.Changes.Move(t.Context(), []ID{first}, projects)
	must(t, err)
	answer := mail(4, 4, 0)
	answer.Envelope.From, answer.Envelope.ListID = []message.Address{{Addr: "ann@example.com"}}, "dev.example.org"
	answer.Envelope.InReplyTo = []string{mail(3, 3, 0).Envelope.MessageID}
	ids, err := s.Remote.Add(t.Context(), folderNamed(t, s, "work", "INBOX"), []NewMessage{answer})
	must(t, err)
	expect(t, "an answer", suggested(t, s, ids...), "项目:conversation Lists:list ")
}

// The table stays small whatever is moved, and a large move costs no more lessons than it may teach.
func TestHabitsAreBounded(t *testing.T) {
	s := newStore(t)
	folder := makeFolder(t, s, "work", "Old mail")
	list := make([]NewMessage, 300)
	for i := range list {
		list[i] = mail(i+1, uint32(i+1), 0)
		list[i].Envelope.From = []message.Address{{Addr: fmt.Sprintf("p%d@example.com", i)}}
	}
	ids, err := s.Remote.Add(t.Context(), folderNamed(t, s, "work", "INBOX"), list)
	must(t, err)
	_, err = s.Changes.Move(t.Context(), ids, folder)
	must(t, err)
	count := func() int {
		n, err := one(s.d.reading(t.Context()), value[int], "SELECT count(*) FROM habit")
		must(t, err)
		return n
	}
	if n := count(); n != habitsAMove+1 {
		t.Errorf("%d habits of one move", n)
	}
	must(t, s.d.update(t.Context(), retold, "fill", func(t *tx) error {
		_, err := t.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
			INSERT INTO habit (account, key, folder, weight, last) SELECT 1, 'from:x' || i, ?, 100, i FROM n`, folder)
		return err
	}))
	_, err = s.Changes.Move(t.Context(), []ID{put(t, s, 1000, "new@example.com", "")}, folder)
	must(t, err)
	if n := count(); n != habitsKept {
		t.Errorf("%d habits are kept", n)
	}
	expect(t, "the newest stays", suggested(t, s, put(t, s, 1001, "new@example.com", "")), "Old mail:sender ")
}
