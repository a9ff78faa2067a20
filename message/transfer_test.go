package message

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
	"testing"
)

func decodeAll(t *testing.T, kind transfer, in string, piece int) string {
	t.Helper()
	var out bytes.Buffer
	d := newDecoder(kind, &out)
	for len(in) > 0 {
		n := min(piece, len(in))
		if _, err := d.Write([]byte(in[:n])); err != nil {
			t.Fatal(err)
		}
		in = in[n:]
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestQuotedPrintable(t *testing.T) {
	tests := []struct{ in, want string }{
		{"a=3Db", "a=b"},
		{"a=3db", "a=b"},
		{"a=\r\nb", "ab"},
		{"a=\nb", "ab"},
		{"a= \t\r\nb", "ab"},
		{"a \t\r\nb", "a\r\nb"},
		{"a=20\r\nb", "a \r\nb"},
		{"a  b", "a  b"},
		{"a\rb", "a\rb"},
		{"a \rb", "a \rb"},
		{"a=zb", "a=zb"},
		{"a=4zb", "a=4zb"},
		{"a==3D", "a=="},
		{"a= b", "a= b"},
		{"a=", "a"},
		{"a=4", "a=4"},
		{"a ", "a"},
		{"=\r\n=\r\n=41", "A"},
		{"=41=42=43\r\n", "ABC\r\n"},
	}
	for _, test := range tests {
		for _, piece := range []int{1, 2, 3, 100} {
			if got := decodeAll(t, quotedPrintable, test.in, piece); got != test.want {
				t.Errorf("%q in pieces of %d: got %q, want %q", test.in, piece, got, test.want)
			}
		}
	}
}

// TestTransferReadsWhatIsWritten decodes what the standard library encodes.
func TestTransferReadsWhatIsWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		content := make([]byte, random.IntN(500))
		for i := range content {
			content[i] = byte(random.IntN(256))
		}
		var qp strings.Builder
		w := quotedprintable.NewWriter(&qp)
		w.Binary = true
		_, _ = w.Write(content) // a strings.Builder takes everything
		_ = w.Close()
		b64 := base64.StdEncoding.EncodeToString(content)
		width := 1 + random.IntN(100)
		var lines strings.Builder
		for i := 0; i < len(b64); i += width {
			lines.WriteString(b64[i:min(len(b64), i+width)] + "\r\n")
		}
		piece := 1 + random.IntN(100)
		if got := decodeAll(t, quotedPrintable, qp.String(), piece); got != string(content) {
			t.Fatalf("quoted-printable %q: got %q, want %q", qp.String(), got, content)
		}
		if got := decodeAll(t, base64Transfer, lines.String(), piece); got != string(content) {
			t.Fatalf("base64 %q in pieces of %d: got %q, want %q", lines.String(), piece, got, content)
		}
	}
}
