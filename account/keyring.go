package account

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"
)

// keyringService is the service under which the system keyring knows us; the
// user is the name of the account, and "NAME outgoing" for its outgoing server.
const keyringService = "tmail"

// keyringItem is a secret in the system keyring: the Secret Service, the
// keychain of macOS, the Credential Manager of Windows.
type keyringItem string

func (item keyringItem) get(ctx context.Context) (string, error) {
	secret, err := askKeyring(ctx, func() (string, error) { return keyring.Get(keyringService, string(item)) })
	if errors.Is(err, keyring.ErrNotFound) {
		return "", unhad(nil, "secret.keyring_none", "Command", keyringHint(string(item)))
	}
	if err == nil && (secret == "" || strings.ContainsAny(secret, "\r\n\x00")) {
		return "", unhad(nil, "secret.keyring_line")
	}
	return secret, err
}

// set stores a secret and looks whether it is there: some keyrings forget.
func (item keyringItem) set(ctx context.Context, secret string) error {
	kept, err := askKeyring(ctx, func() (string, error) {
		if err := keyring.Set(keyringService, string(item), secret); err != nil {
			return "", err
		}
		return keyring.Get(keyringService, string(item))
	})
	if err == nil && kept != secret {
		err = unhad(nil, "secret.keyring_forgot")
	}
	return err
}

// askKeyring does not wait for a keyring that never answers, as a locked one
// without anybody at the screen.
func askKeyring(ctx context.Context, ask func() (string, error)) (string, error) {
	limited, cancel := context.WithTimeout(ctx, secretTimeout)
	defer cancel()
	type answer struct {
		secret string
		err    error
	}
	got := make(chan answer, 1)
	go func() {
		secret, err := ask()
		got <- answer{secret, err}
	}()
	select {
	case a := <-got:
		if a.err != nil {
			return "", unhad(a.err, "secret.keyring_failed", "Words", a.err.Error())
		}
		return a.secret, nil
	case <-limited.Done():
		if ctx.Err() != nil {
			return "", fmt.Errorf("ask the system keyring: %w", ctx.Err())
		}
		return "", unhad(nil, "secret.keyring_silent", "Limit", shortDuration(secretTimeout))
	}
}

// keyringHint is the command that stores a password where askKeyring looks.
func keyringHint(item string) string {
	switch runtime.GOOS {
	case "darwin":
		return fmt.Sprintf("security add-generic-password -s %s -a %s -w", keyringService, shellQuoted(item))
	case "windows":
		return fmt.Sprintf("cmdkey /generic:%s:%s /user:%s /pass", keyringService, item, item)
	}
	return fmt.Sprintf("secret-tool store --label=%[1]s service %[1]s username %[2]s", keyringService, shellQuoted(item))
}
