package store

import (
	"fmt"
	"slices"
	"testing"
)

// A database from before there were conversations gets them afterwards, from the headers of what is stored.
func TestOlderMessagesAreTied(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	letters := []letter{{name: "aaaa"}, {name: "bbbb", refs: []string{"aaaa"}}, {name: "cccc", refs: []string{"none", "bbbb"}}, {name: "dddd"}}
	var list []NewMessage
	for i, l := range letters {
		list = append(list, l.mail(uint32(i+1)))
	}
	added, err := s.Remote.Add(t.Context(), inbox, list)
	must(t, err)
	want := threadsOf(t, s, inbox)
	for i, m := range list {
		raw := fmt.Sprintf("Message-ID: <%s>\r\nReferences:", m.Envelope.MessageID)
		for _, r := range m.Envelope.References {
			raw += " <" + r + ">"
		}
		must(t, s.Bodies.Put(t.Context(), []Body{{ID: added[i], Raw: []byte(raw + "\r\n\r\ntext\r\n")}}))
	}
	must(t, s.d.update(t.Context(), retold, "forget", func(t *tx) error {
		return t.execAll(nil, "UPDATE message SET thread = NULL", "DELETE FROM reference", "DELETE FROM thread")
	}))
	if got := threadsOf(t, s, inbox); len(got) != 4 {
		t.Fatalf("before, %q", got)
	}
	for more := true; more; {
		more, err = s.Remote.TieOlder(t.Context(), 2)
		must(t, err)
	}
	if got := threadsOf(t, s, inbox); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
