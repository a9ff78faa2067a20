package mailsync

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"tmail/account"
	"tmail/store"
	"tmail/transport"
	"tmail/transport/imap"
	"tmail/transport/pop3"
	"tmail/transport/smtp"
)

// CheckStage is one of the things tried with a server, in their order.
type CheckStage string

// The stages. A server that is given by its number has no CheckName, one without TLS no CheckCertificate, and only
// receiving ones have CheckFolders.
const (
	CheckName        CheckStage = "name"        // its name leads to an address
	CheckConnection  CheckStage = "connection"  // something answers there
	CheckCertificate CheckStage = "certificate" // it proves who it is
	CheckSignIn      CheckStage = "sign_in"     // it takes the name and the secret
	CheckFolders     CheckStage = "folders"     // it gives the mailbox
	CheckClock       CheckStage = "clock"       // what it lets one know of its clock; of Examine only
)

// Checked is the outcome of one stage.
type Checked struct {
	Outgoing    bool // of the server that sends
	Stage       CheckStage
	Host        string
	Port        int            // 0: of a program
	Problem     *store.Problem // nil: it went well
	Addresses   []string       // of CheckName
	Certificate *Certificate   // of CheckCertificate: what the server showed, also when it is not trusted; nil: nothing
	Offers      []string       // of CheckSignIn: what the server can do, in the words of its protocol
	Uses        []string       // those of Offers that are made use of
	SizeLimit   int64          // of CheckSignIn: the largest message it takes, in bytes; 0: it names none
	Folders     []CheckedFolder
	Clock       *Clock // of CheckClock; nil: the server does not tell
}

// Certificate is what a server proves with who it is.
type Certificate struct {
	Version     string // of TLS
	Subject     string
	Issuer      string
	NotAfter    time.Time
	Fingerprint string // lower-case hex SHA-256
}

// CheckedFolder is a folder of the account on the server. Role is "" for an ordinary one.
type CheckedFolder struct {
	Name string
	Role account.Role
}

// Check tries what the account needs, stage by stage, and tells the outcome of each. It ends at the first failure of
// the receiving server; the sending one is tried when all is well with that. It returns whether nothing failed. No
// store is needed, and nothing changes on the servers.
func Check(ctx context.Context, a account.Account, o Options, tell func(Checked)) bool {
	return check(ctx, a, o, tell, false)
}

// Examine is Check, and takes the time to compare the servers' clocks with ours.
func Examine(ctx context.Context, a account.Account, o Options, tell func(Checked)) bool {
	return check(ctx, a, o, tell, true)
}

func check(ctx context.Context, a account.Account, o Options, tell func(Checked), clocks bool) bool {
	if o.Now == nil {
		o.Now = time.Now
	}
	in := &checking{account: a, options: o, server: a.Incoming, tell: tell, clocks: clocks}
	if !in.run(ctx, in.receive) {
		return false
	}
	if a.Outgoing == nil {
		return true
	}
	out := &checking{account: a, options: o, server: *a.Outgoing, outgoing: true, tell: tell, clocks: clocks}
	return out.run(ctx, out.send)
}

// checking is the check of one server.
type checking struct {
	account  account.Account
	options  Options
	server   account.Endpoint
	outgoing bool
	clocks   bool       // are looked at
	stage    CheckStage // under way
	clock    *Clock     // what the greeting told of it
	tell     func(Checked)
}

// run looks the server up and tries the rest by dial, whose last stage it returns.
func (c *checking) run(ctx context.Context, dial func(context.Context, *transport.Dialer) error) bool {
	if !c.lookUp(ctx) {
		return false
	}
	c.stage = CheckConnection
	err := dial(ctx, &transport.Dialer{Timeout: c.options.Timeout, Trace: c.options.Trace, Now: c.options.Now, Reached: c.reached, Greeted: c.greeted})
	if err == nil {
		if c.clocks && c.server.Protocol != account.ProtocolSendmail {
			c.done(Checked{Stage: CheckClock, Clock: c.clock})
		}
		return true
	}
	var te *transport.Error
	if errors.As(err, &te) && te.Kind == transport.KindTLS {
		c.stage = CheckCertificate
	}
	failed := Checked{Stage: c.stage, Problem: problemOf(err, c.account, c.options.Now()), Certificate: unverified(err)}
	failed.Problem.Host = whom(c.server)
	c.done(failed)
	return false
}

// lookUp asks for the address of the server.
func (c *checking) lookUp(ctx context.Context) bool {
	if net.ParseIP(c.server.Host) != nil || c.server.Protocol == account.ProtocolSendmail {
		return true
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, c.server.Host)
	outcome := Checked{Stage: CheckName, Addresses: addresses}
	if err != nil {
		outcome.Problem = &store.Problem{Kind: store.ProblemNetwork, Op: "look up " + c.server.Host, Host: c.server.Host,
			Words: err.Error(), At: c.options.Now()}
	}
	c.done(outcome)
	return err == nil
}

func (c *checking) done(outcome Checked) {
	outcome.Outgoing, outcome.Host, outcome.Port = c.outgoing, c.server.Host, c.server.Port
	c.tell(outcome)
}

// reached notes how far the connection has come.
func (c *checking) reached(state *tls.ConnectionState) {
	switch {
	case state != nil:
		c.done(Checked{Stage: CheckCertificate, Certificate: shown(state)})
		c.stage = CheckSignIn
	case c.server.Security == account.SecurityNone:
		c.done(Checked{Stage: CheckConnection})
		c.stage = CheckSignIn
	default:
		c.done(Checked{Stage: CheckConnection})
		c.stage = CheckCertificate
	}
}

func (c *checking) receive(ctx context.Context, d *transport.Dialer) error {
	if c.server.Protocol == account.ProtocolPOP3 {
		return c.receivePOP3(ctx, d)
	}
	client, err := imap.Dial(ctx, d, c.server)
	if err != nil {
		return err
	}
	defer client.Close()
	c.signedIn(client.Capabilities(), imap.Uses)
	boxes, err := client.List(ctx)
	if err != nil {
		return err
	}
	// Some servers show the folders to whom they do not let in.
	if _, err := client.Select(ctx, "INBOX"); err != nil {
		return err
	}
	outcome := Checked{Stage: CheckFolders}
	for _, box := range boxes {
		outcome.Folders = append(outcome.Folders, CheckedFolder{Name: box.Name, Role: box.Role})
	}
	c.done(outcome)
	if c.clocks && c.clock == nil {
		c.clock, err = mailboxClock(ctx, client, c.options.Now)
	}
	return err
}

// signedIn tells that the server let us in, and what it can do.
func (c *checking) signedIn(offers []string, uses func(string) bool) {
	outcome := Checked{Stage: CheckSignIn, Offers: offers}
	for _, offer := range offers {
		if uses(offer) {
			outcome.Uses = append(outcome.Uses, offer)
		}
		if limit, ok := strings.CutPrefix(offer, "SIZE "); ok && c.outgoing {
			outcome.SizeLimit, _ = strconv.ParseInt(strings.TrimSpace(limit), 10, 64) // 0 for what is no number, too
		}
	}
	c.done(outcome)
	c.stage = CheckFolders
}

func (c *checking) receivePOP3(ctx context.Context, d *transport.Dialer) error {
	client, err := pop3.Dial(ctx, d, c.server)
	if err != nil {
		return err
	}
	defer client.Close()
	c.signedIn(client.Capabilities(), pop3.Uses)
	if _, err := client.List(ctx); err != nil {
		return err
	}
	c.done(Checked{Stage: CheckFolders, Folders: []CheckedFolder{{Name: "INBOX", Role: account.RoleInbox}}})
	return nil
}

func (c *checking) send(ctx context.Context, d *transport.Dialer) error {
	offers, err := smtp.Check(ctx, d, c.server)
	if err != nil {
		return err
	}
	c.signedIn(offers, smtp.Uses)
	return nil
}

// shown is the certificate of a connection.
func shown(state *tls.ConnectionState) *Certificate {
	if len(state.PeerCertificates) == 0 {
		return nil
	}
	c := described(state.PeerCertificates[0])
	c.Version = tls.VersionName(state.Version)
	return c
}

// unverified is the certificate that was not trusted, when that is what went wrong.
func unverified(err error) *Certificate {
	var failed *tls.CertificateVerificationError
	if errors.As(err, &failed) && len(failed.UnverifiedCertificates) > 0 {
		return described(failed.UnverifiedCertificates[0])
	}
	return nil
}

func described(c *x509.Certificate) *Certificate {
	sum := sha256.Sum256(c.Raw)
	return &Certificate{Subject: c.Subject.String(), Issuer: c.Issuer.String(), NotAfter: c.NotAfter, Fingerprint: hex.EncodeToString(sum[:])}
}
