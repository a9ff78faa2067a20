package cli

import (
	"context"
	"os"
	"time"

	"tmail/account"
	"tmail/mailsync"
	"tmail/ui"
)

// reloadPause is how often the configuration file is looked at while the
// screen is open.
const reloadPause = time.Second

// workers runs the engine of a screen, and another one in its place when the
// accounts change.
type workers struct {
	ctx    context.Context
	leave  func()          // without an engine there is nothing to show
	listed <-chan struct{} // closed when the first rows are on the screen
	stop   context.CancelFunc
	ended  chan error
}

// firstRows is how long everything else waits for the first rows to be on the
// screen, which may never be: a store without folders has none.
const firstRows = 200 * time.Millisecond

func (w *workers) start(engine *mailsync.Engine) {
	ctx, stop := context.WithCancel(w.ctx)
	ended := make(chan error, 1)
	w.stop, w.ended = stop, ended
	go func() {
		w.giveWay(ctx)
		err := engine.Run(ctx)
		if err != nil {
			w.leave()
		}
		ended <- err
		close(ended)
	}()
}

// giveWay leaves processor and disk to the first rows.
func (w *workers) giveWay(ctx context.Context) {
	late := time.NewTimer(firstRows)
	defer late.Stop()
	select {
	case <-w.listed:
	case <-late.C:
	case <-ctx.Done():
	}
}

// end stops the engine and returns what it ended with, the first time.
func (w *workers) end() error {
	w.stop()
	return <-w.ended
}

// stamp tells one state of a file from another.
type stamp struct {
	at   time.Time
	size int64
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// watched is a file that may change.
type watched struct{ known, seen stamp }

// changed reports whether the file has changed since it last did, and is at rest.
func (f *watched) changed(path string) bool {
	now := stampOf(path)
	if now == f.known || now != f.seen || now == (stamp{}) {
		f.seen = now
		return false
	}
	f.known = now
	return true
}

// follow reads the configuration again whenever its file has changed and is
// at rest, until ctx ends, and tells the screen. With other accounts it gives
// the work to another engine. A secret in a file that was replaced is a reason
// for the account to sign in, if it could not before.
func (s *session) follow(ctx context.Context, w *workers, tell chan<- ui.Reload) {
	config := &watched{known: stampOf(s.config.Path)}
	secrets := map[string]*watched{}
	look := time.NewTicker(reloadPause)
	defer look.Stop()
	for {
		for name, path := range s.config.SecretFiles() {
			if secrets[path] == nil {
				secrets[path] = &watched{known: stampOf(path)}
			}
			if secrets[path].changed(path) {
				s.engine.Refresh(name)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		if !config.changed(s.config.Path) {
			continue
		}
		select {
		case tell <- s.reload(ctx, w):
		case <-ctx.Done():
			return
		}
	}
}

// reload takes over the configuration. One that is wrong is told of and leaves
// everything as it is.
func (s *session) reload(ctx context.Context, w *workers) ui.Reload {
	config, err := account.Load(s.config.Path)
	if err == nil {
		_, err = ui.KeyTable(config)
	}
	if err == nil && len(config.Accounts) == 0 {
		err = usage("config.no_account", "Path", s.config.Path)
	}
	if err != nil {
		return ui.Reload{Err: err}
	}
	useFallbackCharset(config)
	if config.TakeOver(s.config) {
		s.config = config
		return ui.Reload{Config: config, Engine: s.engine}
	}
	next := &session{config: config, only: s.only}
	working, err := next.choose(s.only)
	if err == nil {
		err = s.store.Accounts.Register(ctx, working...)
	}
	if err != nil {
		return ui.Reload{Err: err}
	}
	if err := w.end(); err != nil {
		return ui.Reload{Err: err}
	}
	s.config, s.accounts, s.broken = config, next.accounts, next.broken
	s.engine = mailsync.New(s.store, s.accounts, s.options)
	w.start(s.engine)
	return ui.Reload{Config: config, Engine: s.engine}
}
