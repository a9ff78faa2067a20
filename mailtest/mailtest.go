// Package mailtest starts real mail servers for tests: Dovecot (IMAP, POP3, LMTP) and Postfix (submission), each on
// loopback ports that are free and from configuration files written for the one test. It also holds
// throw-away certificates and a scripted server for what honest servers never do.
//
// Only tests import it. A test that needs a program that is not installed is skipped, unless TMAIL_TEST_REQUIRE
// names the program: then it fails, so that CI cannot pass by skipping.
package mailtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tmail/mailtest/dovecot"
)

// Password is every test user's password.
const Password = dovecot.Password

// Domain is the domain that the test servers hold mailboxes for.
const Domain = "example.test"

// Need returns the path of a program, or ends the test: skipped, or failed when TMAIL_TEST_REQUIRE names it.
func Need(t testing.TB, program string) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin", "/sbin") {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path
		}
	}
	Lack(t, program, program+" is not installed")
	return ""
}

// Lack ends the test because what it needs is not there: skipped and said, or failed when
// TMAIL_TEST_REQUIRE names it.
func Lack(t testing.TB, program, why string) {
	t.Helper()
	for _, required := range strings.Split(os.Getenv("TMAIL_TEST_REQUIRE"), ",") {
		if required == program {
			t.Fatalf("%s, and TMAIL_TEST_REQUIRE asks for it", why)
		}
	}
	tell(program, why)
	t.Skip(why)
}

var told sync.Map // the programs the person was told of

// tell says at the terminal, if there is one, that tests are skipped: go test shows nothing of tests that pass.
func tell(program, why string) {
	if _, again := told.LoadOrStore(program, true); again {
		return
	}
	if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		fmt.Fprintf(tty, "skipped in %s: what needs %s (%s)\n", strings.TrimSuffix(filepath.Base(os.Args[0]), ".test"), program, why)
		tty.Close()
	}
}

// Long says whether the long suites (kills, interleavings) are asked for, by TMAIL_TEST_LONG=1.
func Long() bool { return os.Getenv("TMAIL_TEST_LONG") == "1" }

// serverDir makes the directory of one server: short, because the paths of Unix sockets are limited to about 100
// bytes, and open to the users that the server's processes run as.
func serverDir(t testing.TB, pattern string) string {
	t.Helper()
	dir := makeDir(t, pattern)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server's files are in %s", dir)
			return
		}
		os.RemoveAll(dir)
	})
	return dir
}

func makeDir(t testing.TB, pattern string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", pattern)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// write puts a file into dir.
func write(t testing.TB, dir, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// Until waits for a condition, asking a hundred times a second, and fails the test when a minute did not bring it: what
// takes an instant can take many seconds under -race on a busy machine.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// listening waits until a server answers on a loopback port with the first byte of its greeting.
func listening(t testing.TB, port int, greets bool) {
	t.Helper()
	Until(t, "a server on port", func() bool {
		c, err := net.DialTimeout("tcp", addr(port), time.Second)
		if err != nil {
			return false
		}
		defer c.Close()
		if !greets {
			return true
		}
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, _ := c.Read(make([]byte, 1))
		return n == 1
	})
}

// daemon runs a command that leaves a server behind. Its output goes to a file: the server keeps it open, so that
// waiting for the end of a pipe would be waiting for the server.
func daemon(t testing.TB, dir, program string, args ...string) {
	t.Helper()
	out, err := os.Create(filepath.Join(dir, filepath.Base(program)+".out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		t.Fatalf("start %s: %v\n%s", program, err, said)
	}
}

func addr(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// ClosedPort returns a loopback port where nothing listens, and no server of this package will: a test that wants
// nothing to answer must not find one that was started beside it.
func ClosedPort(t testing.TB) int {
	t.Helper()
	port, err := dovecot.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}
