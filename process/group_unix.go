//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// Group makes cancelling cmd, which has not been started yet, end with it all that it started: the child of a shell
// or a wrapper would live on else.
func Group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if err == syscall.ESRCH {
			return os.ErrProcessDone
		}
		return err
	}
}
