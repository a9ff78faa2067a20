package account

import (
	"context"
	"fmt"
	"time"

	"tmail/account/oauth"
)

// tokenMargin is how long before its end an access token is renewed.
const tokenMargin = 5 * time.Minute

// accessTokens returns a Secret that gives access tokens. What is kept is the
// refresh token; a service that gives a new one with each access token has it
// kept in place of the old.
func accessTokens(kept keeper, client *oauth.Client, now func() time.Time) Secret {
	turn := make(chan struct{}, 1) // held by the one who renews
	var token oauth.Token
	return func(ctx context.Context) (string, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return "", ctx.Err()
		}
		if token.Access != "" && (token.Expiry.IsZero() || now().Before(token.Expiry.Add(-tokenMargin))) {
			return token.Access, nil
		}
		refresh, err := kept.get(ctx)
		if err != nil {
			return "", err
		}
		fresh, err := client.Refresh(ctx, refresh)
		if err != nil {
			return "", err
		}
		if fresh.Refresh != "" {
			if err := kept.set(ctx, fresh.Refresh); err != nil {
				return "", fmt.Errorf("keep the new sign-in: %w", err)
			}
		}
		token = fresh
		return token.Access, nil
	}
}
