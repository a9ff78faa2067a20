package transport

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"tmail/account"
)

func credentials(token, encrypted bool) *Credentials {
	return &Credentials{Username: "user", Secret: "pencil", Token: token,
		conn: &Conn{encrypted: encrypted, endpoint: account.Endpoint{Host: "mail.example.test", Port: 993}}}
}

func TestMechanismChoice(t *testing.T) {
	for _, test := range []struct {
		offered          string
		token, encrypted bool
		want             string
	}{
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2", false, true, "SCRAM-SHA-256"},
		{"PLAIN LOGIN CRAM-MD5", false, true, "PLAIN"},
		{"PLAIN LOGIN CRAM-MD5", false, false, "CRAM-MD5"},
		{"LOGIN", false, true, "LOGIN"},
		{"CRAM-MD5", false, true, "CRAM-MD5"},
		{"XOAUTH2 PLAIN", true, true, "XOAUTH2"},
		{"XOAUTH2 OAUTHBEARER PLAIN", true, true, "OAUTHBEARER"},
		{"PLAIN LOGIN", true, true, ""}, // a token is no password
		{"XOAUTH2 OAUTHBEARER", false, true, ""},
	} {
		offered := strings.Fields(test.offered)
		m, err := credentials(test.token, test.encrypted).Mechanism(func(name string) bool { return slices.Contains(offered, name) })
		switch {
		case test.want == "":
			var e *Error
			if !errors.As(err, &e) || e.Kind != KindAuth {
				t.Errorf("%s: %v, %v", test.offered, m, err)
			}
		case err != nil || m.Name != test.want:
			t.Errorf("%s: %v, %v; want %s", test.offered, m, err, test.want)
		}
	}
}

// The exchange of RFC 7677 §3.
func TestScram(t *testing.T) {
	const (
		nonce  = "rOprNGfwEbeRWgbNEkqO"
		first  = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
		proof  = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
		answer = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
	)
	s := newScram("user", "pencil", nonce)
	m := &Mechanism{Name: scramSHA256, Client: s, conn: &Conn{}}
	if _, response, err := m.Start(); err != nil || string(response) != "n,,n=user,r="+nonce {
		t.Fatalf("start: %q, %v", response, err)
	}
	if response, err := m.Next([]byte(first)); err != nil || string(response) != proof {
		t.Fatalf("proof: %q, %v", response, err)
	}
	if m.Finish() == nil {
		t.Error("a server that proved nothing was believed")
	}
	if response, err := m.Next([]byte(answer)); err != nil || response == nil || len(response) != 0 {
		t.Fatalf("end: %q, %v", response, err)
	}
	if err := m.Finish(); err != nil {
		t.Error(err)
	}
}

func TestScramRefuses(t *testing.T) {
	for name, first := range map[string]string{
		"another nonce":        "r=other,s=c2FsdA==,i=4096",
		"our nonce alone":      "r=nonce,s=c2FsdA==,i=4096",
		"few iterations":       "r=nonceX,s=c2FsdA==,i=1",
		"endless iterations":   "r=nonceX,s=c2FsdA==,i=2000000000",
		"no salt":              "r=nonceX,i=4096",
		"salt that is none":    "r=nonceX,s=!,i=4096",
		"a demand we know not": "m=x,r=nonceX,s=c2FsdA==,i=4096",
		"nothing":              "",
	} {
		s := newScram("user", "pencil", "nonce")
		if response, err := s.Next([]byte(first)); err == nil {
			t.Errorf("%s was answered by %q", name, response)
		}
	}
	for _, answer := range []string{"v=" + base64.StdEncoding.EncodeToString(make([]byte, 32)), "e=invalid-proof", "v="} {
		s := newScram("user", "pencil", "nonce")
		if _, err := s.Next([]byte("r=nonceX,s=c2FsdA==,i=4096")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Next([]byte(answer)); err == nil || s.proven {
			t.Errorf("%q was believed", answer)
		}
	}
}

// The exchange of RFC 2195 §2.
func TestCramMD5(t *testing.T) {
	c := cramClient{"tim", "tanstaaftanstaaf"}
	if got, _ := c.Next([]byte("<1896.697170952@postoffice.reston.mci.net>")); string(got) != "tim b913a602c7eda7a495b4e6e7334d3890" {
		t.Errorf("got %q", got)
	}
}

func TestTokens(t *testing.T) {
	cr := credentials(true, true)
	for name, want := range map[string][2]string{
		"OAUTHBEARER": {"n,a=user,\x01host=mail.example.test\x01port=993\x01auth=Bearer pencil\x01\x01", "\x01"},
		"XOAUTH2":     {"user=user\x01auth=Bearer pencil\x01\x01", ""},
	} {
		c := cr.client(name)
		if _, response, err := c.Start(); err != nil || string(response) != want[0] {
			t.Errorf("%s begins with %q, %v", name, response, err)
		}
		if response, err := c.Next([]byte(`{"status":"400"}`)); err != nil || response == nil || string(response) != want[1] {
			t.Errorf("%s answers a refusal with %q, %v", name, response, err)
		}
	}
}
