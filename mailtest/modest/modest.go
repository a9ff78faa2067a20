// Package modest lets fuzz targets fail on inputs that cost too much: a fuzzer finds panics by itself, but neither a
// loop that hardly ends nor memory that grows. Only tests import it.
package modest

import (
	"runtime/metrics"
	"testing"
	"time"
)

// What one input may cost, and when it counts as one that never ends.
const (
	maxTime   = time.Second // of the processor, so that a busy machine fails nobody
	maxMemory = 256 << 20   // held by the whole program
	hung      = 30 * time.Second
)

// Watch begins to watch what an input costs; the function it returns ends that, and fails the test when it was more
// than a second of the processor or 256 MB of memory:
//
//	defer modest.Watch(t)()
//
// An input that does not end panics, for the fuzzer to keep it.
func Watch(t *testing.T) func() {
	began := processorTime()
	stop := time.AfterFunc(hung, func() { panic("modest: the input did not end") })
	return func() {
		stop.Stop()
		if took := processorTime() - began; took > maxTime {
			t.Errorf("the input took %v of the processor", took)
		}
		if held := memory(); held > maxMemory {
			t.Errorf("the program holds %d MB", held>>20)
		}
	}
}

// memory is what the Go runtime holds of the system's memory.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
