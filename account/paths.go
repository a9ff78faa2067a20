package account

import (
	"os"
	"path/filepath"
	"runtime"
)

// ConfigPath returns where the configuration file is looked for when none is
// named: $XDG_CONFIG_HOME/tmail/config.toml.
func ConfigPath() string {
	return filepath.Join(baseDir("XDG_CONFIG_HOME", ".config"), "config.toml")
}

// DataDir returns the directory of the mail, $XDG_DATA_HOME/tmail.
func DataDir() string {
	return baseDir("XDG_DATA_HOME", ".local/share")
}

// StateDir returns the directory of the log, $XDG_STATE_HOME/tmail.
func StateDir() string {
	return baseDir("XDG_STATE_HOME", ".local/state")
}

// baseDir returns the directory of tmail below the one that the variable
// names, or below a place in the home directory. The XDG specification has
// relative values ignored.
func baseDir(variable, below string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "tmail")
	}
	if runtime.GOOS == "windows" {
		if dir, err := os.UserConfigDir(); err == nil {
			return filepath.Join(dir, "tmail")
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "."
	}
	return filepath.Join(home, filepath.FromSlash(below), "tmail")
}
