package message

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Part is one attachment: a leaf of the MIME structure that is not shown as
// the text of the message.
type Part struct {
	ID        string            // IMAP numbering, "1.2" (RFC 9051 §6.4.5.1); a uuencoded file in part 1 is "1.u1", one in its winmail.dat "1.t1"
	Type      string            // media type in lower case, "application/pdf"
	Params    map[string]string // parameters of the type, names in lower case, values decoded
	Name      string            // the whole decoded file name as sent: not safe as a path or on the screen
	Size      int64             // bytes after decoding
	Content   string            // media type its first bytes show, whatever Type and Name say; "" when they show none
	SHA256    string            // of the decoded bytes, in hex
	Inline    bool              // meant to be shown within the text
	ContentID string            // without the angle brackets (RFC 2392)
	Encoding  string            // Content-Transfer-Encoding as declared, in lower case
}

// CopyPart finds the part called id in the raw message r and writes its decoded
// bytes to w, streaming. It returns [ErrNoPart] when there is none, and the
// errors of r and w.
func CopyPart(w io.Writer, r io.Reader, id string) error {
	c := copier{src: newSource(r), dst: w, id: id}
	walk := walker{src: c.src, notes: &notes{}, open: c.open}
	walk.message()
	switch {
	case c.err != nil:
		return fmt.Errorf("write part %s: %w", id, c.err)
	case c.src.err != nil:
		return fmt.Errorf("read message: %w", c.src.err)
	case !c.found:
		return fmt.Errorf("part %s: %w", id, ErrNoPart)
	}
	return nil
}

// copier picks one part out of those a walker opens.
type copier struct {
	src   *source
	dst   io.Writer
	id    string
	found bool
	err   error // of dst
}

func (c *copier) open(e *entity) io.WriteCloser {
	t, _ := transferOf(e.encoding)
	if e.id == c.id {
		c.found = true
		return pipe{newDecoder(t, c), func() error { c.src.halted = true; return nil }}
	}
	if number, ok := strings.CutPrefix(c.id, e.id+uuPrefix); ok && holdsFiles(e) {
		files := c.fileNumber(number)
		return pipe{newDecoder(t, files), files.Close}
	}
	if number, ok := strings.CutPrefix(c.id, e.id+tnefPrefix); ok && e.isTNEF() {
		files := c.containedNumber(number)
		return pipe{newDecoder(t, files), files.Close}
	}
	return nopCloser{io.Discard}
}

// containedNumber writes the file of the given number in the winmail.dat it gets.
func (c *copier) containedNumber(want string) io.WriteCloser {
	n := 0
	open := func() io.WriteCloser {
		if n++; strconv.Itoa(n) != want {
			return nopCloser{io.Discard}
		}
		c.found = true
		return nopCloser{c}
	}
	return newTNEFSplitter(open, func(tnefFile) {}, func(string, string) {})
}

// fileNumber writes the uuencoded file of the given number in the text it gets.
func (c *copier) fileNumber(want string) io.WriteCloser {
	n := 0
	return &uuSplitter{text: io.Discard, open: func(string) io.WriteCloser {
		if n++; strconv.Itoa(n) != want {
			return nopCloser{io.Discard}
		}
		c.found = true
		return nopCloser{c}
	}}
}

// Write keeps the first error and ends the walk, which knows no errors.
func (c *copier) Write(p []byte) (int, error) {
	if c.err == nil {
		_, c.err = c.dst.Write(p)
	}
	c.src.halted = c.src.halted || c.err != nil
	return len(p), c.err
}

// pipe is a decoder that has something to do when it is closed.
type pipe struct {
	decoder
	after func() error
}

func (p pipe) Close() error { return errors.Join(p.decoder.Close(), p.after()) }
