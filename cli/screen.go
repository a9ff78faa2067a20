package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/demo"
	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
	"tmail/ui"
)

// openScreen is tmail without a command; with a mailto: link it begins by
// writing that message.
func (p *program) openScreen(ctx context.Context, args []string) error {
	var begin *message.Draft
	if len(args) > 0 {
		begin, _ = message.ParseMailto(args[0]) // one without a recipient is one to fill in
	}
	if err := p.needTerminal(); err != nil {
		return err
	}
	if config, err := p.configured(); err == nil && len(config.Accounts) == 0 {
		return p.setup(ctx, config)
	}
	return p.withSession(ctx, func(s *session) error {
		if err := p.unlock(ctx, s.config); err != nil {
			return err
		}
		return errors.Join(s.screen(ctx, ui.Options{Compose: begin}), p.tellWaiting(ctx, s))
	})
}

// tellWaiting says how many messages did not leave before the person did.
func (p *program) tellWaiting(ctx context.Context, s *session) error {
	list, err := s.store.Outbox.List(context.WithoutCancel(ctx), "")
	if err != nil {
		return err
	}
	waiting := 0
	for _, o := range list {
		needsWord := o.Due.IsZero() || o.Status == store.OutFailed || o.Status == store.OutUnconfirmed
		later := o.Problem == nil && o.Due.After(s.options.Now().Add(s.config.UndoDelay)) // as the person asked
		if !needsWord && !later {
			waiting++
		}
	}
	if waiting > 0 {
		_, err = fmt.Fprintln(p.stdout, safe.Line(lang.T("out.left_behind", "Count", waiting)))
	}
	return err
}

// onlyMailto lets nothing stand where a command could but one mailto: link.
func onlyMailto(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && len(args[0]) > 7 && strings.EqualFold(args[0][:7], "mailto:") {
		return nil
	}
	if len(args) > 0 {
		return usage("usage.unknown_command", "Word", strconv.Quote(args[0]))
	}
	return nil
}

// needTerminal refuses to draw where nobody could see it.
func (p *program) needTerminal() error {
	if p.traceFile == "-" {
		return usage("usage.trace_on_screen")
	}
	if name := os.Getenv("TERM"); name == "dumb" || name == "" {
		return usage("usage.dumb_terminal", "Term", name)
	}
	for _, stream := range []any{p.stdin, p.stdout} {
		if f, ok := stream.(*os.File); !ok || !term.IsTerminal(f.Fd()) {
			return usage("usage.no_terminal")
		}
	}
	return nil
}

// screen shows the mailbox while the engine works, until the person leaves.
func (s *session) screen(ctx context.Context, o ui.Options) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	listed := make(chan struct{})
	work := &workers{ctx: working, leave: stop, listed: listed}
	work.start(s.engine)
	reloads, followed := make(chan ui.Reload), make(chan struct{})
	o.Store, o.Engine, o.Config, o.Now, o.Random, o.Dir = s.store, s.engine, s.config, time.Now, rand.Reader, s.options.Dir
	o.Reloads, o.Listed = reloads, func() { close(listed) }
	var broke error // why the configuration could not be followed
	go func() {
		defer close(followed)
		defer func() {
			if r := recover(); r != nil { // said once the terminal is given back
				broke = fmt.Errorf("internal error: %v\n%s", r, debug.Stack())
				stop()
			}
		}()
		if s.config.Path != "" {
			s.follow(working, work, reloads)
		}
	}()
	err := ui.Run(working, o)
	stop()
	<-followed
	return errors.Join(err, broke, work.end())
}

// demoUndoDelay is how long a message can be taken back in the demo.
const demoUndoDelay = time.Second

func (p *program) demoCommand() *cobra.Command {
	var keep string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "command.demo",
		Long:  "command.demo_long",
		Args:  noArgs,
		RunE:  p.does(func(ctx context.Context, _ []string) error { return p.demo(ctx, keep) }),
	}
	cmd.Flags().StringVar(&keep, "keep", "", "flag.keep")
	return cmd
}

// demo runs the screen on an embedded server. Without keep, all of it is gone
// afterwards.
func (p *program) demo(ctx context.Context, keep string) (err error) {
	if p.configFile != "" || p.dataDir != "" {
		return usage("usage.demo_flags")
	}
	if err := p.needTerminal(); err != nil {
		return err
	}
	dir, serverDir := keep, ""
	if keep == "" {
		if dir, err = os.MkdirTemp("", "tmail-demo-"); err != nil {
			return fmt.Errorf("make room for the demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else {
		serverDir = filepath.Join(keep, "server")
		if err := os.MkdirAll(serverDir, 0o700); err != nil {
			return fmt.Errorf("make room for the demo: %w", err)
		}
	}
	server, err := demo.Start(ctx, serverDir, time.Now())
	if err != nil {
		return fmt.Errorf("start the demo: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()

	config := &account.Config{Language: "auto", Theme: "auto", UndoDelay: demoUndoDelay, Accounts: server.Accounts(),
		Mouse: true, Notify: account.Notify{Ways: []account.Way{account.WayTerminal}}}
	s, err := p.openStore(ctx, config, filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.screen(ctx, ui.Options{Demo: true})
}
