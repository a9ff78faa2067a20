package account

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"tmail/account/oauth"
)

func addition(name string) Addition {
	return Addition{Account: Account{Name: name, Email: "wang@163.com", FullName: `王 "小" \明`,
		Incoming: Endpoint{Protocol: ProtocolIMAP, Host: "imap.163.com", Port: 993, Security: SecurityTLS, Username: "wang@163.com"},
		Outgoing: &Endpoint{Protocol: ProtocolSMTP, Host: "smtp.163.com", Port: 465, Security: SecurityTLS, Username: "wang@163.com"}}}
}

func TestNewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tmail", "config.toml")
	if err := AddAccount(path, "zh", addition("163")); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `# The configuration of tmail. All there is to set: tmail help config

language = "zh"

[[account]]
name      = "163"
email     = "wang@163.com"
full_name = "王 \"小\" \\明"

[account.incoming]
protocol = "imap"
host     = "imap.163.com"
port     = 993
security = "tls"
keyring  = true

[account.outgoing]
protocol = "smtp"
host     = "smtp.163.com"
port     = 465
security = "tls"
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, p := range []struct {
		path string
		mode os.FileMode
	}{{path, 0o600}, {filepath.Dir(path), 0o700}} {
		if info, err := os.Stat(p.path); err != nil || info.Mode().Perm() != p.mode {
			t.Errorf("%s has mode %v, %v", p.path, info.Mode(), err)
		}
	}
	c, err := Load(path)
	if err != nil || c.Accounts[0].FullName != `王 "小" \明` || c.Language != "zh" {
		t.Errorf("read back %+v, %v", c, err)
	}
}

// What a person has written stays, byte for byte.
func TestAddKeepsTheFile(t *testing.T) {
	example, err := os.ReadFile("../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	for name, before := range map[string]string{
		"the example":       string(example),
		"odd layout":        "# mine\n\n\n  theme=\"dark\"   # so\n" + good + "   # the end, without a line end",
		"Windows lines":     strings.ReplaceAll(good, "\n", "\r\n"),
		"empty":             "",
		"a byte order mark": "\xef\xbb\xbf" + good,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			real, path := filepath.Join(dir, "dotfiles.toml"), filepath.Join(dir, "config.toml")
			if err := os.WriteFile(real, []byte(before), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(real, path); err != nil {
				t.Fatal(err)
			}
			if err := AddAccount(path, "zh", addition("new")); err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(after, []byte(before)) {
				t.Errorf("what was there has changed:\n%s", after)
			}
			if strings.Contains(before, "\r\n") && strings.Count(string(after), "\n") != strings.Count(string(after), "\r\n") {
				t.Error("lines end in two ways")
			}
			if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
				t.Error("the link is gone")
			}
			if c, err := Load(path); err != nil || c.Accounts[len(c.Accounts)-1].Name != "new" {
				t.Errorf("does not load: %v", err)
			}
			if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestAddRefuses(t *testing.T) {
	for name, before := range map[string]string{
		"the name is taken":     strings.Replace(good, `"home"`, `"new"`, 1),
		"accounts in one array": "account = [{name = \"a\"}]\n",
		"not TOML":              "theme = dark\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := AddAccount(path, "", addition("new")); err == nil {
				t.Error("was added")
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != before {
				t.Errorf("the file has changed: %v\n%s", err, after)
			}
		})
	}
}

// A secret that was kept is found again by the account that was written.
func TestKeptSecretIsRead(t *testing.T) {
	for _, ring := range []bool{true, false} {
		keyring.MockInit()
		if !ring {
			keyring.MockInitWithError(keyring.ErrUnsupportedPlatform)
		}
		dir := t.TempDir()
		e := addition("网易/163")
		var err error
		if e.Kept, err = KeepSecret(t.Context(), filepath.Join(dir, "secrets"), e.Name, "canary-授权码", Keeping{}); err != nil {
			t.Fatal(err)
		}
		if (e.Kept.File == "") != ring {
			t.Errorf("with keyring %v kept in %q", ring, e.Kept.File)
		}
		path := filepath.Join(dir, "config.toml")
		if err := AddAccount(path, "", e); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path)
		if said := troubles(c, err); said != "" {
			t.Fatal(said)
		}
		for _, server := range []Endpoint{c.Accounts[0].Incoming, *c.Accounts[0].Outgoing} {
			if got, err := server.Secret(t.Context()); got != "canary-授权码" {
				t.Errorf("read %q, %v", got, err)
			}
		}
		err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if bytes.Contains(data, []byte("canary")) {
				t.Errorf("%s holds the secret", path)
			}
			if info, _ := d.Info(); info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestOAuth2IsWritten(t *testing.T) {
	keyring.MockInit()
	own := oauth.Service{AuthURL: "https://a.example/auth", TokenURL: "https://a.example/token", Scopes: []string{"mail", "x y"}}
	for _, want := range []Addition{
		{SignIn: &oauth.Client{ID: "id-1", Service: oauth.Services["microsoft"]}, Service: "microsoft"},
		{SignIn: &oauth.Client{ID: "id-2", Secret: "of the program", Service: own}},
	} {
		want.Account = addition("m").Account
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := AddAccount(path, "", want); err != nil {
			t.Fatal(err)
		}
		if c, err := Load(path); err != nil || !c.Accounts[0].Incoming.OAuth2 || !c.Accounts[0].Outgoing.OAuth2 {
			t.Errorf("%+v, %v", c, err)
		}
	}
}

func TestFreeName(t *testing.T) {
	var all []Account
	for _, want := range []string{"163", "wang-163", "wang@163.com", "wang@163.com-2", "wang@163.com-3"} {
		name := FreeName("wang@163.com", all)
		if name != want {
			t.Errorf("%q, want %q", name, want)
		}
		all = append(all, Account{Name: name})
	}
}
