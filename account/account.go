// Package account knows what a mail account is: where its servers are, how to
// sign in, who it writes as, and what the configuration file says about it. It
// finds the settings of an address, keeps secrets, and adds accounts to the
// file.
//
// It must not know how mail is fetched, stored or shown. Of this module it
// imports only oauth, the sign-in at services that want no password, and
// process, for the commands that print one.
package account

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"tmail/account/oauth"
)

// Role says what a mailbox is for, after the special-use attributes of
// RFC 6154. The empty Role is an ordinary mailbox.
type Role string

// The roles a mailbox can have. RoleOutbox exists only on this machine.
const (
	RoleInbox   Role = "inbox"
	RoleDrafts  Role = "drafts"
	RoleSent    Role = "sent"
	RoleArchive Role = "archive"
	RoleTrash   Role = "trash"
	RoleJunk    Role = "junk"
	RoleOutbox  Role = "outbox"
)

// Security says how a connection is protected.
type Security string

// The kinds of protection. SecurityTLS is TLS from the first byte (RFC 8314),
// SecurityStartTLS an upgrade that must succeed.
const (
	SecurityTLS      Security = "tls"
	SecurityStartTLS Security = "starttls"
	SecurityNone     Security = "none"
)

// The protocols an Endpoint can speak.
const (
	ProtocolIMAP     = "imap"
	ProtocolPOP3     = "pop3"
	ProtocolSMTP     = "smtp"
	ProtocolLMTP     = "lmtp"
	ProtocolSendmail = "sendmail"
)

// Secret fetches a password when it is needed. A nil Secret means that no
// sign-in is wanted.
type Secret func(ctx context.Context) (string, error)

// Endpoint is one server and the way to sign in to it.
type Endpoint struct {
	Protocol       string // one of the Protocol constants
	Host           string // "" for ProtocolSendmail
	Port           int
	Security       Security
	AllowCleartext bool // SecurityNone is accepted beyond loopback
	Username       string
	Secret         Secret
	TLSCAFile      string   // PEM file of the only authorities to trust; "" means the system's
	TLSFingerprint string   // lower-case hex SHA-256 of the only certificate to trust; "" means none is pinned
	Command        []string // program and arguments, for ProtocolSendmail only
	OAuth2         bool     // Secret gives an access token rather than a password

	kept    keeper                                         // where the secret is; nil: not from a configuration
	renewed func(ctx context.Context, refused string) bool // nil: asked for anew each time, or the same for ever
	client  *oauth.Client                                  // how access tokens are made; nil: not by us
	shared  bool                                           // the secret is that of the receiving server
}

// Renewed looks for another secret after the server refused one that Secret
// gave, and reports whether there is one to try: the person, or another
// process, may have replaced it where it is kept.
func (e Endpoint) Renewed(ctx context.Context, refused string) bool {
	return e.renewed != nil && e.renewed(ctx, refused)
}

// Addr returns host:port, ready for dialing.
func (e Endpoint) Addr() string {
	return net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
}

// Identity is an address the person writes as.
type Identity struct {
	Email, FullName, Signature string
	Sent                       string // mailbox for the copy of what is sent; "" means the account's
}

// LeavePolicy says how long messages stay on a POP3 server after they were
// fetched.
type LeavePolicy struct {
	Keep bool          // false: removed as soon as they are stored here
	For  time.Duration // with Keep: removed after this long; 0 means never
}

// The values of Account.Offline: whose bodies are kept on this machine.
const (
	OfflineHeaders = "headers" // none but those opened
	OfflineRecent  = "recent"  // those of the last 90 days up to 1 MB each
	OfflineAll     = "all"
)

// colors are the values of Account.Color: the terminal's own.
var colors = []string{"red", "green", "yellow", "blue", "magenta", "cyan"}

// DefaultPoll is how often a server that cannot push is asked, unless the
// configuration says otherwise.
const DefaultPoll = 5 * time.Minute

// Account is one mail account as configured.
type Account struct {
	Name          string // how the store and the person know it
	Email         string
	FullName      string
	Signature     string
	Identities    []Identity // the first is the account's own address
	Incoming      Endpoint
	Outgoing      *Endpoint        // nil: the account cannot send
	Offline       string           // one of the Offline constants
	Poll          time.Duration    // between two looks at a server that cannot push
	Color         string           // of its name on the screen, one of colors; "" none
	Roles         map[Role]string  // mailbox by role, where the server does not say
	Notify        map[string][]Way // by role or mailbox, in the place of [notify]
	LeaveOnServer LeavePolicy      // over POP3
	CopyToSent    bool             // false where the provider files a copy by itself
	Err           error            // an *Errors: the account is disabled, and this is why
}

// SignIn returns how the account gets its access tokens, nil when tmail does
// not take care of that.
func (a Account) SignIn() *oauth.Client { return a.Incoming.client }

// WithSecret returns the account signing in with another secret, in every
// place where it uses its own.
func (a Account) WithSecret(secret Secret) Account {
	a.Incoming.Secret, a.Incoming.renewed = secret, nil
	if a.Outgoing != nil && (a.Outgoing.shared || a.Outgoing.Secret == nil) {
		out := *a.Outgoing
		out.Secret, out.renewed = secret, nil
		a.Outgoing = &out
	}
	return a
}

// Renew replaces the secret of an account that was loaded, where it is kept.
// What was loaded goes on with the one before.
func (a Account) Renew(ctx context.Context, secret string) error {
	if a.Incoming.kept == nil {
		return fmt.Errorf("account %s keeps no secret", a.Name)
	}
	return a.Incoming.kept.set(ctx, secret)
}
