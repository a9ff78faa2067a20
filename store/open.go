package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// abandoned is how long bytes that nothing refers to are kept: another process
// may be storing them now. discarded is how long discarded drafts are.
const (
	abandoned = time.Hour
	discarded = 24 * time.Hour
)

// openWait is how long others may keep one from opening the database.
const openWait = 10 * time.Second

// open opens the database in dir, and a new one in its place when it is damaged.
func (s *Store) open(ctx context.Context, dir string, now func() time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("open mail store: %w", err)
	}
	lock, err := lockDir(ctx, dir)
	if err != nil {
		return fmt.Errorf("open mail store in %s: %w", dir, err)
	}
	s.lock = lock
	err = s.openFile(ctx, dir, now)
	// While another makes the file, or is the last to close it, SQLite does not
	// wait as it does else.
	for until := time.Now().Add(openWait); errors.Is(err, ErrBusy) && time.Now().Before(until) && ctx.Err() == nil; {
		time.Sleep(20 * time.Millisecond)
		err = s.openFile(ctx, dir, now)
	}
	if errors.Is(err, ErrDamaged) {
		err = s.replace(ctx, dir, now)
	}
	if err != nil {
		lock.release()
		return fmt.Errorf("open mail store in %s: %w", dir, err)
	}
	return nil
}

// openFile opens the database as it is and brings its schema up to date.
func (s *Store) openFile(ctx context.Context, dir string, now func() time.Time) error {
	if _, err := os.Stat(filepath.Join(dir, damageMark)); err == nil {
		return ErrDamaged
	}
	d, err := openDatabase(ctx, dir, now, s.watch.tell)
	if err == nil {
		if err = d.prepare(ctx); err != nil {
			d.close()
		}
	}
	if err != nil {
		return (&database{dir: dir}).explain("read database", err)
	}
	s.d = d
	return nil
}

// prepare migrates the schema and clears away what a crash left.
func (d *database) prepare(ctx context.Context) error {
	version, err := one(d.reading(ctx), value[int], "PRAGMA user_version")
	if err != nil {
		return err
	}
	if version > len(migrations) {
		return newer(version)
	}
	if version < len(migrations) {
		if err := d.update(ctx, precious, "migrate database", migrate); err != nil {
			return err
		}
	}
	return d.sweep(ctx)
}

// newer is the error of a schema that this program does not know: whatever it
// wrote could be wrong there.
func newer(version int) error {
	return fmt.Errorf("%w (version %d, this one knows %d)", ErrNewer, version, len(migrations))
}

// migrate runs what is missing. Another process may have been first.
func migrate(t *tx) error {
	version, err := one(t.query, value[int], "PRAGMA user_version")
	if err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		// Several statements in one: not prepared, and not kept.
		script := fmt.Sprintf("%s;\nPRAGMA user_version=%d", migrations[version], version+1)
		if _, err := t.d.conn.ExecContext(t.ctx, script); err != nil {
			return fmt.Errorf("to version %d: %w", version+1, err)
		}
	}
	return nil
}

// sweep drops bytes nobody refers to and drafts discarded long ago. It writes
// only when there are any, so that opening stays cheap.
func (d *database) sweep(ctx context.Context) error {
	bytesBefore, draftsBefore := d.now().Add(-abandoned).Unix(), d.now().Add(-discarded).Unix()
	left, err := one(d.reading(ctx), value[bool], `SELECT EXISTS (SELECT 1 FROM blob WHERE loose < ?)
		OR EXISTS (SELECT 1 FROM draft WHERE discarded < ?)`, bytesBefore, draftsBefore)
	if err != nil || !left {
		return err
	}
	return d.update(ctx, retold, "sweep", func(t *tx) error {
		if _, err := t.exec("DELETE FROM blob WHERE loose < ?", bytesBefore); err != nil {
			return err
		}
		_, err := t.exec("DELETE FROM message WHERE id IN (SELECT message FROM draft WHERE discarded < ?)", draftsBefore)
		return err
	})
}

// dirLock is shared by all who have the store open, and held alone while a
// damaged database is replaced.
type dirLock struct{ f *flock.Flock }

func lockDir(ctx context.Context, dir string) (*dirLock, error) {
	f := flock.New(filepath.Join(dir, "mail.lock"), flock.SetPermissions(0o600))
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if ok, err := f.TryRLockContext(ctx, 20*time.Millisecond); err != nil || !ok {
		return nil, errors.Join(ErrBusy, err)
	}
	return &dirLock{f}, nil
}

// alone runs f while nobody else has the store open; ErrBusy when somebody has.
func (l *dirLock) alone(f func() error) error {
	if err := l.f.Unlock(); err != nil {
		return err
	}
	ok, err := l.f.TryLock()
	if err != nil || !ok {
		return errors.Join(ErrBusy, err)
	}
	err = f()
	// From alone to shared: only another replacement could come between, and
	// it would find a sound database.
	if e := l.f.Unlock(); e != nil {
		return errors.Join(err, e)
	}
	if ok, e := l.f.TryRLock(); !ok {
		return errors.Join(err, ErrBusy, e)
	}
	return err
}

func (l *dirLock) release() { _ = l.f.Unlock() } // the end of the process does it too

// uriPath writes a path as SQLite's URI file names want it.
func uriPath(path string) string {
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		path = "/" + path
	}
	return (&url.URL{Path: path}).EscapedPath()
}
