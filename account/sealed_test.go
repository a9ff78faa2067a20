package account

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"tmail/account/oauth"
	"tmail/lang"
)

// locked writes a file that a passphrase opens.
func locked(t *testing.T, path, passphrase, secret string) {
	t.Helper()
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(10)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err == nil {
		_, err = io.WriteString(w, secret)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, sealed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestUnlock(t *testing.T) {
	dir := t.TempDir()
	locked(t, filepath.Join(dir, "a.age"), "open sesame", "canary-1\n")
	locked(t, filepath.Join(dir, "b.age"), "open sesame", "canary-2")
	text := strings.Replace(good, "keyring  = true", `password_file = "a.age"`, 1) +
		strings.NewReplacer("keyring  = true", `password_file = "b.age"`, `"home"`, `"other"`).Replace(good)
	path := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if said := troubles(c, err); said != "" {
		t.Fatal(said)
	}
	if _, err := c.Accounts[0].Incoming.Secret(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("before: %v", err)
	}
	answers, asked := []string{"", "open says me", "open sesame"}, 0
	err = c.Unlock("", func(path string, again bool) (string, error) {
		if again != (asked > 0) || filepath.Base(path) != "a.age" {
			t.Errorf("asked for %s, again %v", path, again)
		}
		asked++
		return answers[asked-1], nil
	})
	if err != nil || asked != 3 {
		t.Errorf("asked %d times, %v", asked, err)
	}
	for i, want := range []string{"canary-1", "canary-2"} {
		if got, err := c.Accounts[i].Incoming.Secret(t.Context()); got != want {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestKeyMustBePrivate(t *testing.T) {
	f := &sealedFile{path: filepath.Join(t.TempDir(), "a.age")}
	if err := f.set(t.Context(), "canary"); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(filepath.Dir(f.path), keyName)
	if err := os.Chmod(key, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := f.get(t.Context()); err == nil || !strings.Contains(lang.Sentence(err), "Others can read the key of the secret (mode 0640): chmod 600") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(key, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.get(t.Context()); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

// An access token is renewed before it ends, by the refresh token of the time.
func TestAccessTokens(t *testing.T) {
	now := time.Now()
	kept := &sealedFile{path: filepath.Join(t.TempDir(), "a.age")}
	if err := kept.set(t.Context(), "refresh-0"); err != nil {
		t.Fatal(err)
	}
	given := 0
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("refresh_token") != fmt.Sprintf("refresh-%d", given) {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		given++
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"access-%d","token_type":"Bearer","expires_in":3600,"refresh_token":"refresh-%d"}`, given, given)
	}))
	defer service.Close()
	client := &oauth.Client{ID: "x", Service: oauth.Service{TokenURL: service.URL}}
	var server Endpoint
	server.remember(accessTokens(kept, client), func() time.Time { return now })
	for _, step := range []struct {
		later time.Duration
		want  string
	}{{0, "access-1"}, {54 * time.Minute, "access-1"}, {2 * time.Minute, "access-2"}} {
		now = now.Add(step.later)
		if got, err := server.Secret(t.Context()); got != step.want {
			t.Errorf("after %v: %q, %v", step.later, got, err)
		}
	}
	if got, err := kept.get(t.Context()); got != "refresh-2" {
		t.Errorf("kept %q, %v", got, err)
	}

	// A server that refuses the token in use gets another one, once.
	now = time.Now()
	if got, err := server.Secret(t.Context()); got != "access-2" {
		t.Errorf("in use: %q, %v", got, err)
	}
	if !server.Renewed(t.Context(), "access-2") {
		t.Error("no other token than the one refused")
	}
	if got, err := server.Secret(t.Context()); got != "access-3" {
		t.Errorf("after a refusal %q, %v", got, err)
	}
	if server.Renewed(t.Context(), "access-3") {
		t.Error("asked again for a token that was new")
	}
}

// A refresh token that another process has exchanged meanwhile is looked up again where it is kept.
func TestRefreshTokenOfAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.age")
	other := &sealedFile{path: path}
	if err := other.set(t.Context(), "refresh-0"); err != nil {
		t.Fatal(err)
	}
	asked := 0
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.FormValue("refresh_token") == "refresh-0" { // the other one was faster, and gets its own exchanged
			if err := other.set(t.Context(), "refresh-1"); err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"error":"invalid_grant"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"access_token":"access","token_type":"Bearer","expires_in":3600}`)
	}))
	defer service.Close()
	ask := accessTokens(&sealedFile{path: path}, &oauth.Client{ID: "x", Service: oauth.Service{TokenURL: service.URL}})
	if got, _, err := ask(t.Context()); got != "access" || asked != 2 {
		t.Errorf("%q after %d questions, %v", got, asked, err)
	}
}

// A passphrase that opened a file opens what another process puts there, and asks nobody.
func TestLockedFileIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.age")
	mine, other := &sealedFile{path: path, passphrase: "open sesame"}, &sealedFile{path: path, passphrase: "open sesame"}
	for _, secret := range []string{"canary-1", "canary-2"} {
		if err := other.set(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		if got, err := mine.get(t.Context()); got != secret {
			t.Errorf("%q, %v, want %q", got, err, secret)
		}
	}
	other.passphrase = "another"
	if err := other.seal("canary-3"); err != nil {
		t.Fatal(err)
	}
	if _, err := mine.get(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("with another passphrase: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got, err := mine.get(t.Context()); got != "canary-2" {
		t.Errorf("with the file gone: %q, %v", got, err)
	}
}

// A passphrase wished for at the start stays when the secret changes, and is never written down.
func TestPassphraseStays(t *testing.T) {
	dir := t.TempDir()
	kept, err := KeepSecret(t.Context(), dir, "home", "canary-1", Keeping{Passphrase: "open sesame"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(path, []byte(strings.Replace(good, "keyring  = true", fmt.Sprintf("password_file = %q", kept.File), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	load := func() *Config {
		c, err := Load(path)
		if said := troubles(c, err); said != "" {
			t.Fatal(said)
		}
		return c
	}
	c := load()
	if err := c.Accounts[0].Renew(t.Context(), "canary-2"); !errors.Is(err, ErrLocked) {
		t.Errorf("changed without the passphrase: %v", err)
	}
	never := func(string, bool) (string, error) { t.Error("asked for what is known"); return "", ErrLocked }
	if err := c.Unlock("open sesame", never); err != nil {
		t.Fatal(err)
	}
	if err := c.Accounts[0].Renew(t.Context(), "canary-2"); err != nil {
		t.Fatal(err)
	}
	c = load()
	if err := c.Unlock("open sesame", never); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Accounts[0].Incoming.Secret(t.Context()); got != "canary-2" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("%q, %v: there is no key to a passphrase", files, err)
	}
}

// A command keeps the secret itself: nothing is written but the command.
func TestKeptByCommand(t *testing.T) {
	dir := t.TempDir()
	kept, err := KeepSecret(t.Context(), filepath.Join(dir, "secrets"), "home", "canary-1", Keeping{Command: "pass show mail"})
	if _, missing := os.Stat(filepath.Join(dir, "secrets")); err != nil || kept.Command != "pass show mail" || missing == nil {
		t.Errorf("%+v, %v", kept, err)
	}
	if got, err := CommandSecret("printf 'canary-%s\n' 2")(t.Context()); got != "canary-2" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
