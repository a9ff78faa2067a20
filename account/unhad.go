package account

import (
	"errors"
	"fmt"
	"io/fs"
)

// SecretError says why a secret could not be had or kept. It knows what
// happened and not how one says that: see Phrase.
type SecretError struct {
	phrase
	err error // below; nil: none
}

// unhad is a SecretError, by its phrase and the values in that. What caused it
// may be nil.
func unhad(cause error, id string, values ...any) error {
	return &SecretError{phrase{id, values}, cause}
}

// Error is for logs; people read the Phrase.
func (e *SecretError) Error() string {
	if e.err == nil {
		return e.String()
	}
	return fmt.Sprintf("%s: %v", e.phrase, e.err)
}

func (e *SecretError) Unwrap() error { return e.err }

// unreadable says that a file with a secret cannot be read, in the words of
// the system or of who decrypts.
func unreadable(path string, err error) error {
	words := err.Error()
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		words = of.Err.Error() // the path stands in the sentence
	}
	return unhad(err, "secret.file", "Path", path, "Words", words)
}
