package pop3

import (
	"context"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
)

// A server that never sees the password is signed in to like any other, and refuses a wrong one.
func TestSignInWithoutShowingThePassword(t *testing.T) {
	for _, mechanism := range []string{"scram-sha-256", "cram-md5"} {
		t.Run(mechanism, func(t *testing.T) {
			server := mailtest.StartDovecot(t, mailtest.DovecotOptions{Mechanisms: mechanism})
			ep := dovecot(server, "ann", account.SecurityTLS)
			dial(t, patient(), ep)
			ep.Secret = func(context.Context) (string, error) { return "wrong", nil }
			_, err := Dial(t.Context(), patient(), ep)
			if e := problem(t, err); e.Kind != transport.KindAuth {
				t.Errorf("a wrong password gave %+v", e)
			}
		})
	}
}
