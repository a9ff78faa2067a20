//go:build !unix

package process

import "os/exec"

// Group leaves cancelling as it is where there are no process groups to end.
func Group(*exec.Cmd) {}
