package ui

import (
	"fmt"
	"strings"

	"tmail/account"
	"tmail/lang"
)

// keySections are the places a table of keys is sorted by; 0 is everywhere.
var keySections = []struct {
	id string
	at place
}{{"help.list", inList}, {"help.message", inMessage}, {"help.compose", inCompose}, {"help.folders", inFolders}, {"help.outbox", inOutbox}, {"help.everywhere", 0}}

// inSection reports whether b stands in a section: what acts wherever one reads stands in the last one only.
func (b *binding) inSection(at place) bool {
	general := b.where&reading == reading
	return at != 0 && b.where&at != 0 && !general || at == 0 && general
}

// KeyTable is every action with its keys and what it does, as the configuration has it, for people to read. What is
// wrong with [keys] is returned as Run does.
func KeyTable(c *account.Config) (string, error) {
	keys, err := newKeymap(bindings(), c)
	var b strings.Builder
	for _, s := range keySections {
		fmt.Fprintln(&b, lang.T(s.id))
		for _, bound := range keys.bindings {
			if bound.inSection(s.at) {
				fmt.Fprintf(&b, "  %-18s %-18s %s\n", strings.Join(bound.keys, "  "), bound.action, lang.T("do."+bound.action))
			}
		}
		fmt.Fprintln(&b)
	}
	return b.String(), err
}
