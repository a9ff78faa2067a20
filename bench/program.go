package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/creack/pty"

	"tmail/mailtest/dovecot"
)

// measured is what a program took.
type measured struct {
	took time.Duration
	peak int64 // resident memory in bytes; 0: not known
	cut  bool  // it was not done by then
}

// missing stands for a program that is not installed.
var missing = measured{}

// find looks for a peer and says when it is not there.
func find(program string) (path string, ok bool) {
	path, err := exec.LookPath(program)
	if err != nil {
		say("%s is not installed", program)
	}
	return path, err == nil
}

// toEnd runs a program until it ends.
func toEnd(cmd *exec.Cmd) (measured, error) {
	var said bytes.Buffer
	cmd.Stderr = &said
	if cmd.Stdout == nil {
		cmd.Stdout = &said
	}
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return measured{}, fmt.Errorf("%s: %w\n%s", cmd.Path, err, said.Bytes())
	}
	return measured{took: time.Since(began), peak: peak(cmd.ProcessState)}, nil
}

// patience is how long a program may take to draw its list.
const patience = 3 * time.Minute

// firstRows runs a program in a terminal until it has drawn the newest message, and kills it then.
func (b *bench) firstRows(cmd *exec.Cmd) (measured, error) {
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "HOME="+b.dir)
	began := time.Now()
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
	if err != nil {
		return measured{}, err
	}
	defer screen.Close()
	seen := make(chan time.Duration, 1)
	go func() {
		var drawn []byte
		piece := make([]byte, 64<<10)
		for {
			n, err := screen.Read(piece)
			drawn = append(drawn, piece[:n]...)
			if bytes.Contains(drawn, []byte(newest)) {
				seen <- time.Since(began)
				drawn = nil
			}
			if err != nil {
				return
			}
		}
	}()
	result, err := measured{}, error(nil)
	select {
	case result.took = <-seen:
	case <-time.After(patience):
		err = fmt.Errorf("%s did not show its list within %v", cmd.Path, patience)
	}
	cmd.Process.Kill()
	var killed *exec.ExitError
	if e := cmd.Wait(); e != nil && !errors.As(e, &killed) {
		err = errors.Join(err, e)
	}
	result.peak = peak(cmd.ProcessState)
	return result, err
}

// untilSynced sits before tmail that knows nothing yet until it has fetched all.
func (b *bench) untilSynced(config string) (measured, error) {
	began := time.Now()
	p, err := startPerson(b.screen(config, "shown"), b.dir)
	if err != nil {
		return measured{}, err
	}
	defer p.end()
	if err := p.await("synced just now"); err != nil {
		return measured{}, err
	}
	took := time.Since(began)
	p.end()
	return measured{took: took, peak: peak(p.cmd.ProcessState)}, nil
}

// file writes a configuration file and returns its path.
func (b *bench) file(name, text string) string {
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		panic(err) // in a directory we just made
	}
	return path
}

// account is a configuration of tmail.
func (b *bench) account(user, protocol string, port int, offline string) (config string) {
	return b.file(fmt.Sprintf("%s-%s-%d.toml", user, protocol, port), fmt.Sprintf(`[[account]]
name = "bench"
email = "me@bench.example"
offline = %q
[account.incoming]
protocol = %q
host = "127.0.0.1"
port = %d
security = "none"
username = %q
password = %q
`, offline, protocol, port, user, dovecot.Password))
}

// screen is tmail on the screen, with its mail in a directory named by data.
func (b *bench) screen(config, data string) *exec.Cmd {
	return exec.Command(b.tmail, "--config", config, "--data", filepath.Join(b.dir, "data-"+data))
}

// synced is what tmail reports of a synchronisation.
type synced struct {
	measured
	New        int
	Changed    int
	BytesIn    int64  `json:"bytes_in"`
	RoundTrips int64  `json:"round_trips"`
	Error      string `json:"error"`
}

func (s synced) String() string {
	return fmt.Sprintf("%s, %d bytes in, %d round trips", seconds(s.took), s.BytesIn, s.RoundTrips)
}

// sync runs tmail sync.
func (b *bench) sync(config, data string) (synced, error) {
	cmd := exec.Command(b.tmail, "--config", config, "--data", filepath.Join(b.dir, "data-"+data), "sync", "--json")
	var out bytes.Buffer
	cmd.Stdout = &out
	took, err := toEnd(cmd)
	if err != nil {
		return synced{}, fmt.Errorf("%w\n%s", err, out.Bytes())
	}
	var report struct{ Accounts []synced }
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Accounts) != 1 {
		return synced{}, fmt.Errorf("tmail sync printed %q: %v", out.Bytes(), err)
	}
	s := report.Accounts[0]
	s.measured = took
	return s, nil
}

// neomutt opens the list, with a cache of headers that stays between its runs.
func (b *bench) neomutt(program string, port int) *exec.Cmd {
	rc := b.file("neomuttrc", fmt.Sprintf(`set folder = "imap://%[1]s@127.0.0.1:%[2]d/"
set spool_file = "+INBOX"
set imap_pass = %[3]q
set ssl_starttls = no
set ssl_force_tls = no
set header_cache = %[4]q
set sort = reverse-date
set mail_check_stats = no
`, lister, port, dovecot.Password, filepath.Join(b.dir, "neomutt.cache")))
	return exec.Command(program, "-n", "-F", rc)
}

// mbsync fetches everything over IMAP into a Maildir.
func (b *bench) mbsync() (*exec.Cmd, bool) {
	program, ok := find("mbsync")
	to := filepath.Join(b.dir, "mbsync")
	os.MkdirAll(to, 0o700) // mbsync says when it is not there
	rc := b.file("mbsyncrc", fmt.Sprintf(`IMAPStore far
Host 127.0.0.1
Port %[1]d
User %[2]s
Pass %[3]s
SSLType None
AuthMechs LOGIN

MaildirStore near
Path %[4]s/
Inbox %[4]s/INBOX

Channel bench
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
`, b.server.IMAP, fetcher, dovecot.Password, to))
	return exec.Command(program, "-q", "-c", rc, "bench"), ok
}

// mpop fetches everything over POP3 into a Maildir.
func (b *bench) mpop() (*exec.Cmd, bool) {
	program, ok := find("mpop")
	to := filepath.Join(b.dir, "mpop")
	for _, sub := range []string{"cur", "new", "tmp"} {
		os.MkdirAll(filepath.Join(to, sub), 0o700) // mpop says when they are not there
	}
	rc := b.file("mpoprc", fmt.Sprintf(`account default
host 127.0.0.1
port %d
user %s
password %s
auth user
tls off
keep on
delivery maildir %s
uidls_file %s
`, b.server.POP3, fetcher, dovecot.Password, to, filepath.Join(b.dir, "mpop.uidls")))
	return exec.Command(program, "--quiet", "--file="+rc), ok
}
