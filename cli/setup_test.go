package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tmail/mailtest"
)

const note = "From: Ann <ann@own.test>\r\nTo: me@own.test\r\nSubject: Welcome aboard\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@own.test>\r\n\r\nHello\r\n"

// A newcomer who reads English has no configuration yet, one who reads Chinese has said so in it.
const inChinese = "# 我的设置\nlanguage = \"zh\"\n"

// words are those on the screen that a test waits for.
type words struct{ config, title, address, inbox string }

var (
	english = words{"", "set up an account", "Address", "Inbox"}
	chinese = words{inChinese, "添加账户", "邮箱地址", "收件箱"}
)

// inBoth runs a test in both languages.
func inBoth(t *testing.T, name string, test func(t *testing.T, w words)) {
	t.Run(name+", English", func(t *testing.T) { test(t, english) })
	t.Run(name+", Chinese", func(t *testing.T) { test(t, chinese) })
}

// speaks has the machine of a newcomer speak a language.
func (n *newcomer) speaks(w words) *newcomer {
	if w.config != "" {
		n.writes(w.config)
	}
	return n
}

// What a newcomer presses leads to the inbox, whatever sort of server it is: address, secret, enter.
func TestSetupToInbox(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	local := func(port int) string { return fmt.Sprintf("localhost:%d", port) }
	sends := behindTLS(t, d.Cert, mailtest.Script(t, smtpServer("")).Port)
	for _, tt := range []struct {
		name          string
		srv           map[string]string
		columns, rows int
		in, out       string // in the configuration afterwards
	}{
		{"implicit TLS", map[string]string{"imaps": local(d.IMAPS), "submissions": local(sends)}, 120, 40, `"tls"`, "[account.outgoing]"},
		{"STARTTLS only", map[string]string{"imap": local(d.IMAP)}, 80, 24, `"starttls"`, `"imap"`},
		{"POP3 only", map[string]string{"pop3s": local(d.POP3S)}, 40, 12, `"pop3"`, `"tls"`},
	} {
		inBoth(t, tt.name, func(t *testing.T, w words) {
			n := newNewcomer(t, zone{SRV: tt.srv}).trusts(d.Cert).speaks(w)
			user := mailtest.User("me") + "@own.test"
			d.Save(user, "INBOX", []byte(note))
			screen := n.runs(tt.columns, tt.rows).Shows(w.title)
			screen.Type(user).Press("enter").Type(mailtest.Password)
			begin := time.Now()
			screen.Press("enter").Shows("Welcome aboard", w.inbox)
			t.Logf("from the last key to the first message: %v", time.Since(begin).Round(time.Millisecond))
			text, err := os.ReadFile(n.config())
			if err != nil || !strings.Contains(string(text), tt.in) || !strings.Contains(string(text), tt.out) {
				t.Errorf("%v\n%s", err, text)
			}
			if !strings.HasPrefix(string(text), w.config) {
				t.Errorf("what was there is gone:\n%s", text)
			}
			if strings.Contains(string(text), mailtest.Password+`"`) {
				t.Error("the secret stands in the configuration")
			}
			screen.Press("q").Ends()
			again := n.runs(80, 24).Shows("Welcome aboard")
			again.Press("q").Ends()
		})
	}
}

// What is wrong is a sentence with the next step, in both languages.
func TestSetupSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	imap := func(answer func(c *mailtest.Conversation, tag, command string) string) string {
		return fmt.Sprintf("localhost:%d", behindTLS(t, cert, mailtest.Script(t, imapServer("ID", answer)).Port))
	}
	refusing := func(words string) string {
		return imap(func(_ *mailtest.Conversation, _, command string) string {
			if strings.HasPrefix(command, "LOGIN") {
				return words
			}
			return ""
		})
	}
	unsafeLogin := imap(func(_ *mailtest.Conversation, _, command string) string {
		if strings.HasPrefix(command, "SELECT") {
			return "NO SELECT Unsafe Login. Please contact kefu@188.com for help"
		}
		return ""
	})
	welcoming := imap(func(*mailtest.Conversation, string, string) string { return "" })
	closed := fmt.Sprintf("localhost:%d", mailtest.ClosedPort(t))
	for _, tt := range []struct {
		name             string
		srv              map[string]string
		english, chinese string
	}{
		{"refuses without ID, in NetEase's words", map[string]string{"imaps": unsafeLogin}, "allow IMAP in the webmail's settings", "请在网页邮箱设置中开启 IMAP"},
		{"wants an app password", map[string]string{"imaps": refusing("NO [ALERT] Application-specific password required")}, "make an app password in the account's security", "请在账户安全设置中生成应用专用密码"},
		{"wants a 授权码", map[string]string{"imaps": refusing("NO login fail: please use authorization code")}, "it wants an authorisation code (授权码)", "请使用在网页邮箱设置中生成的授权码"},
		{"wrong password", map[string]string{"imaps": refusing("NO [AUTHENTICATIONFAILED] no")}, "does not accept the user name or password", "不接受用户名或密码"},
		{"takes no passwords", map[string]string{"imaps": refusing("NO LOGIN failed. BasicAuthBlocked")}, "sign in with OAuth 2", "请用 OAuth 2 登录"},
		{"nothing answers", map[string]string{"imaps": closed}, "Nothing answers at " + closed, closed + " 没有响应"},
		{"no TLS there", map[string]string{"imaps": fmt.Sprintf("localhost:%d", mailtest.Script(t, func(c *mailtest.Conversation) { c.Say("* OK hello") }).Port)}, "No safe connection to localhost", "无法与 localhost 建立安全连接"},
		{"sending refused", map[string]string{"imaps": welcoming, "submissions": fmt.Sprintf("localhost:%d", behindTLS(t, cert, mailtest.Script(t, smtpServer("5.7.8 no")).Port))}, "does not accept the user name or password", "不接受用户名或密码"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, language := range []struct {
				words
				sentence string
			}{{english, tt.english}, {chinese, tt.chinese}} {
				n := newNewcomer(t, zone{SRV: tt.srv}).trusts(cert).speaks(language.words)
				screen := n.runs(150, 24, "setup").Shows(language.title)
				screen.Type("me@own.test").Press("enter").Type("secret").Press("enter")
				screen.Shows(language.sentence)
				screen.Press("ctrl+c")
				if code := screen.Ends(); code != 0 {
					t.Errorf("ended with %d", code)
				}
				if text, err := os.ReadFile(n.config()); err == nil && string(text) != language.config {
					t.Errorf("something was written:\n%s", text)
				}
			}
		})
	}
}

// A server that lets in only who says its name, as NetEase's do, lets us in.
func TestSetupSaysWhoWeAre(t *testing.T) {
	t.Parallel()
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	imap := behindTLS(t, cert, mailtest.Script(t, func(c *mailtest.Conversation) {
		known := false
		imapServer("ID", func(_ *mailtest.Conversation, _, command string) string {
			known = known || strings.HasPrefix(command, `ID ("name" "tmail"`)
			if strings.HasPrefix(command, "SELECT") && !known {
				return "NO SELECT Unsafe Login. Please contact kefu@188.com for help"
			}
			return ""
		})(c)
	}).Port)
	inBoth(t, "Coremail", func(t *testing.T, w words) {
		n := newNewcomer(t, zone{SRV: map[string]string{"imaps": fmt.Sprintf("localhost:%d", imap)}}).trusts(cert).speaks(w)
		screen := n.runs(100, 24).Shows(w.address).Type("me@own.test").Press("enter").Type("secret").Press("enter")
		screen.ShowsNot(w.title).Shows(w.inbox).Press("q").Ends()
		out, err := n.command("check", "--json").Output()
		var done struct{ Accounts []checkedAccount }
		if err = errors.Join(err, json.Unmarshal(out, &done)); err != nil || len(done.Accounts) != 1 || !done.Accounts[0].OK {
			t.Fatalf("%v\n%s", err, out)
		}
		var stages []string
		for _, s := range done.Accounts[0].Stages {
			stages = append(stages, s.Stage)
			if s.Stage == "certificate" && (s.TLS != "TLS 1.3" || s.Certificate == nil || s.Certificate.Fingerprint != cert.Fingerprint) {
				t.Errorf("%+v", s)
			}
		}
		if got := strings.Join(stages, " "); got != "name connection certificate sign_in folders clock" {
			t.Errorf("stages %s", got)
		}
	})
}

// A server with a certificate of its own is trusted after its fingerprint was shown, and only that.
func TestSetupPinsCertificate(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	inBoth(t, "own certificate", func(t *testing.T, w words) {
		user := mailtest.User("me") + "@own.test"
		d.Save(user, "INBOX", []byte(note))
		n := newNewcomer(t, zone{SRV: map[string]string{"imaps": fmt.Sprintf("localhost:%d", d.IMAPS)}}).speaks(w)
		screen := n.runs(120, 30).Shows(w.address)
		screen.Type(user).Press("enter").Type(mailtest.Password).Press("enter")
		digits := strings.TrimPrefix(d.Cert.Fingerprint, "sha256:")
		warning := "go on only if"
		if w == chinese {
			warning = "只有是自己的服务器才继续"
		}
		screen.Shows(warning, digits[:8]+" "+digits[8:16])
		screen.Press("ctrl+y").Shows("Welcome aboard")
		if text, err := os.ReadFile(n.config()); err != nil || !strings.Contains(string(text), d.Cert.Fingerprint) {
			t.Errorf("%v\n%s", err, text)
		}
	})
}

// A server that wants an app password instead of the login password says so, and takes it.
func TestSetupTakesAppPassword(t *testing.T) {
	t.Parallel()
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	imap := behindTLS(t, cert, mailtest.Script(t, imapServer("", func(_ *mailtest.Conversation, _, command string) string {
		if strings.HasPrefix(command, "LOGIN") && !strings.Contains(command, `"abcd-efgh"`) {
			return "NO [ALERT] Application-specific password required: https://support.own.test"
		}
		return ""
	})).Port)
	inBoth(t, "app password", func(t *testing.T, w words) {
		n := newNewcomer(t, zone{SRV: map[string]string{"imaps": fmt.Sprintf("localhost:%d", imap)}}).trusts(cert).speaks(w)
		screen := n.runs(80, 24).Shows(w.address).Type("me@own.test").Press("enter").Type("login-password").Press("enter")
		advice := "make an app password"
		if w == chinese {
			advice = "应用专用密码"
		}
		screen.Shows(advice).Press("ctrl+u").Type("abcd-efgh").Press("enter").ShowsNot(w.title).Shows(w.inbox).Press("q").Ends()
	})
}

// A secret is found nowhere but where it is kept, and there encrypted.
func TestSecretIsNowhere(t *testing.T) {
	t.Parallel()
	const canary = "canary-5a1d0f"
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	asked := false
	imap := behindTLS(t, cert, mailtest.Script(t, imapServer("", func(_ *mailtest.Conversation, _, command string) string {
		if strings.HasPrefix(command, "LOGIN") && !asked {
			asked = true
			return "NO not " + canary + " I think"
		}
		return ""
	})).Port)
	smtp := behindTLS(t, cert, mailtest.Script(t, smtpServer("")).Port)
	n := newNewcomer(t, zone{SRV: map[string]string{"imaps": fmt.Sprintf("localhost:%d", imap), "submissions": fmt.Sprintf("localhost:%d", smtp)}}).trusts(cert)
	cmd := n.command("--trace", filepath.Join(n.home, "trace"))
	screen := mailtest.RunInTerminal(t, 120, 30, cmd).Shows("Address")
	screen.Type("me@own.test").Press("enter").Type(canary).Press("enter").Shows("does not accept").Press("enter").Shows("Inbox", "keyring")
	for _, name := range []string{"cmdline", "environ"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", cmd.Process.Pid, name))
		if err == nil && bytes.Contains(data, []byte(canary)) {
			t.Errorf("the secret is in %s", name)
		}
	}
	screen.Press("q").Ends()
	check := n.command("check", "--trace", filepath.Join(n.home, "trace2"))
	out, err := check.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("ok  sign-in       tmail uses: AUTH PLAIN, SIZE 1000000")) || bytes.Contains(out, []byte(canary)) {
		t.Errorf("%v\n%s", err, out)
	}
	searchFor(t, n.home, canary)
}

// searchFor looks for a secret, in clear or in base64, in all files below dir.
func searchFor(t *testing.T, dir, secret string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, form := range []string{secret, base64.RawStdEncoding.EncodeToString([]byte(secret))[:len(secret)]} {
			if bytes.Contains(data, []byte(form)) {
				t.Errorf("the secret is in %s", path)
			}
		}
		files++
		return err
	})
	if err != nil || files < 4 {
		t.Errorf("%d files looked at, %v", files, err)
	}
}

// What changes in the configuration is taken over while the screen is open; what is wrong there changes nothing.
func TestReload(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	ann, bob := mailtest.User("ann"), mailtest.User("bob")
	d.Save(ann, "INBOX", []byte(note))
	d.Save(bob, "INBOX", []byte(strings.Replace(note, "Welcome aboard", "Second account", 1)))
	section := func(name, user string) string {
		return fmt.Sprintf("[[account]]\nname = %q\nemail = \"%s@own.test\"\n[account.incoming]\nprotocol = \"imap\"\nhost = \"localhost\"\nport = %d\nusername = %q\npassword = %q\n",
			name, user, d.IMAPS, user, mailtest.Password)
	}
	n := newNewcomer(t, zone{}).trusts(d.Cert).writes(section("first", ann))
	screen := n.runs(120, 30).Shows("Welcome aboard", "Inbox")
	n.writes("language = \"zh\"\n" + section("first", ann))
	screen.Shows("收件箱", "配置已更改")
	n.writes("language = \"zh\"\ntheme = \"blue\"\n" + section("first", ann))
	screen.Shows("仍使用之前的配置")
	screen.Press("!").Shows(`theme 的值 "blue" 不在可选范围内`).Press("esc").Shows("Welcome aboard")
	n.writes("language = \"en\"\n" + section("first", ann) + section("second", bob))
	screen.Shows("Inbox", "second").Press("2").Shows("Second account")
	d.Save(ann, "INBOX", []byte(strings.Replace(note, "Welcome aboard", "Third time", 1)))
	screen.Press("1").Shows("Third time").Press("q")
	if code := screen.Ends(); code != 0 {
		t.Errorf("ended with %d", code)
	}
}

// A secret that is no longer right is replaced where it is kept, and nothing else changes; another tmail that runs
// signs in with it.
func TestSetupRenewsSecret(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	user := mailtest.User("me") + "@own.test"
	d.Save(user, "INBOX", []byte(note))
	n := newNewcomer(t, zone{SRV: map[string]string{"imaps": fmt.Sprintf("localhost:%d", d.IMAPS)}}).trusts(d.Cert)
	screen := n.runs(120, 30).Shows("Address")
	screen.Type(user).Press("enter").Type("old").Press("enter").Shows("does not accept").Press("ctrl+s").Shows("own ▾", "does not accept")
	screen.Press("q").Ends()
	before, err := os.ReadFile(n.config())
	if err != nil {
		t.Fatal(err)
	}
	waits := n.runs(120, 30).Shows("own ▾", "does not accept") // one that is open meanwhile
	screen = n.runs(120, 30, "setup", "--account", "own").Shows("new secret for own")
	screen.Type(mailtest.Password).Press("enter").Shows("Welcome aboard").Press("q").Ends()
	waits.Shows("Welcome aboard", "synced").Press("q").Ends()
	if after, err := os.ReadFile(n.config()); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the configuration has changed: %v\n%s", err, after)
	}
	if out, err := n.command("check").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// An address of a Chinese provider turns the screen to Chinese; ctrl+l turns it back.
func TestSetupSpeaksChinese(t *testing.T) {
	t.Parallel()
	screen := newNewcomer(t, zone{}).runs(80, 24)
	screen.Shows("Address").Type("wang@163.com").Press("enter")
	screen.Shows("授权码不是登录密码", "mail.163.com → 设置", "imap.163.com:993", "收信服务器")
	screen.Press("ctrl+l").Shows("not your login password", "imap.163.com:993")
	screen.Press("tab", "tab", "right").Shows("pop.163.com:995")
	screen.Press("ctrl+c").Ends()
}
