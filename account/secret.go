package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// secretTimeout is how long a command or the keyring may take.
const secretTimeout = 30 * time.Second

// keyringService is the service under which the system keyring knows us; the
// user is the name of the account, and "NAME outgoing" for its outgoing server.
const keyringService = "tmail"

// readSecret reads from where the password of a server comes. Given is false when
// the section does not say.
func readSecret(s *section, item string) (secret Secret, given bool) {
	password := s.password()
	command := s.passwordCommand()
	inKeyring := s.yes("keyring", false)
	var ways []string
	for _, key := range []string{"password", "password_command", "keyring", "oauth2"} {
		if s.has(key) && (key != "keyring" || inKeyring) {
			ways = append(ways, key)
		}
	}
	if s.has("oauth2") {
		s.wrong("oauth2", "is not available yet; give password_command, keyring = true or password (an app password, where the provider has them)")
	}
	if len(ways) > 1 {
		s.wrong(ways[1], "is given beside %s; keep one of them", ways[0])
	}
	switch {
	case len(ways) == 0:
		return nil, false
	case ways[0] == "password":
		return func(context.Context) (string, error) { return password, nil }, true
	case ways[0] == "password_command":
		return once(func(ctx context.Context) (string, error) { return runCommand(ctx, command, secretTimeout) }), true
	case ways[0] == "keyring":
		return once(func(ctx context.Context) (string, error) { return askKeyring(ctx, item) }), true
	}
	return nil, true
}

// password reads a password, whose value stands in no message.
func (s *section) password() string {
	password := s.text("password", "")
	if s.empty("password") {
		s.wrong("password", "is empty; remove it, or take password_command or keyring = true")
	}
	if strings.ContainsAny(password, "\r\n\x00") {
		s.wrong("password", "holds a line break or a zero byte, which no server takes")
	}
	return password
}

// passwordCommand reads the program to run and its arguments; one string is
// for the shell.
func (s *section) passwordCommand() []string {
	command := s.words("password_command")
	if command != nil && (len(command) == 0 || strings.TrimSpace(command[0]) == "") {
		s.wrong("password_command", `names no program: password_command = "pass show mail/work"`)
	}
	if v, _ := s.find("password_command"); len(command) == 1 && v == any(command[0]) {
		return []string{"sh", "-c", command[0]}
	}
	return command
}

// once returns a Secret that keeps what ask gave until the program ends. A
// failure is not kept.
func once(ask Secret) Secret {
	turn := make(chan struct{}, 1) // held by the one who asks
	var known string
	var have bool
	return func(ctx context.Context) (string, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return "", ctx.Err()
		}
		if have {
			return known, nil
		}
		secret, err := ask(ctx)
		if err != nil {
			return "", err
		}
		known, have = secret, true
		return known, nil
	}
}

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
	killTogether(cmd)

	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("password_command: %w", ctx.Err())
	case limited.Err() != nil:
		return "", fmt.Errorf("password_command: no answer within %s%s", shortDuration(limit), said(&complaints))
	case err != nil:
		return "", fmt.Errorf("password_command: %w%s", err, said(&complaints))
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(out.String(), "\n"), "\r")
	switch {
	case secret == "":
		return "", fmt.Errorf("password_command: printed nothing%s", said(&complaints))
	case strings.ContainsAny(secret, "\r\n\x00"):
		return "", errors.New("password_command: printed more than one line, but only the password is wanted; add | head -n 1")
	}
	return secret, nil
}

// said returns what a command complained of, to be put behind an error.
func said(complaints *bytes.Buffer) string {
	text := strings.TrimSpace(complaints.String())
	if text == "" {
		return ""
	}
	return ": " + text
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

// askKeyring asks the system keyring. It does not wait for one that never
// answers, as a locked one without anybody at the screen.
func askKeyring(ctx context.Context, item string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, secretTimeout)
	defer cancel()
	type answer struct {
		secret string
		err    error
	}
	got := make(chan answer, 1)
	go func() {
		secret, err := keyring.Get(keyringService, item)
		got <- answer{secret, err}
	}()
	select {
	case a := <-got:
		if errors.Is(a.err, keyring.ErrNotFound) {
			return "", fmt.Errorf("the system keyring has no password for this account; store it: %s", keyringHint(item))
		}
		if a.err != nil {
			return "", fmt.Errorf("ask the system keyring: %w", a.err)
		}
		if a.secret == "" || strings.ContainsAny(a.secret, "\r\n\x00") {
			return "", errors.New("the password in the system keyring is empty or not one line")
		}
		return a.secret, nil
	case <-limited.Done():
		if ctx.Err() != nil {
			return "", fmt.Errorf("ask the system keyring: %w", ctx.Err())
		}
		return "", fmt.Errorf("the system keyring gave no answer within %s", shortDuration(secretTimeout))
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
