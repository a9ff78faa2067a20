package message

import (
	"bytes"
	"io"
	"strings"
)

// bound is the boundary of an open multipart.
type bound struct {
	text   string
	known  bool
	closed bool // its last delimiter was read
}

// stop says what ended a run of lines: the delimiter of the multipart at level,
// or the end of the message.
type stop struct {
	level int // -1: the end of the message
	last  bool
}

var endOfMessage = stop{level: -1}

func trimBoundary(s string) string { return strings.TrimRight(s[:min(len(s), maxBoundary)], " \t") }

// afterDelimiter returns a copy of what follows the first delimiter in a
// preamble: parts before the one that gave the boundary away have no header.
func afterDelimiter(preamble []byte, boundary string) []byte {
	for rest := preamble; len(rest) > 0; {
		line, after, _ := bytes.Cut(rest, lf)
		if text, ok := bytes.CutPrefix(line, []byte("--")); ok && string(bytes.TrimRight(text, " \t\r")) == boundary {
			return bytes.Clone(after)
		}
		rest = after
	}
	return nil
}

// match reports whether a line is a delimiter of an open multipart (RFC 2046
// §5.1.1), the innermost first; those already closed last, for messages that
// go on after their last delimiter or use one boundary twice.
func (w *walker) match(line []byte) (stop, bool) {
	if len(line) < 3 || line[0] != '-' || line[1] != '-' || line[len(line)-1] != '\n' && len(line) > maxBoundary {
		return stop{}, false
	}
	line = bytes.TrimRight(line[2:], " \t\r\n")
	for _, closed := range []bool{false, true} {
		for level := len(w.bounds) - 1; level >= 0; level-- {
			b := w.bounds[level]
			if !b.known || b.closed != closed || len(line) < len(b.text) || string(line[:len(b.text)]) != b.text {
				continue
			}
			switch string(bytes.TrimLeft(line[len(b.text):], " \t")) { // blanks at the end of b.text were taken off
			case "":
				return stop{level: level}, true
			case "--":
				return stop{level: level, last: true}, true
			}
		}
	}
	return stop{}, false
}

// copy passes lines on up to a delimiter. The line end before it belongs to it.
func (w *walker) copy(dst io.Writer) stop {
	var end []byte // held back
	for {
		if block := w.src.calm(); len(block) > 0 {
			_, _ = dst.Write(end) // sinks keep their errors
			block, end = cutLineEnd(block)
			_, _ = dst.Write(block)
			continue
		}
		line, ok := w.src.next()
		if !ok {
			_, _ = dst.Write(end) // sinks keep their errors
			return endOfMessage
		}
		if line.start {
			if stop, ok := w.match(line.text); ok {
				return stop
			}
		}
		if string(end) == "\r" && string(line.text) == "\n" {
			end = crlf
			continue
		}
		_, _ = dst.Write(end)
		var text []byte
		text, end = cutLineEnd(line.text)
		_, _ = dst.Write(text)
	}
}

var crlf, cr, lf = []byte("\r\n"), []byte("\r"), []byte("\n")

// cutLineEnd returns a line end that stays valid when the line does not.
func cutLineEnd(line []byte) (text, end []byte) {
	for _, end := range [][]byte{crlf, lf, cr} {
		if text, ok := bytes.CutSuffix(line, end); ok {
			return text, end
		}
	}
	return line, nil
}
