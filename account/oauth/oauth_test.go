package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/oauth2"
)

// service is a sign-in service on loopback that checks what it is sent.
type service struct {
	t         *testing.T
	server    *httptest.Server
	challenge string
	redirect  string
	polls     atomic.Int32
	waits     int32 // polls of a device answered with "not yet"
	mute      bool  // gives no refresh token
	dead      bool  // takes no refresh token
}

func newService(t *testing.T) *service {
	s := &service{t: t}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /device", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"device_code":"dev-1","user_code":"ABCD-1234","verification_uri":"https://sign.in/device","expires_in":600,"interval":1}`)
	})
	mux.HandleFunc("POST /token", s.token)
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	return s
}

func (s *service) client() Client {
	return Client{ID: "tmail-test", Service: Service{AuthURL: s.server.URL + "/auth", DeviceURL: s.server.URL + "/device",
		TokenURL: s.server.URL + "/token", Scopes: []string{"mail"}, Offline: map[string]string{"access_type": "offline"}}}
}

func (s *service) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	refuse := func(code string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":%q,"error_description":"because"}`, code)
	}
	if r.FormValue("client_id") != "tmail-test" {
		refuse("invalid_client")
		return
	}
	refresh := "refresh-1"
	switch r.FormValue("grant_type") {
	case "authorization_code":
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if r.FormValue("code") != "code-1" || base64.RawURLEncoding.EncodeToString(sum[:]) != s.challenge || r.FormValue("redirect_uri") != s.redirect {
			refuse("invalid_grant")
			return
		}
	case "refresh_token":
		if s.dead || r.FormValue("refresh_token") != "refresh-1" {
			refuse("invalid_grant")
			return
		}
		refresh = "refresh-2"
	case "urn:ietf:params:oauth:grant-type:device_code":
		if r.FormValue("device_code") != "dev-1" {
			refuse("invalid_grant")
			return
		}
		if s.polls.Add(1) <= s.waits {
			refuse("authorization_pending")
			return
		}
	}
	if s.mute {
		refresh = ""
	}
	fmt.Fprintf(w, `{"access_token":"access-1","token_type":"Bearer","expires_in":3600,"refresh_token":%q}`, refresh)
}

// browse is a person with a browser: it reads the address, and comes back with answer.
func (s *service) browse(address string, answer url.Values) {
	u, err := url.Parse(address)
	if err != nil {
		s.t.Error(err)
		return
	}
	asked := u.Query()
	s.challenge, s.redirect = asked.Get("code_challenge"), asked.Get("redirect_uri")
	for name, want := range map[string]string{"response_type": "code", "client_id": "tmail-test", "code_challenge_method": "S256",
		"scope": "mail", "login_hint": "me@example.com", "access_type": "offline"} {
		if asked.Get(name) != want {
			s.t.Errorf("%s is %q, want %q", name, asked.Get(name), want)
		}
	}
	get := func(state string, answer url.Values) int {
		answer.Set("state", state)
		r, err := http.Get(s.redirect + "?" + answer.Encode())
		if err != nil {
			s.t.Error(err)
			return 0
		}
		defer r.Body.Close()
		io.Copy(io.Discard, r.Body)
		return r.StatusCode
	}
	if code := get("forged", url.Values{"code": {"of-another"}}); code != http.StatusNotFound {
		s.t.Errorf("a forged answer got %d", code)
	}
	if code := get(asked.Get("state"), answer); code != http.StatusOK {
		s.t.Errorf("the browser got %d", code)
	}
}

func TestBrowser(t *testing.T) {
	s := newService(t)
	token, err := s.client().Browser(t.Context(), "me@example.com", func(address string) {
		go s.browse(address, url.Values{"code": {"code-1"}})
	})
	if err != nil || token.Access != "access-1" || token.Refresh != "refresh-1" || token.Expiry.IsZero() {
		t.Errorf("%+v, %v", token, err)
	}
	_, err = s.client().Browser(t.Context(), "me@example.com", func(address string) {
		go s.browse(address, url.Values{"error": {"access_denied"}, "error_description": {"no thanks"}})
	})
	if err == nil || !strings.Contains(err.Error(), "access_denied: no thanks") {
		t.Errorf("denied: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = s.client().Browser(ctx, "", func(string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("left: %v", err)
	}
	s.mute = true
	_, err = s.client().Browser(t.Context(), "me@example.com", func(address string) {
		go s.browse(address, url.Values{"code": {"code-1"}})
	})
	if err == nil || !strings.Contains(err.Error(), "secret.no_refresh") {
		t.Errorf("without a refresh token: %v", err)
	}
}

func TestDevice(t *testing.T) {
	s := newService(t)
	s.waits = 1
	var shown Code
	token, err := s.client().Device(t.Context(), func(c Code) { shown = c })
	if err != nil || token.Refresh != "refresh-1" {
		t.Errorf("%+v, %v", token, err)
	}
	if shown.Code != "ABCD-1234" || shown.URL != "https://sign.in/device" || shown.Expiry.IsZero() {
		t.Errorf("shown %+v", shown)
	}
	if s.polls.Load() != 2 {
		t.Errorf("asked %d times", s.polls.Load())
	}
	none := s.client()
	none.Service.DeviceURL = ""
	if _, err := none.Device(t.Context(), func(Code) {}); err == nil {
		t.Error("a device flow where there is none")
	}
}

// Each way in which a service says no leads to its own sentence.
func TestRefusals(t *testing.T) {
	for code, want := range map[string]string{
		"invalid_client": "secret.bad_client", "unauthorized_client": "secret.bad_client", "access_denied": "secret.denied",
		"authorization_declined": "secret.denied", "expired_token": "secret.too_late", "server_error": "secret.service_said",
		"invalid_grant": "secret.service_said", // nothing was granted yet
	} {
		err := explain(&oauth2.RetrieveError{ErrorCode: code, ErrorDescription: "why"})
		var refused *Error
		if !errors.As(err, &refused) || refused.id != want {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestRefresh(t *testing.T) {
	s := newService(t)
	token, err := s.client().Refresh(t.Context(), "refresh-1")
	if err != nil || token.Access != "access-1" || token.Refresh != "refresh-2" {
		t.Errorf("%+v, %v", token, err)
	}
	s.dead = true
	_, err = s.client().Refresh(t.Context(), "refresh-1")
	if !errors.Is(err, ErrSignInAgain) || strings.Contains(err.Error(), "refresh-1") {
		t.Errorf("refused: %v", err)
	}
	s.server.Close()
	if _, err = s.client().Refresh(t.Context(), "refresh-1"); err == nil || errors.Is(err, ErrSignInAgain) || strings.Contains(err.Error(), "refresh-1") {
		t.Errorf("unreachable: %v", err)
	}
}
