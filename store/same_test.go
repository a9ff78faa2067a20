package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/message"
)

// Two messages of one Message-ID are shown both; the same message in two folders, and one's own that came back, once.
func TestSameMessage(t *testing.T) {
	const me, ann = "me@example.com", "ann@example.com"
	type copied struct {
		letter
		folder  string
		size    int64
		later   time.Duration
		preview string
		seen    bool
	}
	lunch := func(from string) letter { return letter{name: "lunch", subject: "Lunch?", from: from, to: ann, day: 3} }
	for name, c := range map[string]struct {
		list []copied
		seen string   // the folder it is looked at from
		want []string // what is shown, by folder and size
	}{
		"a copy": {[]copied{{lunch(ann), "INBOX", 100, 0, "", false}, {lunch(ann), "Archive", 100, 0, "", true}},
			"INBOX", []string{"INBOX 100"}},
		"a copy, seen from where it was put": {[]copied{{lunch(ann), "INBOX", 100, 0, "", false}, {lunch(ann), "Archive", 100, 0, "", true}},
			"Archive", []string{"Archive 100"}},
		"two of one id": {[]copied{{lunch(ann), "INBOX", 100, 0, "", false}, {lunch(ann), "INBOX", 120, 0, "", true}, {lunch(ann), "Archive", 130, 0, "", true}},
			"INBOX", []string{"INBOX 100", "INBOX 120", "Archive 130"}},
		"another day": {[]copied{{lunch(ann), "INBOX", 100, 0, "", false}, {lunch(ann), "Archive", 100, time.Hour, "", true}},
			"INBOX", []string{"INBOX 100", "Archive 100"}},
		"one's own, and as it came back": {[]copied{{lunch(me), "Sent", 100, 0, "at noon", true}, {lunch(me), "INBOX", 400, 5 * time.Second, "at noon", false}},
			"INBOX", []string{"INBOX 400"}},
		"one's own that came back twice": {[]copied{{lunch(me), "Sent", 100, 0, "", true}, {lunch(me), "INBOX", 400, 5 * time.Second, "", false},
			{lunch(me), "INBOX", 500, 9 * time.Second, "", false}}, "INBOX", []string{"INBOX 400", "INBOX 500"}},
		"of one's own id, but not in one's name": {[]copied{{lunch(me), "Sent", 100, 0, "", true}, {lunch(ann), "INBOX", 400, time.Minute, "", false}},
			"INBOX", []string{"Sent 100", "INBOX 400"}},
		"of one's own id, with other words": {[]copied{{lunch(me), "Sent", 100, 0, "at noon", true}, {lunch(me), "INBOX", 400, time.Minute, "send money", false}},
			"INBOX", []string{"Sent 100", "INBOX 400"}},
		"to two accounts": {[]copied{{lunch(ann), "INBOX", 100, 0, "at noon", true}, {lunch(ann), "other INBOX", 140, 2 * time.Second, "at noon", false}},
			"INBOX", []string{"INBOX 100"}},
		"one's own, to two accounts": {[]copied{{lunch(me), "Sent", 90, 0, "at noon", true}, {lunch(me), "INBOX", 100, time.Second, "at noon", true},
			{lunch(me), "other INBOX", 140, 2 * time.Second, "at noon", true}}, "other INBOX", []string{"other INBOX 140"}},
		"to two accounts, with other words": {[]copied{{lunch(ann), "INBOX", 100, 0, "at noon", true}, {lunch(ann), "other INBOX", 140, 2 * time.Second, "send money", true}},
			"INBOX", []string{"INBOX 100", "other INBOX 140"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			names, folders := map[ID]string{}, map[string]ID{}
			for _, folder := range []string{"INBOX", "Archive", "Sent", "other INBOX"} {
				acct, name := "work", folder
				if rest, other := strings.CutPrefix(folder, "other "); other {
					acct, name = "other", rest
				}
				folders[folder] = folderNamed(t, s, acct, name)
				names[folders[folder]] = folder
			}
			var first ID
			unread := 0
			for i, m := range c.list {
				mail := m.mail(uint32(i + 1))
				mail.Size, mail.Date = m.size, mail.Date.Add(m.later)
				if m.seen {
					mail.Flags = message.Seen
				}
				added, err := s.Remote.Add(t.Context(), folders[m.folder], []NewMessage{mail})
				must(t, err)
				must(t, s.d.update(t.Context(), retold, "preview", func(t *tx) error {
					_, err := t.exec("UPDATE message SET preview = ? WHERE id = ?", m.preview, added[0])
					return err
				}))
				first = added[0]
			}
			from := folders[c.seen]
			thread := row(t, s, first).Thread
			rows, err := s.Index.Conversation(t.Context(), from, thread)
			must(t, err)
			var got []string
			for _, r := range rows {
				got = append(got, fmt.Sprint(names[r.Folder], " ", r.Size))
				if !r.Flags.Has(message.Seen) {
					unread++
				}
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(c.want))
			if !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
			sums, err := s.Index.Summaries(t.Context(), from, []ID{thread})
			must(t, err)
			if sum := sums[thread]; sum.Count != len(want) || sum.Unread != unread {
				t.Errorf("said to be %d, %d unread; there are %d, %d", sum.Count, sum.Unread, len(want), unread)
			}
		})
	}
}
