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
	complete := what.all
	for _, f := range folders {
		added, err := s.compare(ctx, f)
		if refused(err) {
			// A folder that cannot be opened (an ACL, removed this moment) does not keep the others from being read.
			s.log.Warn("folder not read", "folder", f.Name, "error", err)
			s.gone[f.ID], complete = true, false
			continue
		}
		if err != nil {
			return folderError(f.Name, err)
		}
		if added.empty() {
			continue
		}
		if !added.first {
			news = append(news, added)
			continue
		}
		if err := s.read(ctx, added); err != nil { // there is nothing here yet that could be recognised
			return folderError(f.Name, err)
		}
	}
	for _, added := range news {
		if err := s.read(ctx, added); err != nil {
			return folderError(added.folder.Name, err)
		}
	}
	if complete {
		return s.store.Remote.PurgeOrphans(ctx, s.account.Name)
	}
	return nil
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
		boxes, err := s.client.List(ctx)
		if err != nil {
			return nil, err
		}
		for i := range boxes {
			statuses[boxes[i].Name], closed[boxes[i].Name] = boxes[i].Status, boxes[i].NoSelect
			roles[boxes[i].Name] = boxes[i].Role
		}
		if err := s.store.Remote.SetFolders(ctx, s.account.Name, s.asConfigured(boxes)); err != nil {
			return nil, err
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

// compare takes over what is gone from a folder and which flags changed, and returns what is new in it. A folder of
// which the server says that nothing changed costs no more than that question.
func (s *imapSide) compare(ctx context.Context, f target) (additions, error) {
	known, err := s.store.Remote.State(ctx, f.ID)
	if err != nil {
		return additions{}, err
	}
	if f.status == nil && s.selected != f.ID {
		status, err := s.client.Status(ctx, f.Name)
		if err != nil {
			return additions{}, err
		}
		f.status = &status
	}
	if f.status != nil && unchanged(known, *f.status) {
		return additions{noted: true}, nil
	}
	if s.selected == f.ID {
		s.selected = 0 // SELECT again: its UIDNEXT and HIGHESTMODSEQ are as of now
	}
	if err := s.open(ctx, f.ID, f.Name); err != nil {
		return additions{}, err
	}
	if known, err = s.store.Remote.State(ctx, f.ID); err != nil {
		return additions{}, err
	}
	state := store.RemoteState{
		UIDValidity: s.state.UIDValidity, UIDNext: s.state.UIDNext, ModSeq: s.state.HighestModSeq, Synced: true,
	}
	var theirs []imap.UIDFlags
	if s.state.Messages > 0 {
		if theirs, err = s.client.Flags(ctx, nil); err != nil {
			return additions{}, err
		}
	}
	ours, err := s.store.Remote.UIDFlags(ctx, f.ID)
	if err != nil {
		return additions{}, err
	}
	gone, changed, added := difference(ours, theirs)
	if len(gone) > 0 {
		if err := s.store.Remote.Gone(ctx, f.ID, gone); err != nil {
			return additions{}, err
		}
	}
	if len(changed) > 0 {
		if err := s.store.Remote.SetFlags(ctx, f.ID, changed); err != nil {
			return additions{}, err
		}
	}
	s.counts.removed += len(gone)
	s.counts.changed += len(changed)
	news := additions{folder: f.FolderRef, uids: added, state: state, first: !known.Synced}
	if len(added) == 0 {
		if err := s.store.Remote.SetState(ctx, f.ID, state); err != nil {
			return additions{}, err
		}
		news.noted = true
	}
	return news, nil
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

// The first batch of new messages is small, so that the screen has something at once.
const (
	firstHeaders = 100
	maxHeaders   = 2000
)

// read fetches the headers of new messages, newest first. Between batches it does what the person waits for.
func (s *imapSide) read(ctx context.Context, news additions) error {
	total := len(news.uids)
	for done := 0; done < total; {
		n := min(maxHeaders, total-done)
		if done == 0 {
			n = min(firstHeaders, total)
		} else if err := s.urgent(ctx, s); err != nil {
			return err
		}
		if err := s.open(ctx, news.folder.ID, news.folder.Name); err != nil {
			return err
		}
		if s.state.UIDValidity != news.state.UIDValidity {
			s.todo.refresh()
			return nil
		}
		if err := s.readBatch(ctx, news.folder, news.uids[done:done+n]); err != nil {
			return err
		}
		done += n
		s.progressed(ctx, done, total)
	}
	return s.store.Remote.SetState(ctx, news.folder.ID, news.state)
}

func (s *imapSide) readBatch(ctx context.Context, folder store.FolderRef, uids []imap.UID) error {
	batch := make([]store.NewMessage, 0, len(uids))
	err := s.client.Headers(ctx, uids, func(h imap.Header) error {
		batch = append(batch, newMessage(h))
		return nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(batch) // older ones get lower ids: those of one second are listed by id
	if _, err := s.store.Remote.Add(ctx, folder.ID, batch); err != nil {
		return err
	}
	s.counts.new += len(batch)
	return nil
}
