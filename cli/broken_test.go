package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"tmail/mailtest"
)

// Accounts that do not work, by their configuration or by their server, keep no other from working, and say so beside
// their names.
func TestFailingAccountsAreAlone(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	user := mailtest.User("me")
	d.Save(user, "INBOX", []byte(note))
	n := newNewcomer(t, zone{}).trusts(d.Cert)
	section := func(name, user, incoming string) string {
		return fmt.Sprintf("[[account]]\nname = %q\nemail = \"me@own.test\"\n[account.incoming]\nprotocol = \"imap\"\nusername = %q\n%s\n", name, user, incoming)
	}
	server := func(port int, password string) string {
		return fmt.Sprintf("host = \"localhost\"\nport = %d\nsecurity = \"tls\"\npassword = %q", port, password)
	}
	n.writes(section("typo", user, "hots = \"localhost\"\npassword = \"x\"") + section("refused", user, server(d.IMAPS, "not it")) +
		section("good", user, server(d.IMAPS, mailtest.Password)) + section("silent", user, server(mailtest.ClosedPort(t), "x")))
	screen := n.runs(120, 30)
	screen.Shows("typo").Press("3").Shows("Welcome aboard", "good ▾")
	signs := func(lines string) (found string) {
		for line := range strings.Lines(lines) {
			pane, _, _ := strings.Cut(line, "│")
			for _, name := range []string{"typo", "refused", "good", "silent"} {
				if strings.Contains(pane, "─ "+name) {
					found += name + strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(pane), "─ "+name)) + " "
				}
			}
		}
		return found
	}
	const want = "typo! refused! good silent! "
	mailtest.Until(t, "signs beside the accounts: "+want, func() bool { return signs(screen.Screen()) == want })
	screen.Press("1").Shows("typo ▾", "switched off").Press("!").Shows("incoming.hots is not a").Press("esc").ShowsNot("incoming.hots")
	screen.Press("2").Shows("does not accept the user name or password").Press("4").Shows("silent ▾")
	screen.Press("3").Shows("Welcome aboard").Press("q").Ends()

	sync := n.command("sync")
	out, err := sync.CombinedOutput()
	if err == nil || !strings.Contains(string(out), `account "typo": incoming.hots is not a setting`) || !strings.Contains(string(out), "refused: ") {
		t.Errorf("%v\n%s", err, out)
	}
	list := n.command("list")
	list.Stderr = os.Stderr
	if out, _ := list.Output(); !strings.Contains(string(out), "Welcome aboard") || list.ProcessState.ExitCode() != 2 {
		t.Errorf("%d\n%s", list.ProcessState.ExitCode(), out)
	}
}
