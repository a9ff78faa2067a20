package message

import "io"

// Part is one attachment: a leaf of the MIME structure that is not shown as
// the text of the message.
type Part struct {
	ID        string            // IMAP numbering, "1.2" (RFC 9051 §6.4.5.1); a uuencoded file inside part 1 is "1.u1"
	Type      string            // media type in lower case, "application/pdf"
	Params    map[string]string // parameters of the type, names in lower case, values decoded
	Name      string            // the whole decoded file name as sent: not safe as a path or on the screen
	Size      int64             // bytes after decoding
	SHA256    string            // of the decoded bytes, in hex
	Inline    bool              // meant to be shown within the text
	ContentID string            // without the angle brackets (RFC 2392)
	Encoding  string            // Content-Transfer-Encoding as declared, in lower case
}

// CopyPart finds the part called id in the raw message r and writes its decoded
// bytes to w, streaming. It returns [ErrNoPart] when there is none, and the
// errors of r and w.
func CopyPart(w io.Writer, r io.Reader, id string) error { panic("not written") }
