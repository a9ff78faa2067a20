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

// vocabulary is what the random messages and queries are made of: words that
// begin alike, letters with accents, scripts without spaces.
var vocabulary = strings.Fields(`plan plans planning plane a an and Ärger arger état budget büdget 预算 预算表 会议 会议室 纪要 合同预算
	日本語 カメラ 한국어 서울 привет x-ray ann@example.com 3.14 ２０２６ ﬁne q3预算 naïve`)

func randomText(r *rand.Rand, n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = vocabulary[r.IntN(len(vocabulary))]
	}
	return strings.Join(words, []string{" ", ", ", "", "\n"}[r.IntN(4)])
}

func randomQuery(r *rand.Rand, depth int) string {
	word := func() string {
		w := vocabulary[r.IntN(len(vocabulary))]
		if runes := []rune(w); r.IntN(2) == 0 {
			from := r.IntN(len(runes))
			w = string(runes[from : from+1+r.IntN(len(runes)-from)])
		}
		return w
	}
	switch n := r.IntN(16); {
	case n < 5:
		return word()
	case n < 6:
		return `"` + word() + " " + word() + `"`
	case n < 9:
		return []string{"from:", "to:", "cc:", "subject:", "body:", "file:", "主题："}[r.IntN(7)] + word()
	case n < 11:
		return []string{"is:unread", "is:starred", "has:attachment", "larger:300", "before:2026-11-18", "after:2026-11-19", "in:archive", "in:收件箱",
			"account:other", "date:2026-11"}[r.IntN(10)]
	case n < 12:
		return "-" + word()
	case n < 14 && depth > 0:
		return "(" + randomQuery(r, depth-1) + " OR " + randomQuery(r, depth-1) + ")"
	case depth > 0:
		return randomQuery(r, depth-1) + " " + randomQuery(r, depth-1)
	}
	return word()
}

// naive finds what a query holds for by comparing every message there is.
func naive(t *testing.T, s *Store, q Query, in Scope) []ID {
	t.Helper()
	names, err := s.Search.folders(t.Context(), in)
	must(t, err)
	list, err := all(s.d.reading(t.Context()), scanCandidate, candidates+"(SELECT id FROM message) ORDER BY date DESC, id DESC", idList(names.ids()))
	must(t, err)
	var ids []ID
	known := map[string]ID{}
	for _, c := range list {
		c.names = names
		text, err := s.Search.textNow(t.Context(), c.id)
		must(t, err)
		c.words[inBody], c.words[inFiles] = wordsOf(text.body), wordsOf(text.files)
		if q.root != nil && !q.root.holds(c) {
			continue
		}
		key, err := one(s.d.reading(t.Context()), value[string], "SELECT account || ' ' || size || ' ' || date || ' ' || CASE message_id WHEN '' THEN -id ELSE message_id END FROM message WHERE id = ?", c.id)
		must(t, err)
		if from := known[key]; in.Folder == 0 && from != 0 && from != c.folder {
			continue
		} else if from == 0 {
			known[key] = c.folder
		}
		ids = append(ids, c.id)
	}
	return ids
}

// rawText is a message of plain text with an attachment.
func rawText(body, file string) []byte {
	return fmt.Appendf(nil, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n"+
		"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"%s.pdf\"\r\n\r\nx\r\n--b--\r\n",
		strings.ReplaceAll(body, "\n", "\r\n"), strings.NewReplacer("\n", " ", `"`, "").Replace(file))
}

func TestSearchEqualsScan(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	s := newStore(t)
	ctx := t.Context()
	var ids []ID
	folders := []ID{folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Archive"), folderNamed(t, s, "other", "INBOX")}
	uid := uint32(0)
	steps := []func(){
		func() { // mail comes
			var list []NewMessage
			for range 1 + r.IntN(8) {
				uid++
				m := mail(int(uid), uid, message.Flags(r.IntN(8)&^2))
				m.Date, m.Size = clock.Add(-time.Duration(r.IntN(90))*time.Hour), int64(r.IntN(600))
				if r.IntN(3) > 0 {
					m.Envelope.Date = m.Date.Add(time.Duration(r.IntN(100)-50) * time.Hour).In(time.FixedZone("", (r.IntN(27)-12)*3600))
				}
				m.Envelope.Subject = randomText(r, 1+r.IntN(3))
				m.Envelope.From = []message.Address{{Name: randomText(r, 1), Addr: "ann@example.com"}}
				m.Envelope.To = []message.Address{{Name: randomText(r, 1), Addr: "bob@example.com"}}
				m.Envelope.Cc = []message.Address{{Name: randomText(r, 1), Addr: "carl@example.com"}}
				m.Envelope.MessageID = fmt.Sprintf("%d@example", r.IntN(60))
				list = append(list, m)
			}
			added, err := s.Remote.Add(ctx, folders[r.IntN(len(folders))], list)
			must(t, err)
			ids = append(ids, added...)
		},
		func() { // texts come
			var list []Body
			for range 1 + r.IntN(8) {
				list = append(list, Body{ID: ids[r.IntN(len(ids))], Raw: rawText(randomText(r, r.IntN(20)), randomText(r, 1))})
			}
			must(t, s.Bodies.Put(ctx, list))
		},
		func() { _, err := s.Search.Index(ctx, 1+r.IntN(12)); must(t, err) },
		func() { _, err := s.Search.Index(ctx, 0); must(t, err) },
		func() { // a message is moved or copied
			id := []ID{ids[r.IntN(len(ids))]}
			if r.IntN(2) == 0 {
				_, _ = s.Changes.Move(ctx, id, folders[r.IntN(len(folders))])
			} else if _, err := s.Changes.Copy(ctx, id, folders[r.IntN(len(folders))]); err != nil {
				return
			}
		},
		func() { // it goes
			must(t, s.Remote.Gone(ctx, folders[0], []uint32{uint32(r.IntN(int(uid) + 1))}))
			must(t, s.Remote.PurgeOrphans(ctx, "work"))
		},
		func() { // a draft is written, and discarded
			d := &Draft{Account: "work", Subject: randomText(r, 2), Body: randomText(r, 5)}
			must(t, s.Drafts.Save(ctx, d))
			if r.IntN(2) == 0 {
				_, err := s.Drafts.Delete(ctx, d.ID)
				must(t, err)
			}
		},
	}
	steps[0]()
	for round := range 200 {
		steps[r.IntN(len(steps))]()
		s.Search.few = []int{3, fewMessages}[r.IntN(2)]
		text := randomQuery(r, 2)
		q, err := ParseQuery(text, clock)
		must(t, err)
		in := []Scope{{}, {Account: "work"}, {Folder: folders[r.IntN(3)]}}[r.IntN(3)]
		found, err := s.Search.Find(ctx, q, in, 0)
		must(t, err)
		if found.Unindexed > 0 {
			continue // the machine was too slow to read all of it
		}
		if want := naive(t, s, q, in); !slices.Equal(found.IDs, want) {
			t.Fatalf("round %d: %q in %v finds %v, want %v", round, text, in, found.IDs, want)
		}
	}
	for left := 1; left > 0; {
		var err error
		left, err = s.Search.Index(ctx, 0)
		must(t, err)
	}
	for range 100 {
		s.Search.few = []int{3, fewMessages}[r.IntN(2)]
		text := randomQuery(r, 3)
		q, err := ParseQuery(text, clock)
		must(t, err)
		found, err := s.Search.Find(ctx, q, Scope{}, 0)
		must(t, err)
		if want := naive(t, s, q, Scope{}); !slices.Equal(found.IDs, want) || found.Unindexed > 0 {
			t.Fatalf("%q finds %v, want %v, %d not indexed", text, found.IDs, want, found.Unindexed)
		}
		few, err := s.Search.Find(ctx, q, Scope{}, 3)
		must(t, err)
		if !slices.Equal(few.IDs, found.IDs[:min(3, len(found.IDs))]) || few.More != (len(found.IDs) > 3) {
			t.Fatalf("%q, three at most: %v %v of %v", text, few.IDs, few.More, found.IDs)
		}
		q.best = true
		best, err := s.Search.Find(ctx, q, Scope{}, 0)
		must(t, err)
		few, err = s.Search.Find(ctx, q, Scope{}, 3)
		must(t, err)
		if !slices.Equal(few.IDs, best.IDs[:min(3, len(best.IDs))]) {
			t.Fatalf("%q, the best three: %v of %v", text, few.IDs, best.IDs)
		}
	}
}
