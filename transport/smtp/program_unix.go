//go:build unix

package smtp

import (
	"os"
	"os/exec"
	"syscall"
)

// killWithChildren makes cancelling cmd end what it started, too: a wrapper's
// child that lived on would send a message cut short.
func killWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if err == syscall.ESRCH {
			return os.ErrProcessDone
		}
		return err
	}
}
