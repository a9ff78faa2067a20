package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tmail/account/oauth"
)

// tokenMargin is how long before its end an access token is renewed.
const tokenMargin = 5 * time.Minute

// accessTokens asks for access tokens. What is kept is the refresh token; a
// service that gives a new one with each access token has it kept in place of
// the old.
func accessTokens(kept keeper, client *oauth.Client) func(context.Context) (string, time.Time, error) {
	return func(ctx context.Context) (string, time.Time, error) {
		fresh, err := freshToken(ctx, kept, client)
		if err == nil && fresh.Refresh != "" {
			if err = kept.set(ctx, fresh.Refresh); err != nil {
				err = fmt.Errorf("keep the new sign-in: %w", err)
			}
		}
		if err != nil {
			return "", time.Time{}, err
		}
		if !fresh.Expiry.IsZero() {
			fresh.Expiry = fresh.Expiry.Add(-tokenMargin)
		}
		return fresh.Access, fresh.Expiry, nil
	}
}

// freshToken gets an access token. A refresh token that the service does not
// take any more may have been exchanged by another process just now.
func freshToken(ctx context.Context, kept keeper, client *oauth.Client) (oauth.Token, error) {
	refresh, err := kept.get(ctx)
	if err != nil {
		return oauth.Token{}, err
	}
	fresh, err := client.Refresh(ctx, refresh)
	if errors.Is(err, oauth.ErrSignInAgain) {
		if other, getErr := kept.get(ctx); getErr == nil && other != refresh {
			return client.Refresh(ctx, other)
		}
	}
	return fresh, err
}
