package cli

import (
	"log/slog"
	"os"
	"path/filepath"
)

// maxLog is the size from which the log is begun anew, in bytes. The one
// before is kept.
const maxLog = 1 << 20

// openLog returns the log in dir, or nil: to have no log stops nothing. What
// a person has to know is never told by the log alone.
func openLog(dir string) *slog.Logger {
	path := filepath.Join(dir, "tmail.log")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil
		}
	}
	f, err := createPrivate(path)
	if err != nil {
		return nil
	}
	return slog.New(slog.NewTextHandler(f, nil))
}
