package ui

import (
	"io"
	"os/exec"
	"time"

	tea "charm.land/bubbletea/v2"
)

// foreground is a program that has the terminal until it ends.
type foreground struct{ *exec.Cmd }

// inForeground gives the terminal to cmd, and then ended, with how it ended, back to Update.
func inForeground(cmd *exec.Cmd, ended tea.ExecCallback) tea.Cmd {
	return tea.Exec(foreground{cmd}, ended)
}

// settleTime is what the library's renderer gets to stop. It does not wait for that itself: of a program that ends at
// once, the old renderer would stop the clock of the new one, and the screen would stay blank for ever
// (charmbracelet/bubbletea#1778).
const settleTime = 50 * time.Millisecond

func (f foreground) Run() error {
	time.Sleep(settleTime)
	return f.Cmd.Run()
}

func (f foreground) SetStdin(r io.Reader)  { f.Stdin = r }
func (f foreground) SetStderr(w io.Writer) { f.Stderr = w }

// SetStdout gives the program the terminal itself: of another writer os/exec makes a pipe, and editors find no terminal
// behind it: vim complains, others end.
func (f foreground) SetStdout(w io.Writer) {
	if t, ok := w.(terminal); ok {
		w = t.File
	}
	f.Stdout = w
}
