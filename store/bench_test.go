package store

import (
	"math/rand/v2"
	"testing"

	"tmail/message"
)

// bigStore is a store with n messages in the Inbox of "work", in the order a
// server tells them: newest first, in batches.
func bigStore(b *testing.B, dir string, n int) *Store {
	s, err := Open(b.Context(), dir, at(clock))
	must(b, err)
	setUp(b, s)
	addBatches(b, s, n)
	return s
}

func addBatches(b *testing.B, s *Store, n int) {
	inbox := folderNamed(b, s, "work", "INBOX")
	for from := n; from > 0; from -= 5000 {
		list := make([]NewMessage, 0, 5000)
		for i := from; i > max(0, from-5000); i-- {
			list = append(list, mail(i, uint32(i), message.Flags(i%2)))
		}
		_, err := s.Remote.Add(b.Context(), inbox, list)
		must(b, err)
	}
}

func BenchmarkAdd100k(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s, err := Open(b.Context(), b.TempDir(), at(clock))
		must(b, err)
		setUp(b, s)
		b.StartTimer()
		addBatches(b, s, 100_000)
		b.StopTimer()
		must(b, s.Close())
		b.StartTimer()
	}
}

func BenchmarkOpenAndNewest50(b *testing.B) {
	dir := b.TempDir()
	s := bigStore(b, dir, 100_000)
	inbox := folderNamed(b, s, "work", "INBOX")
	must(b, s.Close())
	for b.Loop() {
		s, err := Open(b.Context(), dir, at(clock))
		must(b, err)
		rows, err := s.Index.Newest(b.Context(), inbox, 50)
		must(b, err)
		if len(rows) != 50 {
			b.Fatal(len(rows))
		}
		b.StopTimer()
		must(b, s.Close())
		b.StartTimer()
	}
}

func BenchmarkIDs100k(b *testing.B) {
	s := bigStore(b, b.TempDir(), 100_000)
	defer s.Close()
	inbox := folderNamed(b, s, "work", "INBOX")
	for b.Loop() {
		list, err := s.Index.IDs(b.Context(), inbox)
		must(b, err)
		if len(list) != 100_000 {
			b.Fatal(len(list))
		}
	}
}

func BenchmarkUIDFlags100k(b *testing.B) {
	s := bigStore(b, b.TempDir(), 100_000)
	defer s.Close()
	inbox := folderNamed(b, s, "work", "INBOX")
	for b.Loop() {
		_, err := s.Remote.UIDFlags(b.Context(), inbox)
		must(b, err)
	}
}

func BenchmarkFind100k(b *testing.B) {
	s := bigStore(b, b.TempDir(), 100_000)
	defer s.Close()
	must(b, s.Search.IndexHeaders(b.Context()))
	query, err := ParseQuery("archer 777", clock)
	must(b, err)
	for b.Loop() {
		_, err := s.Search.Find(b.Context(), query, Scope{}, 200)
		must(b, err)
	}
}

func BenchmarkMoveAndUndo10k(b *testing.B) {
	s := bigStore(b, b.TempDir(), 100_000)
	defer s.Close()
	inbox, archive := folderNamed(b, s, "work", "INBOX"), folderNamed(b, s, "work", "Archive")
	list, err := s.Index.IDs(b.Context(), inbox)
	must(b, err)
	for b.Loop() {
		step, err := s.Changes.Move(b.Context(), list[:10_000], archive)
		must(b, err)
		must(b, s.Changes.Undo(b.Context(), step))
	}
}

func BenchmarkFlag10k(b *testing.B) {
	s := bigStore(b, b.TempDir(), 100_000)
	defer s.Close()
	list, err := s.Index.IDs(b.Context(), folderNamed(b, s, "work", "INBOX"))
	must(b, err)
	for i := 0; b.Loop(); i++ {
		add, remove := message.Flagged, message.Flags(0)
		if i%2 == 1 {
			add, remove = remove, add
		}
		_, err := s.Changes.Flag(b.Context(), list[:10_000], add, remove)
		must(b, err)
	}
}

func BenchmarkPush10kMoves(b *testing.B) {
	s := bigStore(b, b.TempDir(), 100_000)
	defer s.Close()
	inbox, archive := folderNamed(b, s, "work", "INBOX"), folderNamed(b, s, "work", "Archive")
	list, err := s.Index.IDs(b.Context(), inbox)
	must(b, err)
	uid := uint32(1)
	for i := 0; b.Loop(); i++ {
		_, err := s.Changes.Move(b.Context(), list[:10_000], []ID{archive, inbox}[i%2])
		must(b, err)
		for {
			ch, err := s.Changes.Next(b.Context(), "work")
			must(b, err)
			if ch == nil {
				break
			}
			must(b, s.Changes.Begin(b.Context(), ch))
			out := Outcome{UIDs: map[uint32]uint32{}}
			for _, it := range ch.Items {
				out.UIDs[it.UID] = uid + 1_000_000
				uid++
			}
			must(b, s.Changes.Done(b.Context(), ch, out))
		}
	}
}

// Half of a body compresses, as mail does.
func BenchmarkPut20kBodies(b *testing.B) {
	raw := make([]byte, 5000)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range raw[:2500] {
		raw[i] = byte(rnd.Uint32())
	}
	for b.Loop() {
		b.StopTimer()
		s := bigStore(b, b.TempDir(), 20_000)
		list, err := s.Index.IDs(b.Context(), folderNamed(b, s, "work", "INBOX"))
		must(b, err)
		b.StartTimer()
		for from := 0; from < len(list); from += 200 {
			var batch []Body
			for _, id := range list[from : from+200] {
				batch = append(batch, Body{ID: id, Raw: raw, Preview: "preview"})
			}
			must(b, s.Bodies.Put(b.Context(), batch))
		}
		b.StopTimer()
		must(b, s.Close())
		b.StartTimer()
	}
}

func BenchmarkSaveDraft(b *testing.B) {
	s := bigStore(b, b.TempDir(), 100)
	defer s.Close()
	d := &Draft{Account: "work", Body: string(make([]byte, 10_000))}
	for b.Loop() {
		must(b, s.Drafts.Save(b.Context(), d))
	}
}
