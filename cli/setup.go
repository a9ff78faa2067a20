package cli

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/mailsync"
	"tmail/ui"
)

func (p *program) setupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "command.setup",
		Long:  "command.setup_long",
		Args:  noArgs,
		RunE: p.does(func(ctx context.Context, _ []string) error {
			if err := p.needTerminal(); err != nil {
				return err
			}
			config, err := p.configured()
			if err != nil {
				return err
			}
			return p.setup(ctx, config)
		}),
	}
}

// configPath is where the configuration is or will be.
func (p *program) configPath() string {
	if p.configFile != "" {
		return p.configFile
	}
	return account.ConfigPath()
}

// configured reads the configuration; one that does not exist is empty.
func (p *program) configured() (*account.Config, error) {
	config, err := account.Load(p.configPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		config = &account.Config{Path: p.configPath()}
	case err != nil:
		return nil, usageError{err}
	}
	p.use(config)
	return config, nil
}

// setupSilence is how long a server may be silent while a person waits.
const setupSilence = 15 * time.Second

// setup adds an account to the configuration and opens the screen with it.
func (p *program) setup(ctx context.Context, config *account.Config) error {
	trace, err := p.openTrace()
	if err != nil {
		return err
	}
	defer trace.Close()
	check := mailsync.Options{Timeout: setupSilence, Trace: trace.to}
	finder := p.finder
	if finder == nil {
		finder = &account.Finder{}
	}
	renew, err := p.renewed(config)
	if err != nil {
		return err
	}
	if renew != nil { // its passphrase stays, so it has to be known
		if err := p.unlock(ctx, config); err != nil {
			return err
		}
	}
	done, err := ui.Setup(ctx, ui.SetupOptions{
		Renew: renew, Finder: finder, Accounts: config.Accounts, Path: p.configPath(), Secrets: filepath.Join(p.data(), "secrets"),
		Theme: config.Theme, Language: config.Language, Check: check,
	})
	if err != nil || done.Name == "" {
		return err
	}
	p.accountName = "" // of all, that one is shown first
	if done.Passphrase != "" {
		p.passphrase = done.Passphrase
	}
	return p.withSession(ctx, func(s *session) error {
		if err := p.unlock(ctx, s.config); err != nil {
			return err
		}
		if renew != nil { // another tmail that could not sign in tries again
			if _, err := s.store.Accounts.AskSync(ctx, done.Name); err != nil {
				return err
			}
		}
		return s.screen(ctx, ui.Options{Account: done.Name, Note: strings.Join(done.Notes, " ")})
	})
}

// renewed is the account of --account, nil without that.
func (p *program) renewed(config *account.Config) (*account.Account, error) {
	if p.accountName == "" {
		return nil, nil
	}
	s := &session{config: config}
	if _, err := s.choose(p.accountName); err != nil {
		return nil, err
	}
	return &s.accounts[0], nil
}
