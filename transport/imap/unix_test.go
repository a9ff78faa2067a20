//go:build unix

package imap_test

import (
	"os"
	"syscall"
	"testing"
)

// chown gives a file to whoever info's file belongs to.
func chown(t testing.TB, path string, info os.FileInfo) {
	t.Helper()
	stat := info.Sys().(*syscall.Stat_t)
	if err := os.Chown(path, int(stat.Uid), int(stat.Gid)); err != nil {
		t.Fatal(err)
	}
}
