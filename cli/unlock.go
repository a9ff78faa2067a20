package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/charmbracelet/x/term"

	"tmail/account"
	"tmail/lang"
	"tmail/message/safe"
)

// unlock asks for the passphrases of secrets that have one, where there is a
// terminal to ask at; one that opened others before does it silently.
// Elsewhere they stay locked, and their accounts say so.
func (p *program) unlock(ctx context.Context, config *account.Config) error {
	return config.Unlock(p.passphrase, func(path string, again bool) (string, error) {
		in, out, err := openTerminal()
		if err != nil {
			return "", account.ErrLocked
		}
		defer in.Close()
		defer out.Close()
		if again {
			fmt.Fprintln(out, lang.T("config.not_passphrase"))
		}
		passphrase, err := askSecret(ctx, in, out, string(safe.Line(lang.T("config.passphrase", "Path", account.FromHome(path)))))
		if err == nil && passphrase == "" {
			err = failed("cli.no_passphrase")
		}
		p.passphrase = passphrase
		return passphrase, err
	})
}

// askSecret reads a line that the terminal does not show. It is silent before
// the question is there: some people type ahead.
func askSecret(ctx context.Context, in, out *os.File, question string) (string, error) {
	before, err := term.GetState(in.Fd())
	if err != nil {
		return "", fmt.Errorf("ask for the passphrase: %w", err)
	}
	silent := *before
	silence(&silent)
	if err := term.SetState(in.Fd(), &silent); err != nil {
		return "", fmt.Errorf("ask for the passphrase: %w", err)
	}
	defer term.SetState(in.Fd(), before)
	defer fmt.Fprintln(out)
	fmt.Fprint(out, question)
	answer := make(chan string, 1)
	err = reading(ctx, func() error {
		line, err := term.ReadPassword(in.Fd())
		answer <- string(line)
		return err
	})
	if err != nil {
		return "", err
	}
	return <-answer, nil
}
