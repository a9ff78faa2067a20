package message

import (
	"strings"
	"testing"
)

func TestRightToLeft(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "Hello שלום": false, "שלום Hello": true, "12. — שלום": true, "مرحبا": true, "会议": false, "12:30": false,
		"\u202eabc": false, "\u200fabc": false, "\u2067שלום\u2069": true,
	} {
		d := (&Message{Plain: text}).Document(false)
		got := false
		for i := range d.Blocks {
			got = d.Blocks[i].RightToLeft()
			if strings.ContainsAny(string(d.Blocks[i].text()), "\u202e\u200f\u2067\u2069") {
				t.Errorf("%q: a control of direction is in %q", text, d.Blocks[i].text())
			}
		}
		if got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
