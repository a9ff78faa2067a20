package smtp

import (
	"strings"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
)

func TestSignInRefused(t *testing.T) {
	for answer, want := range map[string]transport.Kind{
		"535 5.7.8 wrong password\r\n":       transport.KindAuth,
		"534 5.7.9 use an app password\r\n":  transport.KindAuth,
		"550 5.7.1 not you\r\n":              transport.KindAuth,
		"454 4.7.0 the database is away\r\n": transport.KindTemporary,
		"421 4.3.2 bye\r\n":                  transport.KindTemporary,
		"334 not base64!\r\n":                transport.KindProtocol,
		"":                                   transport.KindNetwork,
		"\r\n":                               transport.KindProtocol,
	} {
		t.Run(answer, func(t *testing.T) {
			ep, heard := serve(t, account.SecurityNone, relay{[]string{"AUTH PLAIN"}, map[string]string{"AUTH": answer}}.script)
			ep.Secret = secret("pw")
			err := checked(t, patient(), ep)
			e := problem(t, err)
			if e.Kind != want || want == transport.KindAuth && e.Words != strings.TrimSpace(answer) {
				t.Errorf("got %v %q: %v", e.Kind, e.Words, err)
			}
			if want == transport.KindAuth && strings.Contains(heard(), "*") {
				t.Errorf("the server heard %q", heard())
			}
		})
	}
}

func TestTraceHasNoSecret(t *testing.T) {
	for _, offer := range []string{"AUTH PLAIN", "AUTH LOGIN"} {
		ep, _ := serve(t, account.SecurityNone, relay{[]string{offer}, map[string]string{"AUTH LOGIN": "334 VXNlcm5hbWU6\r\n", "YW5u": "334 UGFzc3dvcmQ6\r\n", "Y2FuYXJ5": "235 welcome\r\n"}}.script)
		ep.Secret = secret("canary")
		var trace strings.Builder
		if err := checked(t, &transport.Dialer{Trace: &trace}, ep); err != nil {
			t.Error(err)
		}
		for _, secret := range []string{"canary", "Y2FuYXJ5", "AGFubgBjYW5hcnk="} { // plain and as SASL encodes it
			if strings.Contains(trace.String(), secret) {
				t.Errorf("the trace has the password: %s", &trace)
			}
		}
		if !strings.Contains(trace.String(), "***") {
			t.Errorf("the trace does not show the sign-in: %s", &trace)
		}
	}
}

func TestSignInImpossible(t *testing.T) {
	for name, offers := range map[string][]string{"no AUTH": nil, "no mechanism in common": {"AUTH GSSAPI NTLM"}} {
		t.Run(name, func(t *testing.T) {
			ep, heard := serve(t, account.SecurityNone, relay{offers: offers}.script)
			ep.Secret = secret("pw")
			err := checked(t, patient(), ep)
			if e := problem(t, err); e.Kind != transport.KindAuth || strings.Contains(heard(), "AUTH") {
				t.Errorf("got %v, and the server heard %q", err, heard())
			}
		})
	}
}

func TestCheckSendsNothing(t *testing.T) {
	ep, heard := serve(t, account.SecurityNone, relay{offers: []string{"AUTH PLAIN"}}.script)
	ep.Secret = secret("pw")
	if err := checked(t, patient(), ep); err != nil {
		t.Error(err)
	}
	if want := "EHLO [127.0.0.1]\r\nAUTH PLAIN AGFubgBwdw==\r\nQUIT\r\n"; heard() != want {
		t.Errorf("the server heard %q", heard())
	}
}

func TestCleartextOnlyToThisMachine(t *testing.T) {
	ep := endpoint(25, account.SecurityNone)
	ep.Host = "smtp.example.test"
	if e := problem(t, checked(t, patient(), ep)); e.Kind != transport.KindTLS || e.Code != transport.CodeCleartext {
		t.Errorf("got %v", e)
	}
}

// TestStartTLSAttacks has somebody in between do what he can: no name, no
// password and no mail may leave in clear.
func TestStartTLSAttacks(t *testing.T) {
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	wrong := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{WrongName: true})
	const greeting, offer = "220 ready\r\n", "250-relay\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
	for _, test := range []struct {
		name                   string
		greeting, ehlo, answer string
		cert                   *mailtest.Cert
		kind                   transport.Kind
		code                   string
	}{
		{"stripped", greeting, "250-relay\r\n250 AUTH PLAIN\r\n", "502 what?\r\n", nil, transport.KindTLS, transport.CodeNoStartTLS},
		{"refused", greeting, offer, "454 4.7.0 not now\r\n", nil, transport.KindTLS, transport.CodeNoStartTLS},
		{"no EHLO", greeting, "502 what?\r\n", "", nil, transport.KindTLS, transport.CodeNoStartTLS},
		{"injected in the same packet", greeting, offer, "220 go\r\n250 AUTH PLAIN\r\n", &cert, transport.KindTLS, transport.CodeInjected},
		{"agreed before asked", greeting, offer + "220 go\r\n", "", nil, transport.KindNetwork, ""},
		{"signed in already", greeting, offer, "235 welcome\r\n", nil, transport.KindNetwork, ""},
		{"no TLS behind the agreement", greeting, offer, "220 go\r\n", nil, transport.KindNetwork, ""},
		{"certificate of another host", greeting, offer, "220 go\r\n", &wrong, transport.KindTLS, transport.CodeWrongName},
		{"greeting of another protocol", "+OK ready\r\n", offer, "220 go\r\n", nil, transport.KindProtocol, ""},
		{"shutting down", "421 4.3.2 bye\r\n", "", "", nil, transport.KindTemporary, "421"},
		{"greeting without end", strings.Repeat("220-x\r\n", 9999), "", "", nil, transport.KindProtocol, ""},
		{"silent", "", "", "", nil, transport.KindNetwork, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ep, heard := serve(t, account.SecurityStartTLS, func(s *talk) {
				s.say(test.greeting)
				for command := s.hear(); command != ""; command = s.hear() {
					verb, _, _ := strings.Cut(command, " ")
					s.say(map[string]string{"EHLO": test.ehlo, "STARTTLS": test.answer}[verb])
					if verb == "STARTTLS" && test.cert != nil {
						s.StartTLS(test.cert.TLS)
					}
				}
			})
			ep.TLSCAFile, ep.Secret = cert.CAFile, secret("pw")
			_, err := Send(t.Context(), hurried(), ep, toBob, text(message), anyStep)
			if e := problem(t, err); e.Kind != test.kind || e.Code != test.code {
				t.Errorf("got %v %q: %v", e.Kind, e.Code, e)
			}
			for _, secret := range []string{"AUTH", "MAIL", "RCPT", "Subject", "example.test"} {
				if strings.Contains(heard(), secret) {
					t.Errorf("%s went out in clear: %q", secret, heard())
				}
			}
		})
	}
}

// TestWhatWasSaidBeforeTLSIsForgotten offers a size limit and a sign-in before
// TLS and others behind it.
func TestWhatWasSaidBeforeTLSIsForgotten(t *testing.T) {
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	var inside []string
	ep, _ := serve(t, account.SecurityStartTLS, func(s *talk) {
		s.say("220 ready\r\n")
		s.hear()
		s.say("250-relay\r\n250-SIZE 1\r\n250 AUTH GSSAPI\r\n")
		s.hear()
		s.say("220 go\r\n")
		s.StartTLS(cert.TLS)
		real := relay{offers: []string{"AUTH PLAIN"}}
		for command := s.hear(); command != ""; command = s.hear() {
			inside = append(inside, command)
			s.say(real.answer(command, "250 ok\r\n"))
			if command == "DATA" {
				for s.hear() != "." {
				}
				s.say("250 queued\r\n")
			}
		}
	})
	ep.TLSCAFile, ep.Secret = cert.CAFile, secret("pw")
	env := toBob
	env.Size = 1000
	if _, err := Send(t.Context(), patient(), ep, env, text(message), anyStep); err != nil {
		t.Errorf("%v, and the server heard %q", err, inside)
	}
}

// checked is Check without what the server offers.
func checked(t *testing.T, d *transport.Dialer, ep account.Endpoint) error {
	t.Helper()
	_, err := Check(t.Context(), d, ep)
	return err
}
