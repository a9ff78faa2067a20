package account

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"tmail/process"
)

// runCommand runs a password command, for as long as limit, and returns the
// line it prints.
func runCommand(ctx context.Context, command []string, limit time.Duration) (string, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(limited, command[0], command[1:]...)
	cmd.Stdout = &capped{to: &out, left: 64 << 10}
	cmd.Stderr = &capped{to: &complaints, left: 4 << 10}
	cmd.WaitDelay = time.Second
	process.Group(cmd)

	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("password_command: %w", ctx.Err())
	case limited.Err() != nil:
		return "", unhad(nil, "secret.command_silent", "Limit", shortDuration(limit), "Said", said(&complaints))
	case err != nil:
		return "", unhad(err, "secret.command_failed", "Words", err.Error(), "Said", said(&complaints))
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(out.String(), "\n"), "\r")
	switch {
	case secret == "":
		return "", unhad(nil, "secret.command_nothing", "Said", said(&complaints))
	case strings.ContainsAny(secret, "\r\n\x00"):
		return "", unhad(nil, "secret.command_lines")
	}
	return secret, nil
}

// said returns what a command complained of, to be put behind a sentence.
func said(complaints *bytes.Buffer) string {
	text := strings.Join(strings.Fields(complaints.String()), " ")
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// capped writes the first bytes and swallows the others, so that a command
// that never stops talking costs no memory.
type capped struct {
	to   *bytes.Buffer
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	n := min(len(p), c.left)
	c.left -= n
	c.to.Write(p[:n])
	return len(p), nil
}

// commandSecret is a secret that a command prints.
type commandSecret []string

func (c commandSecret) get(ctx context.Context) (string, error) {
	return runCommand(ctx, c, secretTimeout)
}

func (c commandSecret) set(context.Context, string) error {
	return unhad(nil, "secret.by_command")
}
