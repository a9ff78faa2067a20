//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tmail/mailtest"
)

// asks is a system call that reaches for a network.
var asks = regexp.MustCompile(`\b(socket|connect|sendto|sendmsg)\(`)

// Showing a message asks no server for anything, whatever it refers to: not for pictures, not for a name.
func TestShowingReachesNoNetwork(t *testing.T) {
	strace := mailtest.Need(t, "strace")
	tmail, err := built()
	if err != nil {
		t.Fatal(err)
	}
	lures := filepath.Join(t.TempDir(), "lures.eml")
	const text = `From: x@tracker.example
Subject: lures
Content-Type: text/html
Disposition-Notification-To: x@tracker.example

<link rel=stylesheet href="http://tracker.example/a.css"><style>@import url(http://tracker.example/b.css); p{background:url(//tracker.example/c)}</style>
<img src="https://tracker.example/d.png" width=600 alt="a picture"><img src="cid:x"><iframe src="http://tracker.example/e"></iframe>
<object data="http://tracker.example/f"></object><video src="http://tracker.example/g" autoplay></video><a href="http://localhost:80/" ping="http://tracker.example/h">here</a>
<form action="http://tracker.example/i"><input autofocus></form><meta http-equiv=refresh content="0;url=http://tracker.example/j"><script src="http://tracker.example/k"></script>
`
	if err := os.WriteFile(lures, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []string{lures}
	for _, name := range []string{"newsletter", "phishing", "order", "invitation", "hostile-escapes"} {
		files = append(files, filepath.Join("demo", "mail", name+".eml"))
	}
	for _, file := range files {
		cmd := exec.Command(strace, "-f", "-qq", "-e", "trace=socket,connect,sendto,sendmsg", tmail, "show", file)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		var calls strings.Builder
		cmd.Stderr = &calls
		if out, err := cmd.Output(); err != nil || len(out) == 0 {
			t.Fatalf("%s: %v\n%s", file, err, calls.String())
		}
		if asks.MatchString(calls.String()) { // else strace tells of signals and threads
			t.Errorf("%s: %s", file, calls.String())
		}
	}
}
