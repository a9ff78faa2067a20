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
	"math"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

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

// How much garbage there may be before it is collected, in percent of what is
// alive. That is little at a time: half as much again is enough and costs no
// time worth mentioning, but at the start, when the first rows are waited for
// and all that is read is new.
const (
	usualGarbage = 50
	startGarbage = 400      // of at least 4 MB
	startMemory  = 28 << 20 // bytes from which on it is collected all the same: a large message may come at once
)

// Main runs tmail with the arguments of the process and returns its exit code.
// examples are a configuration file that explains every setting, by language.
func Main(examples map[string]string) int {
	forbidCoreDumps()
	debug.SetGCPercent(startGarbage)
	debug.SetMemoryLimit(startMemory)
	time.AfterFunc(firstRows, func() {
		debug.SetGCPercent(usualGarbage)
		debug.SetMemoryLimit(math.MaxInt64)
	})
	// What is ignored stays ignored: nohup tmail sync.
	signals := slices.DeleteFunc([]os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	p := &program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, examples: examples}
	return p.run(ctx, os.Args[1:])
}

// program is one run of tmail.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	configFile, dataDir, accountName, traceFile string // the global flags

	examples   map[string]string // configurations that explain every setting, by language
	finder     *account.Finder   // of settings; nil: the usual one
	log        *slog.Logger      // nil: none
	passphrase string            // the last one given for secrets
	started    bool              // a command runs: errors are not of usage any more
	speaks     bool              // the language is the one of the configuration
}

// run executes a command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	lang.Use("auto")
	root := p.rootCommand()
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) { // shells show what commands are for
		p.describe(root)
	}
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

// errToldAlready fails a command that has said why.
var errToldAlready = errors.New("the reason has been printed")

// complain prints an error. Problems of the configuration keep the form that
// editors can jump to.
func (p *program) complain(err error) {
	p.speak()
	if problems := configProblems(err); len(problems) > 0 {
		for _, problem := range problems {
			fmt.Fprintln(p.stderr, safe.Line(lang.Sentence(problem)))
		}
		return
	}
	if errors.Is(err, errToldAlready) {
		return
	}
	if errors.Is(err, context.Canceled) {
		err = failed("cli.interrupted")
	}
	p.say(explain(err))
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
		Use:           "tmail [mailto:ADDRESS]",
		Short:         "command.tmail",
		Long:          "command.tmail_long",
		Args:          onlyMailto,
		RunE:          p.does(p.openScreen),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.StringVar(&p.configFile, "config", "", "flag.config")
	flags.StringVar(&p.dataDir, "data", "", "flag.data")
	flags.StringVar(&p.accountName, "account", "", "flag.account")
	flags.StringVar(&p.traceFile, "trace", "", "flag.trace")
	root.RegisterFlagCompletionFunc("account", p.completeAccount)
	root.AddCommand(p.demoCommand(), p.listCommand(), p.searchCommand(), p.showCommand(), p.sendCommand(), p.syncCommand(),
		p.setupCommand(), p.checkCommand(), p.versionCommand(), p.manCommand(root))
	root.SetHelpCommand(p.helpCommand(root))
	root.InitDefaultCompletionCmd()
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		p.describe(root)
		help(cmd, args)
	})
	return root
}
