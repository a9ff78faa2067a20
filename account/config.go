package account

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxConfigSize is far above any configuration written by hand, in bytes.
const maxConfigSize = 1 << 20

// Config is the whole configuration file, checked and with defaults filled in.
type Config struct {
	Path      string // the file it was read from
	Language  string // "auto", "en" or "zh"
	Theme     string // "auto", "dark" or "light"
	Editor    string // "" means $VISUAL, then $EDITOR
	UndoDelay time.Duration
	Mouse     bool   // clicks and the wheel are for tmail
	Notify    Notify // how new mail is told of
	// FallbackCharset is that of 8-bit text which declares none and could be in several; "auto" guesses.
	FallbackCharset string
	// AddressCommand is a program with its arguments that finds addresses besides those in the mail; nil: none.
	AddressCommand []string
	Keys           map[string][]string // action to keys; which actions exist is known to the screen only
	Accounts       []Account

	keyPlaces map[string]place  // of what Keys holds
	sealed    []*sealedFile     // that secrets are read from
	accounts  [sha256.Size]byte // of what the file says of accounts
}

// FallbackCharsets are the values of the setting fallback_charset.
func FallbackCharsets() []string {
	return []string{"auto", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1250", "windows-1251", "windows-1252", "windows-1253",
		"windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-874", "iso-8859-2", "iso-8859-15", "koi8-r", "koi8-u"}
}

// Load reads the configuration file at path. It returns an *Errors that holds
// every problem of the file at once, or an error that is fs.ErrNotExist. What
// is wrong inside one [[account]] is no error of Load: it is the Err of that
// Account, and the others work.
func Load(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if info.IsDir() {
		found := &problems{file: path}
		found.add(place{}, "wrong.directory")
		return nil, found.err()
	}
	data, err := io.ReadAll(io.LimitReader(f, maxConfigSize+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return read(path, data, info.Mode().Perm())
}

// read makes a Config of the contents of the file at path, which has the mode.
func read(path string, data []byte, mode os.FileMode) (*Config, error) {
	found := &problems{file: path}
	if len(data) > maxConfigSize {
		found.add(place{}, "wrong.too_large")
		return nil, found.err()
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) { // UTF-16: each line would be wrong
		found.add(place{line: 1}, "wrong.not_unicode")
		return nil, found.err()
	}
	if checkSyntax(data, found); len(found.list) > 0 {
		return nil, found.err()
	}
	root, err := parse(data)
	if err != nil {
		found.add(place{}, "wrong.syntax", "Words", err.Error())
		return nil, found.err()
	}
	if at, ok := secretIn(root); ok && isOpenToOthers(mode) {
		found.add(at, "wrong.secret_readable", "Mode", fmt.Sprintf("%04o", mode), "Path", shellQuoted(path))
	}
	l := &loading{dir: filepath.Dir(path)}
	c := l.config(root, path, found)
	if len(found.list) == 0 {
		return c, nil
	}
	for _, a := range c.Accounts { // nothing works now: tell all at once
		if err, ok := a.Err.(*Errors); ok {
			found.list = append(found.list, err.Problems...)
		}
	}
	return nil, found.err()
}

// secretIn looks for a secret written into the file, however deep.
func secretIn(t *table) (place, bool) {
	for _, key := range t.keys {
		e := t.entries[key]
		if key == "password" || key == "client_secret" || key == "refresh_token" {
			return e.place, true
		}
		if at, ok := secretInValue(e.value); ok {
			return at, ok
		}
	}
	return place{}, false
}

func secretInValue(v any) (place, bool) {
	switch v := v.(type) {
	case *table:
		return secretIn(v)
	case []*entry:
		for _, e := range v {
			if at, ok := secretInValue(e.value); ok {
				return at, ok
			}
		}
	}
	return place{}, false
}

// shellQuoted returns path as a shell takes it for one word.
func shellQuoted(path string) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("/._-+@", r)
	}
	if !strings.ContainsFunc(path, func(r rune) bool { return !plain(r) }) && !strings.HasPrefix(path, "-") {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// loading is the reading of one file.
type loading struct {
	dir      string     // relative paths in the file start here
	sections []*section // all that were read, to say where a lost setting belongs
	command  bool       // there is one that tells of new mail
	sealed   []*sealedFile
}

// open remembers s until its unknown settings are reported.
func (l *loading) open(s *section) *section {
	l.sections = append(l.sections, s)
	return s
}

// config reads the file. Problems outside of accounts go to found.
func (l *loading) config(root *table, path string, found *problems) *Config {
	s := l.open(&section{table: root, found: found})
	c := &Config{
		Path:      path,
		Language:  s.choice("language", "auto", "auto", "en", "zh"),
		Theme:     s.choice("theme", "auto", "auto", "dark", "light"),
		Editor:    s.line("editor", ""),
		UndoDelay: s.duration("undo_delay", 10*time.Second, 0, time.Hour),

		Mouse: s.yes("mouse", true),

		FallbackCharset: s.choice("fallback_charset", "auto", FallbackCharsets()...),
		AddressCommand:  s.command("address_command"),
	}
	c.Keys, c.keyPlaces = readKeys(s)
	c.Notify = l.notify(s)

	tables := s.each("account", "[[account]]", "")
	trouble := make([]*problems, len(tables))
	for i, t := range tables {
		trouble[i] = &problems{file: path, nth: i + 1}
		t.found = trouble[i]
		c.Accounts = append(c.Accounts, l.account(l.open(t), c.Accounts))
	}
	for _, s := range l.sections {
		s.unknown(l.sections)
	}
	for i := range c.Accounts {
		c.Accounts[i].Err = trouble[i].err()
	}
	c.sealed = l.sealed
	c.accounts = sha256.Sum256([]byte(root.accounts()))
	return c
}

// readKeys reads [keys], whose names are actions.
func readKeys(s *section) (map[string][]string, map[string]place) {
	keys, places := map[string][]string{}, map[string]place{}
	bindings := s.below("keys", "[keys]", "keys.")
	if bindings == nil {
		return keys, places
	}
	for _, action := range bindings.table.keys {
		if words := bindings.words(action); words != nil {
			keys[action] = words
			places[action] = bindings.table.entries[action].place
		}
		if slices.Contains(keys[action], "") {
			bindings.wrong(action, "wrong.empty_key")
		}
	}
	return keys, places
}

// KeyProblem returns the error that says what is wrong with the binding of
// action in [keys], with the line it stands on: a phrase of package lang and
// its values, to which "Key" is added.
func (c *Config) KeyProblem(action, wrong string, values ...any) error {
	found := &problems{file: c.Path}
	found.add(c.keyPlaces[action], wrong, append(values, "Key", "keys."+action)...)
	return found.err()
}

// TakeOver has a configuration that was read again go on with what the one
// before has learnt: secrets that were unlocked and, when the file says the
// same of the accounts, the accounts themselves. It reports whether it does.
func (c *Config) TakeOver(before *Config) (sameAccounts bool) {
	if c.accounts == before.accounts {
		c.Accounts, c.sealed = before.Accounts, before.sealed
		return true
	}
	for _, f := range c.sealed {
		for _, old := range before.sealed {
			if old.path == f.path {
				f.inherit(old)
			}
		}
	}
	return false
}
