package mailsync

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lock says which process talks to the servers of an account. The system takes it from a process that dies.
type lock struct{ path string }

// newLock names the lock file of an account. Account names are the person's, so they are no file names as they are.
func newLock(dir, account string) *lock {
	return &lock{path: filepath.Join(dir, "account-"+hex.EncodeToString([]byte(account))+".lock")}
}

// try takes the lock and returns what gives it back, or nil when another process, or another caller in this one, has
// it.
func (l *lock) try() (unlock func(), err error) {
	f := flock.New(l.path, flock.SetPermissions(0o600))
	ok, err := f.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", l.path, err)
	}
	if !ok {
		return nil, nil
	}
	return func() { f.Unlock() }, nil
}

// wait takes the lock as soon as its owner lets go or dies, asking four times a second.
func (l *lock) wait(ctx context.Context) (unlock func(), err error) {
	ask := time.NewTicker(250 * time.Millisecond)
	defer ask.Stop()
	for {
		if unlock, err = l.try(); unlock != nil || err != nil {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ask.C:
		}
	}
}
