package message

import "testing"

func TestFlags(t *testing.T) {
	f := Seen | Flagged
	if !f.Has(Seen) || !f.Has(Seen|Flagged) || f.Has(Seen|DraftFlag) {
		t.Errorf("%s has the wrong marks", f)
	}
	if got := (f | NotJunk).String(); got != "seen flagged notjunk" {
		t.Errorf("String: %q", got)
	}
}
