package ui

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"tmail/account"
	"tmail/account/oauth"
)

// mistake is a field that cannot be right, and why: the id of a phrase.
type mistake struct {
	field *blank
	id    string
}

func (m *mistake) Error() string { return m.id }

// entry makes an account of the form; what is wrong is a *mistake. Its secret is what stands in the form.
func (f *form) entry(taken []account.Account) (account.Addition, error) {
	if wrong := f.firstMistake(); wrong != nil {
		return account.Addition{}, wrong
	}
	if f.renew != nil {
		return account.Addition{Account: *f.renew, SignIn: f.renew.SignIn()}, nil
	}
	a := account.Account{Email: f.address.value(), FullName: f.name.value(), Poll: account.DefaultPoll, Offline: account.OfflineRecent}
	a.Name = account.FreeName(a.Email, taken)
	a.Identities = []account.Identity{{Email: a.Email, FullName: a.FullName}}
	var err error
	if a.Incoming, err = f.endpoint(f.protocol.value(), f.server, f.security); err != nil {
		return account.Addition{}, err
	}
	a.Incoming.Username = f.user.value()
	if f.sendServer.value() != "" {
		e, err := f.endpoint(account.ProtocolSMTP, f.sendServer, f.sendSecurity)
		if err != nil {
			return account.Addition{}, err
		}
		e.Username = f.sendUser()
		a.Outgoing = &e
	}
	addition := account.Addition{Account: a}
	if f.byToken() {
		addition.Service = f.service()
		service := oauth.Services[addition.Service]
		if addition.Service == "" {
			service = oauth.Service{AuthURL: f.authURL.value(), TokenURL: f.tokenURL.value(), Scopes: strings.Fields(f.scopes.value())}
		}
		addition.SignIn = &oauth.Client{ID: f.clientID.value(), Secret: f.clientSecret.value(), Service: service}
	}
	return addition, nil
}

// firstMistake is the first field that cannot be right, of those that are no servers; nil when there is none. Of an account
// that gets another secret only that is asked for.
func (f *form) firstMistake() *mistake {
	switch {
	case f.address.value() == "":
		return &mistake{f.address, "setup.no_address"}
	case !account.IsAddress(f.address.value()):
		return &mistake{f.address, "setup.bad_address"}
	case f.byCommand() && f.command.value() == "":
		return &mistake{f.command, "setup.no_command"}
	case !f.byToken() && !f.byCommand() && f.password() == "":
		return &mistake{f.secret, "setup.no_secret"}
	case f.locked() && f.passphrase.text.text() == "":
		return &mistake{f.passphrase, "setup.no_passphrase"}
	case f.renew != nil:
	case f.byToken() && f.service() == "":
		for _, b := range []*blank{f.clientID, f.authURL, f.tokenURL} {
			if b.value() == "" || b != f.clientID && !account.IsSafeURL(b.value()) {
				return &mistake{b, "setup.no_service"}
			}
		}
	case f.byToken() && f.clientID.value() == "":
		return &mistake{f.clientID, "setup.no_client"}
	}
	return nil
}

// sendUser is the name to sign in with for sending: the one found, unless the person changed the name both share.
func (f *form) sendUser() string {
	user := f.user.value()
	if f.found.SMTP == nil {
		return user
	}
	found := f.found.IMAP
	if f.protocol.value() == account.ProtocolPOP3 {
		found = f.found.POP3
	}
	if found == nil || found.Username == f.found.SMTP.Username {
		return user
	}
	return f.found.SMTP.Username
}

// password is the secret as typed. Codes and app passwords are shown in groups, which are no part of them.
func (f *form) password() string {
	if f.secret.label != "setup.password" {
		return strings.Join(strings.Fields(f.secret.text.text()), "")
	}
	return f.secret.value()
}

// endpoint reads a server as people write it: a name, and a port where it is not the usual one.
func (f *form) endpoint(protocol string, server, security *blank) (account.Endpoint, error) {
	e := account.Endpoint{Protocol: protocol, Host: server.value(), Security: account.Security(security.value())}
	e.Port = account.UsualPort(protocol, e.Security)
	if host, port, err := net.SplitHostPort(e.Host); err == nil {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return e, &mistake{server, "setup.bad_server"}
		}
		e.Host, e.Port = host, n
	}
	if e.Host == "" {
		return e, &mistake{server, "setup.no_server"}
	}
	if !account.IsHost(e.Host) {
		return e, &mistake{server, "setup.bad_server"}
	}
	return e, nil
}

// keeping is where the secret is to be kept.
func (f *form) keeping() account.Keeping {
	switch f.keep.value() {
	case keepInFile:
		return account.Keeping{InFile: true}
	case keepLocked:
		return account.Keeping{Passphrase: f.passphrase.text.text()}
	case keepByCommand:
		return account.Keeping{Command: f.command.value()}
	}
	return account.Keeping{}
}

// given is what to sign in with: the secret typed, what the command prints, or an access token.
func (f *form) given(token oauth.Token) account.Secret {
	if f.byCommand() {
		return account.CommandSecret(f.command.value())
	}
	secret := f.password()
	if f.byToken() {
		secret = token.Access
	}
	return func(context.Context) (string, error) {
		if secret == "" {
			return "", errors.New("no secret was given")
		}
		return secret, nil
	}
}

// signingIn is the account signing in with a secret that is not kept yet.
func signingIn(a account.Addition, given account.Secret) account.Account {
	tried := a.Account.WithSecret(given)
	tried.Incoming.OAuth2 = a.SignIn != nil
	if tried.Outgoing != nil && a.SignIn != nil {
		tried.Outgoing.OAuth2 = true
	}
	return tried
}
