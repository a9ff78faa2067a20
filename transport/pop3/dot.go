package pop3

import (
	"bufio"
	"errors"
	"io"
)

// dotReader gives the bytes of one multi-line answer (RFC 1939 §3) with the
// byte-stuffing undone, in constant memory and without touching anything else:
// a line ends at CRLF only, so that bare CR and LF in a message pass and a
// "LF . LF" inside does not end it.
type dotReader struct {
	in       *bufio.Reader
	anyLF    bool   // the server ends its lines with LF alone
	lineNext bool   // what comes next begins a line
	afterCR  bool   // the last byte taken was a CR
	pending  []byte // taken from in and not handed on yet
	err      error  // what Read gives once pending is used up
}

func newDotReader(in *bufio.Reader, anyLF bool) *dotReader {
	return &dotReader{in: in, anyLF: anyLF, lineNext: true}
}

// Read returns io.EOF after the line that ends the answer, and
// io.ErrUnexpectedEOF when the connection ends before it.
func (d *dotReader) Read(p []byte) (int, error) {
	for len(d.pending) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		d.fill()
	}
	n := copy(p, d.pending)
	d.pending = d.pending[n:]
	return n, nil
}

// fill takes the next line from in, or as much of it as the buffer holds.
func (d *dotReader) fill() {
	chunk, err := d.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull): // the line goes on
	case errors.Is(err, io.EOF):
		d.err = io.ErrUnexpectedEOF
	case err != nil:
		d.err = err
	}
	if len(chunk) == 0 {
		return
	}
	if d.lineNext && chunk[0] == '.' {
		if string(chunk) == ".\r\n" || d.anyLF && string(chunk) == ".\n" {
			d.err = io.EOF
			return
		}
		chunk = chunk[1:]
	}
	d.pending = chunk
	d.lineNext = d.endsLine(chunk)
	d.afterCR = len(chunk) > 0 && chunk[len(chunk)-1] == '\r'
}

// endsLine says whether a line ends with chunk, whose CR may have been the
// last byte of the chunk before.
func (d *dotReader) endsLine(chunk []byte) bool {
	n := len(chunk)
	if n == 0 || chunk[n-1] != '\n' {
		return false
	}
	return d.anyLF || n == 1 && d.afterCR || n > 1 && chunk[n-2] == '\r'
}
