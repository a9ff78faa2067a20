package account

import (
	"slices"
	"strconv"
)

// Way is a way to tell of new mail.
type Way string

// The ways. WayTerminal is a notification of the terminal, WayDesktop one of
// the system.
const (
	WayBell     Way = "bell"
	WayTerminal Way = "terminal"
	WayDesktop  Way = "desktop"
	WayCommand  Way = "command"
)

var ways = []Way{WayBell, WayTerminal, WayDesktop, WayCommand}

// Notify says how new mail is told of.
type Notify struct {
	Ways    []Way    // of mail in an inbox, unless its account says otherwise
	Command []string // program and arguments, for WayCommand
}

// WaysFor says how new mail in a folder of an account is told of: as the
// account says of its mailbox or its role, else as an inbox is.
func (c *Config) WaysFor(account, mailbox string, role Role) []Way {
	for _, a := range c.Accounts {
		if a.Name != account {
			continue
		}
		if w, ok := a.Notify[mailbox]; ok {
			return w
		}
		if w, ok := a.Notify[string(role)]; ok && role != "" {
			return w
		}
	}
	if role == RoleInbox {
		return c.Notify.Ways
	}
	return nil
}

const notifyExample = `command = ["program", "argument"]`

// notify reads [notify].
func (l *loading) notify(s *section) Notify {
	n := Notify{Ways: []Way{WayTerminal}}
	t := s.below("notify", "[notify]", "notify.")
	if t == nil {
		return n
	}
	l.open(t)
	if n.Command = t.words("command"); n.Command != nil && (len(n.Command) == 0 || n.Command[0] == "") {
		t.wrong("command", "wrong.no_program", "Example", notifyExample)
	}
	l.command = len(n.Command) > 0
	if t.has("ways") {
		n.Ways = l.ways(t, "ways")
	}
	return n
}

// notifyOf reads the notify of an account, whose names are roles and mailboxes.
func (l *loading) notifyOf(s *section) map[string][]Way {
	t := s.below("notify", `notify = { inbox = ["bell"] }`, "notify.")
	if t == nil {
		return nil
	}
	by := map[string][]Way{}
	for _, folder := range t.table.keys {
		by[folder] = l.ways(t, folder)
	}
	return by
}

// ways reads a list of ways.
func (l *loading) ways(s *section, key string) []Way {
	list := []Way{}
	for _, word := range s.words(key) {
		w := Way(word)
		switch {
		case !slices.Contains(ways, w):
			s.wrong(key, "wrong.choice", "Value", strconv.Quote(word), "Words", quoted([]string{"bell", "terminal", "desktop", "command"}))
		case w == WayCommand && !l.command:
			s.wrong(key, "wrong.no_notifier", "Example", "[notify] "+notifyExample)
		case !slices.Contains(list, w):
			list = append(list, w)
		}
	}
	return list
}
