package cli

import (
	"errors"
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
func (p *program) unlock(config *account.Config) error {
	return config.Unlock(p.passphrase, func(path string, again bool) (string, error) {
		terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		if err != nil {
			return "", account.ErrLocked
		}
		defer terminal.Close()
		if again {
			fmt.Fprintln(terminal, lang.T("config.not_passphrase"))
		}
		fmt.Fprint(terminal, safe.Line(lang.T("config.passphrase", "Path", account.FromHome(path))))
		passphrase, err := term.ReadPassword(terminal.Fd())
		fmt.Fprintln(terminal)
		if err == nil && len(passphrase) == 0 {
			err = errors.New("no passphrase was given")
		}
		p.passphrase = string(passphrase)
		return p.passphrase, err
	})
}
