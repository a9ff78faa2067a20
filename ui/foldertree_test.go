package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"tmail/account"
	"tmail/store"
)

// tree draws rows as indented names with their numbers.
func tree(rows []folderEntry) string {
	var lines []string
	for _, e := range rows {
		line := strings.Repeat(" ", e.depth) + string(e.name)
		if e.parent {
			line += map[bool]string{true: " >", false: " v"}[e.folder.Folded]
		}
		if e.count > 0 {
			line += fmt.Sprintf(" %d", e.count)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "|")
}

func TestFolderTree(t *testing.T) {
	f := func(id store.ID, name string, change ...func(*store.Folder)) store.Folder {
		folder := store.Folder{ID: id, Account: "a", Name: name, Delim: "/", Unread: int(id), Subscribed: true}
		for _, c := range change {
			c(&folder)
		}
		return folder
	}
	folded := func(f *store.Folder) { f.Folded = true }
	favourite := func(f *store.Folder) { f.Favourite = true }
	unsubscribed := func(f *store.Folder) { f.Subscribed = false }
	role := func(r account.Role) func(*store.Folder) { return func(f *store.Folder) { f.Role = r } }
	closed := func(f *store.Folder) { f.NoSelect, f.Unread = true, 0 }
	for _, c := range []struct {
		what    string
		folders []store.Folder
		want    string
	}{
		{"levels", []store.Folder{f(1, "a"), f(2, "a/b"), f(3, "a/b/c"), f(4, "a/x/c"), f(5, "new/x")}, "a v 1| b v 2|  c 3| x/c 4|new/x 5"},
		{"the parent comes last", []store.Folder{f(2, "a/b"), f(1, "a")}, "a v 1| b 2"},
		{"folded: the sum", []store.Folder{f(1, "a", folded), f(2, "a/b", folded), f(3, "a/b/c")}, "a > 6"},
		{"a folded one within", []store.Folder{f(1, "a"), f(2, "a/b", folded), f(3, "a/b/c")}, "a v 1| b > 5"},
		{"no sum of what is not counted", []store.Folder{f(1, "a", folded), f(2, "a/b", role(account.RoleTrash))}, "a 1|Trash"},
		{"folded, nothing below", []store.Folder{f(1, "a", folded)}, "a 1"},
		{"favourites first, with what is below", []store.Folder{f(1, "INBOX", role(account.RoleInbox)), f(2, "p"), f(3, "p/项目", favourite), f(4, "p/项目/x")},
			"项目 v 3| x 4|Inbox 1|p 2"},
		{"roles stand for themselves", []store.Folder{f(1, "INBOX", role(account.RoleInbox)), f(2, "INBOX/Sent", role(account.RoleSent)), f(3, "INBOX/w")},
			"Inbox v 1| w 3|Sent"},
		{"not subscribed", []store.Folder{f(1, "a"), f(2, "b", unsubscribed), f(3, "c", unsubscribed), f(4, "c/d")}, "a 1|c v 3| d 4|1 not subscribed"},
		{"nothing is subscribed", []store.Folder{f(1, "INBOX", role(account.RoleInbox)), f(2, "b", unsubscribed)}, "Inbox 1|b 2"},
		{"one that holds folders only", []store.Folder{f(1, "g", closed, folded), f(2, "g/x"), f(3, "g/y")}, "g > 5"},
		{"no delimiter", []store.Folder{f(1, "a", func(f *store.Folder) { f.Delim = "" }), f(2, "a/b", func(f *store.Folder) { f.Delim = "" })}, "a 1|a/b 2"},
		{"the Outbox has a namesake", []store.Folder{f(1, "Outbox", role(account.RoleOutbox), func(f *store.Folder) { f.Local, f.Total = true, 1 }), f(2, "Outbox")}, "Outbox 1|Outbox 2"},
	} {
		if got := tree((&folderPane{}).accountRows(c.folders)); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.what, got, c.want)
		}
	}
}

// nested is the sample with folders on several levels, one of which holds no mail, and one that is not subscribed to.
func nested(t testing.TB, st *store.Store) {
	t.Helper()
	sample(t, st)
	list := []store.RemoteFolder{
		{Name: "INBOX", Role: account.RoleInbox}, {Name: "Drafts", Role: account.RoleDrafts}, {Name: "Sent", Role: account.RoleSent},
		{Name: "Archive", Role: account.RoleArchive}, {Name: "Trash", Role: account.RoleTrash}, {Name: "Junk", Role: account.RoleJunk},
		{Name: "Projects", Subscribed: true}, {Name: "Projects/项目", Subscribed: true}, {Name: "Projects/项目/二〇二六年度预算与执行情况汇总", Subscribed: true},
		{Name: "Groups", NoSelect: true}, {Name: "Groups/dev-announcements-of-the-year", Subscribed: true}, {Name: "Old news"},
	}
	for i := range list {
		list[i].Delim = "/"
	}
	if err := st.Remote.SetFolders(context.Background(), "work", list); err != nil {
		t.Fatal(err)
	}
	folders, err := st.Index.Folders(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	uid := uint32(500)
	for _, f := range folders {
		if f.Account == "work" && (f.Name == "Projects" || strings.HasPrefix(f.Name, "Projects/项目") || f.Name == "Groups/dev-announcements-of-the-year") {
			uid += 10
			deliver(t, st, f.ID, uid, letter{from: "Ann <ann@example.com>", to: "me@example.com", subject: "About " + f.Name, body: "Text.\n"},
				letter{from: "Bob <bob@example.com>", to: "me@example.com", subject: "More of " + f.Name, body: "Text.\n"})
		}
	}
}

// at puts the cursor of the folder pane on a row.
func (s *screen) at(name string) *screen {
	s.t.Helper()
	s.Await(name+" in the pane", func() bool {
		for i, e := range s.m.folders.entries {
			if string(e.name) == name && e.folder.Account != "home" {
				s.m.folders.at.cursor = i
				return true
			}
		}
		return false
	})
	return s
}

func TestFolding(t *testing.T) {
	s := start(t, 100, 40, nested)
	s.Shows("▾Projects", "▾项目", "1 not subscribed").Press("shift+tab")
	s.at("Projects").Press("z").Hides("项目").Shows("▸Projects        6")
	s.Await("kept", func() bool { return s.folderNamed("Projects").Folded })
	s.Press("right").Shows("▾项目           2").Press("l").Shows("▾项目").Press("h").Shows("▸项目           4").Press("left")
	if got := s.m.folders.under().name; got != "Projects" {
		t.Errorf("the cursor is on %q", got)
	}
	s.at("Groups").Press("enter").Hides("dev-ann").Shows("▸Groups").Press("enter").Shows("dev-ann").Idle().Looks("folder-tree")
	s.at("Trash").Press("z").Shows("no folder below").Press("G").at("dev-announcements-of-the-year").Shows("Groups/dev-announcements-of-the-year  2 unread of 2")
}

// The folder one looks at is marked, also where it is folded away.
func TestFoldedFolderIsMarked(t *testing.T) {
	s := start(t, 100, 40, nested)
	s.Shows("▾项目").Press("shift+tab").at("项目").Press("enter").Shows("About Projects/项目").Press("shift+tab").at("Projects").Press("z").Shows("▌▸Projects")
	s.Press("tab").Shows("▌▸Projects")
}

func TestUnreadCountsFollowNewMail(t *testing.T) {
	s := start(t, 100, 40, nested)
	s.Shows("▾Projects").Press("shift+tab").at("Projects").Press("z").Shows("▸Projects        6")
	deliver(t, s.st, s.folderNamed("Projects/项目").ID, 900, letter{from: "Eve <eve@example.com>", to: "me@example.com", subject: "New", body: "x\n"})
	s.Shows("▸Projects        7")
}

func TestFavouritesAndSubscriptions(t *testing.T) {
	s := start(t, 100, 40, nested)
	s.Shows("▾项目").Press("shift+tab").at("项目").Press("s").Shows("项目 stands on top", "▾项目", "   二〇二六年度")
	if rows := tree(s.m.folders.entries); !strings.Contains(rows, "|项目 v 2| 二〇二六年度预算与执行情况汇总 2|Inbox") {
		t.Errorf("the rows are %s", rows)
	}
	s.Press("u").Shows("among the others").Idle()

	s.at("Projects").Press("S").Shows("Unsubscribed from Projects").Idle()
	s.at("项目").Press("S").at("二〇二六年度预算与执行情况汇总").Press("S").Shows("4 not subscribed").Hides("Projects")
	s.Press("H").Shows("All folders are shown", "Old news", "▾Projects").Press("H").Hides("Old news")
	s.at("4 not subscribed").Press("enter").Shows("Old news")
	s.at("Old news").Press("S").Shows("Subscribed to Old news").Press("H").Shows("Old news").Idle()
	ch, err := s.st.Changes.Next(context.Background(), "work")
	if err != nil || ch == nil || ch.Kind != store.ChangeUnsubscribe && ch.Kind != store.ChangeSubscribe {
		t.Errorf("the server is to be told %+v, %v", ch, err)
	}
}

func TestNewFolderBelow(t *testing.T) {
	s := start(t, 100, 40, nested)
	s.Shows("▾项目").Press("shift+tab").at("项目").Press("N").Shows("New folder below Projects/项目").Type("会议").Press("enter").Shows("Folder 会议 made").Idle()
	if s.folderNamed("Projects/项目/会议").ID == 0 {
		t.Error("it is not there")
	}
	s.at("项目").Press("D").Shows("There are folders below this one")
}

func TestEmptyTrash(t *testing.T) {
	s := start(t, 100, 40, nested)
	s.Shows("Budget 2027").Press("j", "d").Shows("Moved 1").Press("d").Shows("Moved 1").Idle()
	s.Press("E").Shows("Only Trash and Junk")
	s.Press("shift+tab").at("Trash").Press("E").Shows("Empty Trash (work)? 2 messages").Press("n").Hides("Empty Trash")
	s.Press("enter").Shows("Budget 2027").Press("E").Shows("Empty Trash (work)? 2 messages").Press("y").Shows("Deleted 2 messages").Hides("Budget 2027")
	if left := s.subjects("work", account.RoleTrash); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	s.Press("u").Shows("cannot be brought back").Press("E").Shows("Trash is empty")
}
