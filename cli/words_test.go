package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"tmail/lang"
)

// inLanguage runs a command line as tmail does, for somebody whose system speaks a language.
func inLanguage(t *testing.T, locale string, args ...string) string {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
		t.Setenv(name, home)
	}
	t.Setenv("LC_ALL", locale)
	t.Cleanup(func() { lang.Use("en") })
	var out bytes.Buffer
	p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: &out, examples: examples(t)}
	p.run(t.Context(), args)
	return strings.ReplaceAll(out.String(), home, "")
}

// examples are the configurations that explain every setting.
func examples(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for language, name := range map[string]string{"en": "config.example.toml", "zh": "config.example.zh.toml"} {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		all[language] = string(text)
	}
	return all
}

var (
	han = regexp.MustCompile(`\p{Han}`)
	// notWords is what stays as it is in any language: flags, what is quoted, files, links and operators, names in
	// capitals that stand for something.
	notWords = regexp.MustCompile("--?[a-zA-Z-]+|\"[^\"]*\"|'[^']*'|\\S*[./_=(:]\\S*|\\b[A-Z][A-Z0-9]+\\b|\\d+[a-zA-Z]")
	letters  = regexp.MustCompile(`[A-Za-z]{2,}`)
)

// leftInEnglish are the words of a Chinese text that are neither Chinese nor in what stays as it is.
func leftInEnglish(text string, names []string) []string {
	var left []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  tmail ") || strings.Contains(line, "原话") { // something to type; the words of the system
			continue
		}
		for _, word := range letters.FindAllString(notWords.ReplaceAllString(line, " "), -1) {
			if !slices.Contains(names, word) {
				left = append(left, word)
			}
		}
	}
	return left
}

// unchanged are names of programs and formats, and what tmail takes for an argument.
var unchanged = strings.Fields(`tmail sendmail mailto shell bash zsh fish powershell source compdef Markdown Message
	check completion demo help list search send setup show sync version config keys
	inbox drafts sent archive trash junk outbox Outbox Cc Bcc To From ok many x work odd localhost`)

// everyCommand is the command line of each command.
func everyCommand(root *cobra.Command) [][]string {
	all := [][]string{{}}
	for _, cmd := range root.Commands() {
		all = append(all, []string{cmd.Name()})
		for _, below := range cmd.Commands() {
			all = append(all, []string{cmd.Name(), below.Name()})
		}
	}
	return all
}

// What explains commands is all Chinese where the system speaks that, and all English where not.
func TestHelpInBothLanguages(t *testing.T) {
	commands := everyCommand((&program{}).rootCommand())
	if len(commands) < 15 {
		t.Fatalf("only %d commands", len(commands))
	}
	for _, command := range commands {
		args := append(slices.Clone(command), "--help")
		chinese, english := inLanguage(t, "zh_CN.UTF-8", args...), inLanguage(t, "C.UTF-8", args...)
		if left := leftInEnglish(chinese, unchanged); len(left) > 0 || !han.MatchString(chinese) {
			t.Errorf("%v: left in English: %q\n%s", args, left, chinese)
		}
		for line := range strings.Lines(english) {
			if han.MatchString(line) && !strings.Contains(line, "会议") { // an example
				t.Errorf("%v: Chinese in English: %s", args, line)
			}
		}
		for _, text := range []string{chinese, english} {
			if strings.Contains(text, "command.") || strings.Contains(text, "flag.") || strings.Contains(text, "<no value>") {
				t.Errorf("%v: a phrase is missing:\n%s", args, text)
			}
		}
	}
}

// What is wrong with a command line is said in Chinese.
func TestUsageInChinese(t *testing.T) {
	t.Setenv("TERM", "xterm")
	config := filepath.Join(t.TempDir(), "config.toml")
	const text = "[[account]]\nname = \"work\"\nemail = \"me@example.com\"\n[account.incoming]\nprotocol = \"imap\"\nhost = \"localhost\"\nport = 1\nkeyring = true\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"sned", "list --frm x", "list --limit many", "list --limit -1", "list --limit", "list x", "show", "show --raw --json x.eml", "list",
		"sync --config /no/such.toml", "", "demo", "demo --data x", "show ./nothing.eml", "show Ä!", "help nothing", "send --to nobody --config CONFIG",
		"send --config CONFIG", "send --to a@b.example --config CONFIG", "send --to a@b.example --config CONFIG --account other",
		"list --config CONFIG --folder x", "list --config CONFIG --account other", "list --config CONFIG", "search --config CONFIG",
		"search --config CONFIG is:odd", "search --config CONFIG --saved x", "show 1 --config CONFIG", "send -t --subject x --config CONFIG", "check --config CONFIG",
		"sync --config CONFIG", "demo --trace -",
	} {
		args := strings.Fields(strings.ReplaceAll(line, "CONFIG", config))
		said := inLanguage(t, "zh_CN.UTF-8", args...)
		if left := leftInEnglish(said, append(args, unchanged...)); len(left) > 0 || !han.MatchString(said) {
			t.Errorf("%s: left in English: %q\n%s", line, left, said)
		}
	}
}

// The language of the configuration counts before that of the system.
func TestLanguageOfTheConfiguration(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(config, []byte("language = \"zh\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list", "--help"}, {"help", "list"}, {"list", "--limit", "many"}, {"help", "config"}, {"help", "keys"}, {"__complete", "li"}} {
		if said := inLanguage(t, "C.UTF-8", append([]string{"--config", config}, args...)...); !han.MatchString(said) && args[0] != "__complete" {
			t.Errorf("%v: %s", args, said)
		}
	}
	if said := inLanguage(t, "zh_CN.UTF-8", "__complete", "li"); !strings.Contains(said, "列出邮件") {
		t.Errorf("what a shell shows: %s", said)
	}
}

// The two examples of a configuration set the same and differ in what explains it.
func TestExamplesSetTheSame(t *testing.T) {
	code := func(text string) []string {
		var lines []string
		for line := range strings.Lines(text) {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		return lines
	}
	all := examples(t)
	english, chinese := code(all["en"]), code(all["zh"])
	if !slices.Equal(english, chinese) {
		t.Errorf("English sets\n%s\nChinese\n%s", strings.Join(english, "\n"), strings.Join(chinese, "\n"))
	}
	if !han.MatchString(all["zh"]) || strings.Count(all["en"], "\n") < 100 {
		t.Error("an example explains nothing")
	}
	for setting := range strings.Lines(all["en"]) { // settings that stand behind a #
		name, _, ok := strings.Cut(strings.TrimPrefix(setting, "# "), " ")
		if ok && strings.HasPrefix(setting, "# ") && strings.Contains(setting, " = ") && strings.ToLower(name) == name && !strings.Contains(all["zh"], "# "+name) {
			t.Errorf("%s is not in the Chinese example", name)
		}
	}
}
