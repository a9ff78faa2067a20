//go:build !unix

package account

import "os/exec"

// killTogether leaves it at the command itself, where there are no process
// groups.
func killTogether(*exec.Cmd) {}
