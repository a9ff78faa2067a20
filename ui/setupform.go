package ui

import (
	"slices"
	"strings"

	"golang.org/x/text/width"

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

// typedAddress is the address, in which the full-width signs of an input method left on are put right.
func (f *form) typedAddress() string {
	typed := f.address.value()
	address := strings.ReplaceAll(width.Narrow.String(typed), "｡", ".")
	if address != typed {
		f.address.set(address)
	}
	return address
}

// afterAddress is the field that wants the person once the settings are found: the first that leaves a choice.
func (f *form) afterAddress() *blank {
	blanks := f.blanks()[1:]
	return blanks[slices.IndexFunc(blanks, func(b *blank) bool { return len(b.options) != 1 })]
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
	published := oauth.Service{}
	if found.SignIn != nil {
		published = *found.SignIn
	}
	f.authURL.set(published.AuthURL)
	f.tokenURL.set(published.TokenURL)
	f.scopes.set(strings.Join(published.Scopes, " "))
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
