package ui

import (
	"bytes"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"tmail/message/safe"
)

// Some terminals draw ambiguous characters (“ ” … and much of Greek and Cyrillic) two columns wide where the
// renderer below us counts one. There every such character is followed by a filler, which the renderer counts as
// the missing column and which is taken out of its output again.

const filler = "\U0000E0F1" // of the private use area: no mail means anything by it

// widened puts a filler behind every character the renderer takes to be narrower than the terminal draws it.
func widened(content string) string {
	if !safe.AmbiguousWide() {
		return content
	}
	var b strings.Builder
	b.Grow(len(content) + len(content)/8)
	for i := 0; i < len(content); {
		if content[i] < utf8.RuneSelf {
			b.WriteByte(content[i])
			i++
			continue
		}
		_, n := utf8.DecodeRuneInString(content[i:])
		char := content[i : i+n]
		i += n
		if char == filler {
			b.WriteString(" ")
			continue
		}
		b.WriteString(char)
		if safe.Width(safe.Text(char)) == 2 && ansi.StringWidthWc(char) == 1 {
			b.WriteString(filler)
		}
	}
	return b.String()
}

// terminal is standard output without the fillers.
type terminal struct{ *os.File }

func (t terminal) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte(filler)) {
		return t.File.Write(p)
	}
	if _, err := t.File.Write(bytes.ReplaceAll(p, []byte(filler), nil)); err != nil {
		return 0, err
	}
	return len(p), nil
}
