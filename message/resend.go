package message

import (
	"bufio"
	"io"
	"strings"
	"time"
)

// Resent is a message on its way once more, to other people and as it is but
// for the fields above it that say so (RFC 5322 §3.6.6).
type Resent struct {
	From Address // who sends it on
	To   []Address
	ID   string // of this sending, without angle brackets
	Date time.Time
	Open func() (io.ReadCloser, error) // the message as it came
}

// WriteTo writes the message with CRLF after the fields it adds. What was noted
// on it when it was delivered is left out: programs on the way take a
// Delivered-To for a loop.
func (r *Resent) WriteTo(w io.Writer) (int64, error) {
	raw, err := r.Open()
	if err != nil {
		return 0, err
	}
	defer raw.Close()
	var f fieldWriter
	f.raw("Resent-Date", r.Date.Format(time.RFC1123Z))
	f.addresses("Resent-From", []Address{r.From})
	f.addresses("Resent-To", r.To)
	f.ids("Resent-Message-ID", r.ID)
	n, err := io.WriteString(w, f.out.String())
	if err != nil {
		return int64(n), err
	}
	in := bufio.NewReader(raw)
	header, err := copyHeader(w, in)
	if err != nil {
		return int64(n) + header, err
	}
	body, err := io.Copy(w, in)
	return int64(n) + header + body, err
}

// copyHeader copies the lines up to the first that belongs to no field, without
// the fields that a delivery adds.
func copyHeader(w io.Writer, in *bufio.Reader) (n int64, err error) {
	dropping := false
	for begun := true; ; {
		piece, readErr := in.ReadSlice('\n')
		if begun {
			name, _, _ := strings.Cut(string(piece[:min(len(piece), maxFieldName)]), ":")
			if folded := len(piece) > 0 && (piece[0] == ' ' || piece[0] == '\t'); !folded {
				dropping = ofDelivery(strings.ToLower(strings.TrimRight(name, " \t"))) || strings.HasPrefix(name, "From ")
			}
		}
		if !dropping {
			written, err := w.Write(piece)
			n += int64(written)
			if err != nil {
				return n, err
			}
		}
		switch {
		case readErr == io.EOF:
			return n, nil
		case readErr != nil && readErr != bufio.ErrBufferFull:
			return n, readErr
		case begun && len(strings.TrimRight(string(piece), "\r\n")) == 0:
			return n, nil
		}
		begun = readErr == nil
	}
}

// maxFieldName is longer than the name of any field that is looked for, in
// bytes.
const maxFieldName = 64

// ofDelivery says whether a field is of one delivery, or tells of hidden
// recipients.
func ofDelivery(field string) bool {
	switch field {
	case "return-path", "delivered-to", "bcc", "x-original-to", "envelope-to", ">from":
		return true
	}
	return false
}
