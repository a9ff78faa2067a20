package account

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/lang"
)

// good is an account without problems, eight lines long.
const good = `[[account]]
name  = "home"
email = "me@home.example"
[account.incoming]
protocol = "pop3"
host     = "pop.home.example"
keyring  = true

`

// loadText loads a configuration file with the contents text.
func loadText(t *testing.T, text string, mode os.FileMode) (*Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("config.toml", []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return Load("config.toml")
}

// isChinese says an error in Chinese, and complains of what is left in English: a word that is neither of the
// configuration nor a name.
func isChinese(t *testing.T, err error, config string) {
	t.Helper()
	lang.Use("zh")
	said := lang.Sentence(err)
	lang.Use("en")
	example, readErr := os.ReadFile(filepath.Join(start, "..", "config.example.toml"))
	if readErr != nil {
		t.Fatal(readErr)
	}
	settings := regexp.MustCompile(`#.*`).ReplaceAllString(string(example), "")
	names := regexp.MustCompile(`"[^"]*"|[A-Za-z0-9]+([._][A-Za-z0-9]+)+`) // what is quoted, or more than a word
	words := regexp.MustCompile(`[A-Za-z]+`)
	known := words.FindAllString(settings+config+" tmail help setup config oauth scopes chmod key MB UTF ctrl alt left https true false s h", -1)
	for _, line := range strings.Split(said, "\n") {
		if !regexp.MustCompile(`\p{Han}`).MatchString(line) {
			t.Errorf("no Chinese: %s", line)
		}
		for _, word := range words.FindAllString(names.ReplaceAllString(line, ""), -1) {
			if !slices.Contains(known, word) {
				t.Errorf("%q in %s", word, line)
			}
		}
	}
}

// start is where the tests began: they change the directory.
var start, _ = os.Getwd()

// troubles returns all problems, those of accounts too.
func troubles(c *Config, err error) string {
	lang.Use("en")
	var all []string
	if err != nil {
		all = append(all, lang.Sentence(err))
	}
	if c != nil {
		for _, a := range c.Accounts {
			if a.Err != nil {
				all = append(all, lang.Sentence(a.Err))
			}
		}
	}
	return strings.Join(all, "\n")
}

// TestBrokenAccount puts each mistake into the second account: the message
// names place, setting and remedy, and the first account goes on working.
func TestBrokenAccount(t *testing.T) {
	const head = "[[account]]\nname = \"work\"\nemail = \"me@example.com\"\n"
	const in = head + "[account.incoming]\nprotocol = \"imap\"\nhost = \"imap.example.com\"\nkeyring = true\n"
	const out = in + "[account.outgoing]\nprotocol = \"smtp\"\nhost = \"smtp.example.com\"\n"
	const work = `: account "work": `
	tests := []struct{ name, text, want string }{
		{"port too high", in + "port = 99999", "16" + work + "incoming.port 99999 is not a port (1–65535)"},
		{"port as text", in + `port = "993"`, "16" + work + "incoming.port is text, but should be a number without quotes (1–65535)"},
		{"port with a fraction", in + `port = 993.0`, "16" + work + "incoming.port is a number with a fraction, but should be a number without quotes (1–65535)"},
		{"mistyped setting", in + `usrename = "x"`, "16" + work + "incoming.usrename is not a setting; did you mean username?"},
		{"abbreviated setting", in + `user = "x"`, "16" + work + "incoming.user is not a setting; did you mean username?"},
		{"setting of another table", in + `full_name = "x"`, "16" + work + "incoming.full_name is not a setting here; it belongs in [[account]]"},
		{"unknown setting", in + `colour = "x"`, "16" + work + "incoming.colour is not a setting; [account.incoming] has protocol, host, port, security, allow_cleartext, tls_fingerprint, tls_ca_file, username, password, password_command, keyring, password_file, oauth2, leave_on_server"},
		{"mistyped table", in + "[account.outgiong]\nhost = \"x\"", "16" + work + "outgiong is not a setting; did you mean outgoing?"},
		{"unknown choice", head + "offline = \"recnt\"\n" + in[len(head):], "12" + work + `offline "recnt" is not one of "headers", "recent", "all"; did you mean "recent"?`},
		{"unknown protocol", strings.Replace(in, `"imap"`, `"exchange"`, 1), "13" + work + `incoming.protocol "exchange" is not one of "imap", "pop3"`},
		{"protocol by another name", strings.Replace(in, `"imap"`, `"imaps"`, 1), "13" + work + `incoming.protocol "imaps" is not one of "imap", "pop3"; did you mean "imap"?`},
		{"name as number", strings.Replace(in, `name = "work"`, "name = 7", 1), `10: account 2: name is a number, but should be text in quotes`},
		{"security by another name", in + `security = "SSL"`, "16" + work + `incoming.security "SSL" is not one of "tls", "starttls", "none"; did you mean "tls"?`},
		{"oauth2 of a mistyped provider", in + `oauth2 = { provider = "mircosoft", client_id = "x" }`, "16" + work + `incoming.oauth2.provider "mircosoft" is not one of "google", "microsoft"; did you mean "microsoft"?`},
		{"no protocol", strings.Replace(in, `protocol = "imap"`, "", 1), "12" + work + `incoming.protocol is missing: one of "imap", "pop3"`},
		{"no host", strings.Replace(in, `host = "imap.example.com"`, "", 1), "12" + work + `incoming.host is missing: host = "mail.example.com"`},
		{"host with port", strings.Replace(in, `imap.example.com`, "imap.example.com:993", 1), "14" + work + `incoming.host "imap.example.com:993" holds a port: host = "imap.example.com" and port = 993`},
		{"host as address", strings.Replace(in, `imap.example.com`, "https://imap.example.com/", 1), "14" + work + `incoming.host "https://imap.example.com/" is not the name of a server like "mail.example.com"`},
		{"cleartext", in + `security = "none"`, "16" + work + `incoming.security "none" would send the password to imap.example.com in the clear: take "tls" or "starttls", or add allow_cleartext = true`},
		{"no secret", strings.Replace(in, "keyring = true", "", 1), "12" + work + "incoming has no secret: give password_command, keyring = true, password_file or password; tmail setup asks for it"},
		{"two secrets", in + `password_command = "pass"`, "15" + work + "incoming.keyring is given beside password_command; keep one of them"},
		{"empty command", strings.Replace(in, "keyring = true", "password_command = []", 1), "15" + work + `incoming.password_command names no program: password_command = "pass show mail/work"`},
		{"oauth2 of nobody", in + `oauth2 = { client_id = "x" }`, "16" + work + `incoming.oauth2.provider is missing or not known: one of "google", "microsoft", or auth_url (or device_url), token_url and scopes`},
		{"oauth2 without a client", in + `oauth2 = { provider = "google" }`, "16" + work + "incoming.oauth2.client_id is missing: the id under which tmail is registered with the provider; tmail help config says how to get one"},
		{"oauth2 in the clear", in + `oauth2 = { client_id = "x", auth_url = "https://a.example/", token_url = "http://a.example/" }`, "16" + work + "incoming.oauth2.token_url is not an https address"},
		{"oauth2 kept nowhere", strings.Replace(in, "keyring = true", `oauth2 = { provider = "google", client_id = "x" }`, 1), "15" + work + "incoming.oauth2 needs to know where the sign-in is kept: keyring = true or password_file; tmail setup writes both"},
		{"fingerprint", in + `tls_fingerprint = "12:34"`, "16" + work + `incoming.tls_fingerprint "12:34" is not "sha256:" and 64 hexadecimal digits`},
		{"no such file", in + `tls_ca_file = "/no/such/ca.pem"`, "16" + work + `incoming.tls_ca_file "/no/such/ca.pem" is not a file that can be read`},
		{"leave_on_server of IMAP", in + `leave_on_server = true`, "16" + work + `incoming.leave_on_server is for protocol = "pop3" only`},
		{"leave_on_server", strings.Replace(in, `"imap"`, `"pop3"`, 1) + `leave_on_server = "a month"`, "16" + work + `incoming.leave_on_server "a month" is not true, false or a time like "30d"`},
		{"no incoming", head, "9" + work + "[account.incoming] is missing: say there where the mail comes from"},
		{"incoming as text", head + `incoming = "imap.example.com"`, "12" + work + "incoming is text, but should be a table: [account.incoming]"},
		{"poll as number", head + "poll = 5\n" + in[len(head):], "12" + work + `poll is a number, but should be a time in quotes like "30s", "5m" or "1h"`},
		{"poll in words", head + "poll = \"5 minutes\"\n" + in[len(head):], "12" + work + `poll "5 minutes" is not a time like "30s", "5m" or "1h"`},
		{"poll too short", head + "poll = \"0s\"\n" + in[len(head):], "12" + work + `poll "0s" is out of range (1s to 24h)`},
		{"role", head + "roles = { archiv = \"Old\" }\n" + in[len(head):], "12" + work + "roles.archiv is not a setting; did you mean archive?"},
		{"identity", head + "identities = [{ full_name = \"Ann\" }]\n" + in[len(head):], "12" + work + `identities.email is missing: email = "me@example.com"`},
		{"identities as texts", head + "identities = [\"a@b.example\"]\n" + in[len(head):], "12" + work + `identities should be a list of tables: identities = [{ email = "…" }]`},
		{"address", strings.Replace(in, `"me@example.com"`, `"Me <me@example.com>"`, 1), "11" + work + `email "Me <me@example.com>" is not an address like "me@example.com"`},
		{"no address", strings.Replace(in, `email = "me@example.com"`, "", 1), "9" + work + `email is missing: email = "me@example.com"`},
		{"control character", strings.Replace(in, `"me@example.com"`, `"me@example.com\r\nBcc: x"`, 1), "11" + work + "email holds a control character; it should be one plain line"},
		{"no name", strings.Replace(in, `name = "work"`, "", 1), `9: account 2: name is missing: name = "work"`},
		{"name taken", strings.Replace(in, `name = "work"`, `name = "home"`, 1), `10: account "home": name is taken by an account above; each needs its own`},
		{"sendmail without command", out[:strings.LastIndex(out, "protocol")] + `protocol = "sendmail"`, "16" + work + `outgoing.command is missing: command = ["/usr/sbin/sendmail", "-t"]`},
		{"sendmail command as text", out[:strings.LastIndex(out, "protocol")] + "protocol = \"sendmail\"\ncommand = \"sendmail -t\"", "18" + work + `outgoing.command is text, but should be a list of the program and its arguments: command = ["/usr/sbin/sendmail", "-t"]`},
		{"sendmail with host", out[:strings.LastIndex(out, "protocol")] + "protocol = \"sendmail\"\ncommand = [\"x\"]\nhost = \"y\"", "19" + work + `outgoing.host has no meaning with protocol = "sendmail"`},
		{"command without sendmail", out + `command = ["x"]`, "19" + work + `outgoing.command is for protocol = "sendmail" only`},
		{"copy_to_sent", out + `copy_to_sent = "no"`, "19" + work + "outgoing.copy_to_sent is text, but should be true or false, without quotes"},
		{"several at once", in + "port = 0\nsecurity = \"ssl\"\nx = 1", "16" + work + "incoming.port 0 is not a port (1–65535)\n" +
			"config.toml:17" + work + `incoming.security "ssl" is not one of "tls", "starttls", "none"; did you mean "tls"?` + "\n" +
			"config.toml:18" + work + "incoming.x is not a setting; [account.incoming] has protocol, host, port, security, allow_cleartext, tls_fingerprint, tls_ca_file, username, password, password_command, keyring, password_file, oauth2, leave_on_server"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := loadText(t, good+test.text, 0o600)
			if err != nil {
				t.Fatalf("the whole file is refused: %v", err)
			}
			if got, want := troubles(c, err), "config.toml:"+test.want; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			isChinese(t, c.Accounts[1].Err, test.text)
			if len(c.Accounts) != 2 || c.Accounts[0].Err != nil {
				t.Errorf("the first account is disturbed: %+v", c.Accounts)
			}
		})
	}
}

// TestBrokenFile has mistakes outside of accounts, which stop everything.
func TestBrokenFile(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"misspelt setting", "langauge = \"en\"\n" + good, "config.toml:1: langauge is not a setting; did you mean language?"},
		{"misspelt account", strings.ReplaceAll(good, "[[account]]", "[[accounts]]"), "config.toml:1: accounts is not a setting; did you mean account?\nconfig.toml:4: account should be a list of tables: [[account]]"},
		{"account as a table", strings.Replace(good, "[[account]]", "[account]", 1), "config.toml:1: account should be a list of tables: [[account]]"},
		{"an account too", "theme = \"blue\"\n" + strings.Replace(good, "keyring  = true", "port = 0", 1), `config.toml:1: theme "blue" is not one of "auto", "dark", "light"` + "\n" +
			`config.toml:5: account "home": incoming has no secret: give password_command, keyring = true, password_file or password; tmail setup asks for it` + "\n" +
			`config.toml:8: account "home": incoming.port 0 is not a port (1–65535)`},
		{"language", "language = \"de\"", `config.toml:1: language "de" is not one of "auto", "en", "zh"`},
		{"theme", "\ntheme = 1", `config.toml:2: theme is a number, but should be text in quotes`},
		{"undo_delay", "undo_delay = \"1d\"", `config.toml:1: undo_delay "1d" is out of range (0s to 1h)`},
		{"key", "[keys]\narchive = 1", `config.toml:2: keys.archive is a number, but should be text in quotes or a list of such: ["…", "…"]`},
		{"empty key", "[keys]\narchive = [\"e\", \"\"]", `config.toml:2: keys.archive holds an empty text, but should hold keys; [] takes the action off the keyboard`},
		{"text without quotes", "language = en", `config.toml:1: text stands in quotes: key = "text"`},
		{"two mistakes of syntax", "language = en\ntheme = \"auto\neditor = \"\"\n", `config.toml:1: text stands in quotes: key = "text"` + "\nconfig.toml:2: a text begins here whose closing quotes are missing"},
		{"unclosed list", "[keys]\nopen = [ \"a\"\nback = \"b\"\nquit = \"c\"\n", `config.toml:3: a list is not closed here: ["…", "…"]`},
		{"setting given twice", "theme = \"auto\"\ntheme = \"dark\"", "config.toml:2: theme is given twice; keep one of them"},
		{"not text", "theme = \"\xff\"", "config.toml:1: this is not UTF-8: save the file in that encoding"},
		{"heading not closed", "[keys\narchive = \"e\"", "config.toml:1: the heading is not closed: [keys] or [[account]]"},
		{"braces not closed", "notify = { ways = \"bell\"\n", "config.toml:1: a table in braces is not closed here: { key = \"text\" }"},
		{"no value", "theme =\n", `config.toml:1: text stands in quotes: key = "text"`},
		{"no equals sign", "theme \"dark\"\n", "config.toml:1: there should be an = behind the name: key = \"text\""},
		{"more behind the value", "theme = \"dark\" mouse = true\n", "config.toml:1: something stands behind the value where the line should end"},
		{"no name", "= \"dark\"\n", "config.toml:1: this is no name of a setting: key = \"text\""},
		{"backslash", `editor = "C:\quick"`, `config.toml:1: what stands behind the \ means nothing; write \\ for a backslash, or take 'single quotes'`},
		{"number", "undo_delay = 1__0", "config.toml:1: this is no number"},
		{"UTF-16", "\xff\xfel\x00a\x00\n\x00x\x00", "config.toml:1: this is not UTF-8: save the file in that encoding"},
		{"too large", "#" + strings.Repeat("x", maxConfigSize), "config.toml: is larger than 1 MB and surely not a configuration file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := loadText(t, test.text, 0o600)
			var all *Errors
			if !errors.As(err, &all) || c != nil {
				t.Fatalf("got %v, %v", c, err)
			}
			if got := troubles(nil, err); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			isChinese(t, err, test.text)
		})
	}
}

func TestDirectoryForAFile(t *testing.T) {
	dir := t.TempDir()
	c, err := Load(dir)
	if said := troubles(nil, err); c != nil || !strings.HasPrefix(said, dir+": is a directory, not a file") {
		t.Errorf("got %v, %s", c, said)
	}
}

func TestPasswordOthersCanRead(t *testing.T) {
	text := strings.Replace(good, "keyring  = true", `password = "canary-5521"`, 1)
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604} {
		_, err := loadText(t, text, mode)
		if said := troubles(nil, err); !strings.HasSuffix(said, "; run: chmod 600 config.toml") || !strings.HasPrefix(said, "config.toml:7: ") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if c, err := loadText(t, text, 0o600); troubles(c, err) != "" {
		t.Errorf("refused with mode 600: %s", troubles(c, err))
	}
	if c, err := loadText(t, good, 0o644); troubles(c, err) != "" {
		t.Errorf("a file without a password: %s", troubles(c, err))
	}
}

// TestSecretNotInMessages breaks the line of the password in several ways and
// looks for it in what is said.
func TestSecretNotInMessages(t *testing.T) {
	for _, line := range []string{
		`password = canary`, `password = "canary`, `password = ["canary"]`, `password = "canary\n"`,
		`pasword = "canary"`, `password = { canary = "canary" }`, "password = \"canary\"\npassword = \"canary\"",
		"password = \"canary\"\nkeyring = true", `password canary`,
	} {
		c, err := loadText(t, strings.Replace(good, "keyring  = true", line, 1), 0o600)
		switch said := troubles(c, err); {
		case said == "":
			t.Errorf("%s: nothing is wrong", line)
		case strings.Contains(said, "canary"):
			t.Errorf("%s: %s", line, said)
		}
	}
}

func TestNoFile(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "config.toml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestDefaults(t *testing.T) {
	c, err := loadText(t, "\xef\xbb\xbf"+strings.ReplaceAll(`[[account]]
name = "a"
email = "me@example.com"
[account.incoming]
protocol = "imap"
host = "imap.example.com"
keyring = true
[account.outgoing]
protocol = "smtp"
host = "smtp.gmail.com"
port = 587
`, "\n", "\r\n"), 0o600)
	if troubles(c, err) != "" {
		t.Fatal(troubles(c, err))
	}
	if c.Language != "auto" || c.Theme != "auto" || c.UndoDelay != 10*time.Second || len(c.Keys) != 0 {
		t.Errorf("got %+v", c)
	}
	a := c.Accounts[0]
	if a.Incoming.Addr() != "imap.example.com:993" || a.Incoming.Security != SecurityTLS || a.Incoming.Username != a.Email {
		t.Errorf("incoming: %+v", a.Incoming)
	}
	if a.Outgoing.Security != SecurityStartTLS || a.Outgoing.Username != a.Email || a.Outgoing.Secret == nil || a.CopyToSent {
		t.Errorf("outgoing: %+v, copy to Sent %v", a.Outgoing, a.CopyToSent)
	}
	if a.Offline != OfflineRecent || a.Poll != 5*time.Minute || a.LeaveOnServer != (LeavePolicy{Keep: true}) {
		t.Errorf("account: %+v", a)
	}
	if !reflect.DeepEqual(a.Identities, []Identity{{Email: "me@example.com"}}) {
		t.Errorf("identities: %+v", a.Identities)
	}
}

func TestPortsBySecurity(t *testing.T) {
	tests := []struct {
		protocol, security string
		want               int
	}{
		{"imap", "tls", 993}, {"imap", "starttls", 143}, {"imap", "none", 143},
		{"pop3", "tls", 995}, {"pop3", "starttls", 110}, {"pop3", "none", 110},
	}
	for _, test := range tests {
		text := strings.Replace(good, `"pop3"`, `"`+test.protocol+`"`, 1)
		text = strings.Replace(text, "pop.home.example", "127.0.0.1", 1) + "security = \"" + test.security + "\"\n"
		c, err := loadText(t, text, 0o600)
		if troubles(c, err) != "" || c.Accounts[0].Incoming.Port != test.want {
			t.Errorf("%v: %s %+v", test, troubles(c, err), c)
		}
	}
}

func TestNoSignInToSend(t *testing.T) {
	for lines, signsIn := range map[string]bool{
		"protocol = \"smtp\"":                              true,
		"protocol = \"smtp\"\nusername = \"\"":             false,
		"protocol = \"smtp\"\nusername = \"other\"":        true,
		"protocol = \"lmtp\"":                              false,
		"protocol = \"lmtp\"\nusername = \"me\"":           true,
		"protocol = \"lmtp\"\npassword_command = \"echo\"": true,
	} {
		c, err := loadText(t, good+"[account.outgoing]\nhost = \"mail.example.com\"\n"+lines+"\n", 0o600)
		if troubles(c, err) != "" {
			t.Fatalf("%s: %s", lines, troubles(c, err))
		}
		if got := c.Accounts[0].Outgoing.Secret != nil; got != signsIn {
			t.Errorf("%s: has a secret: %v", lines, got)
		}
	}
}

func TestKeyProblem(t *testing.T) {
	c, err := loadText(t, "[keys]\narchive = [\"e\", \"E\"]\nfoo = \"x\"\n", 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.Keys, map[string][]string{"archive": {"e", "E"}, "foo": {"x"}}) {
		t.Errorf("keys: %v", c.Keys)
	}
	if got := lang.Sentence(c.KeyProblem("foo", "wrong.no_action")); got != "config.toml:3: keys.foo: there is no such action; tmail help keys lists them" {
		t.Errorf("got %s", got)
	}
}

// TestExampleIsComplete loads config.example.toml and looks for every setting
// that loading it asks for, be it behind a #.
func TestExampleIsComplete(t *testing.T) {
	const path = "../config.example.toml"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := &problems{file: path}
	root, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	l := &loading{dir: ".."}
	c := l.config(root, path, found)
	if said := troubles(c, found.err()); said != "" {
		t.Fatal(said)
	}
	settings := 0
	for _, s := range l.sections {
		for _, key := range s.asked {
			settings++
			if !documents(string(text), key) {
				t.Errorf("%s%s is not in config.example.toml", s.prefix, key)
			}
		}
	}
	if settings < 40 {
		t.Errorf("only %d settings were asked for", settings)
	}
}

// documents reports whether the example sets key, or heads a table with it.
func documents(example, key string) bool {
	for _, line := range strings.FieldsFunc(example, func(r rune) bool { return strings.ContainsRune("\n{,", r) }) {
		line = strings.TrimLeft(line, "# ")
		if name, _, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) == key {
			return true
		}
		name := strings.Trim(strings.SplitN(line, " ", 2)[0], "[]")
		if strings.HasPrefix(line, "[") && strings.TrimPrefix(name, "account.") == key {
			return true
		}
	}
	return false
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("a.b = 1\n[x.y]\nz = [ 'q', {c=1} ]\n[[account]]\nidentities = [[]]"))
	f.Add([]byte("account = []\nkeys = [[]]\n[account.x]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := read("config.toml", data, 0o600)
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v and %v", c, err)
		}
	})
}
