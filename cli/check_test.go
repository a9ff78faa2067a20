package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tmail/mailtest"
)

// A check tells what there is to know of both servers, to people in their language and to programs, and prints the
// talk without the secret.
func TestCheckTells(t *testing.T) {
	t.Parallel()
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	user := mailtest.User("me")
	d.Save(user, "INBOX", []byte(note))
	smtp := behindTLS(t, d.Cert, mailtest.Script(t, func(c *mailtest.Conversation) {
		c.Say("220 own.test ESMTP ready at " + time.Now().Add(10*time.Minute).Format(time.RFC1123Z))
		for line, ok := c.Hear(); ok; line, ok = c.Hear() {
			switch {
			case strings.HasPrefix(line, "EHLO"):
				c.Say("250-own.test")
				c.Say("250-CHUNKING")
				c.Say("250-SIZE 35000000")
				c.Say("250 AUTH PLAIN")
			case strings.HasPrefix(line, "AUTH"):
				c.Say("235 welcome")
			default:
				c.Say("250 fine")
			}
		}
	}).Port)
	const secret = "canary-check"
	text := fmt.Sprintf("[[account]]\nname = \"own\"\nemail = \"me@own.test\"\n[account.incoming]\nprotocol = \"imap\"\nhost = \"localhost\"\nport = %d\nusername = %q\npassword = %q\n"+
		"[account.outgoing]\nprotocol = \"smtp\"\nhost = \"localhost\"\nport = %d\nsecurity = \"tls\"\npassword = %q\n", d.IMAPS, user, mailtest.Password, smtp, secret)
	for _, tt := range []struct {
		language string
		says     []string
	}{
		{"", []string{"TLS 1.3", "ends soon, on ", "tmail uses: CONDSTORE, ENABLE, ", ", MOVE, ", "tmail leaves: BINARY, ", "Sent (Sent)", "the same time as here",
			"tmail uses: AUTH PLAIN, SIZE 35000000", "tmail leaves: CHUNKING", "messages of up to 35.0 MB", "ahead of this machine; one of the two clocks is wrong"}},
		{"language = \"zh\"\n", []string{"即将到期", "tmail 使用：CONDSTORE", "tmail 未使用：CHUNKING", "Sent (已发送)", "与本机时间一致", "单封邮件不超过 35.0 MB", "比本机快", "时钟有一个不准"}},
	} {
		n := newNewcomer(t, zone{}).trusts(d.Cert).writes(tt.language + text)
		out, err := n.command("check").Output()
		for _, want := range tt.says {
			if err != nil || !strings.Contains(string(out), want) {
				t.Fatalf("%v, want %q in\n%s", err, want, out)
			}
		}
	}
	n := newNewcomer(t, zone{}).trusts(d.Cert).writes(text)
	cmd := n.command("check", "--json", "--trace", "-")
	var talk bytes.Buffer
	cmd.Stderr = &talk
	out, err := cmd.Output()
	var told struct{ Accounts []checkedAccount }
	if err = errors.Join(err, json.Unmarshal(out, &told)); err != nil || len(told.Accounts) != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	facts := map[string]checkedStage{}
	for _, s := range told.Accounts[0].Stages {
		facts[s.Server+" "+s.Stage] = s
	}
	clock := facts["send clock"].Clock
	if s := facts["send sign_in"]; s.SizeLimit != 35000000 || len(s.Offers) != 3 || len(s.Uses) != 2 || clock == nil || clock.Ahead < 590 || clock.From != "greeting" {
		t.Errorf("%+v, %+v", s, clock)
	}
	if clock := facts["receive clock"].Clock; clock == nil || clock.From != "search" {
		t.Errorf("%+v", clock)
	}
	for _, line := range []string{"-> AUTH PLAIN ", "<- 250-SIZE 35000000", "SELECT INBOX", `LOGIN "` + user + `" "***"`} {
		if !strings.Contains(talk.String(), line) {
			t.Errorf("%q is not in the talk:\n%s", line, &talk)
		}
	}
	for _, form := range []string{secret, base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + secret))} {
		if strings.Contains(talk.String(), form) {
			t.Errorf("the secret is in the talk:\n%s", &talk)
		}
	}
	if _, err := os.Stat("-"); err == nil {
		t.Error("a file called - was written")
	}
}
