package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tmail/account"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/message"
	"tmail/store"
)

// session is what a command works on, opened: configuration, store and engine.
type session struct {
	config   *account.Config
	only     string            // --account
	accounts []account.Account // those in working order, only one with --account
	broken   []account.Account // those disabled by their errors, likewise
	store    *store.Store
	engine   *mailsync.Engine // of accounts
	options  mailsync.Options // it was made with
	closers  []func() error   // called last first
}

// withSession runs a command in a session. Accounts that are configured wrong
// are told of at its end, whatever it did, and make the exit code 2.
func (p *program) withSession(ctx context.Context, f func(s *session) error) error {
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	err = f(s)
	if closeErr := s.close(); err == nil {
		err = closeErr
	}
	return p.reportBroken(s.broken, err)
}

// reportBroken prints the errors of broken accounts and returns the error to
// end with.
func (p *program) reportBroken(broken []account.Account, err error) error {
	if len(broken) == 0 {
		return err
	}
	if err != nil {
		p.complain(joinBroken(broken))
		return err
	}
	return joinBroken(broken)
}

// joinBroken is the error that holds all that is wrong with broken accounts.
func joinBroken(broken []account.Account) error {
	var all []error
	for _, a := range broken {
		all = append(all, a.Err)
	}
	return usageError{errors.Join(all...)}
}

// open loads the configuration and opens the store it is for.
func (p *program) open(ctx context.Context) (*session, error) {
	config, err := p.loadConfig()
	if err != nil {
		return nil, err
	}
	p.log = openLog(account.StateDir())
	return p.openStore(ctx, config, p.data())
}

// data returns the directory of the stored mail.
func (p *program) data() string {
	if p.dataDir != "" {
		return p.dataDir
	}
	return account.DataDir()
}

// loadConfig reads the configuration; to have none, or none with an account,
// is an error that says what to do.
func (p *program) loadConfig() (*account.Config, error) {
	path := p.configPath()
	config, err := account.Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage("config.none", "Path", path)
	case err != nil:
		return nil, usageError{err}
	case len(config.Accounts) == 0:
		p.use(config)
		return nil, usage("config.no_account", "Path", path)
	}
	p.use(config)
	useFallbackCharset(config)
	return config, nil
}

// use speaks the language of a configuration from now on.
func (p *program) use(config *account.Config) {
	p.speaks = true
	lang.Use(config.Language)
}

// openStore opens the store in dir for the accounts of config.
func (p *program) openStore(ctx context.Context, config *account.Config, dir string) (*session, error) {
	s := &session{config: config, only: p.accountName}
	working, err := s.choose(s.only)
	if err != nil {
		return nil, err
	}
	if s.store, err = store.Open(ctx, dir, time.Now); err != nil {
		return nil, fmt.Errorf("open the mail in %s: %w", dir, err)
	}
	s.closers = append(s.closers, s.store.Close)
	if err := s.store.Accounts.Register(ctx, working...); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.options = mailsync.Options{Dir: dir, Now: time.Now, Log: p.log, Online: mailsync.Online(ctx)}
	trace, err := p.openTrace()
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.closers = append(s.closers, trace.Close)
	s.options.Trace = trace.to
	s.engine = mailsync.New(s.store, s.accounts, s.options)
	return s, nil
}

// createPrivate opens a file for writing that only its owner can read, also
// when it was there before.
func createPrivate(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		err = f.Chmod(0o600)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// choose sorts the accounts into working and broken ones, and keeps the one
// called only when that is not empty. It returns all working ones.
func (s *session) choose(only string) (working []account.Account, err error) {
	var names []string
	for _, a := range s.config.Accounts {
		names = append(names, a.Name)
		chosen := only == "" || a.Name == only
		switch {
		case a.Err != nil && chosen:
			s.broken = append(s.broken, a)
		case a.Err == nil && chosen:
			s.accounts = append(s.accounts, a)
		}
		if a.Err == nil {
			working = append(working, a)
		}
	}
	switch {
	case len(s.accounts) > 0:
		return working, nil
	case len(s.broken) > 0:
		return nil, joinBroken(s.broken)
	}
	return nil, usage("usage.no_account", "Name", strconv.Quote(only), "Names", strings.Join(names, ", "))
}

// isChosen reports whether the account is one the command is about.
func (s *session) isChosen(name string) bool {
	for _, a := range s.accounts {
		if a.Name == name {
			return true
		}
	}
	return false
}

func (s *session) close() error {
	var all []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		all = append(all, s.closers[i]())
	}
	return errors.Join(all...)
}

// useFallbackCharset tells the reading of messages what text is in that does not say.
func useFallbackCharset(config *account.Config) {
	charset := config.FallbackCharset
	if charset == "auto" {
		charset = ""
	}
	if err := message.SetFallback(charset); err != nil {
		panic(err) // the configuration lets through what is known only
	}
}
