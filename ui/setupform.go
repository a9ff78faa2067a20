package ui

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"

	"tmail/account"
	"tmail/account/oauth"
	"tmail/lang"
)

// blank is one field of the setup form: a line of text, or with options a choice.
type blank struct {
	label   string // id of its phrase
	text    *editor
	hidden  bool // shows stars
	options []string
	at      int // the chosen option
}

func newBlank(label string) *blank { return &blank{label: label, text: newEditor("", true)} }

func newChoice(label string, options ...string) *blank {
	return &blank{label: label, text: newEditor("", true), options: options}
}

func (b *blank) value() string {
	if b.options != nil {
		return b.options[b.at]
	}
	return strings.TrimSpace(b.text.text())
}

func (b *blank) set(value string) {
	for i, option := range b.options {
		if option == value {
			b.at = i
		}
	}
	if b.options == nil {
		b.text = newEditor(value, true)
	}
}

// step chooses the option beside the chosen one.
func (b *blank) step(by int) { b.at = (b.at + by + len(b.options)) % len(b.options) }

// The ways to sign in.
const (
	wayPassword = "setup.way_password"
	wayBrowser  = "setup.way_browser"
	wayDevice   = "setup.way_device"
)

// The places to keep the secret in.
const (
	keepInKeyring = "setup.keep_keyring"
	keepInFile    = "setup.keep_file"
	keepLocked    = "setup.keep_locked"
	keepByCommand = "setup.keep_command"
)

// form is what setup asks for. Only the first two fields need the person where the settings are found.
type form struct {
	address, secret             *blank
	way, clientID, clientSecret *blank
	authURL, tokenURL, scopes   *blank // of a service that is not known
	name                        *blank
	protocol, server, security  *blank
	user                        *blank
	sendServer, sendSecurity    *blank
	keep, passphrase, command   *blank

	found account.Found
	renew *account.Account // nil: a new one
}

func newForm() *form {
	securities := []string{string(account.SecurityTLS), string(account.SecurityStartTLS), string(account.SecurityNone)}
	f := &form{
		address: newBlank("setup.address"), secret: newBlank("setup.password"),
		way:      newChoice("setup.way", wayPassword),
		clientID: newBlank("setup.client_id"), clientSecret: newBlank("setup.client_secret"),
		authURL: newBlank("setup.auth_url"), tokenURL: newBlank("setup.token_url"), scopes: newBlank("setup.scopes"),
		name: newBlank("setup.name"), protocol: newChoice("setup.protocol", account.ProtocolIMAP, account.ProtocolPOP3),
		server: newBlank("setup.server"), security: newChoice("setup.security", securities...), user: newBlank("setup.user"),
		sendServer: newBlank("setup.send_server"), sendSecurity: newChoice("setup.send_security", securities...),
		keep: newChoice("setup.keep", keepInKeyring, keepInFile, keepLocked, keepByCommand), passphrase: newBlank("setup.passphrase"), command: newBlank("setup.command"),
	}
	f.secret.hidden, f.clientSecret.hidden, f.passphrase.hidden = true, true, true
	return f
}

// renews has the form ask for a new secret of an account and nothing else.
func (f *form) renews(a *account.Account) {
	f.renew = a
	f.address.set(a.Email)
	f.found.Provider = account.KnownProvider(a.Email)
	f.secret.label = secretLabel(f.found.Provider)
	if c := a.SignIn(); c != nil {
		f.way.options = []string{wayBrowser, wayDevice}
	}
}

// blanks are the fields to show now, in their order.
func (f *form) blanks() []*blank {
	switch {
	case f.renew != nil && f.byToken():
		return []*blank{f.way}
	case f.renew != nil:
		return []*blank{f.secret}
	}
	list := []*blank{f.address}
	if len(f.way.options) > 1 || f.byToken() {
		list = append(list, f.way)
	}
	switch {
	case f.byToken():
		list = append(list, f.clientID, f.clientSecret)
		if f.service() == "" {
			list = append(list, f.authURL, f.tokenURL, f.scopes)
		}
	case !f.byCommand():
		list = append(list, f.secret)
	}
	list = append(list, f.name, f.protocol, f.server, f.security, f.user, f.sendServer, f.sendSecurity, f.keep)
	switch {
	case f.byCommand():
		list = append(list, f.command)
	case f.locked():
		list = append(list, f.passphrase)
	}
	return list
}

// byCommand reports whether a command has the secret, and locked whether a passphrase is to open it.
func (f *form) byCommand() bool { return f.keep.value() == keepByCommand }
func (f *form) locked() bool    { return f.keep.value() == keepLocked }

// service is the name of the sign-in service of the provider, "" when none is known.
func (f *form) service() string {
	if p := f.found.Provider; p != nil {
		return p.OAuth2
	}
	return ""
}

// wantsTokens has the form offer the sign-in in the browser, after a server of a provider that is not known has said
// that it takes no passwords. It reports whether that is new.
func (f *form) wantsTokens() bool {
	if f.renew != nil || len(f.way.options) > 1 || f.byToken() {
		return false
	}
	f.way.options = append(f.way.options, wayBrowser)
	f.way.set(wayBrowser)
	f.fitKeeping()
	return true
}

// byToken reports whether the sign-in is by OAuth 2 and not by a password.
func (f *form) byToken() bool { return f.way.value() != wayPassword }

// essential are the fields above the settings.
func (f *form) essential(b *blank) bool {
	return slices.Contains([]*blank{f.address, f.way, f.secret, f.clientID, f.clientSecret, f.authURL, f.tokenURL, f.scopes}, b)
}

// fill takes over what was found about the address.
func (f *form) fill(found account.Found) {
	f.found = found
	f.secret.label = secretLabel(found.Provider)
	f.way.options, f.way.at = waysFor(found), 0
	f.fitKeeping()
	protocol := account.ProtocolIMAP
	if found.IMAP == nil && found.POP3 != nil {
		protocol = account.ProtocolPOP3
	}
	f.protocol.set(protocol)
	f.fillReceiving()
	if found.SMTP != nil {
		f.sendServer.set(found.SMTP.Addr())
		f.sendSecurity.set(string(found.SMTP.Security))
	} else {
		f.sendServer.set("")
	}
}

// fitKeeping offers the places that are good for the sign-in chosen: a command could not be told new tokens.
func (f *form) fitKeeping() {
	before := f.keep.value()
	f.keep.options, f.keep.at = []string{keepInKeyring, keepInFile, keepLocked}, 0
	if !f.byToken() {
		f.keep.options = append(f.keep.options, keepByCommand)
	}
	f.keep.set(before)
}

// fillReceiving takes over the server of the protocol chosen, if one was found.
func (f *form) fillReceiving() {
	e := f.found.IMAP
	if f.protocol.value() == account.ProtocolPOP3 {
		e = f.found.POP3
	}
	if e == nil {
		f.server.set("")
		return
	}
	f.server.set(e.Addr())
	f.security.set(string(e.Security))
	f.user.set(e.Username)
}

// waysFor are the ways to sign in, the best first.
func waysFor(found account.Found) []string {
	tokens := []string{wayBrowser, wayDevice}
	switch p := found.Provider; {
	case p != nil && p.Secret == account.SecretOAuth2:
		return tokens
	case p != nil && p.OAuth2 != "":
		if oauth.Services[p.OAuth2].DeviceURL == "" {
			tokens = tokens[:1]
		}
		return append([]string{wayPassword}, tokens...)
	case p == nil && (found.IMAP != nil && found.IMAP.OAuth2 || found.IMAP == nil && found.POP3 != nil && found.POP3.OAuth2):
		return []string{wayBrowser} // as the domain publishes
	}
	return []string{wayPassword}
}

// secretLabel is what the provider calls the secret.
func secretLabel(p *account.Provider) string {
	if p == nil {
		return "setup.password"
	}
	switch p.Secret {
	case account.SecretCode:
		return "setup.code"
	case account.SecretClient:
		return "setup.client_password"
	case account.SecretApp:
		return "setup.app_password"
	case account.SecretBridge:
		return "setup.bridge_password"
	}
	return "setup.password"
}

// secretHint says what the secret is and where it is made.
func secretHint(p *account.Provider) string {
	if p == nil {
		return ""
	}
	id := map[account.SecretKind]string{
		account.SecretCode: "setup.hint_code", account.SecretClient: "setup.hint_client", account.SecretApp: "setup.hint_app",
		account.SecretBridge: "setup.hint_bridge", account.SecretOAuth2: "setup.hint_oauth", account.SecretPassword: "setup.hint_enable",
	}[p.Secret]
	switch {
	case p.Optional:
		id = "setup.hint_optional"
	case p.Where == "" && p.Secret == account.SecretPassword:
		return ""
	}
	return lang.T(id, "Where", p.Where, "Provider", p.Name)
}

// mistake is a field that cannot be right, and why: the id of a phrase.
type mistake struct {
	field *blank
	id    string
}

func (m *mistake) Error() string { return m.id }

// entry makes an account of the form; what is wrong is a *mistake. Its secret is what stands in the form.
func (f *form) entry(taken []account.Account) (account.Addition, error) {
	a := account.Account{Email: f.address.value(), FullName: f.name.value(), Poll: account.DefaultPoll, Offline: account.OfflineRecent}
	a.Name = account.FreeName(a.Email, taken)
	addition := account.Addition{Account: a}
	switch {
	case a.Email == "":
		return addition, &mistake{f.address, "setup.no_address"}
	case !account.IsAddress(a.Email):
		return addition, &mistake{f.address, "setup.bad_address"}
	case f.byCommand() && f.command.value() == "":
		return addition, &mistake{f.command, "setup.no_command"}
	case !f.byToken() && !f.byCommand() && f.password() == "":
		return addition, &mistake{f.secret, "setup.no_secret"}
	case f.locked() && f.passphrase.text.text() == "":
		return addition, &mistake{f.passphrase, "setup.no_passphrase"}
	case f.renew != nil:
		return account.Addition{Account: *f.renew, SignIn: f.renew.SignIn()}, nil
	case f.byToken() && f.service() == "":
		for _, b := range []*blank{f.clientID, f.authURL, f.tokenURL} {
			if b.value() == "" || b != f.clientID && !account.IsSafeURL(b.value()) {
				return addition, &mistake{b, "setup.no_service"}
			}
		}
	case f.byToken() && f.clientID.value() == "":
		return addition, &mistake{f.clientID, "setup.no_client"}
	}
	var err error
	if a.Incoming, err = f.endpoint(f.protocol.value(), f.server, f.security); err != nil {
		return addition, err
	}
	a.Incoming.Username = f.user.value()
	if f.sendServer.value() != "" {
		e, err := f.endpoint(account.ProtocolSMTP, f.sendServer, f.sendSecurity)
		if err != nil {
			return addition, err
		}
		e.Username = f.sendUser()
		a.Outgoing = &e
	}
	if f.byToken() {
		addition.Service = f.service()
		service := oauth.Services[addition.Service]
		if addition.Service == "" {
			service = oauth.Service{AuthURL: f.authURL.value(), TokenURL: f.tokenURL.value(), Scopes: strings.Fields(f.scopes.value())}
		}
		addition.SignIn = &oauth.Client{ID: f.clientID.value(), Secret: f.clientSecret.value(), Service: service}
	}
	a.Identities = []account.Identity{{Email: a.Email, FullName: a.FullName}}
	addition.Account = a
	return addition, nil
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
