// Package dovecot runs a Dovecot of one's own: on loopback ports that the system chooses, from a configuration written
// for it, with its mail in a directory of its own. Any user name can sign in with Password; mailboxes are made as they
// are used. Tests use it through mailtest, the benchmarks as it is.
package dovecot

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Password is every user's password.
const Password = "pw"

// ErrNotInstalled says that there is no Dovecot on this machine.
var ErrNotInstalled = errors.New("dovecot is not installed")

// Options chooses what a server offers; the zero value is Dovecot as it comes, without TLS.
type Options struct {
	// Capability replaces the IMAP capabilities announced after login, as in "IMAP4rev1 UIDPLUS" for a server without
	// MOVE and IDLE.
	Capability string
	// Quota limits a user's mail, in bytes; 0: no limit.
	Quota int64
	// Mechanisms are those of SASL, as in "scram-sha-256 cram-md5"; "": plain and login.
	Mechanisms string
	// Compress offers COMPRESS=DEFLATE.
	Compress bool
	// CertFile and KeyFile are PEM files; "": the server has no TLS, and IMAPS and POP3S do not listen.
	CertFile, KeyFile string
}

// Server is a running Dovecot.
type Server struct {
	IMAP, IMAPS, POP3, POP3S int    // loopback ports; the first of each pair offers STARTTLS or STLS
	LMTP                     int    // for deliveries, without signing in
	AuthSocket               string // for Postfix
	Mail                     string // the directory of all mail: USER/Maildir
	dir, config              string
}

// Start starts a server in an existing directory, whose path has to be short (Unix sockets lie in it) and open to the
// users that Dovecot runs as.
func Start(dir string, o Options) (*Server, error) {
	if _, err := find("dovecot"); err != nil {
		return nil, err
	}
	s := &Server{
		AuthSocket: filepath.Join(dir, "run", "auth-client"), Mail: filepath.Join(dir, "mail"),
		dir: dir, config: filepath.Join(dir, "dovecot.conf"),
	}
	for _, port := range []*int{&s.IMAP, &s.IMAPS, &s.POP3, &s.POP3S, &s.LMTP} {
		var err error
		if *port, err = FreePort(); err != nil {
			return nil, err
		}
	}
	if err := os.Mkdir(s.Mail, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := os.Chmod(s.Mail, 0o777); err != nil { // whatever the umask took away
		return nil, err
	}
	if err := os.WriteFile(s.config, []byte(s.text(o)), 0o644); err != nil {
		return nil, err
	}
	return s, s.Start()
}

// Start starts the server again after Stop, with the same mail.
func (s *Server) Start() error {
	program, err := find("dovecot")
	if err != nil {
		return err
	}
	// Its output goes to a file: the server keeps it open, so that waiting for the end of a pipe would be waiting for
	// the server.
	out, err := os.Create(filepath.Join(s.dir, "dovecot.out"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(program, "-c", s.config)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("start dovecot: %w\n%s", err, said)
	}
	for _, port := range []int{s.IMAP, s.POP3, s.LMTP} {
		if err := until(func() bool { return greets(port) }); err != nil {
			return fmt.Errorf("wait for dovecot on port %d: %w", port, err)
		}
	}
	return nil
}

// Stop ends the server and every connection to it, and returns when it has ended.
func (s *Server) Stop() error {
	if _, err := s.Admin(nil, "stop"); err != nil {
		return err
	}
	return until(func() bool {
		_, err := os.Stat(filepath.Join(s.dir, "run", "master.pid"))
		return errors.Is(err, fs.ErrNotExist)
	})
}

// Admin runs doveadm with what it reads, and returns what it printed.
func (s *Server) Admin(stdin []byte, args ...string) (string, error) {
	program, err := find("doveadm")
	if err != nil {
		return "", err
	}
	cmd := exec.Command(program, append([]string{"-c", s.config}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("doveadm %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), err
}

// find returns the path of one of Dovecot's programs, which lie where only root looks.
func find(program string) (string, error) {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin", "/sbin") {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path, nil
		}
	}
	return "", ErrNotInstalled
}

// The ports of servers lie below those that the system gives to whoever asks for any: one of those could be taken by a
// connection between being found free and being listened on.
const firstPort, lastPort = 12_000, 32_000

var (
	portsGiven atomic.Int64 // each is given once, for two that start together must not get the same
	portsFrom  = rand.Int64N(lastPort - firstPort)
)

// FreePort returns a loopback port nothing listens on at this moment, each time another one.
func FreePort() (int, error) {
	var err error
	for range 100 {
		port := firstPort + int((portsFrom+portsGiven.Add(1))%(lastPort-firstPort))
		var l net.Listener
		if l, err = net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("find a free port: %w", err)
}

// greets says whether a server answers on a loopback port with the first byte of its greeting.
func greets(port int) bool {
	c, err := net.DialTimeout("tcp", "127.0.0.1:"+strconv.Itoa(port), time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, _ := c.Read(make([]byte, 1))
	return n == 1
}

// until waits up to a minute for a condition.
func until(holds func() bool) error {
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("it did not come about within a minute")
		}
	}
	return nil
}

// text is the configuration file.
func (s *Server) text(o Options) string {
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
	if o.Compress {
		extra.WriteString("mail_plugins = $mail_plugins zlib\nprotocol imap {\n  mail_plugins = $mail_plugins imap_zlib\n}\n")
	}
	if o.Quota > 0 {
		fmt.Fprintf(&extra, "mail_plugins = $mail_plugins quota\nplugin {\n  quota = maildir:User quota\n  quota_rule = *:bytes=%d\n  quota_grace = 0\n}\n", o.Quota)
	}
	for _, role := range []string{"Drafts", "Sent", "Trash", "Archive", "Junk"} {
		fmt.Fprintf(&extra, "namespace inbox {\n  mailbox %s {\n    auto = subscribe\n    special_use = \\%s\n  }\n}\n", role, role)
	}
	if os.Getuid() != 0 {
		extra.WriteString("service anvil {\n  chroot =\n}\nservice imap-login {\n  chroot =\n}\nservice pop3-login {\n  chroot =\n}\n")
	}
	secure := "ssl = no"
	if o.CertFile != "" {
		secure = fmt.Sprintf("ssl = yes\nssl_cert = <%s\nssl_key = <%s", o.CertFile, o.KeyFile)
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
%[13]s
auth_mechanisms = %[14]s
auth_failure_delay = 0
mailbox_idle_check_interval = 1 secs
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
%[12]s`, s.dir, login, internal, owner, group, Password, s.IMAP, s.IMAPS, s.POP3, s.POP3S, s.LMTP, extra.String(), secure, cmp.Or(o.Mechanisms, "plain login"))
}
