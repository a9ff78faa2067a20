package account

import (
	"context"
	"time"
)

// remembered is a secret that is asked for where it is kept once, and again when it has run out or a server refused it:
// another process may have put a new one there.
type remembered struct {
	ask  func(ctx context.Context) (secret string, until time.Time, err error) // the zero time: for good
	now  func() time.Time
	turn chan struct{} // held by the one who asks

	known  bool
	secret string
	until  time.Time
	given  int // how often since it was asked for
}

// remember has the endpoint sign in with what ask gives.
func (e *Endpoint) remember(ask func(context.Context) (string, time.Time, error), now func() time.Time) {
	r := &remembered{ask: ask, now: now, turn: make(chan struct{}, 1)}
	e.Secret, e.renewed = r.get, r.renewed
}

// lasting makes a secret one that does not run out.
func lasting(secret Secret) func(context.Context) (string, time.Time, error) {
	return func(ctx context.Context) (string, time.Time, error) {
		text, err := secret(ctx)
		return text, time.Time{}, err
	}
}

// get gives the secret. A failure to get it is not remembered.
func (r *remembered) get(ctx context.Context) (string, error) {
	if err := r.begin(ctx); err != nil {
		return "", err
	}
	defer r.end()
	if !r.known || !r.until.IsZero() && !r.now().Before(r.until) {
		if err := r.askAnew(ctx); err != nil {
			return "", err
		}
	}
	r.given++
	return r.secret, nil
}

// renewed asks for the secret anew after a server refused it, and reports whether there is another one now. One that
// was refused right after it was asked for is only forgotten: asking again so soon would ask a person twice.
func (r *remembered) renewed(ctx context.Context, refused string) bool {
	if r.begin(ctx) != nil {
		return false
	}
	defer r.end()
	if r.known && r.secret == refused {
		if inUse := r.given > 1; !inUse || r.askAnew(ctx) == nil && r.secret == refused {
			r.forget()
		}
	}
	return r.known
}

func (r *remembered) askAnew(ctx context.Context) error {
	r.forget()
	secret, until, err := r.ask(ctx)
	if err == nil {
		r.known, r.secret, r.until = true, secret, until
	}
	return err
}

func (r *remembered) forget() { r.known, r.secret, r.given = false, "", 0 }

func (r *remembered) begin(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *remembered) end() { <-r.turn }
