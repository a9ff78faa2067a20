package account

import (
	"context"
	"net/url"
	"path/filepath"
	"time"
)

// Keeping is where a person wants the secret of a new account to be. The zero
// Keeping is the system keyring, or where there is none an encrypted file with
// its key beside it.
type Keeping struct {
	InFile     bool   // not in the keyring
	Passphrase string // opens the file, which has no key then; "" none
	Command    string // prints the secret, which is not ours to keep; "" none
}

// Kept says where a secret is: in the system keyring, in a file, or where a
// command has it from.
type Kept struct {
	File, Command string // both "" mean the keyring
}

// KeepSecret keeps the secret of an account, in a file below dir if it is to be
// one.
func KeepSecret(ctx context.Context, dir, account, secret string, how Keeping) (Kept, error) {
	if how.Command != "" {
		return Kept{Command: how.Command}, nil
	}
	if !how.InFile && how.Passphrase == "" {
		if keyringItem(account).set(ctx, secret) == nil {
			return Kept{}, nil
		}
		if ctx.Err() != nil {
			return Kept{}, ctx.Err()
		}
	}
	file := &sealedFile{path: filepath.Join(dir, url.PathEscape(account)+".age"), passphrase: how.Passphrase}
	return Kept{File: file.path}, file.seal(secret)
}

// CommandSecret is what a command prints that the shell runs, once.
func CommandSecret(command string) Secret {
	var e Endpoint
	e.remember(lasting(commandSecret(shellCommand(command)).get), time.Now)
	return e.Secret
}

func shellCommand(line string) []string { return []string{"sh", "-c", line} }
