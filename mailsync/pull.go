package mailsync

import (
	"context"
	"slices"
	"sort"

	"tmail/account"
	"tmail/store"
	"tmail/transport/imap"
)

// pull takes over what changed on an IMAP server. What is gone from any folder is noted before what is new in others
// is read, so that a message another client moved is recognised: it keeps its id and its body.
func (s *imapSide) pull(ctx context.Context, what scope) error {
	folders, err := s.targets(ctx, what)
	if err != nil {
		return err
	}
	var news []additions
	complete, declined := what.all, 0
	for _, f := range folders {
		added, err := s.compare(ctx, f)
		if s.declined(err) {
			// A folder that cannot be opened (an ACL, removed this moment) or is broken does not keep the others from
			// being read.
			s.gone[f.ID], complete = true, false
			if declined++; what.all && declined == len(folders) {
				return folderError(f.Name, err)
			}
			if !what.all {
				s.todo.refresh() // it may be there no more
			} else if err := s.closed(ctx, f, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return folderError(f.Name, err)
		}
		delete(s.refused, f.Name)
		if added.empty() {
			continue
		}
		if !added.first {
			news = append(news, added)
			continue
		}
		if err := s.readOr(ctx, added, &complete); err != nil { // there is nothing here yet that could be recognised
			return err
		}
	}
	for _, added := range news {
		if err := s.readOr(ctx, added, &complete); err != nil {
			return err
		}
	}
	if complete {
		if err := s.store.Remote.PurgeOrphans(ctx, s.account.Name); err != nil {
			return err
		}
	}
	return s.passAlert(ctx)
}

// readOr is read, and passes over what the server declines to give.
func (s *imapSide) readOr(ctx context.Context, added additions, complete *bool) error {
	err := s.read(ctx, added)
	switch {
	case err == nil:
		return nil
	case s.declined(err):
		s.log.Warn("folder not read to its end", "folder", added.folder.Name, "error", err)
		*complete = false
		return nil
	}
	return folderError(added.folder.Name, err)
}

// target is a folder to be compared, with what the server said of it along with the list, if it did.
type target struct {
	store.FolderRef
	status *imap.Status
}

// targets returns the folders to look at: those asked for, in the order a person would want them, the inbox and the
// folder on the screen first.
func (s *imapSide) targets(ctx context.Context, what scope) ([]target, error) {
	statuses := map[string]*imap.Status{}
	closed := map[string]bool{}
	roles := map[string]account.Role{}
	if what.all {
		clear(s.gone)
		boxes, err := s.listed(ctx)
		if err != nil {
			return nil, err
		}
		for i := range boxes {
			statuses[boxes[i].Name], closed[boxes[i].Name] = boxes[i].Status, boxes[i].NoSelect
			roles[boxes[i].Name] = boxes[i].Role
		}
	}
	refs, err := s.store.Remote.Folders(ctx, s.account.Name)
	if err != nil {
		return nil, err
	}
	inbox, err := s.store.Index.FolderByRole(ctx, s.account.Name, account.RoleInbox)
	if err != nil {
		return nil, err
	}
	screen := s.todo.onScreen()
	var targets []target
	for _, ref := range refs {
		asked := what.all && !closed[ref.Name] || what.inbox && ref.ID == inbox.ID || what.folder == ref.ID
		if asked && !s.gone[ref.ID] {
			targets = append(targets, target{ref, statuses[ref.Name]})
		}
	}
	urgency := func(t target) int {
		switch {
		case t.ID == inbox.ID:
			return 0
		case t.ID == screen:
			return 1
		case roles[t.Name] == account.RoleSent, roles[t.Name] == account.RoleDrafts:
			return 2
		}
		return 3
	}
	sort.SliceStable(targets, func(i, j int) bool { return urgency(targets[i]) < urgency(targets[j]) })
	return targets, nil
}

func (s *imapSide) list(ctx context.Context) error {
	_, err := s.listed(ctx)
	return err
}

// listed takes over which mailboxes there are.
func (s *imapSide) listed(ctx context.Context) ([]imap.Mailbox, error) {
	boxes, err := s.client.List(ctx)
	if err != nil {
		return nil, err
	}
	return boxes, s.store.Remote.SetFolders(ctx, s.account.Name, s.asConfigured(boxes))
}

// asConfigured gives the folders the roles that the configuration sets; these win over what the server says.
func (s *imapSide) asConfigured(boxes []imap.Mailbox) []store.RemoteFolder {
	set := map[string]account.Role{}
	for role, name := range s.account.Roles {
		set[name] = role
	}
	folders := make([]store.RemoteFolder, 0, len(boxes))
	for _, b := range boxes {
		role := b.Role
		if _, elsewhere := s.account.Roles[role]; elsewhere {
			role = ""
		}
		if r, ok := set[b.Name]; ok {
			role = r
		}
		folders = append(folders, store.RemoteFolder{
			Name: b.Name, Delim: b.Delim, Role: role, NoSelect: b.NoSelect, Subscribed: b.Subscribed,
		})
	}
	return folders
}

// additions are the messages of one folder that are not known here, newest first, and what to note once they are.
type additions struct {
	folder store.FolderRef
	uids   []imap.UID
	state  store.RemoteState
	first  bool // the folder is read for the first time
	noted  bool // state is written down already
}

func (a additions) empty() bool { return len(a.uids) == 0 && a.noted }

// compare takes over what is gone from a folder and which flags changed, and returns what is new in it. It costs what
// changed, where the server can tell: nothing where the list said that nothing did.
func (s *imapSide) compare(ctx context.Context, f target) (additions, error) {
	known, err := s.store.Remote.State(ctx, f.ID)
	if err != nil {
		return additions{}, err
	}
	if f.status != nil && unchanged(known, *f.status) {
		return additions{noted: true}, nil
	}
	since := imap.Known{UIDValidity: known.UIDValidity, ModSeq: known.ModSeq}
	if !known.Synced {
		since.ModSeq = 0
	}
	delta, err := s.openSince(ctx, f.ID, f.Name, since)
	if err != nil {
		return additions{}, err
	}
	added, summed := []imap.UID(nil), false
	if delta != nil {
		added, summed, err = s.merge(ctx, f.ID, known, delta)
	}
	if err == nil && !summed {
		added, err = s.compareAll(ctx, f.ID, delta != nil)
	}
	if err != nil {
		return additions{}, err
	}
	news := additions{folder: f.FolderRef, uids: added, first: !known.Synced, state: store.RemoteState{
		UIDValidity: s.state.UIDValidity, UIDNext: s.state.UIDNext, ModSeq: s.state.HighestModSeq, Synced: true,
	}}
	if len(added) == 0 {
		if err := s.store.Remote.SetState(ctx, f.ID, news.state); err != nil {
			return additions{}, err
		}
		news.noted = true
	}
	return news, nil
}

// merge takes over what the server says happened, and returns the new messages. It has not summed up when there are
// more or fewer messages on the server than that makes: only comparing all of them helps then.
func (s *imapSide) merge(ctx context.Context, folder store.ID, known store.RemoteState, delta *imap.Delta) (added []imap.UID, summed bool, err error) {
	var ours []store.UIDFlags
	look := func(low, high uint32) {
		if err == nil {
			var some []store.UIDFlags
			some, err = s.store.Remote.UIDFlagsBetween(ctx, folder, low, high)
			ours = append(ours, some...)
		}
	}
	for _, r := range delta.Gone {
		look(uint32(r.First), uint32(r.Last))
	}
	gone := uidsIn(ours)
	ours = nil
	for flags := delta.Flags; len(flags) > 0; {
		n := 1
		for n < len(flags) && flags[n].UID-flags[n-1].UID < 100 { // reading a few more is cheaper than asking again
			n++
		}
		look(uint32(flags[0].UID), uint32(flags[n-1].UID))
		flags = flags[n:]
	}
	if err != nil {
		return nil, false, err
	}
	_, changed, added := difference(ours, delta.Flags)
	if err := s.takeOver(ctx, folder, gone, changed); err != nil {
		return nil, false, err
	}
	now, err := s.store.Remote.State(ctx, folder)
	return added, now.Count+len(added) == int(s.state.Messages), err
}

// compareAll compares all messages the folder has here with all that the server has, and returns the new ones. Flags
// need not be compared when a delta told of them.
func (s *imapSide) compareAll(ctx context.Context, folder store.ID, flagsTold bool) ([]imap.UID, error) {
	ours, err := s.store.Remote.UIDFlags(ctx, folder)
	if err != nil {
		return nil, err
	}
	var theirs []imap.UIDFlags
	switch {
	case s.state.Messages == 0:
	case flagsTold || len(ours) == 0:
		uids, err := s.client.UIDs(ctx)
		if err != nil {
			return nil, err
		}
		theirs = make([]imap.UIDFlags, len(uids))
		for i, uid := range uids {
			theirs[i].UID = uid
		}
	default:
		if theirs, err = s.client.Flags(ctx, nil); err != nil {
			return nil, err
		}
	}
	gone, changed, added := difference(ours, theirs)
	if flagsTold {
		changed = nil
	}
	return added, s.takeOver(ctx, folder, gone, changed)
}

// takeOver writes down what is gone from a folder and which flags changed.
func (s *imapSide) takeOver(ctx context.Context, folder store.ID, gone []uint32, changed []store.UIDFlags) error {
	if len(gone) > 0 {
		if err := s.store.Remote.Gone(ctx, folder, gone); err != nil {
			return err
		}
		s.counts.removed += len(gone)
	}
	if len(changed) > 0 {
		if err := s.store.Remote.SetFlags(ctx, folder, changed); err != nil {
			return err
		}
		s.counts.changed += len(changed)
	}
	return nil
}

func uidsIn(list []store.UIDFlags) []uint32 {
	uids := make([]uint32, len(list))
	for i, u := range list {
		uids[i] = u.UID
	}
	return uids
}

// unchanged says whether a folder can be passed over. Without HIGHESTMODSEQ nothing tells of changed flags.
func unchanged(known store.RemoteState, now imap.Status) bool {
	return known.Synced && now.HighestModSeq != 0 && known.ModSeq == now.HighestModSeq &&
		known.UIDValidity == now.UIDValidity && known.UIDNext == now.UIDNext && known.Count == int(now.Messages)
}

// difference compares what we know with what the server says; both are ordered by UID. Added comes newest first.
func difference(ours []store.UIDFlags, theirs []imap.UIDFlags) (gone []uint32, changed []store.UIDFlags, added []imap.UID) {
	i := 0
	for _, t := range theirs {
		for i < len(ours) && ours[i].UID < uint32(t.UID) {
			gone = append(gone, ours[i].UID)
			i++
		}
		if i == len(ours) || ours[i].UID != uint32(t.UID) {
			added = append(added, t.UID)
			continue
		}
		if ours[i].Flags != t.Flags {
			changed = append(changed, store.UIDFlags{UID: uint32(t.UID), Flags: t.Flags})
		}
		i++
	}
	for ; i < len(ours); i++ {
		gone = append(gone, ours[i].UID)
	}
	slices.Reverse(added)
	return gone, changed, added
}
