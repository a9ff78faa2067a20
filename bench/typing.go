package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

const (
	typedLines = 10_000 // of the letter that is typed into
	typedKeys  = 200
	quiet      = 30 * time.Millisecond // without a byte more: the screen is drawn
	still      = time.Second           // without a byte at all: the key draws nothing
)

// typing measures a letter typed into a long draft: how long until the screen is drawn, and what goes over the line.
func (b *bench) typing(t *table) error {
	say("typing")
	config := b.account(lister, "imap", b.server.IMAP, "headers")
	cmd := b.screen(config, "list") // which is in step: it is typing that is measured
	cmd.Args = append(cmd.Args, "mailto:ann@bench.example?subject=long")
	p, err := startPerson(cmd, b.dir)
	if err != nil {
		return err
	}
	defer p.end()
	var letter strings.Builder
	for n := range typedLines {
		fmt.Fprintf(&letter, "This is line %d of a letter that somebody writes at length, and more of it.\n", n)
	}
	if err := p.await("bench.example"); err != nil {
		return err
	}
	p.press("\x1b[200~" + letter.String() + "The end." + "\x1b[201~")
	if err := p.await("The end."); err != nil {
		return err
	}
	for p.drawn() > 0 {
	}
	var took []time.Duration
	var sent []int
	for n := range typedKeys {
		d, bytes := p.timed(string(rune('a' + n%26)))
		took, sent = append(took, d), append(sent, bytes)
	}
	slices.Sort(took)
	slices.Sort(sent)
	t.row(fmt.Sprintf("a letter typed into a draft of %d lines, median", typedLines),
		fmt.Sprintf("%.1f ms, %d bytes", float64(took[len(took)/2].Microseconds())/1000, sent[len(sent)/2]))
	t.row("the same, 95th of 100", fmt.Sprintf("%.1f ms, %d bytes", float64(took[len(took)*95/100].Microseconds())/1000, sent[len(sent)*95/100]))
	return nil
}

// person sits at a terminal before a program.
type person struct {
	cmd    *exec.Cmd
	screen *os.File
	pieces chan piece // what the program wrote
	sees   *vt.Emulator
}

// piece is some bytes, and when they came.
type piece struct {
	at   time.Time
	text []byte
}

func startPerson(cmd *exec.Cmd, home string) (*person, error) {
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "HOME="+home)
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
	if err != nil {
		return nil, err
	}
	p := &person{cmd, screen, make(chan piece, 1000), vt.NewEmulator(120, 40)}
	go io.Copy(io.Discard, p.sees) // the answers of a terminal: the program is to get none but that below
	go func() {
		for {
			buf := make([]byte, 64<<10)
			n, err := screen.Read(buf)
			p.pieces <- piece{time.Now(), buf[:n]}
			if bytes.Contains(buf[:n], []byte("\x1b[?2026$p")) { // frames are drawn at once, as most terminals can
				io.WriteString(screen, "\x1b[?2026;2$y")
			}
			if err != nil {
				close(p.pieces)
				return
			}
		}
	}()
	return p, nil
}

func (p *person) press(keys string) { io.WriteString(p.screen, keys) }

// read takes a piece in, and returns how long it is.
func (p *person) read(some piece) int {
	p.sees.Write(some.text)
	return len(some.text)
}

// errNotShown says that a program was waited for in vain.
var errNotShown = errors.New("it was not shown in time")

// await reads until one of texts is on the screen.
func (p *person) await(texts ...string) error { return p.awaitFor(patience, texts...) }

func (p *person) awaitFor(most time.Duration, texts ...string) error {
	limit := time.After(most)
	for {
		select {
		case piece, ok := <-p.pieces:
			p.read(piece)
			if sees := p.sees.String(); slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(sees, text) }) {
				return nil
			}
			if !ok {
				return fmt.Errorf("%s ended before it showed %q", p.cmd.Path, texts)
			}
		case <-limit:
			return fmt.Errorf("%s: %q within %v: %w", p.cmd.Path, texts, most, errNotShown)
		}
	}
}

// drawn reads until nothing more comes for a moment, and returns how many bytes did.
func (p *person) drawn() (n int) {
	_, n = p.rest(time.Now())
	return n
}

// timed presses keys and returns how long after that the last byte came, and how many did.
func (p *person) timed(keys string) (time.Duration, int) {
	begun := time.Now()
	p.press(keys)
	select {
	case first := <-p.pieces:
		n := p.read(first)
		last, more := p.rest(first.at)
		n += more
		return last.Sub(begun), n
	case <-time.After(still):
		return still, 0
	}
}

func (p *person) rest(last time.Time) (time.Time, int) {
	n := 0
	for {
		select {
		case piece, ok := <-p.pieces:
			if !ok {
				return last, n
			}
			last, n = piece.at, n+p.read(piece)
		case <-time.After(quiet):
			return last, n
		}
	}
}

// end kills the program.
func (p *person) end() {
	p.cmd.Process.Kill()
	p.screen.Close()
	p.cmd.Wait()
}
