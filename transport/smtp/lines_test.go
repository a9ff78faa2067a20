package smtp

import (
	"bufio"
	"bytes"
	"io"
	"net/textproto"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLineReader(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		"a":              "a",
		"a\r\nb\r\n":     "a\r\nb\r\n",
		"a\nb\rc\r\n":    "a\r\nb\r\nc\r\n",
		"\n\r":           "\r\n\r\n",
		"\r\r\n\n":       "\r\n\r\n\r\n",
		"a\r.\r\nb":      "a\r\n.\r\nb",
		"\r":             "\r\n",
		"a\n.\nMAIL\n":   "a\r\n.\r\nMAIL\r\n",
		"nul\x00\xff\r ": "nul\x00\xff\r\n ",
	} {
		for _, source := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
			if got, err := io.ReadAll(newLineReader(source, "\r\n")); err != nil || string(got) != want {
				t.Errorf("%q became %q, %v, want %q", in, got, err, want)
			}
		}
		if got, _ := io.ReadAll(newLineReader(strings.NewReader(in), "\n")); string(got) != strings.ReplaceAll(want, "\r\n", "\n") {
			t.Errorf("%q became %q with LF", in, got)
		}
	}
}

var lineEnd = regexp.MustCompile("\r\n|\r|\n")

// FuzzLines sends whatever bytes there are the way Send does and reads them as
// a strict server does: nothing but line ends may change, no CR or LF stands
// alone on the wire, and the message ends where it ends.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", ".", "a\r.\r\nb", "\r\n.\r\n", "\n.\n", "\r", "\n\r\n\r", "..\r\n.", "\x00\r\x00"} {
		f.Add([]byte(seed), false)
	}
	f.Add(bytes.Repeat([]byte("\r"), 16<<10), true)
	f.Fuzz(func(t *testing.T, raw []byte, single bool) {
		var source io.Reader = bytes.NewReader(raw)
		if single {
			source = iotest.OneByteReader(source)
		}
		var onWire bytes.Buffer
		w := bufio.NewWriter(&onWire)
		dots := textproto.NewWriter(w).DotWriter()
		if _, err := io.Copy(dots, newLineReader(source, "\r\n")); err != nil {
			t.Fatal(err)
		}
		dots.Close()
		w.Flush()

		sent := onWire.String()
		if rest := strings.ReplaceAll(sent, "\r\n", ""); strings.ContainsAny(rest, "\r\n") {
			t.Fatalf("%q goes out as %q", raw, sent)
		}
		want := lineEnd.ReplaceAllString(string(raw), "\r\n")
		if !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if got := received(t, sent); got != want {
			t.Fatalf("%q arrives as %q, want %q", raw, got, want)
		}
	})
}

// received undoes the dot-stuffing (RFC 5321 §4.5.2) of one message.
func received(t *testing.T, sent string) string {
	var b strings.Builder
	for sent != "" {
		line, rest, found := strings.Cut(sent, "\r\n")
		if !found {
			t.Fatalf("no line: %q", sent)
		}
		if line == "." {
			if rest != "" {
				t.Fatalf("behind the message there is %q", rest)
			}
			return b.String()
		}
		b.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
		sent = rest
	}
	t.Fatal("the message has no end")
	return ""
}
