package cli

import (
	"io"
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

// trace is where the talk with servers goes.
type trace struct {
	to   io.Writer // nil: nowhere
	file *os.File  // nil: none to be closed
}

// openTrace opens what --trace names: a file, or with "-" standard error.
func (p *program) openTrace() (trace, error) {
	switch p.traceFile {
	case "":
		return trace{}, nil
	case "-":
		return trace{to: p.stderr}, nil
	}
	f, err := createPrivate(p.traceFile)
	if err != nil {
		return trace{}, usage("usage.flag", "Flag", "trace", "What", err)
	}
	return trace{f, f}, nil
}

// Close closes the file, if there is one.
func (t trace) Close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
