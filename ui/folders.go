package ui

import (
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// folderPane lists the folders of all accounts.
type folderPane struct {
	load    load
	stored  []store.Folder // as the store has them
	saved   []store.SavedSearch
	all     []store.Folder // and the unified ones
	entries []folderEntry
	at      scroll
	again   bool     // asked for again while a load was under way
	seek    store.ID // put the cursor here when it appears

	unsubscribed bool // folders not subscribed to are shown too

	awaited []func(*model) tea.Cmd // what needs to know them, and was asked for before they were read
}

type foldersLoaded struct {
	gen      int
	folders  []store.Folder
	saved    []store.SavedSearch
	statuses map[string]store.Status
	waiting  map[string]int
	outgoing []*store.Outgoing
	notices  []store.Notice
	err      error
}

// loadFolders reads the folders and what the accounts are doing.
func (m *model) loadFolders() tea.Cmd {
	p := &m.folders
	if p.load.waiting() {
		p.again = true
		return nil
	}
	p.again = false
	ctx, gen := p.load.begin(m.ctx)
	st, names := m.Store, m.accountNames()
	return func() tea.Msg {
		out := foldersLoaded{gen: gen, statuses: map[string]store.Status{}, waiting: map[string]int{}}
		var err error
		if out.folders, err = st.Index.Folders(ctx); err != nil {
			out.err = err
			return out
		}
		if out.saved, err = st.Search.Saved(ctx); err != nil {
			out.err = err
			return out
		}
		for _, name := range names {
			s, err1 := st.Accounts.Status(ctx, name)
			if errors.Is(err1, store.ErrNoSuch) {
				continue // what is wrong in its configuration kept it from coming into the store
			}
			n, err2 := st.Changes.Waiting(ctx, name)
			out.statuses[name], out.waiting[name] = s, n
			out.err = errors.Join(out.err, err1, err2)
		}
		var err1, err2 error
		out.outgoing, err1 = st.Outbox.List(ctx, "")
		out.notices, err2 = st.Notices(ctx)
		out.err = errors.Join(out.err, err1, err2)
		return out
	}
}

func (f foldersLoaded) apply(m *model) tea.Cmd {
	p := &m.folders
	if !p.load.end(f.gen) {
		return nil
	}
	if f.err != nil {
		m.fail(f.err)
		return nil
	}
	m.statuses, m.unpushed = f.statuses, f.waiting
	m.fetched()
	p.saved = f.saved
	p.set(f.folders, m.accountNames())
	cmds := m.foldersRead()
	if !p.again { // else this may be from before a message was queued
		m.followSends(f.outgoing)
	}
	if m.reader.id != 0 && m.reader.content == nil {
		m.layOut() // why it is still waited for may have changed
	}
	cmds = append(cmds, m.showNotices(f.notices))
	if m.list.folder.ID == 0 {
		cmds = append(cmds, m.openAccount(m.account))
	} else if now := p.byID(m.list.folder.ID); now.ID == 0 {
		cmds = append(cmds, m.openAccount(m.account)) // the folder shown is gone
	} else if stale := now.Version != m.list.folder.Version; m.list.search.changed(f.folders) || stale {
		m.list.folder = now
		cmds = append(cmds, m.loadList())
	} else {
		m.list.folder = now
	}
	if m.list.folder.ID == 0 {
		cmds = append(cmds, m.drawnSoon()) // nothing is known of the account: there is no list to be drawn first
	}
	if p.again {
		cmds = append(cmds, m.loadFolders())
	}
	return tea.Batch(cmds...)
}

// withFoldersRead runs then once the folders are known, which after the start are read behind the list.
func (m *model) withFoldersRead(then func(*model) tea.Cmd) tea.Cmd {
	if len(m.folders.stored) > 0 {
		return then(m)
	}
	m.folders.awaited = append(m.folders.awaited, then)
	return nil
}

// foldersRead runs what waited for that.
func (m *model) foldersRead() (cmds []tea.Cmd) {
	waiting := m.folders.awaited
	m.folders.awaited = nil
	for _, then := range waiting {
		cmds = append(cmds, then(m))
	}
	return cmds
}

// set takes over the folders the store has.
func (p *folderPane) set(folders []store.Folder, accounts []string) {
	p.stored = folders
	p.arrange(accounts)
}

// arrange makes the rows: the folders of all accounts on top, then each account's under its name. A single account
// needs neither.
func (p *folderPane) arrange(accounts []string) {
	under := p.under()
	unified := append(unifiedFolders(p.stored, accounts), savedFolders(p.saved, p.stored)...)
	p.all, p.entries = append(unified, p.stored...), nil
	for _, f := range unified {
		e := folderEntry{folder: f, name: folderName(f)}
		e.count, e.unread = folderCount(f)
		p.entries = append(p.entries, e)
	}
	for _, name := range accounts {
		if len(unified) > 0 {
			p.entries = append(p.entries, folderEntry{heading: name})
		}
		var folders []store.Folder
		for _, f := range p.stored {
			if f.Account == name && !(f.Role == account.RoleOutbox && f.Total == 0) {
				folders = append(folders, f)
			}
		}
		p.entries = append(p.entries, p.accountRows(folders)...)
	}
	p.choose(under.folder.ID)
	if p.byID(p.seek).ID != 0 {
		p.choose(p.seek)
		p.seek = 0
	}
	p.at.move(p.at.cursor, len(p.entries))
}

// change changes a folder on the screen before the store has done so.
func (p *folderPane) change(accounts []string, id store.ID, change func(*store.Folder)) {
	p.stored = slices.Clone(p.stored)
	for i := range p.stored {
		if p.stored[i].ID == id {
			change(&p.stored[i])
		}
	}
	p.arrange(accounts)
}

// rename shows a folder, and those below it, by the name that the store has now.
func (p *folderPane) rename(accounts []string, id store.ID, name string) {
	old := p.byID(id)
	for _, f := range p.stored {
		if rest, below := strings.CutPrefix(f.Name, old.Name+old.Delim); below && old.Delim != "" && f.Account == old.Account {
			p.change(accounts, f.ID, func(f *store.Folder) { f.Name = name + old.Delim + rest })
		}
	}
	p.change(accounts, id, func(f *store.Folder) { f.Name = name })
}

// under is the row under the cursor.
func (p *folderPane) under() folderEntry {
	if p.at.cursor < len(p.entries) {
		return p.entries[p.at.cursor]
	}
	return folderEntry{}
}

// selected is the folder under the cursor; its ID is 0 where there is none.
func (p *folderPane) selected() store.Folder { return p.under().folder }

func (p *folderPane) byID(id store.ID) store.Folder {
	for _, f := range p.all {
		if f.ID == id {
			return f
		}
	}
	return store.Folder{}
}

func (p *folderPane) byRole(acct string, role account.Role) store.Folder {
	for _, f := range p.all {
		if f.Account == acct && f.Role == role {
			return f
		}
	}
	return store.Folder{}
}

// move steps over headings.
func (p *folderPane) move(by int) {
	p.at.move(p.at.cursor+by, len(p.entries))
	step := 1
	if by < 0 {
		step = -1
	}
	for p.at.cursor+step >= 0 && p.at.cursor+step < len(p.entries) && !p.under().stops() {
		p.at.cursor += step
	}
	if !p.under().stops() {
		p.at.move(p.at.cursor-step, len(p.entries))
	}
}

// choose puts the cursor on a folder; on the one it is folded away below, when it is.
func (p *folderPane) choose(id store.ID) {
	if i := p.rowOf(id); i >= 0 {
		p.at.cursor = i
	}
}

// rowOf is the row that shows a folder, or that it is folded away below; -1 when there is none.
func (p *folderPane) rowOf(id store.ID) int {
	f := p.byID(id)
	row, best := -1, -1
	for i, e := range p.entries {
		switch {
		case id == 0:
		case e.folder.ID == id:
			return i
		case e.folder.Folded && e.folder.Account == f.Account && f.Delim != "" && strings.HasPrefix(f.Name, e.folder.Name+f.Delim) && len(e.folder.Name) > best:
			row, best = i, len(e.folder.Name)
		}
	}
	return row
}

// folderName is a folder as people call it: by its role, else the last part of its path.
func folderName(f store.Folder) safe.Text {
	switch f.Role {
	case account.RoleInbox:
		return safe.Line(lang.T("folder.inbox"))
	case account.RoleDrafts:
		return safe.Line(lang.T("folder.drafts"))
	case account.RoleSent:
		return safe.Line(lang.T("folder.sent"))
	case account.RoleArchive:
		return safe.Line(lang.T("folder.archive"))
	case account.RoleTrash:
		return safe.Line(lang.T("folder.trash"))
	case account.RoleJunk:
		return safe.Line(lang.T("folder.junk"))
	case account.RoleOutbox:
		return safe.Line(lang.T("folder.outbox"))
	}
	name := f.Name
	if f.Delim != "" {
		name = name[strings.LastIndex(name, f.Delim)+len(f.Delim):]
		if !strings.Contains(f.Name, f.Delim) {
			name = f.Name
		}
	}
	return safe.Line(name)
}

func (p *folderPane) draw(m *model, width, height int) []string {
	shown := p.rowOf(m.list.folder.ID)
	return p.at.rows(len(p.entries), height, width, func(i int) string {
		e, r := p.entries[i], m.look.row(width)
		if !e.stops() {
			r.to(1).put(m.look.dim, m.look.gap+" ")
			sign, st := m.ailment(e.heading)
			return r.cell(m.headingStyle(e.heading), safe.Line(e.heading), width-r.used-3).right(st, sign+" ").String()
		}
		if i == p.at.cursor && m.focus == onFolders {
			r.ground = m.look.selected
			r.put(m.look.accent, m.look.mark)
		} else if i == shown {
			r.put(m.look.accent, m.look.mark)
		}
		return p.drawEntry(m, e, r, i == shown)
	})
}

// deepest is the depth from which folders are indented no further: names need the room.
const deepest = 5

func (p *folderPane) drawEntry(m *model, e folderEntry, r *row, shown bool) string {
	st := plain
	switch {
	case shown:
		st = bold
	case e.folder.ID == 0 || e.folder.NoSelect || p.unsubscribed && !e.folder.Subscribed && e.folder.ID > 0 && e.folder.Role == "":
		st = m.look.dim
	}
	count := safe.Text("")
	if e.count > 0 {
		count = safe.Text(lang.Number(e.count))
	}
	left := 1 + min(e.depth, deepest)
	switch r.to(left); {
	case e.parent && e.folder.Folded:
		r.put(m.look.dim, m.look.folded)
	case e.parent:
		r.put(m.look.dim, m.look.below)
	case e.folder.Favourite:
		r.put(m.look.accent, m.look.star)
	}
	room := r.width - left - 2
	if count != "" {
		room -= safe.Width(count) + 1
	}
	r.to(left+1).cell(st, e.name, room)
	if e.unread > 0 {
		return r.right(m.look.accent, count+" ").String()
	}
	return r.right(m.look.dim, count+" ").String()
}

// ailment is the sign beside the name of an account that fails or is offline; the header says why when it is opened.
func (m *model) ailment(name string) (safe.Text, style) {
	phase := m.statuses[name].Phase
	disabled := slices.ContainsFunc(m.Config.Accounts, func(a account.Account) bool { return a.Name == name && a.Err != nil })
	switch {
	case disabled, phase == store.PhaseFailed:
		return m.look.warn, bold
	case phase == store.PhaseOffline:
		return m.look.warn, m.look.dim
	}
	return "", plain
}

// headingStyle is how the name of an account stands above its folders.
func (m *model) headingStyle(name string) style {
	if st := m.accountStyle(name); st != plain {
		return st
	}
	return m.look.dim
}
