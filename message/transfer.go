package message

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"
)

// cleanEncoding normalises a Content-Transfer-Encoding (RFC 2045 §6) as written,
// which may have quotes, comments, a ';' or a list.
func cleanEncoding(value string) string {
	s := strings.ToLower(strings.Trim(unfold(afterComment(value)), " \t\"'"))
	if i := strings.IndexAny(s, ";, \t(\"'"); i >= 0 {
		s = s[:i]
	}
	return s
}

// transfer is how the bytes of a part are encoded.
type transfer int

const (
	identity transfer = iota
	base64Transfer
	quotedPrintable
	uuencode
)

// transferOf knows the encodings by their names, misspelt ones too. known is
// false for those that are none: such content is taken as it is.
func transferOf(encoding string) (t transfer, known bool) {
	switch encoding {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "7bits", "8bits":
		return identity, true
	case "base64", "base-64", "x-base64", "b64", "b":
		return base64Transfer, true
	case "quoted-printable", "quotedprintable", "quoted_printable", "quoted-printible", "quoted", "qp", "q":
		return quotedPrintable, true
	case "x-uuencode", "uuencode", "x-uue", "uue", "x-uu":
		return uuencode, true
	}
	return identity, false
}

// newDecoder decodes what is written to it and passes it on to dst, which it
// does not close. damaged, when asked after Close, tells that the encoding was
// broken.
func newDecoder(t transfer, dst io.Writer) decoder {
	switch t {
	case base64Transfer:
		return &base64Decoder{dst: dst}
	case quotedPrintable:
		return &qpDecoder{dst: dst}
	case uuencode:
		return &uuDecoder{dst: dst}
	}
	return identityDecoder{dst}
}

type decoder interface {
	io.WriteCloser
	damaged() bool
}

type identityDecoder struct{ io.Writer }

func (identityDecoder) Close() error  { return nil }
func (identityDecoder) damaged() bool { return false }

// base64Decoder reads base64 (RFC 2045 §6.8) with lines of any length, junk
// between them, padding anywhere or missing, text after the end, and text that
// is not base64 at all.
type base64Decoder struct {
	dst     io.Writer
	out     []byte
	acc     uint // bits not yet written
	chars   int  // characters in acc, 0 to 3
	mid     bool // within a line
	any     bool // something was decoded
	over    bool // the last line had padding or was empty: the data may be over
	plain   bool // no base64: pass it on
	ignore  bool // text after the end
	isBroke bool
}

func (d *base64Decoder) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		line := p
		end := bytes.IndexByte(p, '\n') + 1
		if end > 0 {
			line = p[:end]
		}
		p = p[len(line):]
		if err := d.line(line); err != nil {
			return 0, err
		}
		d.mid = end == 0
	}
	return n, nil
}

func (d *base64Decoder) line(raw []byte) error {
	if d.plain {
		_, err := d.dst.Write(raw)
		return err
	}
	line := bytes.TrimRight(raw, " \t\r\n")
	if len(line) == 0 {
		d.over = d.over || !d.mid
		return nil
	}
	if d.ignore {
		return nil
	}
	if need := base64.StdEncoding.DecodedLen(len(line)); len(d.out) < need {
		d.out = make([]byte, need)
	}
	if d.chars == 0 && len(line)%4 == 0 {
		if n, err := base64.StdEncoding.Decode(d.out, line); err == nil {
			d.any, d.over = true, line[len(line)-1] == '='
			_, err = d.dst.Write(d.out[:n])
			return err
		}
	}
	if !d.mid && isProse(line) {
		switch {
		case !d.any:
			d.plain, d.isBroke = true, true
			_, err := d.dst.Write(raw)
			return err
		case d.over:
			d.ignore, d.isBroke = true, true
			return nil
		}
	}
	return d.slowly(line)
}

// isProse recognises a line of text where base64 should be.
func isProse(line []byte) bool {
	return base64Value[line[0]] < 0 || bytes.IndexByte(line, ' ') > 0
}

func (d *base64Decoder) slowly(line []byte) error {
	out := d.out[:0]
	d.over = false
	for _, c := range line {
		v := base64Value[c]
		switch {
		case v >= 0:
			d.any, d.over = true, false
			d.acc = d.acc<<6 | uint(v)
			if d.chars++; d.chars == 4 {
				out = append(out, byte(d.acc>>16), byte(d.acc>>8), byte(d.acc))
				d.acc, d.chars = 0, 0
			}
		case c == '=':
			d.over = true
			out = d.endQuantum(out)
		case !isBlank(c):
			d.isBroke = true
		}
	}
	_, err := d.dst.Write(out)
	return err
}

// endQuantum writes the bytes of an incomplete group of four characters.
func (d *base64Decoder) endQuantum(out []byte) []byte {
	switch d.chars {
	case 1:
		d.isBroke = true
	case 2:
		out = append(out, byte(d.acc>>4))
	case 3:
		out = append(out, byte(d.acc>>10), byte(d.acc>>2))
	}
	d.acc, d.chars = 0, 0
	return out
}

func (d *base64Decoder) Close() error {
	if d.chars > 0 {
		d.isBroke = true
	}
	_, err := d.dst.Write(d.endQuantum(nil))
	return err
}

func (d *base64Decoder) damaged() bool { return d.isBroke }

// qpDecoder reads quoted-printable (RFC 2045 §6.7). An escape that is none is
// text; blanks at the end of a line go.
type qpDecoder struct {
	dst   io.Writer
	out   []byte
	held  []byte // an escape or blanks that are not decided yet
	state qpState
}

type qpState int

const (
	qpText   qpState = iota
	qpBlanks         // held: blanks, and a CR perhaps
	qpEscape         // held: '=', a hex digit or blanks perhaps
)

// maxHeld is how many blanks are held back; more are content.
const maxHeld = 1_000

func (d *qpDecoder) Write(p []byte) (int, error) {
	d.out = d.out[:0]
	for i := 0; i < len(p); i++ {
		if d.state == qpText { // the fast way
			start := i
			for i < len(p) && p[i] != '=' && p[i] != ' ' && p[i] != '\t' && p[i] != '\r' {
				i++
			}
			d.out = append(d.out, p[start:i]...)
			if i == len(p) {
				break
			}
		}
		d.char(p[i])
	}
	if _, err := d.dst.Write(d.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (d *qpDecoder) char(c byte) {
	switch d.state {
	case qpBlanks:
		switch {
		case c == '\n':
			if d.held[len(d.held)-1] == '\r' {
				d.out = append(d.out, '\r')
			}
			d.out = append(d.out, '\n')
			d.reset()
			return
		case (isBlank(c) || c == '\r') && d.held[len(d.held)-1] != '\r' && len(d.held) < maxHeld:
			d.held = append(d.held, c)
			return
		}
		d.release()
	case qpEscape:
		if d.escaped(c) {
			return
		}
		d.release()
	}
	switch {
	case c == '=':
		d.state, d.held = qpEscape, append(d.held, c)
	case isBlank(c) || c == '\r':
		d.state, d.held = qpBlanks, append(d.held, c)
	default:
		d.out = append(d.out, c)
	}
}

// escaped reads a character after '='; false: this is no escape.
func (d *qpDecoder) escaped(c byte) bool {
	blanks := len(d.held) > 1 && !isHex(d.held[1])
	switch {
	case c == '\n' && (len(d.held) == 1 || blanks): // a soft line break
		d.reset()
	case (isBlank(c) || c == '\r') && (len(d.held) == 1 || blanks) && len(d.held) < maxHeld:
		d.held = append(d.held, c)
	case isHex(c) && len(d.held) == 1:
		d.held = append(d.held, c)
	case isHex(c) && !blanks:
		d.out = append(d.out, unhex(d.held[1])<<4|unhex(c))
		d.reset()
	default:
		return false
	}
	return true
}

// release makes what is held text.
func (d *qpDecoder) release() {
	d.out = append(d.out, d.held...)
	d.reset()
}

func (d *qpDecoder) reset() { d.state, d.held = qpText, d.held[:0] }

func (d *qpDecoder) Close() error {
	d.out = d.out[:0]
	if d.state == qpEscape && len(d.held) > 1 && isHex(d.held[1]) {
		d.release()
	}
	_, err := d.dst.Write(d.out)
	return err
}

func (d *qpDecoder) damaged() bool { return false }
