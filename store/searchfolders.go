package store

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tmail/account"
)

// folderNames are the folders a search goes through, by what they are called.
type folderNames struct{ list []Folder }

// folders returns the folders in a scope. What is no longer configured is not
// searched.
func (s *Search) folders(ctx context.Context, in Scope) (*folderNames, error) {
	list, err := all(s.d.reading(ctx), scanFolder, folderColumns+"WHERE f.wanted AND a.position IS NOT NULL")
	list = slices.DeleteFunc(list, func(f Folder) bool {
		return in.Account != "" && f.Account != in.Account || in.Folder != 0 && f.ID != in.Folder
	})
	return &folderNames{list}, err
}

// ids returns all of them.
func (n *folderNames) ids() []ID {
	ids := make([]ID, len(n.list))
	for i, f := range n.list {
		ids[i] = f.ID
	}
	return ids
}

// called returns the folders that a person means by a name: those of that role
// or name, else those whose name has a word that begins so.
func (n *folderNames) called(name string) map[ID]bool {
	name = foldName(name)
	role, isRole := folderRoles[name]
	exact := n.which(func(f Folder) bool {
		path := foldName(f.Name)
		last := path
		if f.Delim != "" {
			last = path[strings.LastIndex(path, foldName(f.Delim))+1:]
		}
		return isRole && f.Role == role || path == name || last == name
	})
	if len(exact) > 0 {
		return exact
	}
	begins := phraseOf(name, true)
	return n.which(func(f Folder) bool { return len(begins.words) > 0 && begins.in(wordsOf(f.Name)) })
}

// of returns the folders of the accounts whose name begins so.
func (n *folderNames) of(account string) map[ID]bool {
	account = foldName(account)
	if exact := n.which(func(f Folder) bool { return foldName(f.Account) == account }); len(exact) > 0 {
		return exact
	}
	return n.which(func(f Folder) bool { return strings.HasPrefix(foldName(f.Account), account) })
}

func (n *folderNames) which(means func(Folder) bool) map[ID]bool {
	ids := map[ID]bool{}
	for _, f := range n.list {
		if means(f) {
			ids[f.ID] = true
		}
	}
	return ids
}

func foldName(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// folderRoles are the names that folders with a role go by, whatever the
// server calls them.
var folderRoles = map[string]account.Role{
	"inbox": account.RoleInbox, "收件箱": account.RoleInbox,
	"drafts": account.RoleDrafts, "草稿": account.RoleDrafts, "草稿箱": account.RoleDrafts,
	"sent": account.RoleSent, "已发送": account.RoleSent, "已发": account.RoleSent,
	"archive": account.RoleArchive, "归档": account.RoleArchive, "存档": account.RoleArchive,
	"trash": account.RoleTrash, "deleted": account.RoleTrash, "已删除": account.RoleTrash, "回收站": account.RoleTrash, "废纸篓": account.RoleTrash,
	"junk": account.RoleJunk, "spam": account.RoleJunk, "垃圾邮件": account.RoleJunk, "垃圾箱": account.RoleJunk,
	"outbox": account.RoleOutbox, "发件箱": account.RoleOutbox, "待发": account.RoleOutbox,
}
