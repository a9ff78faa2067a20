package ui

import "testing"

// A key in a list of ten thousand, and the frame it makes.
func BenchmarkKey(b *testing.B) {
	s := start(b, 120, 40, large(10_000))
	s.Shows("Budget 2027").Idle()
	keys := []string{"j", "k"}
	for i := 0; b.Loop(); i++ {
		s.feed(keyPress(b, keys[i%2]))
		s.m.View()
	}
}

// A letter typed into a long message.
func BenchmarkTyping(b *testing.B) {
	s := start(b, 120, 40, sample)
	s.Shows("Budget 2027").Press("c", "tab", "tab", "tab", "tab")
	for range 10_000 {
		s.m.composer.texts[fieldBody].insert("一行不短的文字 and some more of it\n", false)
	}
	for b.Loop() {
		s.feed(keyPress(b, "x"))
		s.feed(keyPress(b, "backspace"))
		s.m.View()
	}
}
