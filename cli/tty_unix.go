//go:build unix

package cli

import (
	"os"
	"syscall"

	"github.com/charmbracelet/x/term"
)

// openTerminal opens the terminal the person is at, wherever standard input
// comes from, for reading and for writing.
func openTerminal() (in, out *os.File, err error) {
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	return terminal, terminal, err
}

// silence stops a terminal from showing what is typed.
func silence(state *term.State) { state.Lflag &^= syscall.ECHO }
