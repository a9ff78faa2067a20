package account

import (
	"slices"
	"strings"
	"testing"
)

func TestNotify(t *testing.T) {
	file := `[notify]
ways = ["bell", "command"]
command = ["mail-bell", "-v"]
[[account]]
name = "work"
email = "me@example.com"
notify = { inbox = "desktop", "Lists/开发" = ["terminal", "terminal"], Old = [] }
` + serverOfTest + `
[[account]]
name = "home"
email = "me@example.com"
` + serverOfTest
	c, err := read("config.toml", []byte(file), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		account, mailbox string
		role             Role
		want             string
	}{
		{"work", "INBOX", RoleInbox, "desktop"}, {"work", "Lists/开发", "", "terminal"}, {"work", "Old", "", ""}, {"work", "Junk", RoleJunk, ""},
		{"home", "INBOX", RoleInbox, "bell command"}, {"home", "Lists/开发", "", ""},
	} {
		var got []string
		for _, w := range c.WaysFor(f.account, f.mailbox, f.role) {
			got = append(got, string(w))
		}
		if strings.Join(got, " ") != f.want {
			t.Errorf("%s of %s: %v, want %q", f.mailbox, f.account, got, f.want)
		}
	}
	if !slices.Equal(c.Notify.Command, []string{"mail-bell", "-v"}) || !c.Mouse {
		t.Errorf("the command is %q, the mouse %v", c.Notify.Command, c.Mouse)
	}
}

func TestNotifyMistakes(t *testing.T) {
	account := "[[account]]\nname = \"work\"\nemail = \"me@example.com\"\n"
	for file, want := range map[string]string{
		"[notify]\nways = [\"tv\"]\n":                                `notify.ways "tv" is not one of "bell", "terminal", "desktop", "command"`,
		"[notify]\nways = \"command\"\n":                             `notify.ways has "command", but there is none`,
		"[notify]\ncommand = []\n":                                   `notify.command names no program`,
		"[notify]\nway = \"bell\"\n":                                 `notify.way is not a setting; did you mean ways?`,
		"mouse = \"no\"\n":                                           `mouse is text, but should be true or false`,
		account + "notify = \"bell\"\n" + serverOfTest:               `notify is text, but should be a table`,
		account + "notify = { inbox = [\"beep\"] }\n" + serverOfTest: `notify.inbox "beep" is not one of`,
	} {
		c, err := read("config.toml", []byte(file), 0o600)
		if err == nil && len(c.Accounts) > 0 {
			err = c.Accounts[0].Err
		}
		if said := troubles(nil, err); !strings.Contains(said, want) {
			t.Errorf("%s: %s, want %s", file, said, want)
		}
	}
}
