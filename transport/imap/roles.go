package imap

import (
	"slices"
	"strings"

	"tmail/account"
)

// roleAttributes are the attributes of RFC 6154 and of XLIST, lower case. \All is Gmail's archive: what leaves the
// inbox is still in it.
var roleAttributes = []struct {
	attribute string
	role      account.Role
}{
	{`\drafts`, account.RoleDrafts},
	{`\sent`, account.RoleSent},
	{`\archive`, account.RoleArchive},
	{`\trash`, account.RoleTrash},
	{`\junk`, account.RoleJunk},
	{`\spam`, account.RoleJunk},
	{`\all`, account.RoleArchive},
	{`\allmail`, account.RoleArchive},
}

// roleNames are what servers without these attributes call their mailboxes, lower case, the likeliest first.
var roleNames = []struct {
	role  account.Role
	names []string
}{
	{account.RoleDrafts, []string{"drafts", "draft", "草稿箱", "草稿", "草稿夹", "寄件草稿"}},
	{account.RoleSent, []string{"sent", "sent messages", "sent items", "sent mail", "sent-mail", "已发送", "已发送邮件", "已发邮件", "已发送的邮件", "发件箱", "寄件備份", "寄件备份"}},
	{account.RoleArchive, []string{"archive", "archives", "归档", "归档邮件", "存档", "封存"}},
	{account.RoleTrash, []string{"trash", "deleted messages", "deleted items", "deleted", "bin", "已删除", "已删除邮件", "已删除的邮件", "垃圾箱", "废件箱", "回收站", "垃圾桶"}},
	{account.RoleJunk, []string{"junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk mail", "垃圾邮件", "广告邮件", "垃圾郵件"}},
}

// assignRoles gives each role to at most one mailbox: the first with the attribute, else the first with a telling
// name, on the top level or below INBOX.
func assignRoles(mailboxes []Mailbox, attributes [][]string) {
	taken := map[account.Role]bool{}
	give := func(i int, role account.Role) {
		if mailboxes[i].Role == "" && !taken[role] && !mailboxes[i].NoSelect {
			mailboxes[i].Role = role
			taken[role] = true
		}
	}
	for i, m := range mailboxes {
		if m.Name == "INBOX" {
			give(i, account.RoleInbox)
		}
	}
	for _, known := range roleAttributes {
		for i := range mailboxes {
			if slices.Contains(attributes[i], known.attribute) {
				give(i, known.role)
			}
		}
	}
	for _, known := range roleNames {
		for _, name := range known.names {
			for i, m := range mailboxes {
				if plainName(m) == name {
					give(i, known.role)
				}
			}
		}
	}
}

// plainName is the name by which a role can be known, lower case: without "INBOX." before it.
func plainName(m Mailbox) string {
	name := strings.ToLower(m.Name)
	if m.Delim != "" {
		name = strings.TrimPrefix(name, "inbox"+strings.ToLower(m.Delim))
	}
	return name
}
