package message

import (
	"bufio"
	"bytes"
	"io"
)

// lineSize is the longest line seen as one; what is longer passes in pieces.
const lineSize = 64 << 10

// source reads a message line by line in constant memory, and can take back
// what was read too far.
type source struct {
	r      *bufio.Reader
	back   [][]byte // taken back, the last to be read first
	mid    bool     // the last line has not ended yet
	last   sourceLine
	redo   bool  // next returns last again
	err    error // of the reader, but for io.EOF
	halted bool  // no more is wanted: the message ends here
}

// sourceLine is a line with its end, or a piece of a long one. It is valid
// until the next is read.
type sourceLine struct {
	text  []byte
	start bool // at the start of a line
}

func newSource(r io.Reader) *source {
	size := lineSize
	if whole, ok := r.(interface{ Len() int }); ok { // most messages are shorter
		size = min(size, whole.Len()+1)
	}
	br := bufio.NewReaderSize(r, size)
	if head, _ := br.Peek(lineSize); bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		br = bufio.NewReaderSize(crReader{br}, lineSize)
	}
	if head, _ := br.Peek(len(utf8BOM)); string(head) == utf8BOM {
		_, _ = br.Discard(len(utf8BOM)) // just peeked
	}
	return &source{r: br}
}

// next returns the next line; false at the end of the message.
func (s *source) next() (sourceLine, bool) {
	if s.halted {
		return sourceLine{}, false
	}
	if s.redo {
		s.redo = false
		return s.last, true
	}
	text := s.read()
	if len(text) == 0 {
		return sourceLine{}, false
	}
	s.last = sourceLine{text: text, start: !s.mid}
	s.mid = text[len(text)-1] != '\n'
	return s.last, true
}

func (s *source) read() []byte {
	for n := len(s.back); n > 0; n = len(s.back) {
		block := s.back[n-1]
		if len(block) == 0 {
			s.back = s.back[:n-1]
			continue
		}
		end := bytes.IndexByte(block, '\n') + 1
		if end == 0 {
			end = len(block)
		}
		s.back[n-1] = block[end:]
		return block[:end]
	}
	text, err := s.r.ReadSlice('\n')
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		s.err = err
	}
	return text
}

// again makes next return the last line once more.
func (s *source) again() { s.redo = true }

// unread takes whole lines back, to be read before anything else.
func (s *source) unread(block []byte) {
	s.back = append(s.back, block)
	s.mid = false
}

// crReader turns the line ends of old Macs into \n.
type crReader struct{ r io.Reader }

func (c crReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
