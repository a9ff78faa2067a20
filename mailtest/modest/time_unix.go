//go:build unix

package modest

import (
	"syscall"
	"time"
)

// processorTime is what this program has used of the processor.
func processorTime() time.Duration {
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
