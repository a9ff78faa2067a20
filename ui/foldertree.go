package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// The rows of the folder pane: the folders of each account as a tree, by the delimiter of its server.

// folderEntry is one row of the pane: a folder, the name of an account above its folders, or something else that can
// be opened.
type folderEntry struct {
	folder  store.Folder // ID 0: none
	heading string       // the name of an account
	open    func(*model) tea.Cmd

	name   safe.Text // a folder's path from the one it is drawn below
	depth  int
	parent bool // folders are drawn below it, or folded away
	count  int  // the number beside it, with what is folded away below it
	unread int  // how many of these are unread
}

// stops reports whether the cursor can be on the row.
func (e folderEntry) stops() bool { return e.folder.ID != 0 || e.open != nil }

// folderNode is a folder in the tree of its account.
type folderNode struct {
	folder store.Folder
	name   safe.Text
	below  []*folderNode
	hidden bool
}

// accountTree arranges the folders of an account: favourites on top, with what is below them; each folder below the
// nearest of its path that is there. Folders with a role, and favourites, stand for themselves.
func accountTree(folders []store.Folder) []*folderNode {
	nodes := make([]*folderNode, len(folders))
	byName := map[string]*folderNode{}
	for i, f := range folders {
		nodes[i] = &folderNode{folder: f}
		if byName[f.Name] == nil || !f.Local { // the Outbox can have a namesake on the server
			byName[f.Name] = nodes[i]
		}
	}
	var favourites, roots []*folderNode
	for _, n := range nodes {
		above, name := nearest(n.folder, byName)
		if n.name = safe.Line(name); n.folder.Role != "" || n.folder.Favourite {
			n.name = folderName(n.folder)
		}
		switch {
		case n.folder.Favourite:
			favourites = append(favourites, n)
		case n.folder.Role != "" || above == nil:
			roots = append(roots, n)
		default:
			above.below = append(above.below, n)
		}
	}
	return append(favourites, roots...)
}

// nearest is the folder that f is drawn below, and its path from there.
func nearest(f store.Folder, byName map[string]*folderNode) (above *folderNode, name string) {
	name = f.Name
	if f.Delim == "" {
		return nil, name
	}
	for i := range f.Name {
		if n := byName[f.Name[:i]]; n != nil && strings.HasPrefix(f.Name[i:], f.Delim) {
			above, name = n, f.Name[i+len(f.Delim):]
		}
	}
	return above, name
}

// hide marks what the person did not subscribe to and nothing that is shown lies below; it returns how many folders
// that are. Who subscribes to nothing sees everything.
func hide(roots []*folderNode) int {
	hidden := 0
	var visit func(n *folderNode) (shown bool)
	visit = func(n *folderNode) bool {
		shown := n.folder.Subscribed || n.folder.Role != "" || n.folder.Favourite
		for _, b := range n.below {
			shown = visit(b) || shown
		}
		if n.hidden = !shown; n.hidden {
			hidden++
		}
		return shown
	}
	for _, n := range roots {
		visit(n)
	}
	return hidden
}

// subscribes reports whether an account makes use of subscriptions.
func subscribes(folders []store.Folder) bool {
	for _, f := range folders {
		if f.Subscribed && !f.Local && f.Role != account.RoleInbox {
			return true
		}
	}
	return false
}

// rows are the entries of the tree from a node on.
func (n *folderNode) rows(depth int) []folderEntry {
	if n.hidden {
		return nil
	}
	e := folderEntry{folder: n.folder, name: n.name, depth: depth}
	e.count, e.unread = folderCount(n.folder)
	list := []folderEntry{e}
	for _, b := range n.below {
		rows := b.rows(depth + 1)
		list[0].parent = list[0].parent || len(rows) > 0
		if !n.folder.Folded {
			list = append(list, rows...)
			continue
		}
		for _, r := range rows {
			list[0].count += r.count
			list[0].unread += r.unread
		}
	}
	return list
}

// folderCount is the number beside a folder: unread mail, but all of what waits to be finished or sent.
func folderCount(f store.Folder) (count, unread int) {
	switch f.Role {
	case account.RoleDrafts, account.RoleOutbox:
		return f.Total, 0
	case account.RoleSent, account.RoleTrash, account.RoleJunk:
		return 0, 0
	}
	return f.Unread, f.Unread
}

// accountRows are the entries of one account.
func (p *folderPane) accountRows(folders []store.Folder) []folderEntry {
	roots := accountTree(folders)
	hidden := 0
	if !p.unsubscribed && subscribes(folders) {
		hidden = hide(roots)
	}
	var list []folderEntry
	for _, n := range roots {
		list = append(list, n.rows(0)...)
	}
	if hidden > 0 {
		list = append(list, folderEntry{name: safe.Line(lang.T("folder.more", "Count", hidden)), open: (*model).toggleUnsubscribed})
	}
	return list
}

// openEntry opens what a row stands for; a folder that holds none but folders is folded instead.
func (m *model) openEntry(e folderEntry) tea.Cmd {
	switch {
	case e.open != nil:
		return e.open(m)
	case e.folder.NoSelect:
		return m.toggleFolded()
	case e.folder.ID == 0:
		return nil
	}
	m.focus = onList
	return m.openFolder(e.folder)
}

// hasBelow reports whether there is anything to fold: folders below the one under the cursor, or beside it below
// another.
func hasBelow(m *model) bool {
	e := m.folders.under()
	return e.parent || e.depth > 0
}

// toggleFolded hides the folders below the one under the cursor, or shows them again; where it has none, those it is
// among.
func (m *model) toggleFolded() tea.Cmd {
	p := &m.folders
	if !p.under().parent {
		p.toParent()
	}
	return m.fold(!p.under().folder.Folded)
}

// foldOrRise folds what is open; what is folded, or has nothing below it, is left for the folder above.
func (m *model) foldOrRise() tea.Cmd {
	p := &m.folders
	if e := p.under(); e.parent && !e.folder.Folded {
		return m.fold(true)
	}
	p.toParent()
	return nil
}

// unfoldOrEnter unfolds what is folded, and goes to the first folder below what is open.
func (m *model) unfoldOrEnter() tea.Cmd {
	p := &m.folders
	switch e := p.under(); {
	case e.parent && e.folder.Folded:
		return m.fold(false)
	case e.parent:
		p.move(1)
	}
	return nil
}

// fold shows it at once; the store remembers it.
func (m *model) fold(on bool) tea.Cmd {
	e := m.folders.under()
	if !e.parent {
		m.say(lang.T("folder.none_below"))
		return nil
	}
	id := e.folder.ID
	m.folders.change(m.accountNames(), id, func(f *store.Folder) { f.Folded = on })
	return m.do(func(ctx context.Context) error { return m.Store.Changes.Fold(ctx, id, on) }, m.outcome(""))
}

// toParent puts the cursor on the folder that the one under it is drawn below.
func (p *folderPane) toParent() {
	depth := p.under().depth
	for i := p.at.cursor; i >= 0 && depth > 0; i-- {
		if p.entries[i].depth < depth {
			p.at.cursor = i
			return
		}
	}
}

// toggleUnsubscribed shows the folders that the person did not subscribe to, or hides them again.
func (m *model) toggleUnsubscribed() tea.Cmd {
	p := &m.folders
	p.unsubscribed = !p.unsubscribed
	p.arrange(m.accountNames())
	if p.unsubscribed {
		m.say(lang.T("folder.all_shown"))
	} else {
		m.say(lang.T("folder.subscribed_shown"))
	}
	return nil
}
