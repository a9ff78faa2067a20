package account

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"tmail/lang"
)

func TestPasswordCommand(t *testing.T) {
	tests := []struct {
		name, setting, want, err string
	}{
		{"text is for the shell", `"printf one; echo two"`, "onetwo", ""},
		{"a list is run without a shell", `["echo", "$HOME;", "*"]`, "$HOME; *", ""},
		{"only one line end is cut", `"printf 'pass \r\n'"`, "pass ", ""},
		{"two lines", `"printf 'pass\nuser: me\n'"`, "", "printed more than one line, but only the password is wanted: add | head -n 1"},
		{"carriage return inside", `"printf 'pass\rword'"`, "", "printed more than one line"},
		{"nothing", `"true"`, "", "printed nothing"},
		{"failure with its words", `"echo no such entry >&2; exit 3"`, "", "password_command failed: exit status 3 (no such entry)"},
		{"no such program", `["/no/such/program"]`, "", "password_command failed: fork/exec /no/such/program: no such file or directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := loadText(t, strings.Replace(good, "keyring  = true", "password_command = "+test.setting, 1), 0o600)
			if said := troubles(c, err); said != "" {
				t.Fatal(said)
			}
			got, err := c.Accounts[0].Incoming.Secret(t.Context())
			if got != test.want || (err == nil) != (test.err == "") {
				t.Fatalf("got %q, %v", got, err)
			}
			if err != nil && !strings.Contains(lang.Sentence(err), test.err) {
				t.Errorf("got error %v", err)
			}
		})
	}
}

// TestCommandIsKilledWithItsChildren has the shell start a child that would
// hold the pipe open.
func TestCommandIsKilledWithItsChildren(t *testing.T) {
	t.Parallel()
	child := filepath.Join(t.TempDir(), "child")
	command := []string{"sh", "-c", "sleep 600 & echo $! > " + child + "; echo waiting >&2; wait"}
	_, err := runCommand(t.Context(), command, 3*time.Second)
	if err == nil || !strings.Contains(lang.Sentence(err), "no answer within 3s (waiting)") {
		t.Fatalf("got %v", err)
	}
	pid, err := os.ReadFile(child)
	if err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); alive(string(pid)); time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatal("the child lives")
		}
	}
}

// alive reports whether a process runs, where /proc tells.
func alive(pid string) bool {
	status, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(pid), "status"))
	return err == nil && strings.Contains(string(status), "sleep") && !strings.Contains(string(status), "(zombie)")
}

func TestCommandIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runCommand(ctx, []string{"sleep", "600"}, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestSecretIsAskedOnce counts the runs of a command that fails the first
// time.
func TestSecretIsAskedOnce(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	var server Endpoint
	server.remember(lasting(func(ctx context.Context) (string, error) {
		return runCommand(ctx, []string{"sh", "-c", "echo >> " + runs + "; test $(wc -l < " + runs + ") -gt 1 && echo pass"}, time.Minute)
	}), time.Now)
	secret := server.Secret
	if _, err := secret(t.Context()); err == nil {
		t.Fatal("the first run fails")
	}
	for range 3 {
		if got, err := secret(t.Context()); got != "pass" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if text, err := os.ReadFile(runs); err != nil || len(text) != 2 {
		t.Errorf("it was run %d times, %v", len(text), err)
	}
}

// TestRefusedSecret has servers refuse a secret: it is asked for once more when it has been in use, and only when
// somebody signs in again when it was new.
func TestRefusedSecret(t *testing.T) {
	kept, asked := "old", 0
	var server Endpoint
	server.remember(lasting(func(context.Context) (string, error) { asked++; return kept, nil }), time.Now)
	gives := func(want string) {
		t.Helper()
		if got, err := server.Secret(t.Context()); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	refused := func(secret string, again bool, questions int) {
		t.Helper()
		if server.Renewed(t.Context(), secret) != again || asked != questions {
			t.Errorf("%q refused: again %v after %d questions, want %v after %d", secret, !again, asked, again, questions)
		}
	}
	gives("old")
	refused("old", false, 1) // it was new
	gives("old")             // asked for anew
	gives("old")
	refused("old", false, 3) // it still is the one kept
	gives("old")
	gives("old")
	kept = "new"
	refused("old", true, 5)
	refused("old", true, 5) // of another connection
	gives("new")
	kept = "newest"
	refused("new", false, 5) // it was new; who signs in next gets another one
	gives("newest")
}

func TestKeyring(t *testing.T) {
	keyring.MockInit()
	c, err := loadText(t, good, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	secret := c.Accounts[0].Incoming.Secret
	if _, err := secret(t.Context()); err == nil || !strings.Contains(err.Error(), "home") {
		t.Errorf("nothing is stored: %v", err)
	}
	if err := keyring.Set("tmail", "home", "pass"); err != nil {
		t.Fatal(err)
	}
	if got, err := secret(t.Context()); got != "pass" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
