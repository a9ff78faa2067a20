// Package cli is the command line of tmail: it reads flags, opens what a
// command needs (configuration, store, the engine that talks to servers),
// prints text or JSON, and turns errors into exit codes.
//
// It decides nothing about mail and draws no screens. Whatever comes from a
// message, a server or a file name is printed through message/safe only.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or configuration
)

// Main runs tmail with the arguments of the process and returns its exit code.
// example is a configuration file that explains every setting.
func Main(example string) int {
	forbidCoreDumps()
	debug.SetGCPercent(50) // little is alive at a time: half as much again is enough, and costs no time worth mentioning
	// What is ignored stays ignored: nohup tmail sync.
	signals := slices.DeleteFunc([]os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	p := &program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, example: example}
	return p.run(ctx, os.Args[1:])
}

// program is one run of tmail.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	configFile, dataDir, accountName, traceFile string // the global flags

	example    string          // a configuration that explains every setting
	finder     *account.Finder // of settings; nil: the usual one
	log        *slog.Logger    // nil: none
	passphrase string          // the last one given for secrets
	started    bool            // a command runs: errors are not of usage any more
}

// run executes a command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	lang.Use("auto")
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	p.complain(err)
	var usage usageError
	if errors.As(err, &usage) || len(configProblems(err)) > 0 || !p.started {
		return exitUsage
	}
	return exitFailed
}

// usageError is an error of usage or configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef returns a usageError.
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// errToldAlready fails a command that has said why.
var errToldAlready = errors.New("the reason has been printed")

// complain prints an error. Problems of the configuration keep the form that
// editors can jump to.
func (p *program) complain(err error) {
	if problems := configProblems(err); len(problems) > 0 {
		for _, problem := range problems {
			fmt.Fprintln(p.stderr, safe.Line(problem.Error()))
		}
		return
	}
	if errors.Is(err, errToldAlready) {
		return
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	p.say(err.Error())
}

// configProblems returns what err says is wrong in the configuration, of all
// the errors joined in it.
func configProblems(err error) []account.Problem {
	var all []account.Problem
	switch e := err.(type) {
	case *account.Errors:
		return e.Problems
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			all = append(all, configProblems(one)...)
		}
	case interface{ Unwrap() error }:
		return configProblems(e.Unwrap())
	}
	return all
}

// say prints a sentence on standard error, as coming from tmail.
func (p *program) say(text string) {
	for i, line := range safe.Lines(text) {
		if i == 0 {
			line = "tmail: " + line
		}
		fmt.Fprintln(p.stderr, line)
	}
}

// does wraps what a command does, so that errors from here on are failures and
// not wrong usage.
func (p *program) does(f func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		p.started = true
		return f(cmd.Context(), args)
	}
}

// reading runs what reads standard input, which a signal could not end
// otherwise.
func reading(ctx context.Context, read func() error) error {
	done := make(chan error, 1)
	go func() { done <- read() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "tmail [mailto:ADDRESS]",
		Short: "A mail client for the terminal: instant, offline, forgiving",
		Long: "tmail without a command opens the mailbox on the screen.\n" +
			"With a mailto: link it begins by writing that message.\n" +
			"Try it without an account: tmail demo",
		Args:          onlyMailto,
		RunE:          p.does(p.openScreen),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.StringVar(&p.configFile, "config", "", "configuration `FILE` (default "+account.ConfigPath()+")")
	flags.StringVar(&p.dataDir, "data", "", "`DIR` of the stored mail (default "+account.DataDir()+")")
	flags.StringVar(&p.accountName, "account", "", "use only the account called `NAME`")
	flags.StringVar(&p.traceFile, "trace", "", "write all talk with servers to `FILE` (- for standard error), secrets redacted")
	root.RegisterFlagCompletionFunc("account", p.completeAccount)
	root.AddCommand(p.demoCommand(), p.listCommand(), p.searchCommand(), p.showCommand(), p.sendCommand(), p.syncCommand(),
		p.setupCommand(), p.checkCommand(), p.versionCommand(), p.manCommand(root))
	root.SetHelpCommand(p.helpCommand(root))
	return root
}
