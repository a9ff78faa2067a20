package ui

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/process"
	"tmail/store"
)

// The address command: a program of the person's own, as khard or abook, that finds addresses which are not in the mail.

const (
	lookUpPause = 150 * time.Millisecond // without another letter
	lookUpTime  = 3 * time.Second
	lookUpLimit = 64 << 10 // bytes looked at of what it prints
)

// foundAddresses is what the command knows of a word.
type foundAddresses struct {
	gen  int
	list []message.Address
	err  error
}

// lookUp asks the command once typing pauses.
func (m *model) lookUp(word string) tea.Cmd {
	argv := m.Config.AddressCommand
	if !asksCommand(argv, word) {
		return nil
	}
	ctx, gen := m.composer.completion.found.begin(m.ctx)
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookUpPause):
		}
		list, err := runAddressCommand(ctx, argv, word)
		return foundAddresses{gen, list, err}
	}
}

func (f foundAddresses) apply(m *model) tea.Cmd {
	c := m.composer
	if c == nil || !c.completion.found.end(f.gen) {
		return nil
	}
	if f.err != nil {
		m.failWith(lang.T("compose.address_command", "Command", m.Config.AddressCommand[0], "Words", f.err.Error()), f.err.Error())
		return nil
	}
	c.completion.options = addFound(c.completion.options, f.list)
	return nil
}

// asksCommand reports whether the command is asked for a word. One with a dash in front would be an option.
func asksCommand(argv []string, word string) bool {
	return len(argv) > 0 && len(word) >= 2 && !strings.HasPrefix(word, "-")
}

// addFound puts what the command found behind one's own, as far as there is room.
func addFound(known []store.Correspondent, found []message.Address) []store.Correspondent {
	for _, a := range found {
		same := func(o store.Correspondent) bool { return strings.EqualFold(o.Address.Addr, a.Addr) }
		if len(known) < completions && !slices.ContainsFunc(known, same) {
			known = append(known, store.Correspondent{Address: a})
		}
	}
	return known
}

var errNoAnswer = errors.New("it gave no answer in time")

// runAddressCommand runs the command, without a shell, with the word as its last argument. One that ends with an error
// has found nothing: that is how some say so.
func runAddressCommand(ctx context.Context, argv []string, word string) ([]message.Address, error) {
	limited, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	out := firstBytes{limit: lookUpLimit}
	cmd := exec.CommandContext(limited, expandHome(argv[0]), append(slices.Clone(argv[1:]), word)...)
	cmd.Stdout, cmd.WaitDelay = &out, time.Second
	process.Group(cmd)
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, errNoAnswer
	case err != nil && !out.full && !errors.As(err, &ended):
		return nil, err
	}
	return readAddresses(out.kept), nil
}

// readAddresses takes the lines "address TAB name" and whatever follows; what is no address is passed over.
func readAddresses(printed []byte) (list []message.Address) {
	for line := range bytes.Lines(printed) {
		addr, rest, _ := strings.Cut(cleanInput(string(line), false), "\t")
		name, _, _ := strings.Cut(rest, "\t")
		if found, err := message.ParseAddressList(addr); err == nil && len(found) == 1 && found[0].Name == "" {
			list = append(list, message.Address{Name: strings.TrimSpace(name), Addr: found[0].Addr})
		}
	}
	return list
}
