package mailtest

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tmail/mailtest/dovecot"
)

// DovecotOptions chooses what a Dovecot offers; the zero value is Dovecot as it comes.
type DovecotOptions struct {
	// Capability replaces the IMAP capabilities announced after login, as in "IMAP4rev1 UIDPLUS" for a server without
	// MOVE and IDLE.
	Capability string
	// Quota limits a user's mail, in bytes; 0: no limit.
	Quota int64
	// Mechanisms are those of SASL, as in "scram-sha-256 cram-md5"; "": plain and login.
	Mechanisms string
	// Compress offers COMPRESS=DEFLATE.
	Compress bool
	// Cert says what is wrong with the certificate.
	Cert CertOptions
}

// Dovecot is a running server. Any user name can sign in with Password; mailboxes are made as they are used.
type Dovecot struct {
	*dovecot.Server
	Cert Cert
	t    testing.TB
}

// StartDovecot starts a server that ends with the test. That takes seconds: see SharedDovecot.
func StartDovecot(t testing.TB, o DovecotOptions) *Dovecot {
	t.Helper()
	d := launch(t, serverDir(t, "tmdc"), o)
	t.Cleanup(d.Stop)
	return d
}

func launch(t testing.TB, dir string, o DovecotOptions) *Dovecot {
	t.Helper()
	d := &Dovecot{Cert: NewCert(t, dir, o.Cert), t: t}
	var err error
	d.Server, err = dovecot.Start(dir, dovecot.Options{Capability: o.Capability, Quota: o.Quota, Mechanisms: o.Mechanisms, Compress: o.Compress, CertFile: d.Cert.CertFile, KeyFile: d.Cert.KeyFile})
	if errors.Is(err, dovecot.ErrNotInstalled) {
		Lack(t, "dovecot", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// shared are the servers that tests of this process have in common.
var shared = struct {
	sync.Mutex
	servers map[DovecotOptions]*Dovecot
	dirs    []string
}{servers: map[DovecotOptions]*Dovecot{}}

// SharedDovecot returns a server with these options that all tests of the package have in common, so each has to use
// user names of its own (see User). The package needs a TestMain that calls Run.
func SharedDovecot(t testing.TB, o DovecotOptions) *Dovecot {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	d := shared.servers[o]
	if d == nil {
		dir := makeDir(t, "tmdc")
		shared.dirs = append(shared.dirs, dir)
		d = launch(t, dir, o)
		shared.servers[o] = d
	}
	mine := *d
	mine.t = t
	return &mine
}

// Run runs the tests of a package, ends the servers they shared, and returns what the process is to exit with.
func Run(m *testing.M) int {
	code := m.Run()
	var ended sync.WaitGroup
	for _, d := range shared.servers {
		ended.Go(func() { d.Server.Stop() }) // one that does not end takes no test's success away
	}
	ended.Wait()
	for _, dir := range shared.dirs {
		os.RemoveAll(dir)
	}
	return code
}

// users counts the users that tests were given.
var users atomic.Int64

// User makes a user name that no other test of the process has.
func User(name string) string { return fmt.Sprintf("%s-%d", name, users.Add(1)) }

// Start starts the server again after Stop, with the same mail.
func (d *Dovecot) Start() {
	d.t.Helper()
	if err := d.Server.Start(); err != nil {
		d.t.Fatal(err)
	}
}

// Stop ends the server and every connection to it.
func (d *Dovecot) Stop() {
	if err := d.Server.Stop(); err != nil {
		d.t.Log(err)
	}
}

// Doveadm runs Dovecot's administration command and returns what it printed.
func (d *Dovecot) Doveadm(args ...string) string {
	d.t.Helper()
	out, err := d.Admin(nil, args...)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// Save stores a message in a user's mailbox as if it had arrived.
func (d *Dovecot) Save(user, mailbox string, raw []byte) {
	d.t.Helper()
	if _, err := d.Admin(raw, "save", "-u", user, "-m", mailbox); err != nil {
		d.t.Fatal(err)
	}
}

// Subjects lists the subjects in a user's mailbox, oldest first.
func (d *Dovecot) Subjects(user, mailbox string) []string {
	return d.Fetch(user, mailbox, "hdr.subject")
}

// Fetch lists one field (such as hdr.subject, flags or uid) of each message in a user's mailbox, oldest first.
func (d *Dovecot) Fetch(user, mailbox, field string) []string {
	d.t.Helper()
	var values []string
	for _, line := range strings.Split(d.Doveadm("-f", "tab", "fetch", "-u", user, field, "mailbox", mailbox), "\n") {
		if line != "" && line != field {
			values = append(values, line)
		}
	}
	return values
}

// Raw returns the whole message with this subject.
func (d *Dovecot) Raw(user, mailbox, subject string) string {
	d.t.Helper()
	out := d.Doveadm("fetch", "-u", user, "text", "mailbox", mailbox, "header", "Subject", subject)
	return strings.TrimPrefix(out, "text:\n")
}

// Kick ends every connection of a user, as a server that restarts does.
func (d *Dovecot) Kick(user string) {
	d.Admin(nil, "kick", user) // there may be none
}
