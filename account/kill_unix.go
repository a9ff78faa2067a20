//go:build unix

package account

import (
	"os/exec"
	"syscall"
)

// killTogether has the end of the time limit take what the command started
// with it.
func killTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
