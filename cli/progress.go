package cli

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/charmbracelet/x/term"

	"tmail/mailsync"
	"tmail/message/safe"
)

// progress is one line on the terminal that says how far a command has come.
// It is silent where standard error is no terminal.
type progress struct {
	mu  sync.Mutex
	out io.Writer // nil: silent
}

func newProgress(stderr io.Writer) *progress {
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(f.Fd()) {
		return &progress{out: f}
	}
	return &progress{}
}

// show replaces the line by what an account is doing.
func (p *progress) show(acct string, now mailsync.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil {
		return
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s: %s", safe.Truncate(safe.Line(acct), 40, "…"), now.Phase)
	if now.Total > 0 {
		fmt.Fprintf(p.out, " %d of %d", now.Done, now.Total)
	}
}

// clear removes the line, before something else is printed.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
