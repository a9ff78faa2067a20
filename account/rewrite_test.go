package account

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const serverOfTest = `
[account.incoming]
protocol = "imap"
host = "imap.example.com"
`

func TestSetRole(t *testing.T) {
	head := "# mine\n\n[[account]] # the first\nname = \"work\" # short\n"
	mail := "email = \"me@example.com\"\n"
	for _, c := range []struct {
		name, before string
		role         Role
		mailbox      string
		after        string
	}{
		{"none before", head + mail, RoleArchive, "Old mail", head + "roles = { archive = \"Old mail\" }\n" + mail},
		{"another", head + "roles = { junk = 'Sp}am' }   # odd\n" + mail, RoleSent, "已发送",
			head + "roles = { junk = \"Sp}am\", sent = \"已发送\" }   # odd\n" + mail},
		{"in its place", head + `roles={archive="A \" }"}` + "\n" + mail, RoleArchive, `B"\`, head + `roles={ archive = "B\"\\" }` + "\n" + mail},
		{"one role each", head + "roles = { archive = \"X\" }\n" + mail, RoleJunk, "X", head + "roles = { junk = \"X\" }\n" + mail},
		{"taken off", head + "roles = { archive = \"X\" }\n" + mail, "", "X", head + mail},
		{"dotted", head + "roles.archive = \"X\" # a\nroles.junk = \"J\"\n" + mail, RoleTrash, "J",
			head + "roles.trash = \"J\"\nroles.archive = \"X\" # a\n" + mail},
		{"a section", head + mail + "[account.roles] # here\narchive = \"X\" # a\n", RoleArchive, "Y",
			head + mail + "[account.roles] # here\narchive = \"Y\" # a\n"},
		{"more in a section", head + mail + "[account.roles]\narchive = \"X\"\n", RoleSent, "S",
			head + mail + "[account.roles]\nsent = \"S\"\narchive = \"X\"\n"},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			path := filepath.Join(t.TempDir(), "config.toml")
			other := "\n[[account]]\nname = \"other\"\nemail = \"o@example.com\"\nroles = { archive = \"A\" }\n" + serverOfTest
			write := func(text string) string { return strings.ReplaceAll(text+serverOfTest+other, "\n", end) }
			if err := os.WriteFile(path, []byte(write(c.before)), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := SetRole(path, "work", c.role, c.mailbox); err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != write(c.after) {
				t.Errorf("%s: %v, got\n%s\nwant\n%s", c.name, err, got, write(c.after))
			}
		}
	}
}

// What cannot be written where it would mean the right thing is not written.
func TestSetRoleLeavesTheFileAlone(t *testing.T) {
	for name, before := range map[string]string{
		"no such account": "[[account]]\nname = \"home\"\nemail = \"me@example.com\"\n" + serverOfTest,
		"broken":          "[[account]\nname = \"work\"\n",
		"a quoted key":    "[[account]]\nname = \"work\"\nemail = \"me@example.com\"\n\"roles\" . \"archive\" = \"\"\"\nX\"\"\"\n" + serverOfTest,
		"odd name":        "[[account]]\nname = \"\"\"\nwork\"\"\"\nemail = \"me@example.com\"\n" + serverOfTest,
	} {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := SetRole(path, "work", RoleArchive, "Y"); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != before {
			t.Errorf("%s: %v, the file is now\n%s", name, err, got)
		}
	}
	if err := SetRole(filepath.Join(t.TempDir(), "none.toml"), "work", RoleArchive, "Y"); err == nil {
		t.Error("a file that is not there: no error")
	}
}
