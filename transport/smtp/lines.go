package smtp

import (
	"bytes"
	"io"
)

// lineReader gives the bytes of r with every CRLF, lone CR and lone LF as eol.
// A lone CR or LF on the wire is where one server sees a line end and the next
// does not, which lets a message smuggle in another one (RFC 5321 §2.3.8
// forbids them).
type lineReader struct {
	r       io.Reader
	eol     string
	buf     []byte // what was read
	out     []byte // ready to be handed on
	spare   []byte // the memory out is built in
	afterCR bool   // the last byte looked at was a CR, its eol is written
	err     error
}

// newLineReader returns a reader of r's bytes with uniform line ends.
func newLineReader(r io.Reader, eol string) io.Reader {
	return &lineReader{r: r, eol: eol, buf: make([]byte, 16<<10)}
}

func (l *lineReader) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		n, err := l.r.Read(l.buf)
		l.err = err
		l.translate(l.buf[:n])
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

// translate makes out of in.
func (l *lineReader) translate(in []byte) {
	out := l.spare[:0]
	if l.afterCR && len(in) > 0 && in[0] == '\n' {
		in = in[1:]
		l.afterCR = false
	}
	for len(in) > 0 {
		l.afterCR = false
		end := bytes.IndexAny(in, "\r\n")
		if end < 0 {
			out = append(out, in...)
			break
		}
		out = append(append(out, in[:end]...), l.eol...)
		switch {
		case in[end] == '\r' && end+1 == len(in):
			l.afterCR = true
		case in[end] == '\r' && in[end+1] == '\n':
			end++
		}
		in = in[end+1:]
	}
	l.spare, l.out = out, out
}
