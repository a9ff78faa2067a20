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
	r      *bufio.Reader // nil: all is in back
	back   [][]byte      // taken back, the last to be read first
	mid    bool          // the last line has not ended yet
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

// newSource reads r, or where it lies what a [bytes.Buffer] holds.
func newSource(r io.Reader) *source {
	if held, ok := r.(*bytes.Buffer); ok {
		return heldSource(held.Bytes())
	}
	size := lineSize
	if whole, ok := r.(interface{ Len() int }); ok { // most messages are shorter
		size = min(size, whole.Len()+1)
	}
	br := bufio.NewReaderSize(r, size)
	if head, _ := br.Peek(lineSize); isOldMac(head) {
		br = bufio.NewReaderSize(crReader{br}, lineSize)
	}
	if head, _ := br.Peek(len(utf8BOM)); string(head) == utf8BOM {
		_, _ = br.Discard(len(utf8BOM)) // just peeked
	}
	return &source{r: br}
}

func heldSource(raw []byte) *source {
	if isOldMac(raw[:min(len(raw), lineSize)]) {
		raw = bytes.ReplaceAll(raw, cr, lf)
	}
	return &source{back: [][]byte{bytes.TrimPrefix(raw, []byte(utf8BOM))}}
}

// isOldMac knows lines that end with CR alone.
func isOldMac(head []byte) bool {
	return bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0
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
	if block := s.taken(); len(block) > 0 {
		piece := block[:min(len(block), lineSize)]
		end := bytes.IndexByte(piece, '\n') + 1
		if end == 0 {
			end = len(piece)
		}
		s.skip(end)
		return block[:end]
	}
	if s.r == nil {
		return nil
	}
	text, err := s.r.ReadSlice('\n')
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		s.err = err
	}
	return text
}

// taken is what was taken back and comes next.
func (s *source) taken() []byte {
	for n := len(s.back); n > 0; n = len(s.back) {
		if block := s.back[n-1]; len(block) > 0 {
			return block
		}
		s.back = s.back[:n-1]
	}
	return nil
}

// skip passes over n bytes that are at hand.
func (s *source) skip(n int) {
	if block := s.taken(); len(block) > 0 {
		s.back[len(s.back)-1] = block[n:]
		return
	}
	_, _ = s.r.Discard(n) // just peeked
}

// calm returns those whole lines at hand before the first that could be a
// delimiter, which begins with "--". It is valid until the next line is read;
// empty when next has to say what comes.
func (s *source) calm() []byte {
	if s.halted || s.redo || s.mid {
		return nil
	}
	ahead := s.taken()
	if len(ahead) == 0 && s.r != nil {
		ahead, _ = s.r.Peek(s.r.Buffered())
	}
	if bytes.HasPrefix(ahead, dashes) {
		return nil
	}
	end := bytes.Index(ahead, dashedLine) + 1
	if end == 0 {
		end = bytes.LastIndexByte(ahead, '\n') + 1
	}
	if end > 0 {
		s.skip(end)
	}
	return ahead[:end]
}

var dashes, dashedLine = []byte("--"), []byte("\n--")

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
