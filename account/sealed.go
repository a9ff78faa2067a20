package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"filippo.io/age"
)

// keyName is the file with the key, beside the files it opens, in the form
// that age-keygen writes.
const keyName = "key.txt"

// passphraseWork is what one try of a passphrase costs, as a power of two: the
// least that OWASP recommends (128 MB, half a second), because every account
// has its file, and all are opened before the screen is.
const passphraseWork = 17

// maxSealed is far above any encrypted secret, in bytes.
const maxSealed = 1 << 20

// ErrLocked says that a secret is encrypted with a passphrase, which nobody
// has been asked for.
var ErrLocked = unhad(nil, "secret.locked")

// sealedFile is a secret in a file encrypted with age: to the key beside it,
// or with a passphrase (age -p).
type sealedFile struct {
	path string

	mu         sync.Mutex
	passphrase string // opens it; "": nobody has said it, or it has none
	unlocked   string // what the passphrase has opened; "" not yet
	sealed     []byte // the file that was opened
}

func (f *sealedFile) get(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sealed, err := f.read()
	if err != nil && f.unlocked != "" {
		return f.unlocked, nil // known, though the file is gone
	}
	if err != nil {
		return "", unreadable(f.path, err)
	}
	if f.unlocked != "" && bytes.Equal(sealed, f.sealed) {
		return f.unlocked, nil
	}
	if isLocked(sealed) {
		return f.openLocked(sealed)
	}
	key, err := readKey(filepath.Dir(f.path))
	if err != nil {
		return "", err
	}
	return f.open(sealed, key)
}

// openLocked opens what has a passphrase with the one that opened it before:
// another process has replaced the secret.
func (f *sealedFile) openLocked(sealed []byte) (string, error) {
	key, err := age.NewScryptIdentity(f.passphrase)
	if f.passphrase == "" || err != nil {
		return "", fmt.Errorf("password_file %s: %w", f.path, ErrLocked)
	}
	secret, err := f.open(sealed, key)
	if err != nil {
		return "", fmt.Errorf("password_file %s: %w", f.path, ErrLocked)
	}
	f.unlocked, f.sealed = secret, sealed
	return secret, nil
}

// set replaces the secret. What had a passphrase keeps it.
func (f *sealedFile) set(_ context.Context, secret string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, err := f.read(); err == nil && isLocked(before) && f.passphrase == "" {
		return fmt.Errorf("password_file %s: %w", f.path, ErrLocked)
	}
	return f.seal(secret)
}

// seal writes the secret, encrypted with the passphrase if there is one, else
// to the key beside the file, which is made when it is missing.
func (f *sealedFile) seal(secret string) error {
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep the secret: %w", err)
	}
	to, err := f.recipient(dir)
	if err != nil {
		return fmt.Errorf("keep the secret: %w", err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err == nil {
		_, err = io.WriteString(w, secret)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return fmt.Errorf("encrypt the secret: %w", err)
	}
	if err := writeFile(f.path, sealed.Bytes()); err != nil {
		return err
	}
	if f.passphrase != "" {
		f.unlocked, f.sealed = secret, sealed.Bytes()
	}
	return nil
}

func (f *sealedFile) recipient(dir string) (age.Recipient, error) {
	if f.passphrase != "" {
		to, err := age.NewScryptRecipient(f.passphrase)
		if err == nil {
			to.SetWorkFactor(passphraseWork)
		}
		return to, err
	}
	key, err := readKey(dir)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(dir)
	}
	if err != nil {
		return nil, err
	}
	return key.Recipient(), nil
}

func (f *sealedFile) read() ([]byte, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxSealed))
}

// open returns the one line a key gives.
func (f *sealedFile) open(sealed []byte, key age.Identity) (string, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), key)
	if err != nil {
		return "", unreadable(f.path, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return "", unreadable(f.path, err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" || strings.ContainsAny(secret, "\r\n\x00") {
		return "", unhad(nil, "secret.file_line", "Path", f.path)
	}
	return secret, nil
}

// isLocked reports whether a passphrase opens the file.
func isLocked(sealed []byte) bool {
	return bytes.HasPrefix(sealed, []byte("age-encryption.org/v1\n-> scrypt "))
}

// readKey reads the key of a directory. Others must not be able to.
func readKey(dir string) (*age.X25519Identity, error) {
	path := filepath.Join(dir, keyName)
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(path, err)
	}
	if isOpenToOthers(info.Mode()) {
		return nil, unhad(nil, "secret.key_open", "Mode", fmt.Sprintf("%04o", info.Mode().Perm()), "Path", shellQuoted(path))
	}
	keys, err := age.ParseIdentities(f)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if key, ok := keys[0].(*age.X25519Identity); ok && len(keys) == 1 {
		return key, nil
	}
	return nil, unhad(nil, "secret.key_wrong", "Path", path)
}

func makeKey(dir string) (*age.X25519Identity, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	text := "# Opens the secrets beside it. Keep it to yourself.\n" + key.String() + "\n"
	return key, writeFile(filepath.Join(dir, keyName), []byte(text))
}

// inherit takes over what was learnt of the same file earlier.
func (f *sealedFile) inherit(before *sealedFile) {
	before.mu.Lock()
	defer before.mu.Unlock()
	f.passphrase, f.unlocked, f.sealed = before.passphrase, before.unlocked, before.sealed
}

// SecretFiles returns the files that secrets are read from, by account.
func (c *Config) SecretFiles() map[string]string {
	files := map[string]string{}
	for _, a := range c.Accounts {
		if f, ok := a.Incoming.kept.(*sealedFile); ok {
			files[a.Name] = f.path
		}
	}
	return files
}

// Unlock asks for the passphrases of the files that have one. A passphrase that
// is known already, or that opened one file, is tried on the next first; ask
// gets the path of the file, and whether the last answer was wrong. Where it
// returns ErrLocked, because there is nobody to ask, the files stay locked.
func (c *Config) Unlock(known string, ask func(path string, again bool) (string, error)) error {
	passphrase := known
	for _, f := range c.sealed {
		sealed, err := f.read()
		if err != nil || !isLocked(sealed) {
			continue // told when the secret is wanted
		}
		if passphrase != "" && f.unlock(sealed, passphrase) == nil {
			continue
		}
		for again := false; ; again = true {
			passphrase, err = ask(f.path, again)
			if errors.Is(err, ErrLocked) {
				return nil // nobody to ask
			}
			if err != nil {
				return err
			}
			var wrong *age.NoIdentityMatchError
			if err = f.unlock(sealed, passphrase); err == nil {
				break
			}
			if !errors.As(err, &wrong) {
				return err
			}
		}
	}
	return nil
}

func (f *sealedFile) unlock(sealed []byte, passphrase string) error {
	if passphrase == "" {
		return &age.NoIdentityMatchError{}
	}
	key, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return err
	}
	secret, err := f.open(sealed, key)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unlocked, f.passphrase, f.sealed = secret, passphrase, sealed
	return nil
}
