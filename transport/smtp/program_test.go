//go:build unix

package smtp

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"tmail/account"
	"tmail/transport"
)

// program is an endpoint whose program is a shell script that works in the
// directory returned.
func program(t *testing.T, script string, args ...string) (account.Endpoint, string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "sendmail")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncd '"+dir+"'\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return account.Endpoint{Protocol: account.ProtocolSendmail, Command: append([]string{path}, args...)}, dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}

func TestProgramGetsTheMessage(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		env  Envelope
		want string
	}{
		{"no arguments", nil, Envelope{From: "ann@x", To: []string{"bob@x", "carl@x", "bob@x"}}, "-i -f ann@x -- bob@x carl@x"},
		{"recipients from the header", []string{"-t"}, Envelope{From: "ann@x", To: []string{"bob@x"}}, "-i -f ann@x -- bob@x"},
		{"both in one", []string{"-ti", "-v"}, Envelope{From: "ann@x", To: []string{"bob@x"}}, "-v -i -f ann@x -- bob@x"},
		{"sender given", []string{"-oi", "-fme@x"}, Envelope{From: "ann@x", To: []string{"bob@x"}}, "-fme@x -i -- bob@x"},
		{"null sender", nil, Envelope{To: []string{"bob@x"}}, "-i -f <> -- bob@x"},
		{"recipients like options and commands", nil, Envelope{From: "ann@x", To: []string{"-oQ/tmp@x", "$(id)@x", ";id@x"}}, "-i -f ann@x -- -oQ/tmp@x $(id)@x ;id@x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, dir := program(t, `printf '%s ' "$@" >args; cat >stdin; echo queued as 1`, test.args...)
			result, err := Send(t.Context(), patient(), ep, test.env, text("Subject: x\r\n\r\n.\rend\n"), anyStep)
			if err != nil || result.Reply != "queued as 1\n" || len(result.Accepted) == 0 {
				t.Errorf("got %+v, %v", result, err)
			}
			if got := strings.TrimSpace(read(t, dir, "args")); got != test.want {
				t.Errorf("got the arguments %q, want %q", got, test.want)
			}
			if got := read(t, dir, "stdin"); got != "Subject: x\n\n.\nend\n" {
				t.Errorf("got the message %q", got)
			}
		})
	}
}

func TestProgramThatFails(t *testing.T) {
	for _, test := range []struct {
		name, script string
		kind         transport.Kind
		code, words  string
		unconfirmed  bool
	}{
		{"no such user", "cat >/dev/null; echo unknown user >&2; exit 67", transport.KindRefused, "67", "unknown user\n", false},
		{"try later", "cat >/dev/null; echo later; exit 75", transport.KindTemporary, "75", "later\n", false},
		{"fails at once", "exit 64", transport.KindRefused, "64", "", false},
		{"killed", "cat >/dev/null; kill -9 $$", transport.KindRefused, "", "", true},
		{"ends well too early", "exit 0", transport.KindProtocol, "", "", true},
		{"says too much", "cat >/dev/null; yes | head -c 1000000; exit 1", transport.KindRefused, "1", strings.Repeat("y\n", maxWords/2), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, _ := program(t, test.script)
			result, err := Send(t.Context(), patient(), ep, toBob, text(strings.Repeat(message, 10_000)), anyStep)
			e := problem(t, err)
			if e.Kind != test.kind || e.Code != test.code || e.Words != test.words || errors.Is(err, ErrUnconfirmed) != test.unconfirmed {
				t.Errorf("got %v %q %.40q: %v", e.Kind, e.Code, e.Words, err)
			}
			if len(result.Accepted) > 0 {
				t.Errorf("got %+v", result)
			}
		})
	}
}

func TestProgramMissing(t *testing.T) {
	for _, command := range [][]string{nil, {"/nowhere/sendmail", "-t"}} {
		ep := account.Endpoint{Protocol: account.ProtocolSendmail, Command: command}
		problem(t, checked(t, patient(), ep))
		_, err := Send(t.Context(), patient(), ep, toBob, text(message), anyStep)
		problem(t, err)
	}
	ep, _ := program(t, "exit 1")
	if err := checked(t, patient(), ep); err != nil {
		t.Error(err)
	}
}

// TestProgramNeverGetsHalfAMessage has a wrapper whose child would live on and
// send what it got.
func TestProgramNeverGetsHalfAMessage(t *testing.T) {
	broken, full := errors.New("damaged block"), errors.New("disk full")
	half := func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(message), iotest.ErrReader(broken))), nil
	}
	for _, test := range []struct {
		name string
		body func() (io.ReadCloser, error)
		step func(Step, Result) error
		want error
	}{
		{"source fails", half, anyStep, broken},
		{"step fails", text(message), func(s Step, _ Result) error {
			if s == StepFinalDot {
				return full
			}
			return nil
		}, full},
	} {
		t.Run(test.name, func(t *testing.T) {
			ep, dir := program(t, `(cat >stdin && touch sent); exit 0`)
			_, err := Send(t.Context(), patient(), ep, toBob, test.body, test.step)
			if !errors.Is(err, test.want) || errors.Is(err, ErrUnconfirmed) {
				t.Errorf("got %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, "sent")); err == nil {
				t.Error("it was sent")
			}
		})
	}
}

func TestProgramCancelled(t *testing.T) {
	for _, test := range []struct {
		at          Step
		body        func() (io.ReadCloser, error)
		unconfirmed bool
	}{{StepData, endless, false}, {StepFinalDot, text(message), true}} {
		ctx, cancel := context.WithCancel(t.Context())
		ep, _ := program(t, `cat >/dev/null; sleep 1000`)
		_, err := Send(ctx, patient(), ep, toBob, test.body, func(s Step, _ Result) error {
			if s == test.at {
				cancel()
			}
			return nil
		})
		cancel()
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnconfirmed) != test.unconfirmed {
			t.Errorf("cancelled at step %d: got %v", test.at, err)
		}
	}
}
