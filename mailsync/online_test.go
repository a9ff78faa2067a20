package mailsync

import (
	"testing"
	"time"
)

func TestSlept(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	if slept(begin, begin.Add(2*onlineEvery)) {
		t.Error("a look that comes late is taken for sleep")
	}
	if !slept(begin, begin.Add(time.Minute)) {
		t.Error("a process that was stopped for a minute is taken for one that ran")
	}
}
