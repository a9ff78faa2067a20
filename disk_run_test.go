//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tmail/account"
	"tmail/mailtest"
)

// A disk that fails or fills up at any write is said, and loses nothing: the next run goes on where this one ended.
func TestDiskFails(t *testing.T) {
	strace := mailtest.Need(t, "strace")
	p := newPerson(t)
	var want []string
	arrive := func() {
		subject := fmt.Sprintf("m%03d", len(want))
		p.dovecot.Save("ann", "INBOX", letter(1+len(want)%28, "carl", "ann", subject, strings.Repeat("body ", 5000)))
		want = append(want, subject)
	}
	arrive()
	p.output("sync", "--account", "work")
	last := 12
	if mailtest.Long() {
		last = 60
	}
	said := 0
	for _, fault := range []string{"pwrite64:error=EIO", "pwrite64:error=ENOSPC", "fsync:error=EIO"} {
		for n := 1; n <= last; n += 3 {
			arrive()
			plain := p.command("sync", "--account", "work")
			cmd := exec.Command(strace, append([]string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64,fsync",
				"-e", fmt.Sprintf("inject=%s:when=%d+", fault, n)}, plain.Args...)...)
			cmd.Env = plain.Env
			out, err := cmd.CombinedOutput()
			if err != nil {
				said++
				if !strings.Contains(string(out), "disk") {
					t.Errorf("%s from the %dth on, it said: %s", fault, n, out)
				}
			}
			p.output("sync", "--account", "work")
		}
	}
	if said == 0 {
		t.Error("no fault was ever hit")
	}
	t.Logf("%d of the runs met the fault", said)
	p.wantSame("shown", p.shown("work", account.RoleInbox), want)
}

// A disk without room says so; when there is room again, all goes on.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		mailtest.Lack(t, "mount", "only root can mount a small disk")
	}
	p := newPerson(t)
	if err := os.MkdirAll(p.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", p.data, "tmpfs", 0, "size=3m,mode=0700"); err != nil {
		mailtest.Lack(t, "mount", "mount a small disk: "+err.Error())
	}
	t.Cleanup(func() { syscall.Unmount(p.data, syscall.MNT_DETACH) })
	var want []string
	for i := range 20 {
		subject := fmt.Sprintf("m%03d", i)
		var noise strings.Builder // that no compression makes smaller
		for j := range 40_000 {
			fmt.Fprintf(&noise, "%x", (i*7919+j)*2654435761%4294967291)
			if j%8 == 7 {
				noise.WriteString("\r\n")
			}
		}
		p.dovecot.Save("ann", "INBOX", letter(1+i, "carl", "ann", subject, noise.String()))
		want = append(want, subject)
	}
	status, _, said := p.commandline("", "sync", "--account", "work")
	if status != 1 || !strings.Contains(said, "disk") {
		t.Errorf("on a full disk sync ended with %d and said %s", status, said)
	}
	t.Log(said)
	resize := func(bytes uint64) {
		t.Helper()
		if err := syscall.Mount("tmpfs", p.data, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%d,mode=0700", bytes)); err != nil {
			t.Fatal(err)
		}
	}
	resize(200 << 20)
	p.output("sync", "--account", "work")
	p.wantSame("shown", p.shown("work", account.RoleInbox), want)

	var disk syscall.Statfs_t
	if err := syscall.Statfs(p.data, &disk); err != nil {
		t.Fatal(err)
	}
	resize((disk.Blocks - disk.Bfree) * uint64(disk.Bsize)) // there is no room even to begin
	if status, _, said := p.commandline("", "list"); status != 1 || !strings.Contains(said, "The disk is full") {
		t.Errorf("without any room list ended with %d and said %s", status, said)
	}
	resize(200 << 20)
	p.wantSame("shown", p.shown("work", account.RoleInbox), want)
	if kept, _ := filepath.Glob(filepath.Join(p.data, "*.damaged-*")); kept != nil {
		t.Errorf("a database was set aside: %q", kept)
	}
}
