package ui

import (
	"testing"

	"tmail/message"
)

// A name that holds a comma does not look like two people.
func TestNamesWithCommas(t *testing.T) {
	s := start(t, 80, 24, sample)
	people := []message.Address{{Name: "张三, 经理", Addr: "z@example.com"}, {Name: "Ann", Addr: "ann@example.com"}, {Name: "Myself, Me", Addr: "me@example.com"}}
	if got, want := string(s.m.namesWithMe(people)), `"张三, 经理", Ann, me`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
