package ui

import (
	"strings"
	"testing"
	"time"

	"tmail/store"
)

// What is read from right to left is marked, stands in the order it is read in, and brings no control of direction along.
func TestRightToLeft(t *testing.T) {
	s := start(t, 80, 24, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliverFirst(t, st, letter{from: "Noa <noa@example.com>", to: "me@example.com", subject: "A greeting", ago: time.Minute,
			extra: "Content-Type: text/plain; charset=utf-8\r\n", body: "Hello,\n\n\u2067שלום לכם\u2069, and more\n"})
	})
	s.Shows("A greeting").Idle().Press("enter").Shows("שלום לכם, and more")
	for _, row := range s.lines() {
		if marked := strings.HasPrefix(row, "◂"); marked != strings.Contains(row, "שלום") || strings.ContainsAny(row, "\u2067\u2069") {
			t.Errorf("row %q", row)
		}
	}
}
