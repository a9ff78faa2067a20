package ui

import (
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/store"
)

func TestKeysThatCannotBePressed(t *testing.T) {
	for key, want := range map[string]bool{
		"q": true, "G": true, "!": true, "计": true, "f5": true, "enter": true, "space": true, "ctrl+x": true, "ctrl+alt+left": true,
		"ctrl+_": true, "alt++": true, "+": true, "shift+tab": true, "ctrl+shift+-": true,
		"qq": false, "": false, " ": false, "ctrl+shift+alt+foo": false, "alt+ctrl+x": false, "ctrl+": false, "ctrl+X": false, "f99": false, "\x1b": false,
	} {
		if isKey(key) != want {
			t.Errorf("%q is a key: %v", key, !want)
		}
	}
	for _, b := range bindings() {
		for _, key := range b.keys {
			if !isKey(key) {
				t.Errorf("%s has the key %q, which there is not", b.action, key)
			}
		}
	}
}

func TestMistakesInKeys(t *testing.T) {
	for _, c := range []struct{ action, key, want string }{
		{"trash", "qq", `there is no key "qq"`},
		{"opn", "x", "did you mean open?"},
		{"frobnicate", "x", "tmail help keys lists them"},
	} {
		_, err := newKeymap(bindings(), &account.Config{Keys: map[string][]string{c.action: {c.key}}})
		if said := Sentence(err); !strings.Contains(said, c.want) || len(said) > 200 {
			t.Errorf("%s = %q: %s, want %q", c.action, c.key, said, c.want)
		}
	}
}

// A key that does nothing here says why.
func TestRefusals(t *testing.T) {
	onlyHTML := letter{from: "h@example.com", to: "me@example.com", subject: "only html", ago: time.Minute,
		extra: "Content-Type: text/html\r\n", body: "<p>hello</p>\n"}
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		f, err := st.Index.FolderByRole(t.Context(), "work", account.RoleInbox)
		if err != nil {
			t.Fatal(err)
		}
		deliver(t, st, f.ID, 900, onlyHTML)
	})
	s.Shows("only html").Press("7").Shows("There is no account 7")
	s.Press("enter").Shows("hello").Press("H").Shows("one form only").Press("z").Shows("no long quotes")
	s.Press("esc", "tab", "R").Shows("neither renamed nor deleted")
	if s.m.topOverlay() != nil {
		t.Error("it is asked for a name all the same")
	}
}

// The help shows every key whole.
func TestHelpShowsAllKeys(t *testing.T) {
	for _, width := range []int{40, 80, 120} {
		s := start(t, width, 50, sample)
		s.Press("c", "f1").Shows("ctrl+_", "ctrl+/", "ctrl+shift+-", "alt+shift+-")
		s.lines()
	}
}
