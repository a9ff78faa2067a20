package store

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"tmail/account"
	"tmail/message"
)

// The model: two IMAP servers as simple as can be, other clients that change
// them, a person, a link that dies at any point, and a worker that knows only
// the store's API. Whatever happens, both sides are equal in the end, and no
// message is lost or doubled.

// imapModel is a server.
type imapModel struct {
	boxes map[string]*boxModel
	life  uint32 // the last UIDVALIDITY given out
}

type boxModel struct {
	validity, next uint32
	messages       map[uint32]modelMessage
}

type modelMessage struct {
	n     int // what message it is
	flags message.Flags
}

func (m *imapModel) create(name string) {
	m.life++
	m.boxes[name] = &boxModel{validity: m.life, next: 1, messages: map[uint32]modelMessage{}}
}

func (b *boxModel) add(msg modelMessage) uint32 {
	b.next++
	b.messages[b.next-1] = msg
	return b.next - 1
}

// rename renames a mailbox with all below it, as RFC 9051 §6.3.6 has it.
func (m *imapModel) rename(from, to string) {
	for _, name := range slices.Collect(maps.Keys(m.boxes)) {
		if name == from || strings.HasPrefix(name, from+"/") {
			m.boxes[to+name[len(from):]] = m.boxes[name]
			delete(m.boxes, name)
		}
	}
}

// world is everything there is in a run.
type world struct {
	t       *testing.T
	rnd     *rand.Rand
	dir     string
	s       *Store
	servers map[string]*imapModel
	steps   []Step
	made    int         // messages so far
	least   map[int]int // how many of a message there must be at least,
	most    map[int]int // and at most
	// Moving to another account is a copy and a removal. When somebody else
	// moves the original meanwhile, the server wins: both stay.
	moved, crossed map[int]int
	log            []string
}

func (w *world) logf(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\n%s", err, strings.Join(w.log, "\n"))
	}
}

func pick[T any](w *world, list []T) (v T, ok bool) {
	if len(list) == 0 {
		return v, false
	}
	return list[w.rnd.IntN(len(list))], true
}

var imapAccounts = []string{"work", "other"}

// --- what other people do on the server

func (w *world) box() (*imapModel, string, *boxModel) {
	acct, _ := pick(w, imapAccounts)
	srv := w.servers[acct]
	name, _ := pick(w, slices.Sorted(maps.Keys(srv.boxes)))
	return srv, name, srv.boxes[name]
}

func (b *boxModel) uids() []uint32 { return slices.Sorted(maps.Keys(b.messages)) }

func (w *world) serverEvent() {
	srv, name, box := w.box()
	uid, some := pick(w, box.uids())
	msg := box.messages[uid]
	_, other, dest := w.box()
	if srv.boxes[other] != dest {
		other, dest = name, box
	}
	switch k := w.rnd.IntN(20); {
	case k < 6 || !some:
		w.made++
		box.add(modelMessage{n: w.made})
		w.least[w.made]++
		w.most[w.made]++
		w.logf("server: new %d in %s", w.made, name)
	case k < 10:
		msg.flags ^= []message.Flags{message.Seen, message.Flagged, message.Answered, message.Deleted}[w.rnd.IntN(4)]
		box.messages[uid] = msg
		w.logf("server: flags of %d in %s: %v", msg.n, name, msg.flags)
	case k < 13:
		delete(box.messages, uid)
		dest.add(msg)
		w.moved[msg.n]++
		w.logf("server: %d from %s to %s", msg.n, name, other)
	case k < 15:
		delete(box.messages, uid)
		w.least[msg.n]--
		w.logf("server: %d gone from %s", msg.n, name)
	case k < 16:
		// A copy can be taken for one of ours that was under way.
		dest.add(msg)
		w.most[msg.n]++
		w.logf("server: copy of %d from %s to %s", msg.n, name, other)
	case k < 17:
		w.otherLife(srv, name)
	case k < 18:
		w.made++
		srv.create(fmt.Sprintf("Theirs %d", w.made))
		w.logf("server: folder Theirs %d", w.made)
	case !isUsual(name):
		if w.rnd.IntN(2) == 0 {
			w.made++
			for _, m := range box.messages {
				w.moved[m.n]++
			}
			srv.rename(name, fmt.Sprintf("Renamed %d", w.made))
			w.logf("server: %s is Renamed %d", name, w.made)
			return
		}
		for _, m := range box.messages {
			w.least[m.n]--
		}
		delete(srv.boxes, name)
		w.logf("server: folder %s removed", name)
	}
}

// otherLife gives a mailbox a new UIDVALIDITY.
func (w *world) otherLife(srv *imapModel, name string) {
	old := srv.boxes[name]
	srv.create(name)
	for _, uid := range old.uids() {
		srv.boxes[name].add(old.messages[uid])
	}
	w.logf("server: new UIDVALIDITY of %s", name)
}

func isUsual(name string) bool {
	return slices.ContainsFunc(usual, func(f RemoteFolder) bool { return f.Name == name })
}

// --- what the person does

func (w *world) shownFolders() []Folder {
	list, err := w.s.Index.Folders(w.t.Context())
	w.must(err)
	return slices.DeleteFunc(list, func(f Folder) bool { return f.Role == account.RoleOutbox })
}

// selection picks a few messages of one folder.
func (w *world) selection() (Folder, []ID) {
	f, _ := pick(w, w.shownFolders())
	list, err := w.s.Index.IDs(w.t.Context(), f.ID)
	w.must(err)
	w.rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return f, list[:min(len(list), 1+w.rnd.IntN(3))]
}

func (w *world) number(id ID) int {
	var n int
	_, err := fmt.Sscanf(row(w.t, w.s, id).MessageID, "m%d@", &n)
	w.must(err)
	return n
}

func (w *world) act() {
	ctx := w.t.Context()
	f, sel := w.selection()
	dest, _ := pick(w, w.shownFolders())
	var step Step
	var err error
	switch k := w.rnd.IntN(20); {
	case k < 7:
		if f.Account != dest.Account {
			for _, id := range sel {
				w.crossed[w.number(id)]++
			}
		}
		step, err = w.s.Changes.Move(ctx, sel, dest.ID)
		w.logf("we: move %v from %s/%s to %s/%s", sel, f.Account, f.Name, dest.Account, dest.Name)
	case k < 11:
		bits := []message.Flags{message.Seen, message.Flagged, message.Answered}
		step, err = w.s.Changes.Flag(ctx, sel, bits[w.rnd.IntN(3)], bits[w.rnd.IntN(3)])
		w.logf("we: flag %v in %s: +%v -%v", sel, f.Name, step.Add, step.Remove)
	case k < 13:
		for _, id := range sel {
			w.most[w.number(id)]++
			if row(w.t, w.s, id).Stored {
				w.least[w.number(id)]++
			}
		}
		step, err = w.s.Changes.Copy(ctx, sel, dest.ID)
		w.logf("we: copy %v from %s/%s to %s/%s: %v", sel, f.Account, f.Name, dest.Account, dest.Name, step.made)
	case k < 14:
		for _, id := range sel {
			w.least[w.number(id)]--
		}
		err = w.s.Changes.Delete(ctx, sel)
		w.logf("we: delete %v in %s", sel, f.Name)
	case k < 17:
		w.undo()
	case k < 18:
		w.made++
		_, err = w.s.Changes.CreateFolder(ctx, dest.Account, fmt.Sprintf("Ours %d", w.made), "")
		w.logf("we: folder Ours %d", w.made)
	case f.Role != "" || f.Name == "Old":
	case k < 19:
		w.made++
		err = w.s.Changes.RenameFolder(ctx, f.ID, fmt.Sprintf("Better %d", w.made))
		w.logf("we: %s is Better %d", f.Name, w.made)
	default:
		err = w.s.Changes.RemoveFolder(ctx, f.ID)
		w.logf("we: remove %s: %v", f.Name, err)
	}
	if errors.Is(err, ErrNotPossible) || errors.Is(err, ErrExists) {
		err = nil
	}
	w.must(err)
	w.steps = append(w.steps, step)
}

func (w *world) undo() {
	if len(w.steps) == 0 {
		return
	}
	step := w.steps[len(w.steps)-1]
	w.steps = w.steps[:len(w.steps)-1]
	for _, c := range step.crossed {
		rows, err := w.s.Index.Rows(w.t.Context(), []ID{c.new})
		w.must(err)
		if len(rows) == 1 {
			w.crossed[w.number(c.new)]++
		}
	}
	for _, id := range step.made {
		rows, err := w.s.Index.Rows(w.t.Context(), []ID{id})
		w.must(err)
		if len(rows) == 1 {
			w.least[w.number(id)]--
		}
	}
	w.logf("we: undo %s of %d", step.Kind, step.Count)
	w.must(w.s.Changes.Undo(w.t.Context(), step))
}

// fetch stores some bodies.
func (w *world) fetch() {
	for _, acct := range imapAccounts {
		list, err := w.s.Remote.MissingBodies(w.t.Context(), acct, BodyPolicy{All: true}, 1+w.rnd.IntN(5))
		w.must(err)
		for _, b := range list {
			w.must(w.s.Bodies.Put(w.t.Context(), []Body{{ID: b.ID, Raw: []byte("raw"), Preview: "p"}}))
		}
	}
}

func runWorld(t *testing.T, seed uint64, actions int) {
	w := &world{t: t, rnd: rand.New(rand.NewPCG(seed, 1)), dir: t.TempDir(), servers: map[string]*imapModel{},
		least: map[int]int{}, most: map[int]int{}, moved: map[int]int{}, crossed: map[int]int{}}
	for i, acct := range imapAccounts {
		srv := &imapModel{boxes: map[string]*boxModel{}, life: uint32(100 * (i + 1))}
		for _, f := range usual {
			srv.create(f.Name)
		}
		w.servers[acct] = srv
	}
	var err error
	w.s, err = Open(t.Context(), w.dir, at(clock))
	w.must(err)
	defer func() { w.must(w.s.Close()) }()
	setUp(t, w.s)
	for range 10 {
		w.serverEvent()
	}
	for range actions {
		acct, _ := pick(w, imapAccounts)
		switch k := w.rnd.IntN(12); {
		case k < 3:
			w.serverEvent()
		case k < 7:
			w.act()
		case k < 9:
			w.resolve(acct)
			w.push(acct, 5)
		case k < 10:
			if f, ok := pick(w, w.mailboxes(acct)); ok {
				w.pull(acct, f)
			}
		case k < 11:
			w.fetch()
		default:
			w.pass(acct, func() {
				if w.rnd.IntN(3) == 0 {
					w.serverEvent()
				}
				if w.rnd.IntN(3) == 0 {
					w.act()
				}
			})
		}
	}
	w.settleDown()
	w.check()
}

func TestBothSidesBecomeEqual(t *testing.T) {
	runs, longer := 30, 0
	if os.Getenv("TMAIL_TEST_LONG") != "" {
		runs, longer = 1000, 70
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runWorld(t, uint64(seed), 60+seed%3*longer) })
		if t.Failed() {
			return // one history is enough to read
		}
	}
}
