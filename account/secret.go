package account

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"tmail/account/oauth"
)

// secretTimeout is how long a command or the keyring may take.
const secretTimeout = 30 * time.Second

// keeper is where a secret is kept.
type keeper interface {
	get(ctx context.Context) (string, error)
	set(ctx context.Context, secret string) error
}

// secretKeys are the ways to a secret, of which a server has one.
var secretKeys = []string{"password", "password_command", "keyring", "password_file"}

// secret reads from where the secret of the server e comes. Given is false
// when the section does not say.
func (l *loading) secret(s *section, e *Endpoint, item string) (given bool) {
	password := s.password()
	command := s.passwordCommand()
	inKeyring := s.yes("keyring", false)
	file := l.file(s, "password_file")
	e.client, e.OAuth2 = l.oauth2(s)
	var ways []string
	for _, key := range secretKeys {
		if s.has(key) && (key != "keyring" || inKeyring) {
			ways = append(ways, key)
		}
	}
	if len(ways) > 1 {
		s.wrong(ways[1], "wrong.two_secrets", "Other", ways[0])
	}
	if len(ways) == 0 {
		if s.has("oauth2") {
			s.wrong("oauth2", "wrong.sign_in_kept")
		}
		return s.has("oauth2")
	}
	switch ways[0] {
	case "password":
		e.kept = literal(password)
	case "password_command":
		e.kept = commandSecret(command)
	case "keyring":
		e.kept = keyringItem(item)
	case "password_file":
		sealed := &sealedFile{path: file}
		l.sealed = append(l.sealed, sealed)
		e.kept = sealed
	}
	switch {
	case e.client != nil:
		e.remember(accessTokens(e.kept, e.client), time.Now)
	case e.OAuth2: // access tokens run out: each is asked for anew
		e.Secret = e.kept.get
	default:
		e.remember(lasting(e.kept.get), time.Now)
	}
	return true
}

// oauth2 reads oauth2: a table that says how this program signs in, or true
// when the secret is an access token that another program takes care of.
func (l *loading) oauth2(s *section) (client *oauth.Client, tokens bool) {
	v, given := s.find("oauth2")
	if !given {
		return nil, false
	}
	if yes, ok := v.(bool); ok {
		return nil, yes
	}
	t := s.below("oauth2", `oauth2 = { provider = "google", client_id = "…" }`, s.prefix+"oauth2.")
	if t == nil {
		return nil, false
	}
	l.open(t)
	client = &oauth.Client{ID: t.line("client_id", ""), Secret: t.line("client_secret", "")}
	if client.ID == "" {
		t.wrong("client_id", "wrong.no_client")
	}
	t.service(client)
	return client, true
}

// service reads the addresses of the sign-in: of a provider known by name, or
// one by one.
func (s *section) service(c *oauth.Client) {
	names := slices.Sorted(maps.Keys(oauth.Services))
	known := true
	if s.has("provider") {
		c.Service, known = oauth.Services[s.choice("provider", "", names...)]
	}
	for _, address := range []struct {
		key string
		to  *string
	}{{"auth_url", &c.Service.AuthURL}, {"device_url", &c.Service.DeviceURL}, {"token_url", &c.Service.TokenURL}} {
		if *address.to = s.line(address.key, *address.to); *address.to != "" && !IsSafeURL(*address.to) {
			s.wrong(address.key, "wrong.not_https")
		}
	}
	if scopes := s.words("scopes"); scopes != nil {
		c.Service.Scopes = scopes
	}
	if !known { // told already
		return
	}
	if c.Service.TokenURL == "" || c.Service.AuthURL == "" && c.Service.DeviceURL == "" {
		s.wrong("provider", "wrong.no_service", "Words", quoted(names))
	}
}

// IsSafeURL reports whether nobody on the way can read what is sent there.
func IsSafeURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()))
}

// literal is a password that stands in the configuration.
type literal string

func (l literal) get(context.Context) (string, error) { return string(l), nil }
func (l literal) set(context.Context, string) error {
	return unhad(nil, "secret.in_config")
}

// password reads a password, whose value stands in no message.
func (s *section) password() string {
	password := s.text("password", "")
	if s.empty("password") {
		s.wrong("password", "wrong.empty_password")
	}
	if strings.ContainsAny(password, "\r\n\x00") {
		s.wrong("password", "wrong.password_break")
	}
	return password
}

// passwordCommand reads the program to run and its arguments; one string is
// for the shell.
func (s *section) passwordCommand() []string {
	command := s.words("password_command")
	if command != nil && (len(command) == 0 || strings.TrimSpace(command[0]) == "") {
		s.wrong("password_command", "wrong.no_program", "Example", `password_command = "pass show mail/work"`)
	}
	if v, _ := s.find("password_command"); len(command) == 1 && v == any(command[0]) {
		return shellCommand(command[0])
	}
	return command
}
