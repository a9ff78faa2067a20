package mailtest

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Terminal is a program running in a virtual terminal: a pseudo-terminal with an emulator behind it, driven by keys
// and read as a person reads it.
type Terminal struct {
	t    testing.TB
	cmd  *exec.Cmd
	pty  *os.File
	done chan error    // has the program's end
	read chan struct{} // closed when all it wrote has been read

	mu     sync.Mutex
	screen *vt.Emulator
	raw    []byte // everything the program wrote
}

// RunInTerminal starts a program in a terminal of the given size. It is killed at the end of the test.
func RunInTerminal(t testing.TB, columns, rows int, cmd *exec.Cmd) *Terminal {
	t.Helper()
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)})
	if err != nil {
		t.Fatalf("start %s in a terminal: %v", cmd.Path, err)
	}
	term := &Terminal{t: t, cmd: cmd, pty: f, done: make(chan error, 1), read: make(chan struct{}), screen: vt.NewEmulator(columns, rows)}
	go term.draw()
	go io.Copy(f, term.screen) // what a terminal answers to questions
	go func() { term.done <- cmd.Wait() }()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen at the end:\n%s", term.Screen())
		}
		cmd.Process.Kill()
		f.Close()
	})
	return term
}

func (term *Terminal) draw() {
	defer close(term.read)
	buf := make([]byte, 64<<10)
	for {
		n, err := term.pty.Read(buf)
		term.mu.Lock()
		term.raw = append(term.raw, buf[:n]...)
		term.screen.Write(buf[:n])
		term.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// keys are the names of keys that Press takes, besides single characters.
var keys = map[string]string{
	"enter": "\r", "esc": "\x1b", "tab": "\t", "space": " ", "backspace": "\x7f",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "pgdown": "\x1b[6~", "pgup": "\x1b[5~",
}

// Press presses keys, one by one, as "j", "enter" or "ctrl+x".
func (term *Terminal) Press(names ...string) *Terminal {
	term.t.Helper()
	for _, name := range names {
		bytes, known := keys[name]
		if letter, ok := strings.CutPrefix(name, "ctrl+"); ok {
			bytes, known = string(rune(letter[0]&0x1f)), true
		}
		if !known {
			bytes = name
		}
		term.Type(bytes)
	}
	return term
}

// Type types text.
func (term *Terminal) Type(text string) *Terminal {
	term.t.Helper()
	if _, err := io.WriteString(term.pty, text); err != nil {
		term.t.Fatalf("type %q: %v", text, err)
	}
	return term
}

// Screen is what a person sees, line by line, without colours.
func (term *Terminal) Screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	lines := strings.Split(term.screen.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// Raw is everything the program has written so far.
func (term *Terminal) Raw() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return string(term.raw)
}

// Cursor is where the cursor is, from 0.
func (term *Terminal) Cursor() (column, row int) {
	term.mu.Lock()
	defer term.mu.Unlock()
	p := term.screen.CursorPosition()
	return p.X, p.Y
}

// Shows waits until all the texts are on the screen at once.
func (term *Terminal) Shows(texts ...string) *Terminal {
	term.t.Helper()
	return term.until("on the screen", texts, true)
}

// ShowsNot waits until none of the texts is on the screen.
func (term *Terminal) ShowsNot(texts ...string) *Terminal {
	term.t.Helper()
	return term.until("gone from the screen", texts, false)
}

func (term *Terminal) until(what string, texts []string, want bool) *Terminal {
	term.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		screen := term.Screen()
		all := true
		for _, text := range texts {
			all = all && strings.Contains(screen, text) == want
		}
		if all {
			return term
		}
		if time.Now().After(deadline) {
			term.t.Fatalf("waited in vain for %q %s:\n%s", texts, what, screen)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Resize changes the size of the terminal.
func (term *Terminal) Resize(columns, rows int) *Terminal {
	term.t.Helper()
	term.mu.Lock()
	term.screen.Resize(columns, rows)
	term.mu.Unlock()
	if err := pty.Setsize(term.pty, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		term.t.Fatal(err)
	}
	return term
}

// Signal sends the program a signal.
func (term *Terminal) Signal(s syscall.Signal) *Terminal {
	term.t.Helper()
	if err := term.cmd.Process.Signal(s); err != nil {
		term.t.Fatal(err)
	}
	return term
}

// Ends waits for the program to end, and for all it wrote to be drawn, and returns its exit status.
func (term *Terminal) Ends() int {
	term.t.Helper()
	select {
	case <-term.done:
		select {
		case <-term.read:
		case <-time.After(10 * time.Second): // something it started has the terminal still
		}
		return term.cmd.ProcessState.ExitCode()
	case <-time.After(time.Minute):
		term.t.Fatalf("the program did not end:\n%s", term.Screen())
		return -1
	}
}
