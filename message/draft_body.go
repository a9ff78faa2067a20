package message

import (
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"
)

const (
	flowAt    = 72  // columns after which a paragraph is broken softly, RFC 3676 §4.2
	longLine  = 78  // columns a line may have without that
	maxOctets = 998 // of a line on the wire, RFC 5322 §2.1.1
)

// bodyText is a text part ready to be written.
type bodyText struct {
	subtype  string // of text/
	text     string // LF line ends, the last one included
	flowed   bool
	encoding string
}

// newBodyText prepares what a person typed. Paragraphs on one long line are
// broken softly, so that clients of any width reflow them; a patch is left alone.
func newBodyText(body string) bodyText {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(body, "\ufffd"))
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	b := bodyText{subtype: "plain", text: text}
	if !isPatch(text) && hasLongLine(text) {
		b.text, b.flowed = flowText(text), true
	}
	b.encoding = bestEncoding(b.text)
	return b
}

// newHTMLText prepares HTML of our own making.
func newHTMLText(html string) bodyText {
	return bodyText{subtype: "html", text: html, encoding: bestEncoding(html)}
}

// hasLongLine reports a line that is too long and can be broken.
func hasLongLine(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n ")
		if isWider(line, longLine) && strings.Contains(line, " ") {
			return true
		}
	}
	return false
}

// isWider reports whether s takes more than width columns. It looks no further
// than it must.
func isWider(s string, width int) bool {
	for _, r := range s {
		if width -= columns(r); width < 0 {
			return true
		}
	}
	return false
}

// columns is the width of a character, near enough to break lines by.
func columns(r rune) int {
	if r >= 0x1100 {
		return 2
	}
	return 1
}

// flowText writes text as format=flowed (RFC 3676 §4).
func flowText(text string) string {
	var out strings.Builder
	out.Grow(len(text) + len(text)/16)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		level, content := quoteLevel(line)
		if content != "-- " {
			content = strings.TrimRight(content, " ")
		}
		for first := true; first || content != ""; first = false {
			n := len(content)
			if isWider(content, longLine-level-1) {
				n = softBreak(content, flowAt-level)
			}
			out.WriteString(quoteMarks(level))
			if level > 0 && content != "" || needsStuffing(content[:n]) {
				out.WriteByte(' ')
			}
			out.WriteString(content[:n])
			out.WriteByte('\n')
			content = content[n:]
		}
	}
	return out.String()
}

// needsStuffing reports lines that would read as something else: as stuffed,
// as a quote, as the start of a message in an mbox.
func needsStuffing(s string) bool {
	return strings.HasPrefix(s, " ") || strings.HasPrefix(s, ">") || strings.HasPrefix(s, "From ")
}

// softBreak returns where a line of about width columns ends, its spaces
// included: behind the last word that fits, or behind the first.
func softBreak(s string, width int) int {
	end, col := 0, 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		col += columns(r)
		i += size
		if r != ' ' || i < len(s) && s[i] == ' ' || strings.Trim(s[:i], " ") == "" || s[:i] == "-- " {
			continue
		}
		if col > width && end > 0 {
			return end
		}
		end = i
		if col > width {
			return end
		}
	}
	if end == 0 || col <= width {
		return len(s)
	}
	return end
}

// bestEncoding chooses the transfer encoding that is safe for the text on any
// way and, among those, the shortest.
func bestEncoding(text string) string {
	plain, size := true, 0
	for line := range strings.Lines(text) {
		if len(line) > maxOctets+1 {
			plain = false
		}
		for i := range len(line) {
			switch c := line[i]; {
			case c == '=':
				size += 3
			case c >= 0x7f || c < ' ' && c != '\n' && c != '\t':
				plain = false
				size += 3
			default:
				size++
			}
		}
	}
	switch {
	case plain:
		return "7bit"
	case size <= base64.StdEncoding.EncodedLen(len(text)):
		return "quoted-printable"
	}
	return "base64"
}

// write writes the text in its encoding, with CRLF line ends.
func (b bodyText) write(w io.Writer) error {
	wire := strings.ReplaceAll(b.text, "\n", "\r\n")
	switch b.encoding {
	case "quoted-printable":
		qp := quotedprintable.NewWriter(w)
		if _, err := io.WriteString(qp, wire); err != nil {
			return err
		}
		return qp.Close()
	case "base64":
		return writeBase64(w, strings.NewReader(wire))
	}
	_, err := io.WriteString(w, wire)
	return err
}

// writeBase64 encodes r in lines of 76 columns (RFC 2045 §6.8).
func writeBase64(w io.Writer, r io.Reader) error {
	lines := &lineBreaker{w: w}
	enc := base64.NewEncoder(base64.StdEncoding, lines)
	if _, err := io.Copy(enc, r); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	return lines.end()
}

// lineBreaker puts a line end after every 76 bytes.
type lineBreaker struct {
	w   io.Writer
	col int
}

const base64Columns = 76

func (l *lineBreaker) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(len(p), base64Columns-l.col)
		if _, err := l.w.Write(p[:n]); err != nil {
			return 0, err
		}
		p = p[n:]
		if l.col += n; l.col == base64Columns {
			if err := l.end(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (l *lineBreaker) end() error {
	if l.col == 0 {
		return nil
	}
	l.col = 0
	_, err := io.WriteString(l.w, "\r\n")
	return err
}
