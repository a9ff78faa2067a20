package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tmail/message/safe"
)

// What is wrong with a command line, in words for people instead of cobra's and strconv's.

// noArgs is for commands that take flags only.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no %q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// oneArg is for commands that want just one thing.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s wants %s; see %s --help", cmd.CommandPath(), what, cmd.CommandPath())
		}
		return nil
	}
}

// flagError says what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	if errors.As(err, &value) && value.GetFlag().Value.Type() == "int" {
		return usagef("--%s wants a whole number, not %q; see %s --help", value.GetFlag().Name, value.GetValue(), cmd.CommandPath())
	}
	return usagef("%w; see %s --help", err, cmd.CommandPath())
}

// completeAccount offers the names of the accounts to a shell.
func (p *program) completeAccount(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	config, err := p.configured()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, a := range config.Accounts {
		names = append(names, string(safe.Line(a.Name)))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
