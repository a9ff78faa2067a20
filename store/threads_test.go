package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/message"
)

// letter is a message of a conversation, as tests write it: "b re a" answers a.
type letter struct {
	name    string
	refs    []string
	subject string
	from    string
	to      string
	day     int
}

func (l letter) mail(uid uint32) NewMessage {
	id := func(name string) string { return name + "@letters.example" }
	e := message.Envelope{MessageID: id(l.name), Subject: l.subject, From: []message.Address{{Addr: l.from}}, To: []message.Address{{Addr: l.to}}}
	for _, r := range l.refs {
		e.References = append(e.References, id(r))
	}
	return NewMessage{UID: uid, Size: 100, Date: clock.Add(-time.Duration(100-l.day) * 24 * time.Hour), Envelope: e}
}

// threadsOf returns which letters are together, in a form that compares.
func threadsOf(t *testing.T, s *Store, folders ...ID) []string {
	t.Helper()
	together := map[ID][]string{}
	for _, f := range folders {
		rows, err := s.Index.Rows(t.Context(), ids(t, s, f))
		must(t, err)
		for _, r := range rows {
			name, _, _ := strings.Cut(r.MessageID, "@")
			together[r.Thread] = append(together[r.Thread], name)
		}
	}
	var list []string
	for _, names := range together {
		slices.Sort(names)
		list = append(list, strings.Join(slices.Compact(names), " "))
	}
	slices.Sort(list)
	return list
}

func TestThreads(t *testing.T) {
	me, ann, bob, eve := "me@example.com", "ann@example.com", "bob@example.com", "eve@example.com"
	for name, c := range map[string]struct {
		letters []letter
		want    []string
	}{
		"by references, through one that is not here": {[]letter{
			{name: "a", subject: "Plan"}, {name: "c", refs: []string{"a", "bb"}}, {name: "d", refs: []string{"bb"}}, {name: "x", subject: "Plan"},
		}, []string{"a c d", "x"}},
		"two that a third makes one": {[]letter{
			{name: "a"}, {name: "b"}, {name: "c", refs: []string{"a", "b"}},
		}, []string{"a b c"}},
		"an answer by subject alone": {[]letter{
			{name: "a", subject: "Lunch?", from: ann, to: me, day: 10}, {name: "b", subject: "回复：Re: lunch?", from: me, to: ann, day: 11},
			{name: "c", subject: "Lunch?", from: eve, to: me, day: 11},
		}, []string{"a b", "c"}},
		"not after a long time": {[]letter{
			{name: "a", subject: "Lunch?", from: ann, to: me, day: 1}, {name: "b", subject: "Re: Lunch?", from: me, to: ann, day: 60},
		}, []string{"a", "b"}},
		"not the report of every week": {[]letter{
			{name: "a", subject: "Report", from: bob, to: me, day: 1}, {name: "b", subject: "Report", from: bob, to: me, day: 8},
		}, []string{"a", "b"}},
		"not the weeks by the answers to each": {[]letter{
			{name: "a", subject: "Report", from: bob, to: me, day: 1}, {name: "b", subject: "Re: Report", from: me, to: bob, day: 2},
			{name: "c", subject: "Report", from: bob, to: me, day: 8}, {name: "d", subject: "Re: Report", from: me, to: bob, day: 9},
			{name: "e", subject: "Report", from: bob, to: me, day: 15},
		}, []string{"a b", "c d", "e"}},
		"not what came after the answer": {[]letter{
			{name: "a", subject: "Re: Hello", from: me, to: bob, day: 1}, {name: "b", subject: "Hello", from: bob, to: me, day: 2},
		}, []string{"a", "b"}},
		"in spite of the name of a list": {[]letter{
			{name: "a", subject: "[dev] Lexer", from: bob, to: ann, day: 1}, {name: "b", subject: "Re: [dev] Lexer", from: ann, to: bob, day: 2},
		}, []string{"a b"}},
		"ids that are none": {[]letter{
			{name: "", subject: "one", refs: []string{}}, {name: "b", subject: "two"},
		}, []string{"", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range 6 {
				s := newStore(t)
				inbox, sent := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Sent")
				random := rand.New(rand.NewPCG(1, uint64(seed)))
				for i, k := range random.Perm(len(c.letters)) {
					_, err := s.Remote.Add(t.Context(), []ID{inbox, sent}[random.IntN(2)], []NewMessage{c.letters[k].mail(uint32(i + 1))})
					must(t, err)
				}
				if got := threadsOf(t, s, inbox, sent); !slices.Equal(got, c.want) {
					t.Errorf("seed %d: %q, want %q", seed, got, c.want)
				}
			}
		})
	}
}

func TestConversation(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox, sent, trash := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Sent"), folderNamed(t, s, "work", "Trash")
	add := func(folder ID, uid uint32, flags message.Flags, l letter) ID {
		m := l.mail(uid)
		m.Flags = flags
		added, err := s.Remote.Add(ctx, folder, []NewMessage{m})
		must(t, err)
		return added[0]
	}
	a := add(inbox, 1, message.Seen, letter{name: "aaaa", from: "ann@example.com", day: 1})
	b := add(sent, 1, message.Seen, letter{name: "bbbb", refs: []string{"aaaa"}, from: "me@example.com", day: 2})
	c := add(inbox, 2, message.Flagged, letter{name: "cccc", refs: []string{"aaaa", "bbbb"}, from: "ann@example.com", day: 3})
	d := add(inbox, 3, 0, letter{name: "dddd", from: "bob@example.com", day: 2})
	add(sent, 2, 0, letter{name: "cccc", refs: []string{"aaaa"}, from: "ann@example.com", day: 3}) // the same, copied
	add(trash, 1, 0, letter{name: "eeee", refs: []string{"aaaa"}, from: "eve@example.com", day: 4})

	heads, err := s.Index.Conversations(ctx, inbox, 0)
	must(t, err)
	if !slices.Equal(heads.IDs, []ID{c, d}) || !slices.Equal(heads.Rest[c], []ID{a}) || len(heads.Rest) != 1 {
		t.Errorf("conversations %+v, want %v", heads, []ID{c, d})
	}
	thread := row(t, s, a).Thread
	rows, err := s.Index.Conversation(ctx, inbox, thread)
	must(t, err)
	var got []ID
	for _, r := range rows {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, []ID{a, b, c}) {
		t.Errorf("conversation %v, want %v", got, []ID{a, b, c})
	}
	sums, err := s.Index.Summaries(ctx, inbox, []ID{thread})
	must(t, err)
	sum := sums[thread]
	if sum.Count != 3 || sum.Unread != 1 || !sum.Flagged || len(sum.People) != 2 || sum.People[0].Addr != "ann@example.com" || !sum.People[0].Unread || sum.People[1].Unread {
		t.Errorf("summary %+v", sum)
	}
}

func TestMuted(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox := folderNamed(t, s, "work", "INBOX")
	must(t, s.Remote.SetState(ctx, inbox, RemoteState{UIDValidity: 7, Synced: true}))
	add := func(uid uint32, l letter) Row {
		m := l.mail(uid)
		m.Date = clock
		added, err := s.Remote.Add(ctx, inbox, []NewMessage{m})
		must(t, err)
		return row(t, s, added[0])
	}
	first := add(1, letter{name: "aaaa"})
	_, after, err := s.Index.Arrived(ctx, -1)
	must(t, err)
	step, err := s.Changes.Mute(ctx, first.Thread, true)
	must(t, err)
	if r := add(2, letter{name: "bbbb", refs: []string{"aaaa"}}); !r.Flags.Has(message.Seen) || !r.Pending {
		t.Errorf("what arrived in a muted conversation: %+v", r)
	}
	if news, _, err := s.Index.Arrived(ctx, after); err != nil || len(news) != 0 {
		t.Errorf("told of: %v, %v", news, err)
	}
	must(t, s.Changes.Undo(ctx, step))
	if r := add(3, letter{name: "cccc", refs: []string{"bbbb"}}); r.Flags.Has(message.Seen) {
		t.Error("still muted")
	}
	if news, _, err := s.Index.Arrived(ctx, after); err != nil || len(news) != 1 {
		t.Errorf("told of: %v, %v", news, err)
	}
}

// A hundred thousand references in one header, and a mailbox that all names one message, do no harm.
func TestHostileThreads(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	var refs strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&refs, " <ref%d@example.com>", i)
	}
	e := message.ParseHeader([]byte("Message-ID: <many@example.com>\r\nReferences:" + refs.String() + "\r\n\r\n")).Envelope()
	list := []NewMessage{{UID: 1, Date: clock, Envelope: e}}
	for i := range 3000 {
		l := letter{name: fmt.Sprint("spam", i), refs: []string{"many"}, subject: "Re: same", from: "a@example.com", to: "a@example.com"}
		if i%2 == 0 {
			l.refs = nil
		}
		list = append(list, l.mail(uint32(i+2)))
	}
	_, err := s.Remote.Add(t.Context(), inbox, list)
	must(t, err)
	links, err := one(s.d.reading(t.Context()), value[int], "SELECT count(*) FROM reference")
	must(t, err)
	if links > 3200 {
		t.Errorf("%d links were kept", links)
	}
}

// correspondence is n messages as mailboxes have them, newest first: half of them answers in conversations of about
// six, a tenth of these naming nothing they answer.
func correspondence(n int) []NewMessage {
	random := rand.New(rand.NewPCG(4, 5))
	list := make([]NewMessage, 0, n)
	for i := n; i > 0; i-- {
		m := mail(i, uint32(i), message.Flags(i%2))
		m.Envelope.MessageID = fmt.Sprintf("%d.%08x@mail.example.com", i, i*7919)
		if random.IntN(2) == 0 {
			begun := i - i%20 - 20*random.IntN(3)
			m.Envelope.Subject = fmt.Sprintf("Re: Subject %d", begun)
			if random.IntN(10) > 0 {
				for _, k := range []int{begun, begun + 1 + random.IntN(5), begun + 6 + random.IntN(5)} {
					m.Envelope.References = append(m.Envelope.References, fmt.Sprintf("%d.%08x@mail.example.com", k, k*7919))
				}
				m.Envelope.InReplyTo = m.Envelope.References[2:]
			}
		}
		list = append(list, m)
	}
	return list
}

func BenchmarkAddCorrespondence100k(b *testing.B) {
	list := correspondence(100_000)
	for b.Loop() {
		b.StopTimer()
		s, err := Open(b.Context(), b.TempDir(), at(clock))
		must(b, err)
		setUp(b, s)
		inbox := folderNamed(b, s, "work", "INBOX")
		b.StartTimer()
		for batch := range slices.Chunk(list, 2000) {
			_, err := s.Remote.Add(b.Context(), inbox, batch)
			must(b, err)
		}
		b.StopTimer()
		must(b, s.Close())
		b.StartTimer()
	}
}

func BenchmarkConversations100k(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir(), at(clock))
	must(b, err)
	defer s.Close()
	setUp(b, s)
	inbox := folderNamed(b, s, "work", "INBOX")
	for batch := range slices.Chunk(correspondence(100_000), 5000) {
		_, err := s.Remote.Add(b.Context(), inbox, batch)
		must(b, err)
	}
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Index.Conversations(b.Context(), inbox, 0)
			must(b, err)
		}
	})
	b.Run("flat", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Index.IDs(b.Context(), inbox)
			must(b, err)
		}
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Index.Conversations(b.Context(), inbox, 500)
			must(b, err)
		}
	})
	heads, err := s.Index.Conversations(b.Context(), inbox, 0)
	must(b, err)
	rows, err := s.Index.Rows(b.Context(), heads.IDs[:240])
	must(b, err)
	b.Run("summaries", func(b *testing.B) {
		threads := make([]ID, 0, len(rows))
		for _, r := range rows {
			threads = append(threads, r.Thread)
		}
		for b.Loop() {
			_, err := s.Index.Summaries(b.Context(), inbox, threads)
			must(b, err)
		}
	})
}
