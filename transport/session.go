package transport

import (
	"context"
	"errors"

	"tmail/account"
)

// Begin dials and has begin make a session of the connection: agree on TLS, introduce us, sign in. A secret the server
// refuses may have been replaced since we were told it, by the person or by another process: then it is all done once
// more, with the new one. begin need not close the connection when it fails, and errors tell no secrets.
func Begin[S any](ctx context.Context, d *Dialer, ep account.Endpoint, begin func(*Conn) (S, error)) (S, error) {
	session, refused, err := attempt(ctx, d, ep, begin)
	if refused != "" && ep.Renewed(ctx, refused) {
		session, _, err = attempt(ctx, d, ep, begin)
	}
	return session, err
}

// attempt is one connection; it returns the secret that was refused, "" when that is not what went wrong.
func attempt[S any](ctx context.Context, d *Dialer, ep account.Endpoint, begin func(*Conn) (S, error)) (session S, refused string, err error) {
	conn, err := d.Dial(ctx, ep)
	if err != nil {
		return session, "", err
	}
	if session, err = begin(conn); err == nil {
		return session, "", nil
	}
	conn.Close()
	var known *Error
	if errors.As(err, &known) && known.Kind == KindAuth {
		refused = conn.shown
	}
	var none S
	return none, refused, conn.redact(err)
}
