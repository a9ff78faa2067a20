package pop3

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestDotReader(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, test := range []struct {
		name, in, want, rest string
		anyLF                bool
	}{
		{"empty", ".\r\n+OK", "", "+OK", false},
		{"line", "a\r\n.\r\n+OK", "a\r\n", "+OK", false},
		{"stuffed", "..\r\n...\r\n..x\r\n.\r\n", ".\r\n..\r\n.x\r\n", "", false},
		{"bare LF", "a\nb\n.\nc\r\n.\r\n", "a\nb\n.\nc\r\n", "", false},
		{"dot behind bare LF", "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", "", false},
		{"bare CR", "a\r.\r\r\n.\r\n", "a\r.\r\r\n", "", false},
		{"NUL", "a\x00\r\n.\r\n", "a\x00\r\n", "", false},
		{"long line", long + "\r\n.\r\n", long + "\r\n", "", false},
		{"CRLF across the buffer's end", long[:15] + "\r\n.." + long[:11] + "\r\r\n.\r\n", long[:15] + "\r\n." + long[:11] + "\r\r\n", "", false},
		{"LF-only server", "a\n..b\n.\n+OK", "a\n.b\n", "+OK", true},
		{"LF-only server, CRLF in the message", "a\r\n.\n+OK", "a\r\n", "+OK", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, source := range []io.Reader{strings.NewReader(test.in), iotest.OneByteReader(strings.NewReader(test.in))} {
				in := bufio.NewReaderSize(source, 16)
				got, err := io.ReadAll(newDotReader(in, test.anyLF))
				if err != nil || string(got) != test.want {
					t.Errorf("got %.60q, %v, want %.60q", got, err, test.want)
				}
				if rest, _ := io.ReadAll(in); string(rest) != test.rest {
					t.Errorf("left %.60q, want %.60q", rest, test.rest)
				}
			}
		})
	}
}

func TestDotReaderCutShort(t *testing.T) {
	for _, in := range []string{"", "a", "a\r\n", "a\r\n.", "a\r\n.\r", "a\n.\n"} {
		_, err := io.ReadAll(newDotReader(bufio.NewReader(strings.NewReader(in)), false))
		if err != io.ErrUnexpectedEOF {
			t.Errorf("%q: %v, want %v", in, err, io.ErrUnexpectedEOF)
		}
	}
}

// FuzzDotReader checks that whatever a server sends as a message comes out as
// it went in, that nothing behind it is touched, and that noise is no panic.
func FuzzDotReader(f *testing.F) {
	for _, seed := range []string{"", ".", "..", "a\r\n.\r\nb", "a\n.\n", "\r\r\n.\r", "\x00\n.\r\n", strings.Repeat(".\r\n", 9)} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, single bool) {
		const next = "+OK next\r\n"
		var source io.Reader = strings.NewReader(stuff(string(raw)) + next)
		if single {
			source = iotest.OneByteReader(source)
		}
		in := bufio.NewReaderSize(source, 16)
		got, err := io.ReadAll(newDotReader(in, false))
		want := raw
		if len(raw) > 0 && !bytes.HasSuffix(raw, []byte("\r\n")) {
			want = append(bytes.Clone(raw), "\r\n"...)
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%q came out as %q, %v", raw, got, err)
		}
		if rest, _ := io.ReadAll(in); string(rest) != next {
			t.Fatalf("behind the message there was %q", rest)
		}
		for _, anyLF := range []bool{false, true} {
			if got, _ := io.ReadAll(newDotReader(bufio.NewReader(bytes.NewReader(raw)), anyLF)); len(got) > len(raw) {
				t.Fatalf("%q became longer: %q", raw, got)
			}
		}
	})
}
