package ui

import (
	"os"
	"os/exec"
	"testing"
)

func TestEditorGetsTheTerminalItself(t *testing.T) {
	cmd := exec.Command("editor")
	foreground{cmd}.SetStdout(terminal{os.Stdout})
	if cmd.Stdout != os.Stdout {
		t.Errorf("the editor writes to %T, behind a pipe", cmd.Stdout)
	}
}
