package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
	"tmail/ui"
)

// helpCommand is cobra's own with two topics that are no commands: config and
// keys.
func (p *program) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND | config | keys]",
		Short: "command.help",
		RunE: p.does(func(_ context.Context, args []string) error {
			if len(args) == 1 && args[0] == "config" {
				p.speak()
				_, err := fmt.Fprint(p.stdout, p.examples[lang.Current()])
				return err
			}
			if len(args) == 1 && args[0] == "keys" {
				return p.printKeys()
			}
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usage("usage.no_help", "Words", strconv.Quote(strings.Join(args, " ")))
			}
			return cmd.Help()
		}),
	}
}

// printKeys prints the keys as the configuration has them; without a usable
// one, as they are by themselves.
func (p *program) printKeys() error {
	config, err := p.configured()
	if err != nil {
		config = &account.Config{}
	}
	table, wrong := ui.KeyTable(config)
	for _, line := range safe.Lines(table) {
		fmt.Fprintln(p.stdout, line)
	}
	if wrong != nil {
		return usageError{wrong}
	}
	return err
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "command.version",
		Args:  noArgs,
		RunE: p.does(func(context.Context, []string) error {
			_, err := fmt.Fprintln(p.stdout, "tmail "+version())
			return err
		}),
	}
}

// release is the version that make gives the program; "" in other builds.
var release string

// version is what the build knows of itself: a release, or a revision.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return lang.T("cli.no_version")
	}
	if release != "" {
		return release + " " + info.GoVersion
	}
	text := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && (text == "" || text == "(devel)") {
			text = s.Value[:12]
		}
	}
	return text + " " + info.GoVersion
}

func (p *program) manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "command.man",
		Args:   oneArg("usage.a_directory"),
		Hidden: true,
		RunE: p.does(func(_ context.Context, args []string) error {
			dir := filepath.Clean(args[0])
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("write the manual: %w", err)
			}
			p.describe(root)
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, &doc.GenManHeader{Title: "TMAIL", Section: "1", Manual: "tmail"}, dir)
		}),
	}
}
