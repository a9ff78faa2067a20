package ui

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tmail/message/safe"
)

func TestEditorKeys(t *testing.T) {
	for _, c := range []struct{ name, start, keys, want string }{
		{"type", "", "a b", "ab"},
		{"backspace takes a whole emoji", "x👩‍👩‍👧", "ctrl+end backspace", "x"},
		{"backspace takes a letter with its accent", "e\u0301", "ctrl+end backspace", ""},
		{"backspace joins lines", "a\nb", "ctrl+end home backspace", "ab"},
		{"delete joins lines", "a\nb", "end delete", "ab"},
		{"word left", "one two", "ctrl+end ctrl+w", "one "},
		{"word left over Chinese", "你好, 世界", "ctrl+end ctrl+w", "你好, "},
		{"words right", "one two three", "alt+f alt+f ctrl+k", "one two"},
		{"kill to the start", "one two", "end ctrl+u", ""},
		{"kill the end, then the line break", "a\nb", "end ctrl+k", "ab"},
		{"enter", "ab", "right enter", "a\nb"},
		{"undo takes back a word at a time", "", "o n e space t w o ctrl+_", "one "},
		{"undo and redo", "", "a b ctrl+_ alt+_", "ab"},
		{"undo of a deletion", "one\ntwo", "ctrl+k ctrl+k ctrl+_ ctrl+_", "one\ntwo"},
		{"undo is a new step after moving", "", "a left b ctrl+_", "a"},
	} {
		e := newEditor(c.start, false)
		for _, name := range strings.Fields(c.keys) {
			k := keyPress(t, name)
			e.key(k.String(), k.Text)
		}
		if got := e.text(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEditorTakesNoControlCharacters(t *testing.T) {
	e := newEditor("", false)
	e.insert("a\x1b[2Jb\x00\r\nc\u009bd\xff\te", false)
	if got, want := e.text(), "a[2Jb\ncd\te"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	line := newEditor("", true)
	line.insert("To: a\nBcc: b\r\nc", false)
	if got, want := line.text(), "To: a Bcc: b c"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Whatever is done, undoing all of it gives what there was, and redoing all of it what there is.
func TestUndoIsExact(t *testing.T) {
	keys := []string{"left", "right", "up", "down", "home", "end", "backspace", "delete", "ctrl+w", "alt+d", "ctrl+u", "ctrl+k", "enter", "alt+b", "alt+f", "ctrl+home", "ctrl+end"}
	texts := []string{"a", " ", "你", "好。", "👩‍👩‍👧", "two words", "x\ny\nz", "e\u0301"}
	for seed := range int64(200) {
		random := rand.New(rand.NewSource(seed))
		start := "第一行 one\nsecond line\n\nlast"
		e := newEditor(start, false)
		for range 60 {
			if random.Intn(2) == 0 {
				e.insert(texts[random.Intn(len(texts))], random.Intn(2) == 0)
			} else if name := keys[random.Intn(len(keys))]; name == "up" || name == "down" {
				e.vertical(map[string]int{"up": -1, "down": 1}[name], 7)
			} else {
				k := keyPress(t, name)
				e.key(k.String(), k.Text)
			}
			if e.at.line >= len(e.lines) || e.at.col > len(e.lines[e.at.line]) || !utf8.ValidString(e.lines[e.at.line][:e.at.col]) {
				t.Fatalf("seed %d: the cursor is at %v in %q", seed, e.at, e.lines)
			}
			if rows, x, y := e.draw(7, 4); y < 0 || y >= 4 || x < 0 || x > 6 || len(rows) > 4 {
				t.Fatalf("seed %d: drawn with the cursor at %d,%d", seed, x, y)
			}
		}
		end := e.text()
		for e.undo() {
		}
		if got := e.text(); got != start {
			t.Fatalf("seed %d: undone to %q", seed, got)
		}
		for e.redo() {
		}
		if got := e.text(); got != end {
			t.Fatalf("seed %d: redone to %q, not %q", seed, got, end)
		}
	}
}

func TestWrapping(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"one two three", 8, []string{"one two ", "three"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"你好世界", 5, []string{"你好", "世界"}},
		{"你好，世界", 5, []string{"你", "好，", "世界"}},
		{"看（注）", 6, []string{"看", "（注）"}},
		{"word 你好", 6, []string{"word ", "你好"}},
		{"a  b", 2, []string{"a  ", "b"}},
	} {
		var got []string
		starts := wrapStarts(c.text, c.width)
		for i, from := range starts {
			to := len(c.text)
			if i+1 < len(starts) {
				to = starts[i+1]
			}
			got = append(got, c.text[from:to])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q in %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// The quick way of measuring agrees with the measure of all layout.
func FuzzCluster(f *testing.F) {
	for _, s := range []string{"a", "你好", "e\u0301x", "👩‍👩‍👧", "が", "か\u3099", "〇\u302a", "\t", "한", "ไทย"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = cleanInput(s, false)
		for rest := strings.ReplaceAll(s, "\n", ""); rest != ""; {
			n, w := cluster(rest)
			if n < 1 || n > len(rest) {
				t.Fatalf("%q: %d bytes", rest, n)
			}
			if rest[0] != '\t' && w != safe.Width(safe.Line(rest[:n])) {
				t.Fatalf("%q is %d wide, not %d", rest[:n], w, safe.Width(safe.Line(rest[:n])))
			}
			rest = rest[n:]
		}
	})
}

func TestPasteOfAnySize(t *testing.T) {
	e := newEditor("", false)
	e.insert(strings.Repeat("一行 of text\n", 200_000), false)
	if got := len(e.lines); got != 200_001 {
		t.Fatalf("%d lines", got)
	}
	e.goTo(position{100_000, 3})
	if _, _, y := e.draw(80, 20); y < 0 || y > 19 {
		t.Errorf("the cursor is on row %d", y)
	}
	e.key("x", "x")
	e.undo()
	e.undo()
	if e.text() != "" {
		t.Error("not undone")
	}
}

// A window that grew shows what is above the end of the text, not the empty rows below it.
func TestWindowThatGrewIsFilled(t *testing.T) {
	e := newEditor(strings.Repeat("a line of text\n", 100)+"end", false)
	e.goTo(e.end())
	e.draw(10, 4)
	if rows, _, y := e.draw(20, 30); len(rows) != 30 || rows[29] != "end" || y != 29 {
		t.Errorf("%d rows, cursor in row %d: %q", len(rows), y, rows)
	}
	e = newEditor("one\ntwo", false)
	if rows, _, y := e.draw(20, 30); len(rows) != 2 || y != 0 {
		t.Errorf("%d rows, cursor in row %d", len(rows), y)
	}
}
