package pop3

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
)

// awkward returns messages that programs get wrong, with CRLF as Dovecot gives
// them out.
func awkward() []string {
	bodies := []string{
		"", "\r\n", ".\r\n", "..\r\n", ".\r\n.\r\n.\r\n", ".x\r\n", "\r\n.\r\n\r\n", " .\r\n", "+OK\r\n", "-ERR\r\n",
		"\x00\r\n", "a\x00b\r\n", "\xff\xfe\x80\r\n", "caf\xe9\r\n", "会议\r\n", "\x1b[31m\r\n", "From me\r\n", "a\rb\r\n", "\ra\r\n",
		"a\r.\rb\r\n", "\t\r\n", strings.Repeat("\r\n", 1000), strings.Repeat(".\r\n", 1000), strings.Repeat("..\r\n", 1000),
	}
	for _, n := range []int{70, 510, 512, 998, 1000, 4094, 4095, 4096, 4097, 8190, 8192, 8194, 10_000, 32_766, 32_768, 32_770, 65_536} {
		bodies = append(bodies, strings.Repeat("x", n)+"\r\n", strings.Repeat(".", n)+"\r\n", strings.Repeat(".x\r\n", n/4))
	}
	messages := make([]string, len(bodies))
	for i, body := range bodies {
		messages[i] = fmt.Sprintf("From: ann@example.test\r\nSubject: %d\r\n\r\n%s", i, body)
	}
	return messages
}

func TestDovecot(t *testing.T) {
	server := mailtest.StartDovecot(t, mailtest.DovecotOptions{})
	t.Run("gives every byte", func(t *testing.T) { givesEveryByte(t, server) })
	t.Run("deletes at Quit only", func(t *testing.T) { deletesAtQuitOnly(t, server) })
	t.Run("refuses the password", func(t *testing.T) { refusesThePassword(t, server) })
}

func givesEveryByte(t *testing.T, server *mailtest.Dovecot) {
	messages := awkward()
	for _, raw := range messages {
		server.Save("ann", "INBOX", []byte(raw))
	}
	for _, security := range []account.Security{account.SecurityNone, account.SecurityStartTLS, account.SecurityTLS} {
		for _, ahead := range []int{1, maxUnanswered} {
			t.Run(fmt.Sprintf("%s, %d ahead", security, ahead), func(t *testing.T) {
				c := dial(t, &transport.Dialer{}, dovecot(server, "ann", security))
				if c.ahead != maxUnanswered {
					t.Errorf("PIPELINING was not seen")
				}
				c.ahead = ahead
				got := fetchAll(t, c)
				if len(got) != len(messages) {
					t.Fatalf("got %d messages of %d", len(got), len(messages))
				}
				for i, raw := range messages {
					if got[i] != raw {
						t.Errorf("message %d: got %.200q, want %.200q", i, got[i], raw)
					}
				}
			})
		}
	}
}

// dovecot is the endpoint of a user on a server.
func dovecot(server *mailtest.Dovecot, user string, security account.Security) account.Endpoint {
	ep := endpoint(server.POP3, security)
	ep.Username = user
	if security == account.SecurityTLS {
		ep.Port = server.POP3S
	}
	ep.TLSCAFile = server.Cert.CAFile
	return ep
}

func deletesAtQuitOnly(t *testing.T, server *mailtest.Dovecot) {
	for _, subject := range []string{"1", "2", "3"} {
		server.Save("bob", "INBOX", []byte("Subject: "+subject+"\r\n\r\n"))
	}
	deleteFirst := func() (*Client, []Item) {
		c := dial(t, &transport.Dialer{}, dovecot(server, "bob", account.SecurityTLS))
		items, err := c.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Delete(t.Context(), items[:1]); err != nil {
			t.Fatal(err)
		}
		return c, items
	}
	c, items := deleteFirst()
	c.Close()
	if got := server.Subjects("bob", "INBOX"); fmt.Sprint(got) != "[1 2 3]" {
		t.Errorf("after Close there are %v", got)
	}
	c, again := deleteFirst()
	if fmt.Sprint(again) != fmt.Sprint(items) {
		t.Errorf("another session lists %v, the first %v", again, items)
	}
	left, err := c.List(t.Context())
	if err != nil || fmt.Sprint(left) != fmt.Sprint(items[1:]) {
		t.Errorf("behind Delete there are %v, %v", left, err)
	}
	if err := c.Quit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := server.Subjects("bob", "INBOX"); fmt.Sprint(got) != "[2 3]" {
		t.Errorf("after Quit there are %v", got)
	}
}

func refusesThePassword(t *testing.T, server *mailtest.Dovecot) {
	for _, security := range []account.Security{account.SecurityNone, account.SecurityTLS} {
		ep := dovecot(server, "ann", security)
		ep.Secret = func(context.Context) (string, error) { return "wrong", nil }
		_, err := Dial(t.Context(), &transport.Dialer{}, ep)
		if e := problem(t, err); e.Kind != transport.KindAuth || e.Code != "AUTH" || !strings.Contains(e.Words, "Authentication failed") {
			t.Errorf("got %+v", e)
		}
	}
}
