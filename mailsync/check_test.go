package mailsync

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

func secret(s string) account.Secret {
	return func(context.Context) (string, error) {
		if s == "" {
			return "", errors.New("the system keyring has no password for this account")
		}
		return s, nil
	}
}

// What each sort of server lets a check find out, stage by stage. A stage that fails is the last.
func TestCheck(t *testing.T) {
	d := mailtest.SharedDovecot(t, mailtest.DovecotOptions{})
	closed := mailtest.Script(t, func(c *mailtest.Conversation) {})
	unsafe := mailtest.Script(t, func(c *mailtest.Conversation) {
		c.Say("* OK Coremail System IMap Server Ready")
		for {
			line, ok := c.Hear()
			tag, command, _ := strings.Cut(line, " ")
			switch {
			case !ok:
				return
			case strings.HasPrefix(command, "CAPABILITY"):
				c.Say("* CAPABILITY IMAP4rev1")
			case strings.HasPrefix(command, "LIST"):
				c.Say(`* LIST () "/" INBOX`)
			case strings.HasPrefix(command, "SELECT"):
				c.Say(tag + " NO SELECT Unsafe Login. Please contact kefu@188.com for help")
				continue
			}
			c.Say(tag + " OK done")
		}
	})
	imap := account.Endpoint{Protocol: "imap", Host: "localhost", Port: d.IMAPS, Security: account.SecurityTLS, Username: mailtest.User("ann"),
		Secret: secret(mailtest.Password), TLSCAFile: d.Cert.CAFile}
	with := func(change func(*account.Endpoint)) account.Endpoint {
		e := imap
		change(&e)
		return e
	}
	tests := []struct {
		name   string
		server account.Endpoint
		stages string // "!" behind the one that fails
		kind   store.ProblemKind
	}{
		{"IMAP", imap, "name connection certificate sign_in folders", ""},
		{"IMAP, STARTTLS, by number", with(func(e *account.Endpoint) { e.Host, e.Port, e.Security = "127.0.0.1", d.IMAP, "starttls" }), "connection certificate sign_in folders", ""},
		{"POP3", with(func(e *account.Endpoint) { e.Protocol, e.Port = "pop3", d.POP3S }), "name connection certificate sign_in folders", ""},
		{"in clear", with(func(e *account.Endpoint) { e.Port, e.Security = d.IMAP, "none" }), "name connection sign_in folders", ""},
		{"pinned", with(func(e *account.Endpoint) {
			e.TLSCAFile, e.TLSFingerprint = "", strings.TrimPrefix(d.Cert.Fingerprint, "sha256:")
		}), "name connection certificate sign_in folders", ""},
		{"own certificate", with(func(e *account.Endpoint) { e.TLSCAFile = "" }), "name connection certificate!", store.ProblemTLS},
		{"wrong password", with(func(e *account.Endpoint) { e.Secret = secret("wrong") }), "name connection certificate sign_in!", store.ProblemAuth},
		{"no secret", with(func(e *account.Endpoint) { e.Secret = secret("") }), "name connection certificate sign_in!", store.ProblemAuth},
		{"no such name", with(func(e *account.Endpoint) { e.Host = "imap.invalid" }), "name!", store.ProblemNetwork},
		{"speaks no TLS", with(func(e *account.Endpoint) { e.Port = d.IMAP }), "name connection certificate!", store.ProblemTLS},
		{"closes at once", with(func(e *account.Endpoint) { e.Port, e.Security = closed.Port, "none" }), "name connection sign_in!", store.ProblemNetwork},
		{"wants to know who we are", with(func(e *account.Endpoint) { e.Port, e.Security = unsafe.Port, "none" }), "name connection sign_in folders!", store.ProblemRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stages []string
			var last Checked
			ok := Check(t.Context(), account.Account{Name: "x", Incoming: tt.server}, Options{Timeout: 10 * time.Second}, func(c Checked) {
				last = c
				stage := string(c.Stage)
				if c.Problem != nil {
					stage += "!"
				}
				stages = append(stages, stage)
			})
			if got := strings.Join(stages, " "); got != tt.stages || ok != (tt.kind == "") {
				t.Errorf("%s, %v; want %s (%+v)", got, ok, tt.stages, last.Problem)
			}
			switch {
			case tt.kind == "" && len(last.Folders) == 0:
				t.Error("no folders")
			case tt.kind != "" && last.Problem != nil && last.Problem.Kind != tt.kind:
				t.Errorf("%+v, want %s", last.Problem, tt.kind)
			}
			if tt.name == "own certificate" && (last.Certificate == nil || "sha256:"+last.Certificate.Fingerprint != d.Cert.Fingerprint) {
				t.Errorf("certificate %+v, want %s", last.Certificate, d.Cert.Fingerprint)
			}
		})
	}
}
