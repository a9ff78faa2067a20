//go:build !unix

package cli

// forbidCoreDumps has nothing to do where there are no core files.
func forbidCoreDumps() {}
