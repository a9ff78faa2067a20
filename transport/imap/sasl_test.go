package imap_test

import (
	"context"
	"errors"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/transport"
	"tmail/transport/imap"
)

// A server that never sees the password is signed in to like any other, and refuses a wrong one.
func TestSignInWithoutShowingThePassword(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"scram-sha-256", "cram-md5"} {
		t.Run(mechanism, func(t *testing.T) {
			d := mailtest.StartDovecot(t, mailtest.DovecotOptions{Mechanisms: mechanism})
			for _, security := range []account.Security{account.SecurityNone, account.SecurityTLS} {
				ep := endpoint(t, d, security)
				dial(t, ep)
				ep.Secret = func(context.Context) (string, error) { return "wrong", nil }
				_, err := imap.Dial(t.Context(), &transport.Dialer{}, ep)
				var refused *transport.Error
				if !errors.As(err, &refused) || refused.Kind != transport.KindAuth {
					t.Errorf("%s: a wrong password gave: %v", security, err)
				}
			}
		})
	}
}
