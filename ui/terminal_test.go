package ui

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/vt"

	"tmail/account"
	"tmail/message/safe"
)

// console is the whole program in a virtual terminal: what it writes is interpreted, what the terminal answers comes
// back to it.
type console struct {
	t       *testing.T
	m       *model
	mu      sync.Mutex
	em      *vt.Emulator
	keys    *io.PipeWriter
	program *tea.Program
	written atomic.Int64
	ended   chan error
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written.Add(int64(len(p)))
	// The program writes to a terminal in raw mode, which this is not: a line feed goes to the first column here.
	_, err := c.em.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")))
	return len(p), err
}

func runInTerminal(t *testing.T, width, height int) *console {
	t.Helper()
	s := start(t, width, height, sample)
	s.Shows("Budget 2027").Idle()
	in, keys := io.Pipe()
	c := &console{t: t, m: s.m, em: vt.NewEmulator(width, height), keys: keys, ended: make(chan error, 1)}
	go c.answer()
	c.program = tea.NewProgram(s.m, tea.WithInput(in), tea.WithOutput(c), tea.WithWindowSize(width, height), tea.WithoutSignalHandler(),
		tea.WithColorProfile(colorprofile.TrueColor), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	ctx, cancel := context.WithCancel(context.Background())
	go func() { c.ended <- c.m.run(ctx, c.program) }()
	t.Cleanup(func() {
		cancel()
		defer in.Close()
		if err := <-c.ended; err != nil && !strings.Contains(err.Error(), "panic") {
			t.Error(err)
		}
	})
	c.shows("Budget 2027")
	return c
}

// answer gives the program what the terminal answers. The emulator waits until an answer is taken, and the program,
// when it ends, for what it writes to be drawn, and takes no answers any more: so they are taken here in any case.
func (c *console) answer() {
	answers := make(chan []byte, 1000)
	defer close(answers)
	go func() {
		for a := range answers {
			c.keys.Write(a)
		}
	}()
	buf := make([]byte, 4096)
	for {
		n, err := c.em.Read(buf)
		if err != nil {
			return
		}
		select {
		case answers <- bytes.Clone(buf[:n]):
		default: // nobody has taken a thousand: the program is gone
		}
	}
}

func (c *console) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.em.String()
}

func (c *console) shows(text string) {
	c.t.Helper()
	c.await(text, func() bool { return strings.Contains(c.text(), text) })
}

func (c *console) await(what string, holds func() bool) {
	c.t.Helper()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-deadline:
			c.t.Fatalf("awaited in vain: %s\n%s", what, c.text())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (c *console) typed(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.keys, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *console) cursor() (x, y int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.em.CursorPosition()
	return p.X, p.Y
}

// An input method opens its window at the terminal's cursor: that must stand behind what was typed.
func TestCursorInTerminal(t *testing.T) {
	c := runInTerminal(t, 80, 24)
	c.typed("c")
	c.shows("new message")
	c.typed("你好")
	c.await("the cursor behind 你好 in To", func() bool { x, y := c.cursor(); return x == 11+4 && y == 3 })
	c.typed("\t\t\t\t")
	c.typed("a你好吗")
	c.await("the cursor behind the text", func() bool { x, y := c.cursor(); return x == 2+7 && y == 8 })
	c.shows("a你好吗")
}

func TestBytesPerKey(t *testing.T) {
	c := runInTerminal(t, 120, 40)
	var sizes []int
	for i, key := range []string{"j", "j", "j", "k", "k"} {
		before, row := c.written.Load(), []int{3, 4, 5, 4, 3}[i]
		c.typed(key)
		c.await("the marker moves", func() bool {
			rows := strings.Split(c.text(), "\n")
			return strings.Contains(rows[row], "│▌")
		})
		sizes = append(sizes, int(c.written.Load()-before))
	}
	slices.Sort(sizes) // one of them may be a frame that answers something else
	// The renderer repaints every row that holds a wide character, some 150 bytes each: three rows of this mailbox.
	if typical := sizes[len(sizes)/2]; typical > 2000 {
		t.Errorf("a key writes %d bytes", typical)
	}
}

// boom is a message that makes the program panic.
type boom struct{}

func (boom) apply(*model) tea.Cmd { panic("boom") }

func TestPanicKeepsDraftAndTerminal(t *testing.T) {
	c := runInTerminal(t, 80, 24)
	c.typed("c\t\t\tIn the last moment")
	c.shows("In the last moment")
	stderr := os.Stderr
	os.Stderr, _ = os.Open(os.DevNull) // Bubble Tea prints the stack there
	c.program.Send(boom{})
	err := <-c.ended
	os.Stderr = stderr
	c.ended <- err
	if err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("ended with %v", err)
	}
	s := &screen{t: t, st: c.m.Store}
	if got := s.subjects("work", account.RoleDrafts); len(got) != 1 || got[0] != "In the last moment" {
		t.Errorf("drafts: %q", got)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.em.IsAltScreen() {
		t.Error("the terminal is left in the alternate screen")
	}
}

func TestLeavingByContextKeepsTheDraft(t *testing.T) {
	c := runInTerminal(t, 80, 24)
	c.typed("c\t\t\tSignalled")
	c.shows("Signalled")
	c.program.Send(leave{})
	if err := <-c.ended; err != nil {
		t.Error(err)
	}
	c.ended <- nil
	s := &screen{t: t, st: c.m.Store}
	if got := s.subjects("work", account.RoleDrafts); len(got) != 1 || got[0] != "Signalled" {
		t.Errorf("drafts: %q", got)
	}
}

// Where signs are two columns wide, the chrome is ASCII, and the renderer counts the text as the terminal draws it.
func TestAmbiguousWide(t *testing.T) {
	s := start(t, 80, 24, sample)
	s.Shows("Budget 2027")
	s.feed(tea.CursorPositionMsg{X: 2, Y: probeRow - 1})
	t.Cleanup(func() { safe.SetAmbiguousWide(false) })
	s.lines()
	s.Shows("* ! 王小明").Hides("●", "─")
	s.Press("c", "tab", "tab", "tab", "tab").Type("“好”")
	if x, _ := s.Cursor(); x != 2+6 {
		t.Errorf("the cursor is in column %d", x)
	}
	s.lines()
	wide := widened("a“好”b")
	if want := "a“" + filler + "好”" + filler + "b"; wide != want {
		t.Errorf("%q, want %q", wide, want)
	}
	path := filepath.Join(t.TempDir(), "out")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := (terminal{f}).Write([]byte(wide)); err != nil || n != len(wide) {
		t.Errorf("wrote %d, %v", n, err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "a“好”b" {
		t.Errorf("the terminal gets %q, %v", got, err)
	}
}
