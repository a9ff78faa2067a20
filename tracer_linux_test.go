//go:build amd64 || arm64

package main

import (
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// writing are the system calls by which something leaves a process, to the disk or to a server.
var writing = map[uint64]bool{
	syscall.SYS_WRITE: true, syscall.SYS_PWRITE64: true, syscall.SYS_WRITEV: true, syscall.SYS_SENDTO: true, syscall.SYS_SENDMSG: true,
	syscall.SYS_FSYNC: true, syscall.SYS_FDATASYNC: true, syscall.SYS_FTRUNCATE: true,
}

// killAtCall runs a program and kills it as it is about to make the nth such call, whichever thread makes it; 0: never.
// It returns how many it came to.
func killAtCall(t *testing.T, cmd *exec.Cmd, nth int) (calls int) {
	t.Helper()
	runtime.LockOSThread() // whose child it is, and who alone may trace it
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil { // it stops before its first instruction
		t.Fatal(err)
	}
	const sysgood, exitkill = 0x1, 0x100000
	if err := syscall.PtraceSetOptions(pid, sysgood|exitkill|syscall.PTRACE_O_TRACECLONE|syscall.PTRACE_O_TRACEFORK|syscall.PTRACE_O_TRACEVFORK); err != nil {
		t.Fatal(err)
	}
	syscall.PtraceSyscall(pid, 0)
	inside := map[int]bool{} // threads that are in a call
	const wallThread = syscall.WALL | syscall.WNOTHREAD
	for {
		thread, err := syscall.Wait4(-1, &status, wallThread, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil { // there are no more
			cmd.Process.Release()
			return calls
		}
		if !status.Stopped() {
			continue
		}
		signal := status.StopSignal()
		switch {
		case signal == syscall.SIGTRAP|0x80:
			if inside[thread] = !inside[thread]; inside[thread] && writing[callOf(thread)] {
				if calls++; calls == nth {
					syscall.Kill(pid, syscall.SIGKILL)
				}
			}
			signal = 0
		case signal == syscall.SIGTRAP, signal == syscall.SIGSTOP: // a thread was born
			signal = 0
		}
		syscall.PtraceSyscall(thread, int(signal)) // one that died meanwhile is told of by the next wait
	}
}

func callOf(thread int) uint64 {
	var registers syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(thread, &registers); err != nil {
		return 0
	}
	return callNumber(&registers)
}
