// Package process is what running other programs has in common everywhere: ending one ends what it started, too.
//
// It must not know what is run, or why.
package process
