package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Code is what a person types on another device, and where.
type Code struct {
	URL, Code string
	Expiry    time.Time
}

// Device signs in on another device (RFC 8628). show is told the code; then
// Device waits until the person has typed it there, or it expires.
func (c Client) Device(ctx context.Context, show func(Code)) (Token, error) {
	if c.Service.DeviceURL == "" {
		return Token{}, &Error{"secret.no_device", "", nil}
	}
	config, ctx := c.config(), withClient(ctx)
	answer, err := config.DeviceAuth(ctx)
	if err != nil {
		return Token{}, explain(err)
	}
	show(Code{URL: answer.VerificationURI, Code: answer.UserCode, Expiry: answer.Expiry})
	return signedIn(config.DeviceAccessToken(ctx, answer))
}

// Browser signs in with the browser of this machine: the authorization code
// flow with PKCE (RFC 7636), answered on a port of the loopback interface that
// lives for this one sign-in (RFC 8252 §7.3). show is told the address to
// open; user, if not "", is the one to sign in as.
func (c Client) Browser(ctx context.Context, user string, show func(url string)) (Token, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Token{}, fmt.Errorf("wait for the browser: %w", err)
	}
	config := c.config()
	config.RedirectURL = fmt.Sprintf("http://127.0.0.1:%d/", listener.Addr().(*net.TCPAddr).Port)
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	if user != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", user))
	}
	for name, value := range c.Service.Offline {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	back := newLanding(state)
	server := &http.Server{Handler: back, ReadHeaderTimeout: answerLimit}
	go server.Serve(listener) // ends with Close
	defer server.Close()

	show(config.AuthCodeURL(state, options...))
	code, err := back.wait(ctx)
	if err != nil {
		return Token{}, err
	}
	return signedIn(config.Exchange(withClient(ctx), code, oauth2.VerifierOption(verifier)))
}

// landing is where the browser comes back to.
type landing struct {
	state string
	codes chan string
	fails chan error
}

func newLanding(state string) *landing {
	return &landing{state: state, codes: make(chan string, 1), fails: make(chan error, 1)}
}

func (l *landing) wait(ctx context.Context) (string, error) {
	select {
	case code := <-l.codes:
		return code, nil
	case err := <-l.fails:
		return "", err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// ServeHTTP takes the answer of the service from the browser. What does not
// know the state of this sign-in is not from there and is not listened to.
func (l *landing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	said := r.URL.Query()
	if r.URL.Path != "/" || subtle.ConstantTimeCompare([]byte(said.Get("state")), []byte(l.state)) != 1 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	if code := said.Get("code"); code != "" {
		offer(l.codes, code)
		io.WriteString(w, "<!doctype html><title>tmail</title><p>Signed in: go back to tmail. 登录成功，请回到 tmail。")
		return
	}
	offer(l.fails, refusal(said.Get("error"), strings.TrimSuffix(said.Get("error")+": "+said.Get("error_description"), ": ")))
	io.WriteString(w, "<!doctype html><title>tmail</title><p>Not signed in: tmail says why. 登录失败，原因见 tmail。")
}

// offer gives v to who waits; the first one counts.
func offer[T any](c chan T, v T) {
	select {
	case c <- v:
	default:
	}
}
