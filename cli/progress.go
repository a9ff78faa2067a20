package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	bar "charm.land/bubbles/v2/progress"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"tmail/lang"
	"tmail/mailsync"
	"tmail/message/safe"
	"tmail/store"
)

// progress shows how far each account has come: a line with a bar for each, on a terminal. Where standard error is
// none it is silent.
type progress struct {
	mu    sync.Mutex
	out   io.Writer // nil: silent
	bar   bar.Model
	names []string // the accounts, in the order they appeared
	lines []string // what each of them shows
	drawn int      // lines on the terminal
}

const (
	barWidth  = 24 // columns
	nameWidth = 16
)

func newProgress(stderr io.Writer) *progress {
	f, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(f.Fd()) {
		return &progress{}
	}
	return &progress{
		out: colorprofile.NewWriter(f, os.Environ()),
		bar: bar.New(bar.WithWidth(barWidth), bar.WithoutPercentage()),
	}
}

// show replaces the line of an account by what it is doing now.
func (p *progress) show(acct string, now mailsync.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil {
		return
	}
	i := slices.Index(p.names, acct)
	if i < 0 {
		i = len(p.names)
		p.names, p.lines = append(p.names, acct), append(p.lines, "")
	}
	p.lines[i] = p.line(acct, now)
	p.draw()
}

func (p *progress) line(acct string, now mailsync.Progress) string {
	name := string(safe.Pad(safe.Truncate(safe.Line(acct), nameWidth, "…"), nameWidth))
	if now.Total == 0 {
		return name + "  " + phaseName(now.Phase)
	}
	part := min(1, float64(now.Done)/float64(now.Total))
	return fmt.Sprintf("%s  %s %3.0f %%  %s", name, p.bar.ViewAs(part), 100*part,
		lang.T("cli.progress", "Phase", phaseName(now.Phase), "Done", now.Done, "Total", now.Total))
}

// phaseName is what an account is doing, in a word.
func phaseName(phase store.Phase) string {
	switch phase {
	case store.PhaseConnecting:
		return lang.T("cli.connecting")
	case store.PhaseSyncing:
		return lang.T("cli.syncing")
	case store.PhaseBodies:
		return lang.T("cli.bodies")
	case store.PhaseSending:
		return lang.T("cli.sending")
	case store.PhaseSynced:
		return lang.T("cli.in_step")
	}
	return string(phase) // or the words of the search index
}

// draw writes all lines over those on the terminal.
func (p *progress) draw() {
	var screen strings.Builder
	p.up(&screen)
	for _, line := range p.lines {
		screen.WriteString("\r" + line + "\x1b[K\n")
	}
	p.drawn = len(p.lines)
	io.WriteString(p.out, screen.String())
}

func (p *progress) up(screen *strings.Builder) {
	if p.drawn > 0 {
		fmt.Fprintf(screen, "\x1b[%dA", p.drawn)
	}
}

// clear removes the lines, before something else is printed.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn > 0 {
		var screen strings.Builder
		p.up(&screen)
		io.WriteString(p.out, screen.String()+"\r\x1b[J")
		p.drawn = 0
	}
}
