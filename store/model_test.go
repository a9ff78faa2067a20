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

// --- what the worker does

// folders takes over the list of mailboxes.
func (w *world) folders(acct string) {
	var list []RemoteFolder
	for _, name := range slices.Sorted(maps.Keys(w.servers[acct].boxes)) {
		f := RemoteFolder{Name: name, Delim: "/"}
		if i := slices.IndexFunc(usual, func(u RemoteFolder) bool { return u.Name == name }); i >= 0 {
			f.Role = usual[i].Role
		}
		list = append(list, f)
	}
	w.must(w.s.Remote.SetFolders(w.t.Context(), acct, list))
}

// pull makes the store know what one mailbox has.
func (w *world) pull(acct string, f FolderRef) {
	ctx := w.t.Context()
	box := w.servers[acct].boxes[f.Name]
	if box == nil {
		return // it went after the listing
	}
	st, err := w.s.Remote.State(ctx, f.ID)
	w.must(err)
	if st.UIDValidity != box.validity {
		w.must(w.s.Remote.ResetUIDs(ctx, f.ID, box.validity))
	}
	known, err := w.s.Remote.UIDFlags(ctx, f.ID)
	w.must(err)
	var gone []uint32
	var flags []UIDFlags
	there := map[uint32]bool{}
	for _, k := range known {
		there[k.UID] = true
		if msg, ok := box.messages[k.UID]; !ok {
			gone = append(gone, k.UID)
		} else if msg.flags != k.Flags {
			flags = append(flags, UIDFlags{k.UID, msg.flags})
		}
	}
	var fresh []NewMessage
	for _, uid := range box.uids() {
		if !there[uid] {
			fresh = append(fresh, mail(box.messages[uid].n, uid, box.messages[uid].flags))
		}
	}
	w.must(w.s.Remote.Gone(ctx, f.ID, gone))
	w.must(w.s.Remote.SetFlags(ctx, f.ID, flags))
	_, err = w.s.Remote.Add(ctx, f.ID, fresh)
	w.must(err)
	w.must(w.s.Remote.SetState(ctx, f.ID, RemoteState{UIDValidity: box.validity, UIDNext: box.next, Synced: true}))
	if len(gone)+len(flags)+len(fresh) > 0 {
		w.logf("worker: pulled %s/%s: gone %v, flags %v, new %d", acct, f.Name, gone, flags, len(fresh))
	}
}

func (w *world) mailboxes(acct string) []FolderRef {
	list, err := w.s.Remote.Folders(w.t.Context(), acct)
	w.must(err)
	return list
}

// pass is a full pass over an account; between its parts others act.
func (w *world) pass(acct string, between func()) {
	w.folders(acct)
	between()
	for _, f := range w.mailboxes(acct) {
		w.pull(acct, f)
		between()
	}
	w.must(w.s.Remote.PurgeOrphans(w.t.Context(), acct))
	w.logf("worker: purged %s", acct)
}

// push tells the server of one change; the link may die.
func (w *world) push(acct string, trouble int) bool {
	ctx := w.t.Context()
	ch, err := w.s.Changes.Next(ctx, acct)
	w.must(err)
	if ch == nil {
		return false
	}
	srv := w.servers[acct]
	if dest := srv.boxes[ch.Dest.Name]; dest != nil {
		ch.Dest.UIDNext, ch.Dest.UIDValidity = dest.next, dest.validity
	}
	if w.rnd.IntN(10) < trouble { // the person is faster
		w.act()
	}
	err = w.s.Changes.Begin(ctx, ch)
	if errors.Is(err, ErrOvertaken) {
		w.logf("worker: overtaken")
		return true
	}
	w.must(err)
	w.logf("worker: %s %s → %s %+v", ch.Kind, ch.Folder.Name, ch.Dest.Name, ch.Items)
	fate := w.rnd.IntN(10)
	if fate < trouble {
		w.act()
	}
	if fate < trouble && fate == 0 { // the link dies before the server has it
		w.logf("worker: link died before")
		w.reopen()
		return true
	}
	if fate < trouble && fate == 1 && ch.Kind != ChangeAppend && ch.Kind != ChangeCreate && ch.Kind != ChangeRemove {
		w.refuse(ch)
		return true
	}
	out, said := srv.execute(ch, w.rnd.IntN(4) > 0, fate < trouble && fate == 2)
	if fate < trouble {
		w.serverEvent()
	}
	switch {
	case fate < trouble && fate <= 3: // or after
		w.logf("worker: link died after")
		if w.rnd.IntN(2) == 0 {
			w.reopen()
		}
		if w.rnd.IntN(2) == 0 {
			w.pass(acct, func() {})
		}
	case said == "UNSURE":
	case said == "RETRY":
		w.folders(acct)
		w.must(w.s.Changes.Retry(ctx, ch, Problem{Kind: ProblemTemporary}))
		w.pass(acct, func() {})
	default:
		if w.rnd.IntN(3) == 0 {
			w.pass(acct, func() {}) // another connection lists meanwhile
		}
		w.must(w.s.Changes.Done(ctx, ch, out))
	}
	return true
}

func (w *world) refuse(ch *Change) {
	for _, it := range ch.Items {
		var n int
		_, err := fmt.Sscanf(it.MessageID, "m%d@", &n)
		w.must(err)
		switch ch.Kind {
		case ChangeCopy:
			w.least[n]--
		case ChangeExpunge: // of an original whose copy is in the other account
			w.most[n]++
		}
	}
	w.logf("worker: refused")
	w.must(w.s.Changes.Refuse(w.t.Context(), ch, Problem{Kind: ProblemRefused, Words: "no"}))
}

// execute does what a command says, or half of it.
func (m *imapModel) execute(ch *Change, uidplus, half bool) (Outcome, string) {
	from, to := m.boxes[ch.Folder.Name], m.boxes[ch.Dest.Name]
	out := Outcome{UIDs: map[uint32]uint32{}}
	switch ch.Kind {
	case ChangeCreate:
		if from != nil {
			return out, "RETRY"
		}
		m.create(ch.Folder.Name)
		return out, "OK"
	case ChangeRename:
		if from == nil || to != nil {
			return out, "RETRY"
		}
		m.rename(ch.Folder.Name, ch.Dest.Name)
		return out, "OK"
	case ChangeRemove:
		if from == nil || len(from.messages) > 0 {
			return out, "RETRY"
		}
		delete(m.boxes, ch.Folder.Name)
		return out, "OK"
	}
	if from == nil && ch.Kind != ChangeAppend || from != nil && ch.Folder.UIDValidity != from.validity {
		return out, "RETRY"
	}
	if to == nil && (ch.Kind == ChangeMove || ch.Kind == ChangeCopy || ch.Kind == ChangeAppend) {
		return out, "RETRY"
	}
	for i, it := range ch.Items {
		if half && i == len(ch.Items)/2 {
			break
		}
		var msg modelMessage
		var ok bool
		if from != nil {
			msg, ok = from.messages[it.UID]
		}
		switch {
		case ch.Kind == ChangeAppend:
			_, _ = fmt.Sscanf(it.MessageID, "m%d@", &msg.n)
			msg.flags = it.Flags
			out.UIDs[0] = to.add(msg)
		case !ok:
		case ch.Kind == ChangeFlag:
			msg.flags = (msg.flags | ch.Add) &^ ch.Remove
			from.messages[it.UID] = msg
		case ch.Kind == ChangeExpunge:
			delete(from.messages, it.UID)
		default:
			out.UIDs[it.UID] = to.add(msg)
			if ch.Kind == ChangeMove {
				delete(from.messages, it.UID)
			}
		}
	}
	if to != nil {
		out.UIDValidity = to.validity
	}
	if !uidplus {
		out = Outcome{}
		if ch.Kind == ChangeCopy {
			return out, "UNSURE" // there may have been nothing to copy: look
		}
	}
	return out, "OK"
}

// resolve finds out what became of changes whose answer was lost.
func (w *world) resolve(acct string) {
	ctx := w.t.Context()
	list, err := w.s.Changes.InFlight(ctx, acct)
	w.must(err)
	if len(list) > 0 {
		w.folders(acct)
	}
	for _, ch := range list {
		box := w.servers[acct].boxes[ch.Dest.Name]
		found, missing := *ch, *ch
		found.Items, missing.Items = nil, nil
		out := Outcome{UIDs: map[uint32]uint32{}}
		taken := map[uint32]bool{}
		for _, it := range ch.Items {
			at := uint32(0)
			if box != nil && (ch.Kind == ChangeMove || ch.Kind == ChangeCopy || ch.Kind == ChangeAppend) {
				for _, uid := range box.uids() {
					fits := fmt.Sprintf("m%d@example.com", box.messages[uid].n) == it.MessageID
					if fits && !taken[uid] && (uid >= ch.Dest.UIDNext || box.validity != ch.Dest.UIDValidity) {
						at = uid
					}
				}
			}
			if at == 0 {
				missing.Items = append(missing.Items, it)
				continue
			}
			taken[at] = true
			out.UIDs[it.UID], out.UIDValidity = at, box.validity
			found.Items = append(found.Items, it)
		}
		w.logf("worker: resolve %s: found %+v, not %+v", ch.Kind, found.Items, missing.Items)
		if len(found.Items) > 0 {
			w.must(w.s.Changes.Done(ctx, &found, out))
		}
		w.must(w.s.Changes.Retry(ctx, &missing, Problem{}))
	}
}

func (w *world) reopen() {
	w.must(w.s.Close())
	var err error
	w.s, err = Open(w.t.Context(), w.dir, at(clock))
	w.must(err)
}

// settleDown lets everything come to rest.
func (w *world) settleDown() {
	for range 60 {
		busy := false
		for _, acct := range imapAccounts {
			w.resolve(acct)
			for range 200 {
				if !w.push(acct, 0) {
					break
				}
				busy = true
			}
			w.pass(acct, func() {})
			w.fetch()
			n, err := w.s.Changes.Waiting(w.t.Context(), acct)
			w.must(err)
			busy = busy || n > 0
		}
		if !busy {
			break
		}
	}
	for _, acct := range imapAccounts { // what was lost in the last pass goes in the next
		w.pass(acct, func() {})
		w.pass(acct, func() {})
	}
}

// check compares both sides and counts messages.
func (w *world) check() {
	ctx := w.t.Context()
	bad := func(format string, args ...any) { w.t.Helper(); w.t.Errorf(format, args...) }
	count := map[int]int{}
	for _, acct := range imapAccounts {
		if n, err := w.s.Changes.Waiting(ctx, acct); err != nil || n > 0 {
			bad("%s: %d changes still wait (%v)", acct, n, err)
		}
		if list, err := w.s.Changes.InFlight(ctx, acct); err != nil || len(list) > 0 {
			bad("%s: still in flight: %v (%v)", acct, list, err)
		}
		for name, box := range w.servers[acct].boxes {
			var want, shown []string
			for uid, msg := range box.messages {
				count[msg.n]++
				want = append(want, fmt.Sprintf("m%d@example.com uid %d %v", msg.n, uid, msg.flags))
			}
			got, err := all(w.s.d.reading(ctx), value[string], `SELECT m.message_id || ' uid ' || m.uid || ' ' || m.flags FROM message m
				JOIN folder f ON f.id = m.folder AND f.server_name = f.name JOIN account a ON a.id = f.account
				WHERE m.server_folder = m.folder AND a.name = ? AND f.name = ?`, acct, name)
			w.must(err)
			for _, g := range got {
				i := strings.LastIndex(g, " ")
				var bits message.Flags
				_, err := fmt.Sscan(g[i+1:], &bits)
				w.must(err)
				shown = append(shown, g[:i+1]+bits.String())
			}
			slices.Sort(want)
			slices.Sort(shown)
			if !slices.Equal(want, shown) {
				bad("%s/%s: the server has\n  %s\nthe store\n  %s", acct, name, strings.Join(want, "\n  "), strings.Join(shown, "\n  "))
			}
		}
	}
	stray, err := all(w.s.d.reading(ctx), value[string], `SELECT m.id || ' ' || m.message_id || ' folder ' || coalesce(m.folder, '-') || ' server ' || coalesce(m.server_folder, '-') || ' lost ' || m.lost
		|| ' blob ' || coalesce(m.blob, '-') || ' copy of ' || coalesce(m.copy_of, '-') || ' waits for ' || coalesce(m.waits_for, '-') || ' refused ' || m.refused
		|| ' flight ' || coalesce(m.flight, '-') || ' flags ' || m.server_flags || '+' || m.flag_add || '-' || m.flag_remove || ' tries ' || m.tries FROM message m WHERE NOT m.local AND (m.folder IS NOT m.server_folder OR m.uid IS NULL OR m.flag_add | m.flag_remove)`)
	w.must(err)
	if len(stray) > 0 {
		bad("not in step: %v", stray)
	}
	for _, f := range w.shownFolders() {
		if f.Account == "home" {
			for _, id := range ids(w.t, w.s, f.ID) {
				count[w.number(id)]++
			}
		} else if w.servers[f.Account].boxes[f.Name] == nil {
			bad("folder %s/%s is not on the server", f.Account, f.Name)
		}
	}
	for n := 1; n <= w.made; n++ {
		if most := w.most[n] + min(w.moved[n], w.crossed[n]); count[n] < w.least[n] || count[n] > most {
			bad("there are %d of message %d, want %d to %d", count[n], n, w.least[n], most)
		}
	}
	checkSound(w.t, w.s)
	if w.t.Failed() {
		w.t.Logf("history:\n%s", strings.Join(w.log, "\n"))
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
	runs := 40
	if os.Getenv("TMAIL_TEST_LONG") != "" {
		runs = 1000
	}
	for seed := range uint64(runs) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runWorld(t, seed, 60) })
		if t.Failed() {
			return
		}
	}
}
