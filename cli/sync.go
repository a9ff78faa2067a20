package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/message/safe"
	"tmail/ui"
)

// synced is the outcome of one account in JSON.
type synced struct {
	Name       string  `json:"name"`
	New        int     `json:"new"`
	Changed    int     `json:"changed"`
	Removed    int     `json:"removed"`
	Pushed     int     `json:"pushed"`
	BytesIn    int64   `json:"bytes_in"`
	BytesOut   int64   `json:"bytes_out"`
	RoundTrips int64   `json:"round_trips"`
	Seconds    float64 `json:"seconds"`
	Error      string  `json:"error"` // "" when all went well
	sent       int
}

func (p *program) syncCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "command.sync",
		Args:  noArgs,
		RunE: p.does(func(ctx context.Context, _ []string) error {
			return p.withSession(ctx, func(s *session) error {
				if err := p.unlock(ctx, s.config); err != nil {
					return err
				}
				return p.sync(ctx, s, asJSON)
			})
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "flag.json")
	return cmd
}

// sync synchronises the accounts side by side.
func (p *program) sync(ctx context.Context, s *session, asJSON bool) error {
	done := make([]synced, len(s.accounts))
	line := newProgress(p.stderr)
	var all sync.WaitGroup
	for i, a := range s.accounts {
		all.Go(func() { done[i] = s.syncAccount(ctx, a, line) })
	}
	all.Wait()
	line.clear()
	failed := false
	for _, d := range done {
		failed = failed || d.Error != ""
	}
	if asJSON {
		for _, a := range s.broken {
			done = append(done, synced{Name: a.Name, Error: lang.Sentence(a.Err)})
		}
		if err := writeJSON(p.stdout, map[string][]synced{"accounts": done}); err != nil {
			return err
		}
	} else {
		for _, d := range done {
			p.printSynced(d)
		}
	}
	if failed {
		return errToldAlready
	}
	return nil
}

// syncAccount synchronises one account.
func (s *session) syncAccount(ctx context.Context, a account.Account, line *progress) synced {
	start := time.Now()
	report, err := s.engine.SyncOnce(ctx, a.Name, func(now mailsync.Progress) { line.show(a.Name, now) })
	d := synced{
		Name: a.Name, New: report.New, Changed: report.Changed, Removed: report.Removed, Pushed: report.Pushed,
		BytesIn: report.BytesIn, BytesOut: report.BytesOut, RoundTrips: report.RoundTrips,
		Seconds: time.Since(start).Seconds(), sent: report.Sent,
	}
	if err != nil {
		d.Error = s.reason(a.Name, err)
	}
	return d
}

// reason says in a sentence why the engine failed.
func (s *session) reason(acct string, err error) string {
	if errors.Is(err, context.Canceled) {
		return lang.T("cli.interrupted")
	}
	return ui.ProblemText(s.engine.ProblemOf(acct, err))
}

func (p *program) printSynced(d synced) {
	if d.Error != "" {
		p.say(lang.T("cli.account", "Account", d.Name, "What", d.Error))
		return
	}
	fmt.Fprintln(p.stdout, safe.Line(lang.T("cli.synced", "Account", d.Name, "New", d.New, "Changed", d.Changed, "Removed", d.Removed,
		"Pushed", d.Pushed, "Sent", d.sent, "Size", fileSize(d.BytesIn+d.BytesOut), "Seconds", fmt.Sprintf("%.1f", d.Seconds))))
}
