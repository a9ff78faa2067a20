package main

import "syscall"

func callNumber(r *syscall.PtraceRegs) uint64 { return r.Orig_rax }
