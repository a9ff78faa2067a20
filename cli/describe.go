package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tmail/account"
	"tmail/lang"
)

// Commands are made with the names of phrases for their texts, because making them comes before the language is known;
// describe puts the texts in their place when somebody is to read them.

// speak takes the language of the configuration, if there is one and nothing has read it yet. One that is wrong in
// this or that may still say it: its mistakes are told elsewhere.
func (p *program) speak() {
	if p.speaks {
		return
	}
	p.speaks = true
	if config, err := account.Load(p.configPath()); err == nil {
		lang.Use(config.Language)
	}
}

// describe gives a command and those below it their texts.
func (p *program) describe(root *cobra.Command) {
	p.speak()
	root.SetUsageTemplate(usageTemplate())
	root.SetHelpTemplate("{{with .Long}}{{.}}{{else}}{{.Short}}{{end}}\n\n{{.UsageString}}")
	describeAll(root)
}

func describeAll(cmd *cobra.Command) {
	phrases(&cmd.Short, &cmd.Long, &cmd.Example)
	if !strings.Contains(cmd.Use, "[flags]") {
		cmd.DisableFlagsInUseLine = true
	}
	cmd.InitDefaultHelpFlag()
	flags := func(f *pflag.Flag) {
		if f.Name == "help" {
			f.Usage = "flag.help"
		}
		phrases(&f.Usage)
	}
	cmd.Flags().VisitAll(flags)
	cmd.PersistentFlags().VisitAll(flags)
	if cmd.Name() == "completion" {
		describeCompletion(cmd)
		return
	}
	for _, below := range cmd.Commands() {
		describeAll(below)
	}
}

// phrases puts phrases in the place of their names. The values are those that any of them may use.
func phrases(texts ...*string) {
	for _, text := range texts {
		if group, _, ok := strings.Cut(*text, "."); ok && (group == "command" || group == "flag") {
			*text = lang.T(*text, "Config", account.FromHome(account.ConfigPath()), "Data", account.FromHome(account.DataDir()))
		}
	}
}

// describeCompletion tells how each shell takes the completions, which cobra makes.
func describeCompletion(cmd *cobra.Command) {
	cmd.Short, cmd.Long = lang.T("command.completion"), lang.T("command.completion_long")
	for _, shell := range cmd.Commands() {
		load := map[string]string{
			"bash": "source <(tmail completion bash)", "zsh": "source <(tmail completion zsh); compdef _tmail tmail",
			"fish": "tmail completion fish | source", "powershell": "tmail completion powershell | Out-String | Invoke-Expression",
		}[shell.Name()]
		shell.Short = lang.T("command.completion_shell", "Shell", shell.Name())
		shell.Long = lang.T("command.completion_shell_long", "Shell", shell.Name(), "Load", load)
		shell.InitDefaultHelpFlag()
		shell.Flags().VisitAll(func(f *pflag.Flag) {
			if id := map[string]string{"help": "flag.help", "no-descriptions": "flag.no_descriptions"}[f.Name]; id != "" {
				f.Usage = lang.T(id)
			}
		})
		shell.DisableFlagsInUseLine = true
	}
}

// usageTemplate is cobra's, in the language chosen.
func usageTemplate() string {
	return lang.T("command.usage") + `
  {{.UseLine}}{{if .HasAvailableLocalFlags}} ` + lang.T("command.flags_in_line") + `{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} ` + lang.T("command.command_in_line") + `{{end}}{{if .HasExample}}

` + lang.T("command.examples") + `
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

` + lang.T("command.commands") + `{{range .Commands}}{{if (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

` + lang.T("command.flags") + `
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

` + lang.T("command.global_flags") + `
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

` + lang.T("command.more") + `{{end}}
`
}
