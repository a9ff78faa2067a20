//go:build amd64 || arm64

package main

import (
	"math/rand/v2"
	"testing"

	"tmail/mailtest"
)

// SIGKILL at every system call by which sending one message writes: nothing is lost, nothing is sent twice.
func TestKilledAtEverySystemCall(t *testing.T) {
	whole := newWriter(t)
	whole.write(1)
	all := killAtCall(t, whole.sync(), 0)
	if unconfirmed, _ := whole.check(); unconfirmed != 0 {
		t.Fatal("not sent even without being killed")
	}
	points := rand.Perm(all)
	if !mailtest.Long() {
		points = points[:min(len(points), 15)]
	}
	doubtful, accepted := 0, 0
	for _, n := range points {
		w := newWriter(t)
		w.write(1)
		killAtCall(t, w.sync(), n+1)
		w.finish()
		u, a := w.check()
		doubtful += u
		accepted += a
		if t.Failed() {
			t.Fatalf("killed at call %d of %d", n+1, all)
		}
	}
	t.Logf("killed at %d of %d calls: %d unconfirmed, of which the server has %d", len(points), all, doubtful, accepted)
	if all < 50 {
		t.Errorf("%d calls are too few to be all", all)
	}
}
