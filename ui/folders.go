package ui

import (
	"context"
	"errors"
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
	all     []store.Folder
	entries []folderEntry
	at      scroll
	again   bool     // asked for again while a load was under way
	seek    store.ID // put the cursor here when it appears
}

// folderEntry is one row of the pane: a folder, or the name of an account above its folders.
type folderEntry struct {
	folder  store.Folder // ID 0: a heading
	heading string
	depth   int
	name    safe.Text // its path from the folder it is drawn below
}

type foldersLoaded struct {
	gen      int
	folders  []store.Folder
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
		for _, name := range names {
			s, err1 := st.Accounts.Status(ctx, name)
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
	p.set(f.folders, m.accountNames())
	if !p.again { // else this may be from before a message was queued
		m.followSends(f.outgoing)
	}
	if m.reader.id != 0 && m.reader.content == nil {
		m.layOut() // why it is still waited for may have changed
	}
	cmds := []tea.Cmd{m.showNotices(f.notices)}
	if m.list.folder.ID == 0 {
		cmds = append(cmds, m.openAccount(m.account))
	} else if now := p.byID(m.list.folder.ID); now.ID == 0 {
		cmds = append(cmds, m.openAccount(m.account)) // the folder shown is gone
	} else if stale := now.Version != m.list.folder.Version; stale {
		m.list.folder = now
		cmds = append(cmds, m.loadList())
	} else {
		m.list.folder = now
	}
	if p.again {
		cmds = append(cmds, m.loadFolders())
	}
	return tea.Batch(cmds...)
}

// set arranges the folders: those of all accounts on top, then each account's under its name. A single account needs
// neither.
func (p *folderPane) set(folders []store.Folder, accounts []string) {
	selected := p.selected().ID
	unified := unifiedFolders(folders, accounts)
	p.all, p.entries = append(unified, folders...), nil
	for _, f := range unified {
		p.entries = append(p.entries, folderEntry{folder: f, name: folderName(f)})
	}
	for _, name := range accounts {
		if len(unified) > 0 {
			p.entries = append(p.entries, folderEntry{heading: name})
		}
		listed := map[string]bool{}
		for _, f := range folders {
			if f.Account == name {
				listed[f.Name] = true
			}
		}
		for _, f := range folders {
			if f.Account == name && !(f.Role == account.RoleOutbox && f.Total == 0) {
				p.entries = append(p.entries, nest(f, listed))
			}
		}
	}
	p.choose(selected)
	if p.byID(p.seek).ID != 0 {
		p.choose(p.seek)
		p.seek = 0
	}
	p.at.move(p.at.cursor, len(p.entries))
}

// nest puts a folder below those of its path that are listed.
func nest(f store.Folder, listed map[string]bool) folderEntry {
	e := folderEntry{folder: f, name: folderName(f)}
	if f.Delim == "" || f.Role != "" {
		return e
	}
	below := 0
	for i := range f.Name {
		if strings.HasPrefix(f.Name[i:], f.Delim) && listed[f.Name[:i]] {
			e.depth++
			below = i + len(f.Delim)
		}
	}
	e.name = safe.Line(f.Name[below:])
	return e
}

// selected is the folder under the cursor; its ID is 0 on a heading.
func (p *folderPane) selected() store.Folder {
	if p.at.cursor < len(p.entries) {
		return p.entries[p.at.cursor].folder
	}
	return store.Folder{}
}

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
	for p.at.cursor+step >= 0 && p.at.cursor+step < len(p.entries) && p.selected().ID == 0 {
		p.at.cursor += step
	}
	if p.selected().ID == 0 {
		p.at.move(p.at.cursor-step, len(p.entries))
	}
}

func (p *folderPane) choose(id store.ID) {
	for i, e := range p.entries {
		if id != 0 && e.folder.ID == id {
			p.at.cursor = i
		}
	}
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

// folderCount is the number beside a folder: unread mail, but all of what waits to be finished or sent.
func folderCount(f store.Folder) safe.Text {
	n := f.Unread
	switch f.Role {
	case account.RoleDrafts, account.RoleOutbox:
		n = f.Total
	case account.RoleSent, account.RoleTrash, account.RoleJunk:
		n = 0
	}
	if n == 0 {
		return ""
	}
	return safe.Text(lang.Number(n))
}

func (p *folderPane) draw(m *model, width, height int) []string {
	focused := m.focus == onFolders
	return p.at.rows(len(p.entries), height, width, func(i int) string {
		e, r := p.entries[i], m.look.row(width)
		if e.folder.ID == 0 {
			return r.to(1).put(m.look.dim, m.look.gap+" ").put(m.headingStyle(e.heading), safe.Line(e.heading)).String()
		}
		st := plain
		if e.folder.ID == m.list.folder.ID {
			st = bold
		}
		if i == p.at.cursor && focused {
			r.ground = m.look.selected
			r.put(m.look.accent, m.look.mark)
		} else if e.folder.ID == m.list.folder.ID {
			r.put(m.look.accent, m.look.mark)
		}
		count := folderCount(e.folder)
		r.to(1+e.depth).to(2+e.depth).cell(st, e.name, width-3-e.depth-safe.Width(count))
		if e.folder.Unread > 0 && e.folder.Role != account.RoleDrafts {
			return r.right(m.look.accent, count+" ").String()
		}
		return r.right(m.look.dim, count+" ").String()
	})
}

// headingStyle is how the name of an account stands above its folders.
func (m *model) headingStyle(name string) style {
	if st := m.accountStyle(name); st != plain {
		return st
	}
	return m.look.dim
}

// newFolder asks for a name and makes the folder, beside the one under the cursor.
func (m *model) newFolder() tea.Cmd {
	acct := m.folderAccount()
	m.open(&prompt{heading: lang.T("ask.new_folder", "Account", acct), field: newEditor("", true),
		done: func(m *model, name string) tea.Cmd {
			if name = strings.TrimSpace(name); name == "" {
				return nil
			}
			var made store.ID
			return m.do(func(ctx context.Context) (err error) {
				made, err = m.Store.Changes.CreateFolder(ctx, acct, name, "")
				return err
			}, func(err error) tea.Cmd {
				m.folders.seek = made
				return m.outcome(lang.T("done.folder_created", "Folder", name))(err)
			})
		}})
	return nil
}

func (m *model) folderAccount() string {
	if f := m.folders.selected(); f.ID > 0 {
		return f.Account
	}
	return m.account
}

func (m *model) renameFolder() tea.Cmd {
	f := m.folders.selected()
	m.open(&prompt{heading: lang.T("ask.rename_folder", "Folder", string(folderName(f))), field: newEditor(f.Name, true),
		done: func(m *model, name string) tea.Cmd {
			if name = strings.TrimSpace(name); name == "" || name == f.Name {
				return nil
			}
			return m.do(func(ctx context.Context) error {
				return m.Store.Changes.RenameFolder(ctx, f.ID, name)
			}, func(err error) tea.Cmd {
				if err == nil {
					m.remember(undoable{undone: lang.T("undone.rename", "Folder", f.Name), back: func(ctx context.Context) error {
						return m.Store.Changes.RenameFolder(ctx, f.ID, f.Name)
					}})
				}
				return m.outcome(lang.T("done.folder_renamed", "Folder", name))(err)
			})
		}})
	return nil
}

func (m *model) removeFolder() tea.Cmd {
	f := m.folders.selected()
	name := string(folderName(f))
	m.open(&question{text: lang.T("ask.remove_folder", "Folder", name, "Count", f.Total), yes: func(m *model) tea.Cmd {
		return m.do(func(ctx context.Context) error {
			return m.Store.Changes.RemoveFolder(ctx, f.ID)
		}, func(err error) tea.Cmd {
			if err == nil {
				m.remember(undoable{final: lang.T("undo.folder", "Folder", name)})
			}
			return m.outcome(lang.T("done.folder_removed", "Folder", name))(err)
		})
	}})
	return nil
}

// changeable reports whether the folder under the cursor can be renamed and deleted.
func (m *model) changeable() bool {
	f := m.folders.selected()
	return f.ID > 0 && f.Role == ""
}
