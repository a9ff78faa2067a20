package demo

import (
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

var errReadOnly = refusal(imap.ResponseCodeNoPerm, "The mailbox was opened for reading only")

// view is a selected mailbox as its client knows it: the messages the client
// has been told of, by sequence number. What is new for the client is always
// the difference between this and the mailbox, so there is no queue of updates
// to lose or to send twice.
type view struct {
	drop     *maildrop
	box      *mailbox
	readOnly bool
	told     []told // index + 1 is the sequence number
}

// told is one message the client knows, with the version of its flags.
type told struct {
	uid     imap.UID
	version uint64
}

// newView is a view that knows the mailbox as it is. The caller holds the lock.
func newView(drop *maildrop, box *mailbox, readOnly bool) *view {
	v := &view{drop: drop, box: box, readOnly: readOnly}
	for _, m := range box.Messages {
		v.told = append(v.told, told{m.UID, m.version})
	}
	return v
}

// update tells the client what it does not know yet: first what is gone,
// highest first so that each number is right when it is read, then how many
// there are, then the flags that changed.
func (v *view) update(w *imapserver.UpdateWriter, allowExpunge bool) error {
	gone, arrived, changed := v.difference(allowExpunge)
	for _, seq := range gone {
		if err := w.WriteExpunge(seq); err != nil {
			return err
		}
	}
	if arrived {
		if err := w.WriteNumMessages(uint32(len(v.told))); err != nil {
			return err
		}
	}
	for _, m := range changed {
		if err := w.WriteMessageFlags(m.seq, m.UID, m.Flags); err != nil {
			return err
		}
	}
	return nil
}

// difference brings the view up to date and returns how it had to change.
// Where an EXPUNGE may not be sent, messages that are gone stay in it.
func (v *view) difference(allowExpunge bool) (gone []uint32, arrived bool, changed []numbered) {
	v.drop.mu.Lock()
	defer v.drop.mu.Unlock()
	if allowExpunge {
		for i := len(v.told) - 1; i >= 0; i-- {
			if v.box.find(v.told[i].uid) == nil {
				gone = append(gone, uint32(i+1))
				v.told = slices.Delete(v.told, i, i+1)
			}
		}
	}
	for i, t := range v.told {
		if m := v.box.find(t.uid); m != nil && m.version != t.version {
			changed = append(changed, numbered{uint32(i + 1), *m})
			v.told[i].version = m.version
		}
	}
	last := v.last()
	for _, m := range v.box.Messages {
		if m.UID > last {
			arrived = true
			v.told = append(v.told, told{m.UID, m.version})
		}
	}
	return gone, arrived, changed
}

// follow updates the client at every change until stop is closed.
func (v *view) follow(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	for {
		v.drop.mu.Lock()
		changed := v.box.changed // taken before looking, so that no change falls between
		v.drop.mu.Unlock()
		if err := v.update(w, true); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stop:
			return nil
		}
	}
}

// numbered is a message and its number in this client's view.
type numbered struct {
	seq uint32
	message
}

// matching returns the messages of a set that the client knows and that are
// still there. The caller holds the lock.
func (v *view) matching(set imap.NumSet) []numbered {
	var found []numbered
	for i, t := range v.told {
		seq := uint32(i + 1)
		if !v.inSet(set, seq, t.uid) {
			continue
		}
		if m := v.box.find(t.uid); m != nil {
			found = append(found, numbered{seq, *m})
		}
	}
	return found
}

func containsMessage(list []numbered, m *message) bool {
	return slices.ContainsFunc(list, func(n numbered) bool { return n.UID == m.UID })
}

// inSet says whether a set names the message; "*" is the last one the client
// knows.
func (v *view) inSet(set imap.NumSet, seq uint32, uid imap.UID) bool {
	switch set := set.(type) {
	case imap.SeqSet:
		last := uint32(len(v.told))
		return slices.ContainsFunc(set, func(r imap.SeqRange) bool { return inRange(r.Start, r.Stop, last, seq) })
	case imap.UIDSet:
		last := v.last()
		return slices.ContainsFunc(set, func(r imap.UIDRange) bool { return inRange(r.Start, r.Stop, last, uid) })
	}
	return false
}

// last is the highest UID the client knows, 0 when it knows none.
func (v *view) last() imap.UID {
	if len(v.told) == 0 {
		return 0
	}
	return v.told[len(v.told)-1].uid
}

// inRange knows that 0 is "*" and that a range may be written backwards.
func inRange[N ~uint32](start, stop, last, n N) bool {
	if start == 0 {
		start = last
	}
	if stop == 0 {
		stop = last
	}
	return min(start, stop) <= n && n <= max(start, stop)
}

// store changes flags. The client hears the result from the next update, except
// of a silent change of its own.
func (v *view) store(set imap.NumSet, change *imap.StoreFlags) error {
	if v.readOnly {
		return errReadOnly
	}
	v.drop.mu.Lock()
	defer v.drop.mu.Unlock()
	for _, n := range v.matching(set) {
		m := v.box.find(n.UID)
		v.box.setFlags(m, changedFlags(m.Flags, change))
		if change.Silent {
			v.told[n.seq-1].version = m.version
		}
	}
	return nil
}

func changedFlags(flags []imap.Flag, change *imap.StoreFlags) []imap.Flag {
	switch change.Op {
	case imap.StoreFlagsAdd:
		return canonicalFlags(slices.Concat(flags, change.Flags))
	case imap.StoreFlagsDel:
		return slices.DeleteFunc(slices.Clone(flags), func(f imap.Flag) bool { return hasFlag(change.Flags, f) })
	default:
		return canonicalFlags(change.Flags)
	}
}

// expunge removes what is marked deleted, of these UIDs only when there are any
// (RFC 4315 §2.1).
func (v *view) expunge(uids *imap.UIDSet) error {
	v.drop.mu.Lock()
	defer v.drop.mu.Unlock()
	if v.readOnly {
		return nil // as CLOSE asks for (RFC 3501 §6.4.2)
	}
	v.box.remove(func(m *message) bool {
		return m.has(imap.FlagDeleted) && (uids == nil || v.inSet(*uids, 0, m.UID))
	})
	return nil
}

// copyTo files copies with their flags and dates, and returns which became
// which; nil when there are none.
func copyTo(dest *mailbox, messages []numbered) *imap.CopyData {
	if len(messages) == 0 {
		return nil
	}
	data := &imap.CopyData{UIDValidity: dest.Validity}
	for _, n := range messages {
		data.SourceUIDs.AddNum(n.UID)
		data.DestUIDs.AddNum(dest.add(n.Raw, n.Date, n.Flags).UID)
	}
	return data
}
