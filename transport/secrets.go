package transport

import (
	"errors"
	"strings"
)

// minSecret is how long a secret has to be to be blotted out of what a server says, in bytes: shorter ones are found
// in any sentence.
const minSecret = 4

// hide keeps a secret out of the trace and out of what redact is given, from now on.
func (c *Conn) hide(secret string) {
	if len(secret) >= minSecret {
		c.secrets = append(c.secrets, secret)
	}
	c.trace.hide(secret)
}

// redact returns an error of this connection without the secrets of the sign-in, in whatever form they went over it:
// there are servers that repeat what they refuse. It is for the goroutine that signs in, and ends the talk.
func (c *Conn) redact(err error) error {
	var known *Error
	if err == nil || !c.tells(err.Error()) {
		return err
	}
	if !errors.As(err, &known) {
		return errors.New(c.blot(err.Error()))
	}
	redacted := *known
	redacted.Words = c.blot(known.Words)
	if known.Err != nil && c.tells(known.Err.Error()) {
		redacted.Err = errors.New(c.blot(known.Err.Error()))
	}
	return &redacted
}

// tells says whether a secret is in a text, also as %q writes it.
func (c *Conn) tells(text string) bool { return c.blot(text) != text }

func (c *Conn) blot(text string) string {
	for _, s := range c.secrets {
		text = strings.ReplaceAll(text, s, "***")
	}
	return text
}
