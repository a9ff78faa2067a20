package cli

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tmail/account"
	"tmail/account/oauth"
	"tmail/mailtest"
)

// zone is the DNS of a test: SRV services to "host:port", and a mail exchanger.
type zone struct {
	SRV      map[string]string
	MX       string
	TokenURL string // of the sign-in at Microsoft
}

func (z zone) LookupSRV(_ context.Context, service, _, _ string) (string, []*net.SRV, error) {
	host, port, ok := strings.Cut(z.SRV[service], ":")
	if !ok {
		return "", nil, errors.New("no such service")
	}
	r := &net.SRV{Target: host}
	fmt.Sscan(port, &r.Port)
	return "", []*net.SRV{r}, nil
}

func (z zone) LookupMX(context.Context, string) ([]*net.MX, error) {
	return []*net.MX{{Host: z.MX}}, nil
}

func (z zone) LookupHost(context.Context, string) ([]string, error) {
	return nil, errors.New("no such host")
}

// runInZone is tmail as a process of its own, with the DNS of a test and no
// web.
func runInZone(text string) int {
	var z zone
	if err := json.Unmarshal([]byte(text), &z); err != nil {
		panic(err)
	}
	oauth.Services["microsoft"] = oauth.Service{AuthURL: z.TokenURL + "/auth", DeviceURL: z.TokenURL + "/device", TokenURL: z.TokenURL + "/token"}
	noWeb := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("there is no web")
	}}}
	p := &program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, finder: &account.Finder{Resolver: z, HTTP: noWeb}}
	return p.run(context.Background(), os.Args[1:])
}

// browse does what a person with a browser does at the sign-in: say yes.
func browse(address string) int {
	answer, err := http.Get(address)
	if err != nil || answer.StatusCode != http.StatusOK {
		return 1
	}
	answer.Body.Close()
	return 0
}

// newcomer is a machine on which tmail was never set up.
type newcomer struct {
	t    *testing.T
	home string
	zone zone
	env  []string
}

func newNewcomer(t *testing.T, z zone) *newcomer {
	return &newcomer{t: t, home: t.TempDir(), zone: z}
}

// trusts has the machine trust the authority of a certificate.
func (n *newcomer) trusts(cert mailtest.Cert) *newcomer {
	n.env = append(n.env, "SSL_CERT_FILE="+cert.CAFile)
	return n
}

func (n *newcomer) config() string { return filepath.Join(n.home, ".config", "tmail", "config.toml") }

// writes puts a configuration there.
func (n *newcomer) writes(text string) *newcomer {
	n.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(n.config()), 0o700), os.WriteFile(n.config(), []byte(text), 0o600)); err != nil {
		n.t.Fatal(err)
	}
	return n
}

// command is tmail on this machine.
func (n *newcomer) command(args ...string) *exec.Cmd {
	n.t.Helper()
	z, err := json.Marshal(n.zone)
	if err != nil {
		n.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		n.t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append([]string{"HOME=" + n.home, "PATH=" + n.home + "/bin", "TMAIL_TEST_ZONE=" + string(z),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"}, n.env...)
	return cmd
}

// runs starts tmail in a virtual terminal.
func (n *newcomer) runs(columns, rows int, args ...string) *mailtest.Terminal {
	n.t.Helper()
	return mailtest.RunInTerminal(n.t, columns, rows, n.command(args...))
}

// behindTLS is the port of a server that speaks TLS and hands on to another
// port.
func behindTLS(t *testing.T, cert mailtest.Cert, port int) int {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert.TLS}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer from.Close()
				to, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
				if err != nil {
					return
				}
				defer to.Close()
				go io.Copy(to, from)
				io.Copy(from, to)
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// imapServer talks IMAP with an empty INBOX. answer may say something of its
// own to a command, "" leaves it to the server.
func imapServer(capabilities string, answer func(c *mailtest.Conversation, tag, command string) string) func(*mailtest.Conversation) {
	return func(c *mailtest.Conversation) {
		c.Say("* OK ready")
		for {
			line, ok := c.Hear()
			if !ok {
				return
			}
			tag, command, _ := strings.Cut(line, " ")
			word, _, _ := strings.Cut(command, " ")
			switch word = strings.ToUpper(word); word {
			case "CAPABILITY":
				c.Say("* CAPABILITY IMAP4rev1 " + capabilities)
			case "LIST":
				c.Say(`* LIST () "/" INBOX`)
			case "STATUS":
				c.Say("* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1 UNSEEN 0)")
			case "SELECT":
				c.Say("* 0 EXISTS")
				c.Say("* OK [UIDVALIDITY 1] fine")
				c.Say("* OK [UIDNEXT 1] fine")
			}
			say := "OK done"
			if own := answer(c, tag, command); own != "" {
				say = own
			}
			c.Say(tag + " " + say)
		}
	}
}

// smtpServer takes any sign-in, or refuses all with these words.
func smtpServer(refuse string) func(*mailtest.Conversation) {
	return func(c *mailtest.Conversation) {
		c.Say("220 ready")
		for {
			line, ok := c.Hear()
			switch {
			case !ok:
				return
			case strings.HasPrefix(line, "EHLO"):
				c.Say("250-localhost")
				c.Say("250-SIZE 1000000")
				c.Say("250 AUTH PLAIN")
			case strings.HasPrefix(line, "AUTH") && refuse != "":
				c.Say("535 " + refuse)
			case strings.HasPrefix(line, "AUTH"):
				c.Say("235 welcome")
			default:
				c.Say("250 fine")
			}
		}
	}
}
