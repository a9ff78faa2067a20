package mailtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// DovecotOptions chooses what a Dovecot offers; the zero value is Dovecot as it comes.
type DovecotOptions struct {
	// Capability replaces the IMAP capabilities announced after login, as in "IMAP4rev1 UIDPLUS" for a server without
	// MOVE and IDLE.
	Capability string
	// Quota limits a user's mail, in bytes; 0: no limit.
	Quota int64
	// Cert says what is wrong with the certificate.
	Cert CertOptions
}

// Dovecot is a running server. Any user name can sign in with Password; mailboxes are made as they are used.
type Dovecot struct {
	IMAP, IMAPS, POP3, POP3S int // loopback ports; the first of each pair offers STARTTLS or STLS
	LMTP                     int // for deliveries, without signing in
	AuthSocket               string
	Cert                     Cert
	dir                      string
	config                   string
	t                        testing.TB
}

// StartDovecot starts a server that ends with the test.
func StartDovecot(t testing.TB, o DovecotOptions) *Dovecot {
	t.Helper()
	need(t, "dovecot")
	dir := serverDir(t, "tmdc")
	d := &Dovecot{
		IMAP: freePort(t), IMAPS: freePort(t), POP3: freePort(t), POP3S: freePort(t), LMTP: freePort(t),
		AuthSocket: filepath.Join(dir, "run", "auth-client"), Cert: NewCert(t, dir, o.Cert), dir: dir, t: t,
	}
	mail := filepath.Join(dir, "mail")
	if err := os.Mkdir(mail, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(mail, 0o777); err != nil {
		t.Fatal(err)
	}
	d.config = write(t, dir, "dovecot.conf", d.text(o), 0o644)
	d.Start()
	t.Cleanup(d.Stop)
	return d
}

// Start starts the server again after Stop, with the same mail.
func (d *Dovecot) Start() {
	d.t.Helper()
	daemon(d.t, d.dir, need(d.t, "dovecot"), "-c", d.config)
	for _, port := range []int{d.IMAP, d.POP3, d.LMTP} {
		listening(d.t, port, true)
	}
}

// Stop ends the server and every connection to it.
func (d *Dovecot) Stop() {
	if out, err := exec.Command(need(d.t, "doveadm"), "-c", d.config, "stop").CombinedOutput(); err != nil {
		d.t.Logf("stop dovecot: %v\n%s", err, out)
	}
	Until(d.t, "dovecot to end", func() bool {
		_, err := os.Stat(filepath.Join(d.dir, "run", "master.pid"))
		return os.IsNotExist(err)
	})
}

// Doveadm runs Dovecot's administration command and returns what it printed.
func (d *Dovecot) Doveadm(args ...string) string {
	d.t.Helper()
	out, err := exec.Command(need(d.t, "doveadm"), append([]string{"-c", d.config}, args...)...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("doveadm %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Save stores a message in a user's mailbox as if it had arrived.
func (d *Dovecot) Save(user, mailbox string, raw []byte) {
	d.t.Helper()
	cmd := exec.Command(need(d.t, "doveadm"), "-c", d.config, "save", "-u", user, "-m", mailbox)
	cmd.Stdin = strings.NewReader(string(raw))
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("save a message for %s: %v\n%s", user, err, out)
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
	exec.Command(need(d.t, "doveadm"), "-c", d.config, "kick", user).Run()
}

func (d *Dovecot) text(o DovecotOptions) string {
	owner, login, internal := "nobody", "dovenull", "dovecot"
	group := "nogroup"
	if os.Getuid() != 0 {
		if me, err := user.Current(); err == nil {
			owner, login, internal = me.Username, me.Username, me.Username
			group = strconv.Itoa(os.Getgid())
		}
	}
	var extra strings.Builder
	if o.Capability != "" {
		fmt.Fprintf(&extra, "protocol imap {\n  imap_capability = %s\n}\n", o.Capability)
	}
	if o.Quota > 0 {
		fmt.Fprintf(&extra, "mail_plugins = quota\nplugin {\n  quota = maildir:User quota\n  quota_rule = *:bytes=%d\n  quota_grace = 0\n}\n", o.Quota)
	}
	for _, role := range []string{"Drafts", "Sent", "Trash", "Archive", "Junk"} {
		fmt.Fprintf(&extra, "namespace inbox {\n  mailbox %s {\n    auto = subscribe\n    special_use = \\%s\n  }\n}\n", role, role)
	}
	if os.Getuid() != 0 {
		extra.WriteString("service anvil {\n  chroot =\n}\nservice imap-login {\n  chroot =\n}\nservice pop3-login {\n  chroot =\n}\n")
	}
	return fmt.Sprintf(`
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/dovecot.log
protocols = imap pop3 lmtp
listen = 127.0.0.1
default_login_user = %[2]s
default_internal_user = %[3]s
mail_uid = %[4]s
mail_gid = %[5]s
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:%[1]s/mail/%%n/Maildir
disable_plaintext_auth = no
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 100
pop3_uidl_format = %%08Xu%%08Xv
passdb {
  driver = static
  args = password=%[6]s
}
userdb {
  driver = static
  args = home=%[1]s/mail/%%n
}
namespace inbox {
  inbox = yes
  separator = /
}
service auth {
  unix_listener auth-client {
    mode = 0666
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = %[7]d
  }
  inet_listener imaps {
    port = %[8]d
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = %[9]d
  }
  inet_listener pop3s {
    port = %[10]d
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = %[11]d
  }
}
%[12]s`, d.dir, login, internal, owner, group, Password, d.IMAP, d.IMAPS, d.POP3, d.POP3S, d.LMTP, extra.String())
}

func addr(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }
