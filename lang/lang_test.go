package lang

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/pelletier/go-toml/v2"
)

// phrases reads a catalog as go-i18n does: a table of tables, whose leaves are phrases or plural forms.
func phrases(t *testing.T, name string) map[string]map[string]string {
	t.Helper()
	raw, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var groups map[string]map[string]any
	if err := toml.Unmarshal(raw, &groups); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for group, items := range groups {
		for key, value := range items {
			forms := map[string]string{}
			switch v := value.(type) {
			case string:
				forms["other"] = v
			case map[string]any:
				for form, text := range v {
					forms[form] = text.(string)
				}
			}
			all[group+"."+key] = forms
		}
	}
	return all
}

var (
	quoted  = regexp.MustCompile(`"([a-z]+\.[a-z_]+)"`)
	actions = regexp.MustCompile(`action: +"([a-z_]+)"(.*)`)
	isFile  = regexp.MustCompile(`\.(com|ru|toml)$`) // or a host
	value   = regexp.MustCompile(`\{\{\.(\w+)\}\}`)
)

// used collects the ids that stand in the program's source: quoted, and made of the names of actions.
func used(t *testing.T, known map[string]map[string]string) map[string]bool {
	t.Helper()
	groups := map[string]bool{}
	for id := range known {
		group, _, _ := strings.Cut(id, ".")
		groups[group] = true
	}
	ids := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		phrased := strings.Contains(path, "lang") || strings.Contains(path, "account") || strings.Contains(path, "cli") || strings.Contains(path, "/ui/") // what these say is not said by them
		if !phrased && !strings.Contains(string(source), `"tmail/lang"`) {
			return nil
		}
		for _, m := range quoted.FindAllStringSubmatch(string(source), -1) {
			if group, _, _ := strings.Cut(m[1], "."); groups[group] && !isFile.MatchString(m[1]) {
				ids[m[1]] = true
			}
		}
		for _, m := range actions.FindAllStringSubmatch(string(source), -1) {
			ids["do."+m[1]] = true
			if strings.Contains(m[2], "hint: ") {
				ids["hint."+m[1]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestCatalogsHoldWhatIsUsed(t *testing.T) {
	english, chinese := phrases(t, "en.toml"), phrases(t, "zh.toml")
	ids := used(t, english)
	for id := range ids {
		if english[id] == nil || chinese[id] == nil {
			t.Errorf("%s is used but is not in both catalogs", id)
		}
	}
	for id := range english {
		if !ids[id] {
			t.Errorf("%s is in the catalog but nothing uses it", id)
		}
		if chinese[id] == nil {
			t.Errorf("%s has no Chinese", id)
		}
	}
	for id := range chinese {
		if english[id] == nil {
			t.Errorf("%s has no English", id)
		}
	}
}

func TestPhrasesNameTheSameValues(t *testing.T) {
	english, chinese := phrases(t, "en.toml"), phrases(t, "zh.toml")
	names := func(text string) []string {
		var list []string
		for _, m := range value.FindAllStringSubmatch(text, -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	for id, forms := range english {
		for form, text := range forms {
			if _, err := template.New(id).Parse(text); err != nil {
				t.Errorf("%s: %v", id, err)
			}
			if form == "other" && !slices.Equal(names(text), names(chinese[id]["other"])) {
				t.Errorf("%s: English has %v, Chinese has %v", id, names(text), names(chinese[id]["other"]))
			}
		}
		if len(forms) > 1 && forms["one"] == "" {
			t.Errorf("%s has plural forms but none for one", id)
		}
	}
}

func TestPlurals(t *testing.T) {
	for _, c := range []struct {
		language, want string
		count          int
	}{
		{"en", "Moved 1 to Work", 1},
		{"en", "Moved 0 to Work", 0},
		{"en", "Moved 1,204 to Work", 1204},
		{"zh", "已移动 1 封到Work", 1},
		{"zh", "已移动 1,204 封到Work", 1204},
	} {
		Use(c.language)
		if got := T("done.moved", "Count", c.count, "Folder", "Work"); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.language, c.count, got, c.want)
		}
	}
	Use("en")
	if got := T("no.such_phrase"); got != "no.such_phrase" {
		t.Errorf("unknown id: %q", got)
	}
}

func TestLanguageOfTheEnvironment(t *testing.T) {
	for _, c := range []struct{ all, messages, lang, want string }{
		{"", "", "zh_CN.UTF-8", "zh"},
		{"", "", "C.UTF-8", "en"},
		{"", "", "", "en"},
		{"C", "", "zh_CN.UTF-8", "en"},
		{"", "zh_TW", "en_US.UTF-8", "zh"},
		{"", "", "de_DE.UTF-8", "en"},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_MESSAGES": c.messages, "LANG": c.lang}
		if got := fromEnvironment(func(k string) string { return env[k] }); got != c.want {
			t.Errorf("%v: %s", env, got)
		}
	}
}

// What is tried once is not promised to be tried again by itself.
func TestCheckPromisesNothing(t *testing.T) {
	for _, language := range []string{"en", "zh"} {
		Use(language)
		for _, words := range []string{"i/o timeout", "EOF", "no idea", "lookup h: server misbehaving", "network is unreachable"} {
			if got := CheckProblem("network", "connect", "h", words); strings.Contains(got, "by itself") || strings.Contains(got, "自动") || strings.Contains(got, "enter") {
				t.Errorf("%s: %s", words, got)
			}
		}
	}
	Use("en")
	if got := CheckProblem("auth", "sign in", "imap.163.com", "LOGIN failed"); !strings.Contains(got, "授权码") {
		t.Error(got)
	}
}

func TestProblemsSayWhatToDo(t *testing.T) {
	Use("en")
	for _, c := range []struct{ kind, host, words, want string }{
		{"auth", "imap.163.com:993", "LOGIN Login error or password error", "授权码"},
		{"auth", "imap.qq.com", "Login fail", "授权码"},
		{"auth", "mail.notqq.com", "Login fail", "user name or password"},
		{"auth", "imap.exmail.qq.com:993", "Login fail", "客户端密码"},
		{"auth", "mail.own.test", "Invalid credentials: generate a secret for your corporate account", "user name or password"},
		{"auth", "mail.own.test", "sign in: the server offers none of SCRAM-SHA-256, PLAIN", "no way to sign in"},
		{"auth", "mail.own.test", "login rate limit exceeded", "wait some minutes"},
		{"auth", "imap.gmail.com", "Application-specific password required", "app password"},
		{"auth", "outlook.office365.com", "AUTHENTICATE failed", "oauth2"},
		{"auth", "imap.163.com", "SELECT Unsafe Login. Please contact kefu@188.com", "calls this sign-in unsafe"},
		{"network", "imap.exmaple.com", "lookup imap.exmaple.com: no such host", "no server called imap.exmaple.com"},
		{"network", "h", "lookup h on 10.0.0.1:53: read udp 10.0.0.2:4711->10.0.0.1:53: i/o timeout", "could not be looked up"},
		{"network", "h", "lookup h on 127.0.0.53:53: read udp 127.0.0.1:4711->127.0.0.53:53: read: connection refused", "could not be looked up"},
		{"network", "h", "lookup h: server misbehaving", "could not be looked up"},
		{"network", "h", "lookup h on 1.1.1.1:53: dial udp 1.1.1.1:53: connect: network is unreachable", "No network"},
		{"network", "localhost:1143", "dial tcp 127.0.0.1:1143: connect: connection refused", "Nothing answers at localhost"},
		{"network", "h", "read tcp: i/o timeout", "does not answer"},
		{"network", "h", "unexpected EOF", "broke off"},
		{"tls", "h", "x509: certificate has expired or is not yet valid", "has expired"},
		{"tls", "h", "x509: certificate is valid for other.example, not h", "belongs to another server"},
		{"tls", "h", "x509: certificate signed by unknown authority", "tls_ca_file"},
		{"tls", "h", "the server does not offer STARTTLS", `security = "tls"`},
		{"recipient", "h", "550 5.1.1 no such user", "550 5.1.1 no such user"},
		{"quota", "h", "", "mailbox is full"},
		{"refused", "h", "[OVERQUOTA] Quota exceeded", "mailbox is full"},
		{"size", "h", "", "larger than h takes"},
		{"unconfirmed", "h", "EOF", "may have been sent"},
		{"disk", "", "no space left on device", "disk is full"},
	} {
		got := Problem(c.kind, "sync", c.host, c.words)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s %q: %q does not say %q", c.kind, c.words, got, c.want)
		}
		if strings.Contains(got, "\n") || strings.Contains(got, "{{") {
			t.Errorf("not one plain sentence: %q", got)
		}
	}
}
