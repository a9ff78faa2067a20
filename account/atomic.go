package account

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// writeFile replaces a file by data as a whole or not at all, readable for its
// owner only. A symbolic link stays one.
func writeFile(path string, data []byte) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-") // has mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// syncDir has the new name survive a power cut, where the system can do that.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}

// isOpenToOthers reports whether others than the owner may read a file of this
// mode.
func isOpenToOthers(mode os.FileMode) bool {
	return mode&0o077 != 0 && runtime.GOOS != "windows"
}
