package cli

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/ui"
)

// What is wrong with a command line, in words for people instead of cobra's and strconv's.

// failure is an error of ours: a phrase of package lang, said when it is printed, for only then the language is known.
// A value that is an error is its cause, and is explained in it.
type failure struct {
	id     string
	values []any
}

// failed returns a failure by its phrase and the values in that.
func failed(id string, values ...any) error { return failure{id, values} }

// usage returns a failure that is one of usage or configuration.
func usage(id string, values ...any) error { return usageError{failed(id, values...)} }

func (f failure) Error() string { return lang.Sentence(f) }

// Phrase is the phrase with its values, for package lang.
func (f failure) Phrase() (id string, values []any) {
	for _, v := range f.values {
		if err, ok := v.(error); ok {
			v = explain(err)
		}
		values = append(values, v)
	}
	return f.id, values
}

func (f failure) Unwrap() error {
	for _, v := range f.values {
		if err, ok := v.(error); ok {
			return err
		}
	}
	return nil
}

// explain says what an error means to a person.
func explain(err error) string {
	var f failure
	var bad *message.AddressError
	switch {
	case errors.As(err, &f):
		return lang.Sentence(f)
	case errors.As(err, &bad):
		return lang.T("compose.bad_address", "Words", bad.Error())
	}
	return ui.Sentence(err)
}

// noArgs is for commands that take flags only.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("usage.no_argument", "Command", cmd.CommandPath(), "Word", strconv.Quote(args[0]))
	}
	return nil
}

// oneArg is for commands that want just one thing, which a phrase names.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("usage.one_argument", "Command", cmd.CommandPath(), "What", failure{id: what})
		}
		return nil
	}
}

// flagError says what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	command := cmd.CommandPath()
	switch {
	case errors.As(err, &value) && value.GetFlag().Value.Type() == "int":
		return usage("usage.whole_number", "Flag", value.GetFlag().Name, "Word", strconv.Quote(value.GetValue()), "Command", command)
	case errors.As(err, &unknown):
		return usage("usage.unknown_flag", "Word", dashed(unknown.GetSpecifiedName()), "Command", command)
	case errors.As(err, &missing):
		return usage("usage.needs_value", "Word", dashed(missing.GetSpecifiedName()), "Command", command)
	}
	return usage("usage.bad_flag", "Words", err.Error(), "Command", command)
}

// dashed is a flag as one types it.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
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
