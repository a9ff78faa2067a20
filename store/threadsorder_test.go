package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Whatever the order in which messages come, in what batches, and wherever they are put meanwhile, the same ones are
// together.
func TestThreadsInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 3))
	for round := range 8 {
		letters := randomLetters(random, 60)
		var first []string
		for range 4 {
			got := newPost(t, random).all(letters, nil)
			if first == nil {
				first = got
			} else if !slices.Equal(got, first) {
				t.Fatalf("round %d: %q\nin another order: %q", round, got, first)
			}
		}
	}
}

// What is deleted on the way leaves together what it tied together, or what would be without it: no answer is torn from
// what it answers, and nothing comes together that does not belong there.
func TestThreadsWhileSomeAreDeleted(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 5))
	for round := range 8 {
		letters := randomLetters(random, 60)
		doomed := map[string]bool{}
		var rest []letter
		for _, l := range letters {
			if doomed[l.name] = random.IntN(4) == 0; !doomed[l.name] {
				rest = append(rest, l)
			}
		}
		least := newPost(t, random).all(rest, nil)
		most := without(newPost(t, random).all(letters, nil), doomed)
		for range 3 {
			got := newPost(t, random).all(letters, doomed)
			if !within(least, got) {
				t.Fatalf("round %d: torn apart: %q\nwithout what was deleted: %q", round, got, least)
			}
			if !within(got, most) {
				t.Fatalf("round %d: put together: %q\nwith what was deleted: %q", round, got, most)
			}
		}
	}
}

// within reports whether what is together in some is together in others.
func within(some, others []string) bool {
	at := map[string]int{}
	for i, names := range others {
		for name := range strings.FieldsSeq(names) {
			at[name] = i
		}
	}
	return !slices.ContainsFunc(some, func(names string) bool {
		list := strings.Fields(names)
		return slices.ContainsFunc(list, func(name string) bool { return at[name] != at[list[0]] })
	})
}

func without(threads []string, names map[string]bool) (rest []string) {
	for _, thread := range threads {
		if left := slices.DeleteFunc(strings.Fields(thread), func(name string) bool { return names[name] }); len(left) > 0 {
			rest = append(rest, strings.Join(left, " "))
		}
	}
	return rest
}

// post brings letters into the folders of two accounts, and people handle them meanwhile.
type post struct {
	t       *testing.T
	s       *Store
	random  *rand.Rand
	folders []ID
	uid     uint32
}

func newPost(t *testing.T, random *rand.Rand) *post {
	p := &post{t: t, s: newStore(t), random: random}
	for _, acct := range []string{"work", "other"} {
		for _, name := range []string{"INBOX", "Archive"} {
			p.folders = append(p.folders, folderNamed(t, p.s, acct, name))
		}
	}
	return p
}

// all brings letters in any order, deletes those that are doomed once they are there, and returns who are together.
func (p *post) all(letters []letter, doomed map[string]bool) []string {
	batch := map[ID][]NewMessage{}
	bring := func(folder ID) {
		_, err := p.s.Remote.Add(p.t.Context(), folder, batch[folder])
		must(p.t, err)
		batch[folder] = nil
	}
	for _, k := range p.random.Perm(len(letters)) {
		folder := p.folders[p.random.IntN(2)] // both of one account
		p.uid++
		batch[folder] = append(batch[folder], letters[k].mail(p.uid))
		if p.random.IntN(4) == 0 {
			bring(folder)
		}
		if p.random.IntN(6) == 0 {
			p.handle(doomed)
		}
	}
	for folder := range batch {
		bring(folder)
	}
	for p.handle(doomed) {
	}
	return threadsOf(p.t, p.s, p.folders...)
}

// there lists the messages that are shown, those of some names.
func (p *post) there(which func(name string) bool) (list []Row) {
	for _, folder := range p.folders {
		rows, err := p.s.Index.Rows(p.t.Context(), ids(p.t, p.s, folder))
		must(p.t, err)
		list = append(list, slices.DeleteFunc(rows, func(r Row) bool {
			name, _, _ := strings.Cut(r.MessageID, "@")
			return !which(name)
		})...)
	}
	return list
}

// handle moves a message, and deletes one that is doomed, here or on the server. There are no more when there was none.
func (p *post) handle(doomed map[string]bool) (more bool) {
	if all := p.there(func(string) bool { return true }); len(all) > 0 {
		r := all[p.random.IntN(len(all))]
		if to := p.folders[p.random.IntN(len(p.folders))]; to != r.Folder {
			move(p.t, p.s, []ID{r.ID}, to)
		}
	}
	list := p.there(func(name string) bool { return doomed[name] })
	if len(list) == 0 {
		return false
	}
	id := list[p.random.IntN(len(list))].ID
	told, err := one(p.s.d.reading(p.t.Context()), value[uint32], "SELECT coalesce(uid, 0) FROM message WHERE id = ? AND folder = server_folder", id)
	must(p.t, ignoreNoSuch(err))
	if told == 0 || p.random.IntN(2) == 0 {
		must(p.t, p.s.Changes.Delete(p.t.Context(), []ID{id}))
		return true
	}
	must(p.t, p.s.Remote.Gone(p.t.Context(), row(p.t, p.s, id).Folder, []uint32{told}))
	for range 2 {
		must(p.t, p.s.Remote.PurgeOrphans(p.t.Context(), "work"))
	}
	return true
}

func randomLetters(random *rand.Rand, n int) []letter {
	people := []string{"ann@example.com", "bob@example.com", "me@example.com"}
	list := make([]letter, n)
	for i := range list {
		l := letter{name: fmt.Sprint("letter", i), day: random.IntN(90), from: people[random.IntN(3)], to: people[random.IntN(3)]}
		l.subject = fmt.Sprint("topic ", random.IntN(8))
		switch random.IntN(4) {
		case 0:
			l.subject = "Re: " + l.subject
		case 1, 2:
			for range 1 + random.IntN(2) {
				l.refs = append(l.refs, fmt.Sprint("letter", random.IntN(2*n)))
			}
		}
		list[i] = l
	}
	return list
}
