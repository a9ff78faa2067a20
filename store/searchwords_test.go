package store

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What the index is given holds the same words for it, which parts them by itself.
func TestIndexed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := []rune("aaaaabcXYZ0189  .@_\x1f\x1e\x00\x7fäÖ会Ω")
	for range 20_000 {
		var b strings.Builder
		for range random.IntN(80) {
			n := len(letters)
			if random.IntN(3) > 0 {
				n = 5 // long words
			}
			b.WriteRune(letters[random.IntN(n)])
		}
		text := b.String()
		got := strings.FieldsFunc(strings.ToLower(indexed(text)), func(r rune) bool { return r < 0x80 && !isWordByte(byte(r)) })
		if want := wordsOf(text); !slices.Equal(got, want) {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
	}
}
