package mailtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tmail/mailtest/dovecot"
)

// PostfixOptions chooses what a Postfix offers; the zero value takes mail for Domain from whoever signs in.
type PostfixOptions struct {
	Users   []string // the local parts that exist in Domain; every other one is refused with 550 5.1.1
	MaxSize int64    // message_size_limit in bytes; 0: 60 MB
}

// Postfix is a running submission server. It asks Dovecot for passwords and delivers to it.
type Postfix struct {
	Submission  int // STARTTLS, AUTH only behind it
	Submissions int // TLS from the first byte
	Cert        Cert
	dir         string
	t           testing.TB
}

// StartPostfix starts a server that ends with the test. Postfix can only be started by root.
func StartPostfix(t testing.TB, d *Dovecot, o PostfixOptions) *Postfix {
	t.Helper()
	binary := Need(t, "postfix")
	if os.Getuid() != 0 {
		Lack(t, "postfix", "Postfix starts as root only")
	}
	dir := serverDir(t, "tmpf")
	p := &Postfix{Cert: NewCert(t, dir, CertOptions{}), dir: dir, t: t}
	for _, port := range []*int{&p.Submission, &p.Submissions} {
		var err error
		if *port, err = dovecot.FreePort(); err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{"queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("chown", "postfix", filepath.Join(dir, "data")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	size := o.MaxSize
	if size == 0 {
		size = 60 << 20
	}
	var users strings.Builder
	for _, u := range o.Users {
		fmt.Fprintf(&users, "/^%s@%s$/ OK\n", u, strings.ReplaceAll(Domain, ".", `\.`))
	}
	write(t, dir, "users", users.String(), 0o644)
	write(t, dir, "main.cf", fmt.Sprintf(mainCf, dir, Domain, d.LMTP, size, d.AuthSocket), 0o644)
	write(t, dir, "master.cf", fmt.Sprintf(masterCf, p.Submission, p.Submissions), 0o644)
	daemon(t, dir, binary, "-c", dir, "start")
	t.Cleanup(p.Stop)
	listening(t, p.Submission, true)
	return p
}

// mainCf is the configuration of a Postfix in directory 1 for domain 2, which hands mail to port 3 and takes messages of
// up to 4 bytes from those whom the socket 5 lets in.
const mainCf = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = %[1]s/postfix.log
maillog_file_prefixes = /var, /tmp
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.%[2]s
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
mynetworks =
virtual_mailbox_domains = %[2]s
virtual_mailbox_maps = regexp:%[1]s/users
virtual_transport = lmtp:inet:127.0.0.1:%[3]d
message_size_limit = %[4]d
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_tls_cert_file = %[1]s/cert.pem
smtpd_tls_key_file = %[1]s/key.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = %[5]s
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_reject_unlisted_recipient = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_error_sleep_time = 0
smtputf8_enable = yes
`

// masterCf are its services, those for STARTTLS and for TLS at the two ports.
const masterCf = `127.0.0.1:%d inet n - n - - smtpd
127.0.0.1:%d inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`

// Stop ends the server.
func (p *Postfix) Stop() {
	exec.Command(Need(p.t, "postfix"), "-c", p.dir, "abort").Run()
}

// Log returns what the server wrote down, for the message of a failing test.
func (p *Postfix) Log() string {
	log, err := os.ReadFile(filepath.Join(p.dir, "postfix.log"))
	if err != nil {
		return err.Error()
	}
	return string(log)
}
