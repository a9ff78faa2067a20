package pop3

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
)

func TestSignInRefused(t *testing.T) {
	for _, test := range []struct {
		answer string
		kind   transport.Kind
		code   string
	}{
		{"-ERR [AUTH] wrong password", transport.KindAuth, "AUTH"},
		{"-ERR wrong password", transport.KindAuth, ""},
		{"-ERR", transport.KindAuth, ""},
		{"-ERR [sys/temp] the database is away", transport.KindTemporary, "SYS/TEMP"},
		{"-ERR [SYS/PERM] no such mailbox", transport.KindRefused, "SYS/PERM"},
		{"-ERR [IN-USE] locked by another session", transport.KindTemporary, "IN-USE"},
		{"-ERR [LOGIN-DELAY] wait", transport.KindTemporary, "LOGIN-DELAY"},
		{"-ERR [", transport.KindAuth, ""},
		{"", transport.KindProtocol, ""},
		{"+OKAY", transport.KindProtocol, ""},
	} {
		for caps, verb := range map[string]string{"": "PASS", signInOnly: "USER", "SASL PLAIN\r\n": "AUTH"} {
			if test.answer == "+OKAY" {
				continue
			}
			t.Run(verb+" "+test.answer, func(t *testing.T) {
				ep, _ := serve(t, account.SecurityNone, mailbox{caps: caps, answers: map[string]string{verb: test.answer + "\r\n"}}.script)
				_, err := Dial(t.Context(), patient(), ep)
				e := problem(t, err)
				words := strings.TrimSpace(strings.TrimPrefix(test.answer, "-ERR"))
				if e.Kind != test.kind || e.Code != test.code || e.Words != words {
					t.Errorf("got %v %q %q: %v", e.Kind, e.Code, e.Words, e)
				}
			})
		}
	}
}

func TestSignInCommands(t *testing.T) {
	long := strings.Repeat("x", 300)
	plain := func(secret string) string { return base64.StdEncoding.EncodeToString([]byte("\x00ann\x00" + secret)) }
	for _, test := range []struct {
		name, caps, secret string
		answers            map[string]string
		want               string
	}{
		{"no CAPA", "", "pw", nil, "USER ann\r\nPASS pw\r\n"},
		{"USER", signInOnly, "pass word", nil, "USER ann\r\nPASS pass word\r\n"},
		{"AUTH PLAIN", "user\r\nsasl login plain\r\n", "pw", nil, "AUTH PLAIN " + plain("pw") + "\r\n"},
		{"AUTH PLAIN, long secret", "SASL PLAIN\r\n", long, map[string]string{"AUTH": "+\r\n"}, "AUTH PLAIN\r\n" + plain(long) + "\r\n"},
		{"AUTH PLAIN, empty challenge", "SASL PLAIN\r\n", long, map[string]string{"AUTH": "+ \r\n"}, "AUTH PLAIN\r\n" + plain(long) + "\r\n"},
		{"mechanisms we do not have", "USER\r\nSASL GSSAPI\r\n", "pw", nil, "USER ann\r\nPASS pw\r\n"},
		{"no secret", signInOnly, "", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, said := serve(t, account.SecurityNone, mailbox{caps: test.caps, answers: test.answers}.script)
			ep.Secret = func(context.Context) (string, error) { return test.secret, nil }
			if test.secret == "" {
				ep.Secret = nil
			}
			dial(t, patient(), ep)
			if got := strings.TrimPrefix(said(), "CAPA\r\n"); got != test.want {
				t.Errorf("the server heard %q, want %q", got, test.want)
			}
		})
	}
}

func TestTraceHasNoSecret(t *testing.T) {
	for _, caps := range []string{signInOnly, "SASL PLAIN\r\n", "SASL LOGIN\r\n"} {
		ep, said := serve(t, account.SecurityNone, mailbox{caps: caps,
			answers: map[string]string{"AUTH LOGIN": "+ VXNlcm5hbWU6\r\n", "YW5u": "+ UGFzc3dvcmQ6\r\n"}}.script)
		ep.Secret = func(context.Context) (string, error) { return "canary", nil }
		var trace strings.Builder
		dial(t, &transport.Dialer{Trace: &trace}, ep).Close()
		for _, secret := range []string{"canary", "Y2FuYXJ5", "AGFubgBjYW5hcnk="} { // plain and as SASL encodes it
			if strings.Contains(trace.String(), secret) {
				t.Errorf("the trace has the password: %s", &trace)
			}
		}
		if !strings.Contains(trace.String(), "***") {
			t.Errorf("the server heard %q, the trace has %s", said(), &trace)
		}
	}
}

func TestSignInImpossible(t *testing.T) {
	for name, test := range map[string]struct {
		caps   string
		secret account.Secret
	}{
		"no mechanism in common":      {"SASL GSSAPI\r\n", func(context.Context) (string, error) { return "pw", nil }},
		"a command in the password":   {signInOnly, func(context.Context) (string, error) { return "pw\r\nDELE 1", nil }},
		"the secret is not to be had": {signInOnly, func(context.Context) (string, error) { return "", errors.New("no keyring") }},
	} {
		t.Run(name, func(t *testing.T) {
			ep, said := serve(t, account.SecurityNone, mailbox{caps: test.caps}.script)
			ep.Secret = test.secret
			_, err := Dial(t.Context(), patient(), ep)
			if e := problem(t, err); e.Kind != transport.KindAuth {
				t.Errorf("got %v", err)
			}
			if said() != "CAPA\r\n" {
				t.Errorf("the server heard %q", said())
			}
		})
	}
}

// TestStartTLSAttacks has somebody in between do what he can: no name, no
// password and no command but STLS may leave in clear.
func TestStartTLSAttacks(t *testing.T) {
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	wrong := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{WrongName: true})
	for _, test := range []struct {
		name     string
		greeting string
		answer   string // to STLS
		cert     *mailtest.Cert
		kind     transport.Kind
		code     string
	}{
		{"refused", "+OK ready\r\n", "-ERR no TLS here\r\n", nil, transport.KindTLS, transport.CodeNoStartTLS},
		{"injected in the same packet", "+OK ready\r\n", "+OK go on\r\n+OK signed in\r\n", &cert, transport.KindTLS, transport.CodeInjected},
		{"agreed before asked", "+OK ready\r\n+OK go on\r\n", "", nil, transport.KindNetwork, ""},
		{"no agreement", "+OK ready\r\n", "\r\n", nil, transport.KindProtocol, ""},
		{"no TLS behind the agreement", "+OK ready\r\n", "+OK go on\r\n", nil, transport.KindNetwork, ""},
		{"certificate of another host", "+OK ready\r\n", "+OK go on\r\n", &wrong, transport.KindTLS, transport.CodeWrongName},
		{"greeting is no greeting", "* PREAUTH\r\n", "+OK go on\r\n", nil, transport.KindProtocol, ""},
		{"turned away", "-ERR too many connections\r\n", "", nil, transport.KindTemporary, ""},
		{"silent", "", "", nil, transport.KindNetwork, ""},
		{"greeting without end", strings.Repeat("x", 20_000), "", nil, transport.KindProtocol, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, said := serve(t, account.SecurityStartTLS, func(s *talk) {
				s.say(test.greeting)
				if s.hear() != "STLS" {
					return
				}
				s.say(test.answer)
				if test.cert != nil {
					s.StartTLS(test.cert.TLS)
				}
				s.drain()
			})
			ep.TLSCAFile = cert.CAFile
			ep.Secret = func(context.Context) (string, error) { return "canary", nil }
			_, err := Dial(t.Context(), hurried(), ep)
			if e := problem(t, err); e.Kind != test.kind || e.Code != test.code {
				t.Errorf("got %v %q: %v", e.Kind, e.Code, e)
			}
			for _, secret := range []string{"USER", "PASS", "AUTH", "CAPA", "canary"} {
				if strings.Contains(said(), secret) {
					t.Errorf("%s went out in clear: %q", secret, said())
				}
			}
		})
	}
}

func TestCleartextOnlyToThisMachine(t *testing.T) {
	ep := endpoint(110, account.SecurityNone)
	ep.Host = "pop.example.test"
	_, err := Dial(t.Context(), patient(), ep)
	if e := problem(t, err); e.Kind != transport.KindTLS || e.Code != transport.CodeCleartext {
		t.Errorf("got %v", err)
	}
}

func TestGreetingProblems(t *testing.T) {
	for greeting, want := range map[string]transport.Kind{
		"-ERR [SYS/PERM] you are banned\r\n": transport.KindRefused,
		"-ERR busy\r\n":                      transport.KindTemporary,
		"220 smtp ready\r\n":                 transport.KindProtocol,
		"\r\n":                               transport.KindProtocol,
		"+O":                                 transport.KindNetwork,
	} {
		ep, _ := serve(t, account.SecurityNone, func(s *talk) { s.say(greeting) })
		_, err := Dial(t.Context(), patient(), ep)
		if e := problem(t, err); e.Kind != want {
			t.Errorf("%q: got %v", greeting, fmt.Sprint(e.Kind, err))
		}
	}
}
