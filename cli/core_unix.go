//go:build unix

package cli

import "syscall"

// forbidCoreDumps keeps passwords and mail out of core files.
func forbidCoreDumps() {
	// A system that refuses has no core files to fear.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}
