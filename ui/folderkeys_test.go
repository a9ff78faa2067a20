package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tmail/account"
)

// A role given by hand is written into the configuration, acts at once, and is taken back by undo.
func TestRoleByHand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	config := "# mine\n[[account]]\nname = \"work\" # short\nemail = \"me@example.com\"\n[account.incoming]\nprotocol = \"imap\"\nhost = \"imap.example.com\"\npassword_command = \"true\"\n"
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	written := func() string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	s := start(t, 100, 30, nested, func(o *Options) { o.Config.Path = path })
	s.Shows("▾Projects").Press("shift+tab").Press("H").at("Old news").Press("=").Shows("Old news is", "now Archive").Press("a").Shows("Old news is Archive now").Idle()
	if got := s.folder("work", account.RoleArchive).Name; got != "Old news" {
		t.Errorf("the Archive is %q", got)
	}
	if want := strings.Replace(config, "# short\n", "# short\nroles = { archive = \"Old news\" }\n", 1); written() != want {
		t.Errorf("the configuration is\n%s", written())
	}
	s.Press("tab", "g", "e").Shows("Moved 1 to Archive").Press("u").Shows("Moved 1 back").Press("u").Shows("Old news is what it was").Idle()
	if got := s.folder("work", account.RoleArchive).Name; got != "Archive" {
		t.Errorf("after undo the Archive is %q", got)
	}
	s.Press("shift+tab").at("Inbox").Press("=").Shows("cannot be changed")

	// What cannot be written is said, and changes nothing.
	if err := os.WriteFile(path, []byte("[[account]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.at("Projects").Press("=", "j").Await("an error", func() bool { return s.m.status.failed }).Idle()
	if got := s.folder("work", account.RoleJunk).Name; got != "Junk" {
		t.Errorf("Junk is %q", got)
	}
}

// A folder that was renamed has its new name at once, and so have those below it.
func TestRenamedAtOnce(t *testing.T) {
	s := start(t, 100, 30, nested)
	names := func() (list []string) {
		for _, f := range s.m.folders.stored {
			if strings.HasPrefix(f.Name, "P") {
				list = append(list, f.Name)
			}
		}
		return list
	}
	s.Shows("▾Projects").Idle()
	s.m.folders.rename(s.m.accountNames(), s.folderNamed("Projects").ID, "Plans")
	if got := strings.Join(names(), " "); got != "Plans Plans/项目 Plans/项目/二〇二六年度预算与执行情况汇总" {
		t.Errorf("the folders are %s", got)
	}
}

// An empty folder is deleted without a word about its mail.
func TestRemoveEmptyFolder(t *testing.T) {
	s := start(t, 100, 30, nested)
	s.Shows("▾Projects").Press("shift+tab", "H").at("Old news").Press("D").Shows("Delete the folder Old news? It is empty.").Press("n")
}
