package cli

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tmail/mailtest"
)

// signInService is a provider's sign-in on loopback: an authorization page and a device page where everybody says yes,
// and a token endpoint that checks what RFC 6749, RFC 7636 and RFC 8628 have it check. Each refresh token is good once.
type signInService struct {
	*httptest.Server

	mu      sync.Mutex
	asked   map[string]request // authorization codes that were not used yet
	refresh string             // the only refresh token that is good
	issued  int                // of tokens
}

// request is what the browser came with.
type request struct{ challenge, redirect, client string }

func newSignInService(t *testing.T) *signInService {
	s := &signInService{asked: map[string]request{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /auth", s.authorize)
	mux.HandleFunc("POST /device", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"device_code":"dev-1","user_code":"ABCD-1234","verification_uri":"https://sign.in/device","expires_in":600,"interval":1}`)
	})
	mux.HandleFunc("POST /token", s.token)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// authorize sends the browser back with a code.
func (s *signInService) authorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("login_hint") != "me@own.test" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	code := fmt.Sprintf("canary-code-%d", len(s.asked))
	s.asked[code] = request{q.Get("code_challenge"), q.Get("redirect_uri"), q.Get("client_id")}
	http.Redirect(w, r, q.Get("redirect_uri")+"?code="+code+"&state="+q.Get("state"), http.StatusFound)
}

// token gives an access token for a code, for what another device said, or for a refresh token.
func (s *signInService) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	good := false
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		before, known := s.asked[r.PostFormValue("code")]
		delete(s.asked, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		good = known && before == request{base64.RawURLEncoding.EncodeToString(sum[:]), r.PostFormValue("redirect_uri"), r.PostFormValue("client_id")}
	case "urn:ietf:params:oauth:grant-type:device_code":
		good = r.PostFormValue("device_code") == "dev-1"
	case "refresh_token":
		good = s.refresh != "" && r.PostFormValue("refresh_token") == s.refresh
	}
	w.Header().Set("Content-Type", "application/json")
	if !good || r.PostFormValue("client_id") != "client-1" {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":"invalid_grant","error_description":"no"}`)
		return
	}
	s.issued++
	s.refresh = fmt.Sprintf("canary-refresh-%d", s.issued)
	json.NewEncoder(w).Encode(map[string]any{"access_token": s.access(), "token_type": "Bearer", "expires_in": 3600, "refresh_token": s.refresh})
}

func (s *signInService) access() string { return fmt.Sprintf("canary-access-%d", s.issued) }

// takes says whether a mail server lets in who brings this response of XOAUTH2.
func (s *signInService) takes(response string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return response == base64.StdEncoding.EncodeToString([]byte("user=me@own.test\x01auth=Bearer "+s.access()+"\x01\x01"))
}

// revoke makes the sign-in invalid, as the person can on the provider's pages.
func (s *signInService) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh = ""
}

// hasBrowser puts a browser on the machine, in which a person says yes.
func (n *newcomer) hasBrowser() *newcomer {
	n.t.Helper()
	self, err := os.Executable()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(n.home, "bin"), 0o755); err != nil {
		n.t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\nTMAIL_TEST_BROWSE=\"$1\" exec %q\n", self)
	if err := os.WriteFile(filepath.Join(n.home, "bin", "xdg-open"), []byte(script), 0o755); err != nil {
		n.t.Fatal(err)
	}
	return n
}

// OAuth 2 only: the browser or another device signs in, what is kept is the refresh token, and it is renewed with each
// use; when the provider takes it no more, the person is told to sign in again.
func TestSetupByOAuth2(t *testing.T) {
	t.Parallel()
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	for _, way := range []string{"browser", "device"} {
		inBoth(t, way, func(t *testing.T, w words) {
			service := newSignInService(t)
			imap := behindTLS(t, cert, mailtest.Script(t, imapServer("AUTH=XOAUTH2 LOGINDISABLED", func(c *mailtest.Conversation, _, command string) string {
				if !strings.HasPrefix(command, "AUTHENTICATE XOAUTH2") {
					return ""
				}
				c.Say("+ ")
				if said, _ := c.Hear(); !service.takes(said) {
					return "NO AUTHENTICATE failed."
				}
				return ""
			})).Port)
			n := newNewcomer(t, zone{MX: "own-test.mail.protection.outlook.com.", TokenURL: service.URL}).trusts(cert).hasBrowser().speaks(w)
			takesNone, client, ended := "takes no passwords", "Client id", "sign in again"
			if w == chinese {
				takesNone, client, ended = "不接受密码", "客户端 ID", "登录已失效"
			}
			screen := n.runs(120, 40).Shows(w.address)
			screen.Type("me@own.test").Press("enter").Shows("Microsoft 365", takesNone, client)
			if way == "device" {
				screen.Press("right")
			}
			screen.Press("tab").Type("client-1").Press("tab", "tab", "tab", "tab").Press("ctrl+u").Type(fmt.Sprintf("localhost:%d", imap))
			screen.Press("tab", "tab", "tab").Press("ctrl+u").Press("enter")
			if way == "device" {
				screen.Shows("ABCD-1234", "https://sign.in/device")
			}
			screen.ShowsNot(w.title).Shows(w.inbox)
			text, err := os.ReadFile(n.config())
			if err != nil || !strings.Contains(string(text), `oauth2        = { provider = "microsoft", client_id = "client-1" }`) {
				t.Errorf("%v\n%s", err, text)
			}
			screen.Press("q").Ends()
			for range 2 {
				if out, err := n.command("check").CombinedOutput(); err != nil {
					t.Errorf("with the token renewed: %v\n%s", err, out)
				}
			}
			service.revoke()
			if out, err := n.command("check").CombinedOutput(); err == nil || !strings.Contains(string(out), ended) {
				t.Errorf("with the sign-in taken back: %v\n%s", err, out)
			}
			searchFor(t, n.home, "canary-")
		})
	}
}

// A server that nobody knows and that takes no passwords: setup says what to ask its owner for, and takes it.
func TestSetupAsksForUnknownSignIn(t *testing.T) {
	t.Parallel()
	cert := mailtest.NewCert(t, t.TempDir(), mailtest.CertOptions{})
	inBoth(t, "unknown", func(t *testing.T, w words) {
		service := newSignInService(t)
		imap := behindTLS(t, cert, mailtest.Script(t, imapServer("AUTH=XOAUTH2 LOGINDISABLED", func(c *mailtest.Conversation, _, command string) string {
			if !strings.HasPrefix(command, "AUTHENTICATE XOAUTH2") {
				return ""
			}
			c.Say("+ ")
			if said, _ := c.Hear(); !service.takes(said) {
				return "NO AUTHENTICATE failed."
			}
			return ""
		})).Port)
		n := newNewcomer(t, zone{SRV: map[string]string{"imaps": fmt.Sprintf("localhost:%d", imap)}}).trusts(cert).hasBrowser().speaks(w)
		takesNone, missing := "its sign-in is not known here", "Missing or no https address"
		if w == chinese {
			takesNone, missing = "不在已知之列", "或者不是 https 地址"
		}
		screen := n.runs(120, 40).Shows(w.address).Type("me@own.test").Press("enter").Type("secret").Press("enter").Shows(takesNone)
		screen.Press("enter").Shows(missing)
		screen.Type("client-1").Press("tab", "tab").Type(service.URL + "/auth").Press("tab").Type(service.URL + "/token").Press("tab").Type("mail offline")
		screen.Press("enter").ShowsNot(w.title).Shows(w.inbox)
		want := fmt.Sprintf(`oauth2        = { client_id = "client-1", auth_url = "%[1]s/auth", token_url = "%[1]s/token", scopes = ["mail", "offline"] }`, service.URL)
		if text, err := os.ReadFile(n.config()); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%v\n%s", err, text)
		}
		screen.Press("q").Ends()
		if out, err := n.command("check").CombinedOutput(); err != nil {
			t.Errorf("with the token renewed: %v\n%s", err, out)
		}
	})
}
