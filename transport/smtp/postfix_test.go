package smtp

import (
	"fmt"
	"strings"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
)

func TestPostfixAndDovecot(t *testing.T) {
	dovecot := mailtest.StartDovecot(t, mailtest.DovecotOptions{Mechanisms: "plain login scram-sha-256"}) // the strongest is taken
	postfix := mailtest.StartPostfix(t, dovecot, mailtest.PostfixOptions{Users: []string{"ann", "bob", "carl"}, MaxSize: 1_000_000})
	t.Run("Dovecot by LMTP", func(t *testing.T) { sendsByLMTP(t, dovecot) })
	for _, test := range []struct {
		security account.Security
		port     int
	}{{account.SecurityStartTLS, postfix.Submission}, {account.SecurityTLS, postfix.Submissions}} {
		ep := endpoint(test.port, test.security)
		ep.Secret, ep.TLSCAFile = secret(mailtest.Password), postfix.Cert.CAFile
		send := func(t *testing.T, env Envelope, body string) (Result, error) {
			return Send(t.Context(), patient(), ep, env, text(body), anyStep)
		}
		t.Run(string(test.security), func(t *testing.T) {
			t.Run("signs in", func(t *testing.T) {
				if err := checked(t, patient(), ep); err != nil {
					t.Error(err)
				}
			})
			t.Run("delivers to those it knows", func(t *testing.T) {
				subject := "awkward " + string(test.security)
				body := "Subject: " + subject + "\r\nTo: bob@example.test\r\n\r\n.\r\n..\r\nlone\rCR and\nLF\r\n王\r\n.dot"
				env := Envelope{From: "ann@example.test", To: []string{"bob@example.test", "nobody@example.test", "carl@example.test"}, Size: int64(len(body)),
					Notify: true, ID: "a+b=1@example.test"}
				result, err := send(t, env, body)
				if err != nil || fmt.Sprint(result.Accepted) != "[bob@example.test carl@example.test]" || len(result.Refused) != 1 {
					t.Fatalf("got %+v, %v\n%s", result, err, postfix.Log())
				}
				if e := result.Refused[0].Err; e.Kind != transport.KindRefused || e.Code != "5.1.1" {
					t.Errorf("got %+v", e)
				}
				for _, user := range []string{"bob", "carl"} {
					mailtest.Until(t, "the message for "+user, func() bool {
						return strings.Contains(fmt.Sprint(dovecot.Subjects(user, "INBOX")), subject)
					})
					raw := strings.ReplaceAll(dovecot.Raw(user, "INBOX", subject), "\r\n", "\n")
					_, got, _ := strings.Cut(raw, "\n\n")
					if want := ".\n..\nlone\nCR and\nLF\n王\n.dot\n"; strings.TrimRight(got, "\n")+"\n" != want {
						t.Errorf("%s got %q, want %q", user, got, want)
					}
				}
			})
			t.Run("refuses what is too big", func(t *testing.T) {
				_, err := send(t, Envelope{From: "ann@example.test", To: []string{"bob@example.test"}, Size: 1_000_001}, message)
				if e := problem(t, err); e.Kind != transport.KindRefused || e.Code != CodeSize {
					t.Errorf("got %+v", e)
				}
			})
			t.Run("refuses what turns out too big", func(t *testing.T) {
				_, err := send(t, Envelope{From: "ann@example.test", To: []string{"bob@example.test"}}, strings.Repeat(message, 50_000))
				if e := problem(t, err); e.Kind != transport.KindRefused || e.Code != "5.3.4" {
					t.Errorf("got %+v", e)
				}
			})
			t.Run("takes SMTPUTF8", func(t *testing.T) {
				_, err := send(t, Envelope{From: "王@example.test", To: []string{"王@example.test"}}, message)
				if e := problem(t, err); e.Kind != transport.KindRefused || e.Code != "5.1.1" {
					t.Errorf("got %+v", e) // it understood the address, and has no such user
				}
			})
			t.Run("refuses the password", func(t *testing.T) {
				ep := ep
				ep.Secret = secret("wrong")
				e := problem(t, checked(t, patient(), ep))
				if e.Kind != transport.KindAuth || e.Code != "5.7.8" || !strings.Contains(e.Words, "authentication failed") {
					t.Errorf("got %+v", e)
				}
			})
			t.Run("is not trusted without its authority", func(t *testing.T) {
				ep := ep
				ep.TLSCAFile = ""
				if e := problem(t, checked(t, patient(), ep)); e.Kind != transport.KindTLS || e.Code != transport.CodeUnknownAuthority {
					t.Errorf("got %+v", e)
				}
			})
		})
	}
}

func sendsByLMTP(t *testing.T, server *mailtest.Dovecot) {
	ep := endpoint(server.LMTP, account.SecurityNone)
	ep.Protocol = account.ProtocolLMTP
	env := Envelope{From: "ann@example.test", To: []string{"dora@example.test", "emil@example.test"}}
	result, err := Send(t.Context(), patient(), ep, env, text(message), anyStep)
	if err != nil || len(result.Accepted) != 2 {
		t.Fatalf("got %+v, %v", result, err)
	}
	for _, user := range []string{"dora", "emil"} {
		if got := fmt.Sprint(server.Subjects(user, "INBOX")); got != "[hello]" {
			t.Errorf("%s has %v", user, got)
		}
	}
}
