package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tmail/message"
)

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
	}
	if ch.Kind == ChangeCopy && len(out.UIDs) == 0 {
		return out, "UNSURE" // there may have been nothing to copy: look
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
