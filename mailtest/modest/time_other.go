//go:build !unix

package modest

import "time"

var start = time.Now()

// processorTime is the time on the wall where the system does not tell more.
func processorTime() time.Duration { return time.Since(start) }
