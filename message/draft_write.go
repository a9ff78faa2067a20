package message

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteTo writes the message as it is sent (RFC 5322, MIME), with CRLF line
// ends and without Bcc. It refuses what Check refuses and a draft without Date
// or MessageID; other errors are those of w and of opening or reading Files,
// after which what has been written is to be thrown away.
func (d *Draft) WriteTo(w io.Writer) (int64, error) {
	if err := d.Check(); err != nil {
		return 0, fmt.Errorf("write message: %w", err)
	}
	if d.Date.IsZero() || !isWireID(d.MessageID) {
		return 0, errors.New("write message: it has no Date or no Message-ID")
	}
	return d.write(w, nil)
}

// WriteDraft writes the message as it is kept in a Drafts folder: with Bcc, and
// even if it is not complete. Addresses that are none yet are left out.
func (d *Draft) WriteDraft(w io.Writer) (int64, error) { return d.write(w, d.Bcc) }

func (d *Draft) write(w io.Writer, bcc []Address) (int64, error) {
	out := &countingWriter{w: bufio.NewWriter(w)}
	err := d.writeParts(out, bcc)
	if err == nil {
		err = out.w.Flush()
	}
	if err != nil {
		return out.n, fmt.Errorf("write message: %w", err)
	}
	return out.n, nil
}

type countingWriter struct {
	w *bufio.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// WriteString spares io.WriteString a copy for every line end.
func (c *countingWriter) WriteString(s string) (int, error) {
	n, err := c.w.WriteString(s)
	c.n += int64(n)
	return n, err
}

func (d *Draft) writeParts(w io.Writer, bcc []Address) error {
	text := d.text()
	var f fieldWriter
	d.fields(&f, bcc)
	if len(d.Files) == 0 {
		return text.write(w, &f)
	}
	boundary := d.boundary("mixed", text)
	f.raw("Content-Type", `multipart/mixed; boundary="`+boundary+`"`)
	encodings := make([]string, len(d.Files))
	for i, file := range d.Files {
		var err error
		if encodings[i], err = file.encoding(); err != nil {
			return fmt.Errorf("attach %q: %w", file.Name, err)
		}
	}
	if slices.Contains(encodings, "8bit") {
		f.raw("Content-Transfer-Encoding", "8bit")
	}
	f.out.WriteString("\r\n--" + boundary + "\r\n")
	if err := text.write(w, &f); err != nil {
		return err
	}
	for i, file := range d.Files {
		if _, err := io.WriteString(w, "\r\n--"+boundary+"\r\n"); err != nil {
			return err
		}
		if err := file.write(w, encodings[i]); err != nil {
			return fmt.Errorf("attach %q: %w", file.Name, err)
		}
	}
	_, err := io.WriteString(w, "\r\n--"+boundary+"--\r\n")
	return err
}

// textParts is what a person reads: plain text, and perhaps the same as HTML.
type textParts struct {
	plain    bodyText
	html     *bodyText
	boundary string // between them
}

func (d *Draft) text() *textParts {
	t := &textParts{plain: newBodyText(d.Body)}
	if d.Markdown {
		html := newHTMLText(markdownHTML(d.Body))
		t.html = &html
		t.boundary = d.boundary("alternative", t)
	}
	return t
}

// write writes the fields that f has so far and the text behind them, with the
// fields that say what it is.
func (t *textParts) write(w io.Writer, f *fieldWriter) error {
	if t.html == nil {
		return t.plain.writePart(w, f)
	}
	f.raw("Content-Type", `multipart/alternative; boundary="`+t.boundary+`"`)
	f.out.WriteString("\r\n--" + t.boundary + "\r\n")
	if err := t.plain.writePart(w, f); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\r\n--"+t.boundary+"\r\n"); err != nil {
		return err
	}
	if err := t.html.writePart(w, &fieldWriter{}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\r\n--"+t.boundary+"--\r\n")
	return err
}

// fields writes the header of the message up to what is said of its content.
func (d *Draft) fields(f *fieldWriter, bcc []Address) {
	if !d.Date.IsZero() {
		f.raw("Date", d.Date.Format(time.RFC1123Z))
	}
	f.addresses("From", d.From)
	if d.Sender != nil {
		f.addresses("Sender", []Address{*d.Sender})
	}
	f.addresses("Reply-To", d.ReplyTo)
	f.addresses("To", d.To)
	f.addresses("Cc", d.Cc)
	f.addresses("Bcc", bcc)
	f.text("Subject", d.Subject)
	f.ids("Message-ID", d.MessageID)
	f.ids("In-Reply-To", d.InReplyTo)
	f.ids("References", d.References...)
	f.raw("MIME-Version", "1.0")
}

// writePart writes the fields that f has so far, those of the text, and it.
func (b bodyText) writePart(w io.Writer, f *fieldWriter) error {
	contentType := "text/" + b.subtype + "; charset=utf-8"
	if b.flowed {
		contentType += "; format=flowed"
	}
	f.raw("Content-Type", contentType)
	f.raw("Content-Transfer-Encoding", b.encoding)
	f.end()
	if _, err := io.WriteString(w, f.out.String()); err != nil {
		return err
	}
	return b.write(w)
}

// boundary makes a boundary that does not occur in the text. It is the same
// each time a draft is written; base64 cannot hold it.
func (d *Draft) boundary(kind string, t *textParts) string {
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(kind + "\n" + d.MessageID + "\n" + d.Subject + "\n" + strconv.Itoa(n)))
		b := "=_" + hex.EncodeToString(sum[:15])
		if !strings.Contains(t.plain.text, b) && (t.html == nil || !strings.Contains(t.html.text, b)) {
			return b
		}
	}
}

// typeMessage is a message in a message.
const typeMessage = "message/rfc822"

// write writes the part of a multipart that holds the file.
func (file File) write(w io.Writer, encoding string) error {
	typ := wireType(file.Type)
	if encoding != "base64" {
		typ = typeMessage
	}
	var f fieldWriter
	f.raw("Content-Type", typ)
	f.out.WriteString("Content-Disposition: attachment")
	for _, p := range fileNameParams(baseName(file.Name)) {
		f.out.WriteString(";\r\n " + p)
	}
	f.end()
	f.raw("Content-Transfer-Encoding", encoding)
	f.end()
	if _, err := io.WriteString(w, f.out.String()); err != nil {
		return err
	}
	r, err := file.Open()
	if err != nil {
		return err
	}
	if encoding == "base64" {
		err = writeBase64(w, r)
	} else {
		_, err = io.Copy(w, r)
	}
	return errors.Join(err, r.Close())
}

// encoding is the transfer encoding of the file. A message goes as it is where
// mail can carry that (RFC 2046 §5.2.1): lines that end in CRLF and are not too
// long, and no NUL.
func (file File) encoding() (string, error) {
	if mediaType(file.Type) != typeMessage {
		return "base64", nil
	}
	r, err := file.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	in := bufio.NewReader(r)
	encoding, length := "base64", 0
	for {
		c, err := in.ReadByte()
		if err == io.EOF {
			return encoding, nil
		}
		if err != nil {
			return "", err
		}
		if encoding == "base64" { // an empty one stays a file
			encoding = "7bit"
		}
		switch {
		case c == '\r':
			if next, err := in.ReadByte(); err != nil || next != '\n' {
				return "base64", ignoreEOF(err)
			}
			length = 0
			continue
		case c == '\n', c == 0, length == maxOctets:
			return "base64", nil
		case c >= 0x80:
			encoding = "8bit"
		}
		length++
	}
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// wireType returns a media type that may stand on a base64 part. Messages and
// multiparts may not be encoded (RFC 2046 §5): they go as plain bytes then.
func wireType(typ string) string {
	typ = mediaType(typ)
	main, sub, _ := strings.Cut(typ, "/")
	const token = "abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-" // RFC 6838 §4.2
	if main == "multipart" || main == "message" || main == "" || sub == "" || len(typ) > 127 ||
		strings.Trim(main, token) != "" || strings.Trim(sub, token) != "" {
		return "application/octet-stream"
	}
	return typ
}

// baseName is the last element of a path, as one line. Whoever saves the file
// has to make a safe name of it: that depends on where.
func baseName(name string) string {
	name = strings.TrimSpace(cleanText(name[strings.LastIndexAny(name, `/\`)+1:]))
	if name == "" {
		return "unnamed"
	}
	return name
}

// fileNameParams writes a file name: in quotes when it is short ASCII, else by
// RFC 2231, in pieces that fit their lines.
func fileNameParams(name string) []string {
	if isASCII(name) && len(name) <= 60 && !strings.Contains(name, "=?") {
		return []string{"filename=" + quoted(name)}
	}
	const room = 56 // octets of value on a line
	var pieces []string
	piece := ""
	for _, r := range name {
		encoded := escapeRune(r)
		if len(piece)+len(encoded) > room {
			pieces = append(pieces, piece)
			piece = ""
		}
		piece += encoded
	}
	pieces = append(pieces, piece)
	if len(pieces) == 1 {
		return []string{"filename*=UTF-8''" + pieces[0]}
	}
	for i, p := range pieces {
		if i == 0 {
			p = "UTF-8''" + p
		}
		pieces[i] = "filename*" + strconv.Itoa(i) + "*=" + p
	}
	return pieces
}

// escapeRune writes a character as RFC 2231 §4 has it in extended values.
func escapeRune(r rune) string {
	if r < utf8.RuneSelf && (isQPlain(byte(r)) && r != '*' && r != '/' || strings.ContainsRune("._", r)) {
		return string(r)
	}
	var out strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&out, "%%%02X", c)
	}
	return out.String()
}
