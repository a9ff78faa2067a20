package cli

import (
	"errors"
	"os"

	"github.com/charmbracelet/x/term"
)

// openTerminal opens the console the person is at, wherever standard input
// comes from, for reading and for writing.
func openTerminal() (in, out *os.File, err error) {
	in, err1 := os.OpenFile("CONIN$", os.O_RDWR, 0)
	out, err2 := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	return in, out, errors.Join(err1, err2)
}

// silence stops a console from showing what is typed.
func silence(state *term.State) {
	const echoInput = 0x4
	state.Mode &^= echoInput
}
