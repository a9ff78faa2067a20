package message

import (
	"bytes"
	"io"
	"strings"
)

// maxUULine is longer than any line of uuencoded data: one length character and
// at most 63 bytes in 84 characters.
const maxUULine = 100

// uuSplitter takes uuencoded files out of text: lines of text go to text, the
// bytes of every file to what open returns for its name.
type uuSplitter struct {
	text  io.Writer
	open  func(name string) io.WriteCloser
	line  []byte // the line being put together, while it may be one of uuencode
	long  bool   // the rest of this line is text
	begin []byte // a line "begin 644 name" that the next line has to confirm
	file  io.WriteCloser
}

func (u *uuSplitter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if text := p[:u.calm(p)]; len(text) > 0 {
			p = p[len(text):]
			if _, err := u.text.Write(text); err != nil {
				return 0, err
			}
			continue
		}
		piece := p
		end := bytes.IndexByte(p, '\n') + 1
		if end > 0 {
			piece = p[:end]
		}
		p = p[len(piece):]
		if err := u.piece(piece, end > 0); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// calm is how much of p is whole lines of text before the first that could
// begin a file.
func (u *uuSplitter) calm(p []byte) int {
	if u.file != nil || u.begin != nil || u.long || len(u.line) > 0 || bytes.HasPrefix(p, uuBegin) {
		return 0
	}
	if end := bytes.Index(p, uuBeginLine) + 1; end > 0 {
		return end
	}
	return bytes.LastIndexByte(p, '\n') + 1
}

var uuBegin, uuBeginLine = []byte("begin "), []byte("\nbegin ")

func (u *uuSplitter) piece(piece []byte, ends bool) error {
	const longest = 1_000 // a begin line may have a long name
	if !u.long && len(u.line)+len(piece) > longest {
		u.long = true
		if err := u.flush(); err != nil {
			return err
		}
	}
	if u.long {
		u.long = !ends
		_, err := u.text.Write(piece)
		return err
	}
	u.line = append(u.line, piece...)
	if !ends {
		return nil
	}
	err := u.whole(u.line)
	u.line = u.line[:0]
	return err
}

// flush gives up on uuencode at a line too long for it.
func (u *uuSplitter) flush() error {
	u.closeFile()
	line := append(u.begin, u.line...)
	u.begin, u.line = nil, u.line[:0]
	_, err := u.text.Write(line)
	return err
}

// whole takes one line with its end.
func (u *uuSplitter) whole(line []byte) error {
	text := bytes.TrimRight(line, "\r\n")
	if u.file == nil && u.begin != nil {
		begin := u.begin
		u.begin = nil
		if _, ok := decodeUULine(nil, text); !ok {
			if _, err := u.text.Write(begin); err != nil {
				return err
			}
		} else {
			u.file = u.open(uuName(begin))
		}
	}
	if u.file == nil {
		if uuName(text) != "" {
			u.begin = bytes.Clone(line)
			return nil
		}
		_, err := u.text.Write(line)
		return err
	}
	if string(text) == "end" {
		u.closeFile()
		return nil
	}
	data, ok := decodeUULine(nil, text)
	if !ok {
		u.closeFile()
		_, err := u.text.Write(line)
		return err
	}
	_, err := u.file.Write(data)
	return err
}

func (u *uuSplitter) closeFile() {
	if u.file != nil {
		_ = u.file.Close() // sinks keep their errors
		u.file = nil
	}
}

func (u *uuSplitter) Close() error {
	var err error
	if len(u.line) > 0 {
		err = u.whole(u.line)
	}
	if len(u.begin) > 0 && err == nil {
		_, err = u.text.Write(u.begin)
	}
	u.closeFile()
	return err
}

// uuName is the file name in a line "begin 644 name", "" for other lines.
func uuName(line []byte) string {
	rest, ok := bytes.CutPrefix(line[:min(len(line), 1_000)], uuBegin)
	if !ok {
		return ""
	}
	mode, name, ok := strings.Cut(string(rest), " ")
	if !ok || len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" {
		return ""
	}
	return oneLine(guessText([]byte(strings.TrimSpace(name))))
}

// decodeUULine decodes one line of uuencoded data and appends it to dst. Blanks
// at its end may have been lost.
func decodeUULine(dst, line []byte) ([]byte, bool) {
	if len(line) == 0 || string(line) == "`" {
		return dst, len(line) > 0
	}
	n := int(line[0]-' ') & 63
	data := line[1:]
	chars := (n + 2) / 3 * 4
	if line[0] < ' ' || line[0] > '`' || len(line) > maxUULine || len(data) > chars+1 || n > 0 && len(data) == 0 {
		return dst, false
	}
	var group [4]byte
	for i := 0; i < chars; i += 4 {
		for j := range group {
			c := byte(' ')
			if i+j < len(data) {
				c = data[i+j]
			}
			if c < ' ' || c > '`' {
				return dst, false
			}
			group[j] = (c - ' ') & 63
		}
		three := [3]byte{group[0]<<2 | group[1]>>4, group[1]<<4 | group[2]>>2, group[2]<<6 | group[3]}
		dst = append(dst, three[:min(3, n-i/4*3)]...)
	}
	return dst, true
}

// uuDecoder reads a part whose transfer encoding is uuencode.
type uuDecoder struct {
	dst   io.Writer
	inner *uuSplitter
	begun bool
}

func (d *uuDecoder) Write(p []byte) (int, error) {
	if d.inner == nil {
		d.inner = &uuSplitter{text: io.Discard, open: func(string) io.WriteCloser {
			if d.begun { // one part is one file
				return nopCloser{io.Discard}
			}
			d.begun = true
			return nopCloser{d.dst}
		}}
	}
	return d.inner.Write(p)
}

func (d *uuDecoder) Close() error {
	if d.inner == nil {
		return nil
	}
	return d.inner.Close()
}

func (d *uuDecoder) damaged() bool { return !d.begun }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
