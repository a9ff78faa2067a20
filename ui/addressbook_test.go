package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/store"
)

// addressCommand is a shell script that serves as the address command.
func addressCommand(t *testing.T, script string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "addresses")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{path, "--parsable"}
}

func TestAddressCommandAddsToOnesOwn(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.m.Config.AddressCommand = addressCommand(t, `echo "searching for '$2'"
printf 'ANN@example.com\tAnn Again\tknown\n'
printf 'anna@example.org\tAnna, "of" \033[31mRed\tcolleague\n\nno address\tat all\n'
printf 'an nb@example.org\n'
`)
	s.Shows("Budget 2027").Press("c").Type("ann").Shows("ann@example.com", "anna@example.org").Hides("Ann Again", "no address", "an nb@", "\x1b")
	s.Press("down", "enter").Type("x@example.com")
	if got, want := s.m.composer.texts[fieldTo].text(), `"Anna, \"of\" [31mRed" <anna@example.org>, x@example.com`; got != want {
		t.Errorf("To is %q, want %q", got, want)
	}
}

// What was typed is one argument, whatever is in it, and never an option.
func TestAddressCommandIsGivenWords(t *testing.T) {
	given := filepath.Join(t.TempDir(), "given")
	argv := addressCommand(t, fmt.Sprintf(`printf '%%s|' "$@" >> %s`, given))
	for _, word := range []string{"ann; touch x", "$(id)", "王"} {
		if _, err := runAddressCommand(context.Background(), argv, word); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(given)
	if want := "--parsable|ann; touch x|--parsable|$(id)|--parsable|王|"; err != nil || string(got) != want {
		t.Errorf("given %q, want %q", got, want)
	}
	s := start(t, 100, 30, sample)
	s.m.Config.AddressCommand = argv
	s.Shows("Budget 2027").Press("c")
	if cmd := s.m.lookUp("--help"); cmd != nil {
		t.Error("an option is looked up")
	}
}

func TestAddressCommandThatMisbehaves(t *testing.T) {
	for name, script := range map[string]string{
		"endless":         "yes 'a@example.com\tA'",
		"one endless row": "tr '\\0' 'a' < /dev/zero",
		"silent":          "exit 1",
		"not text":        "head -c 30000 /dev/zero",
	} {
		list, err := runAddressCommand(context.Background(), addressCommand(t, script), "ann")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if found := name == "endless"; (len(list) > 0) != found {
			t.Errorf("%s: %d addresses", name, len(list))
		}
	}
	if _, err := runAddressCommand(context.Background(), []string{"/nonexistent"}, "ann"); err == nil {
		t.Error("a command that is not there finds nothing, it seems")
	}
	begun := time.Now()
	if _, err := runAddressCommand(context.Background(), addressCommand(t, "sleep 60 & wait"), "ann"); !errors.Is(err, errNoAnswer) {
		t.Errorf("slow: %v", err)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("waited for %v", took)
	}
}

func TestAddressCommandThatFailsIsTold(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.m.Config.AddressCommand = []string{"nosuchcommand"}
	s.Shows("Budget 2027").Press("c").Type("ann").Shows("nosuchcommand, which address_command names", "ann@example.com")
	options := slices.Clone(s.m.composer.completion.options)
	if len(options) == 0 || !strings.EqualFold(options[0].Address.Addr, "ann@example.com") || options[0] == (store.Correspondent{}) {
		t.Errorf("offered %v", options)
	}
}

// Whoever chose an address and types the comma behind it has one, and a Chinese comma is one, too.
func TestCommasBetweenAddresses(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("ann").Shows("ann@example.com", "enter choose").Press("enter").Type(", wxm").Shows("wxm@example.com").Press("enter")
	s.Type("bob@example.com；eve@example.com，x@example.com")
	if got, want := s.m.composer.texts[fieldTo].text(), "Ann Archer <ann@example.com>, 王小明 <wxm@example.com>, bob@example.com;eve@example.com,x@example.com"; got != want {
		t.Errorf("To is %q", got)
	}
	if d := s.m.composer.snapshot(); len(d.To) != 5 {
		t.Errorf("To has %v", d.To)
	}
}
