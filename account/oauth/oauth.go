// Package oauth signs in to mail services that want OAuth 2 instead of a
// password: in the browser of this machine, or with a code on another one, and
// afterwards with the refresh token that came of it.
//
// It keeps nothing: the refresh token is a secret like a password, and its
// caller's to keep. It knows nothing of accounts and imports none of ours.
package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Service is where one signs in, and to what.
type Service struct {
	AuthURL, DeviceURL, TokenURL string // DeviceURL "": no device flow
	Scopes                       []string
	// Offline are parameters of the authorization request without which the
	// service gives no refresh token.
	Offline map[string]string
}

// Services are those known by name.
var Services = map[string]Service{
	// Google's device flow does not give access to mail.
	"google": {
		AuthURL:  "https://accounts.google.com/o/oauth2/v2/auth",
		TokenURL: "https://oauth2.googleapis.com/token",
		Scopes:   []string{"https://mail.google.com/"},
		Offline:  map[string]string{"access_type": "offline", "prompt": "consent"},
	},
	"microsoft": {
		AuthURL:   "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
		DeviceURL: "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
		TokenURL:  "https://login.microsoftonline.com/common/oauth2/v2.0/token",
		Scopes: []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/POP.AccessAsUser.All",
			"https://outlook.office.com/SMTP.Send", "offline_access"},
	},
}

// Client is this program as the service knows it: who registered it has its
// ID and, with some services, a secret that is none, since every copy of the
// program has it (RFC 8252 §8.5).
type Client struct {
	ID, Secret string
	Service    Service
}

// Token is the outcome of a sign-in.
type Token struct {
	Access  string // goes to the mail server
	Refresh string // gets the next Access; "" from Refresh when it stays as it was
	Expiry  time.Time
}

// ErrSignInAgain says that the service does not take the refresh token any
// more: only the person can go on.
var ErrSignInAgain = errors.New("the sign-in is no longer valid")

// Error is a sign-in that came to nothing. It knows what happened and not how
// one says that: see Phrase.
type Error struct {
	id, words string // of the phrase, and what the service said
	err       error  // below; nil: none
}

// Error is for logs; people read the Phrase.
func (e *Error) Error() string {
	text := e.id
	for _, more := range []string{e.words, fmt.Sprint(e.err)} {
		if more != "" && more != "<nil>" {
			text += ": " + more
		}
	}
	return text
}

func (e *Error) Unwrap() error { return e.err }

// Phrase names the sentence that says what happened, for package lang.
func (e *Error) Phrase() (id string, values []any) { return e.id, []any{"Words", e.words} }

// answerLimit is how long the service may take for one answer.
const answerLimit = 30 * time.Second

func (c Client) config() *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.ID, ClientSecret: c.Secret, Scopes: c.Service.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: c.Service.AuthURL, DeviceAuthURL: c.Service.DeviceURL, TokenURL: c.Service.TokenURL,
			AuthStyle: oauth2.AuthStyleInParams},
	}
}

// withClient has every request end after answerLimit.
func withClient(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: answerLimit})
}

// Refresh gets a new access token (RFC 6749 §6).
func (c Client) Refresh(ctx context.Context, refresh string) (Token, error) {
	t, err := c.config().TokenSource(withClient(ctx), &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && slices.Contains(endings, refused.ErrorCode) {
			return Token{}, &Error{"secret.sign_in_again", words(refused), ErrSignInAgain}
		}
		return Token{}, explain(err)
	}
	fresh := token(t)
	if fresh.Refresh == refresh {
		fresh.Refresh = ""
	}
	return fresh, nil
}

func token(t *oauth2.Token) Token {
	return Token{Access: t.AccessToken, Refresh: t.RefreshToken, Expiry: t.Expiry}
}

// explain makes an error say what the service said, and nothing of what it
// was sent.
func explain(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case err == context.DeadlineExceeded, ok && refused.ErrorCode == "expired_token":
		return &Error{"secret.too_late", "", err}
	case ok:
		return refusal(refused.ErrorCode, words(refused))
	}
	return &Error{"secret.service_silent", err.Error(), err}
}

// endings are the codes with which a service ends a sign-in that was (RFC 6749
// §5.2; the second is Microsoft's).
var endings = []string{"invalid_grant", "interaction_required"}

// refusal is a sign-in that the service did not grant, by its code (RFC 6749
// §4.1.2.1 and §5.2, RFC 8628 §3.5; authorization_declined is Microsoft's).
func refusal(code, words string) error {
	switch code {
	case "invalid_client", "unauthorized_client":
		return &Error{"secret.bad_client", words, nil}
	case "access_denied", "authorization_declined":
		return &Error{"secret.denied", words, nil}
	}
	return &Error{"secret.service_said", words, nil}
}

// words are what the service said.
func words(e *oauth2.RetrieveError) string {
	if e.ErrorCode == "" {
		return e.Response.Status
	}
	return strings.TrimSuffix(e.ErrorCode+": "+e.ErrorDescription, ": ")
}

// signedIn checks that a sign-in gave what it was for.
func signedIn(t *oauth2.Token, err error) (Token, error) {
	if err != nil {
		return Token{}, explain(err)
	}
	if t.RefreshToken == "" {
		return Token{}, &Error{"secret.no_refresh", "", nil}
	}
	return token(t), nil
}
