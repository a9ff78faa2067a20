package imap

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"tmail/message"
)

// Append stores a message of size bytes from r in a mailbox (RFC 3501 §6.3.11) and tells its UID and the mailbox's
// UIDVALIDITY, both 0 when the server does not (no UIDPLUS). A zero date is the server's now. r has to have size bytes:
// there is no way to take an announced message back but to end the connection. So may a refusal (see Done): the
// library cannot go on after one that comes before the message.
func (c *Client) Append(ctx context.Context, mailbox string, flags message.Flags, date time.Time, size int64, r io.Reader) (UID, uint32, error) {
	options := &goimap.AppendOptions{Flags: writeFlags(flags, anyKeyword), Time: date}
	var readErr error
	x := &exchange{goesOn: true}
	answer, err := c.start(ctx, "store a message in "+mailbox, x, func(lib *imapclient.Client) func() error {
		cmd := lib.Append(mailbox, size, options)
		source := &sourceReader{r: r}
		n, err := io.Copy(cmd, io.LimitReader(source, size))
		if source.err != nil || err == nil && n < size {
			readErr = fmt.Errorf("read the message to store: %w", cmp.Or(source.err, error(io.ErrUnexpectedEOF)))
			c.conn.Fail(readErr)
		}
		cmd.Close()
		return func() error { _, err := cmd.Wait(); return err }
	}).finish()
	if readErr != nil {
		return 0, 0, readErr
	}
	if err != nil {
		return 0, 0, err
	}
	if answer.code == "APPENDUID" {
		if fields := strings.Fields(answer.arg); len(fields) == 2 {
			validity, uid := token{text: []byte(fields[0])}.uint32(), token{text: []byte(fields[1])}.uint32()
			if validity != 0 && uid != 0 {
				return UID(uid), validity, nil
			}
		}
	}
	return 0, 0, nil
}

// sourceReader remembers an error of reading, to tell it from one of writing.
type sourceReader struct {
	r   io.Reader
	err error
}

func (s *sourceReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != io.EOF {
		s.err = err
	}
	return n, err
}

// maxCandidates bounds how many messages FindMessageID looks at more closely.
const maxCandidates = 1000

// FindMessageID gives the messages of the selected mailbox with this Message-ID, which is given without <>. What the
// server's SEARCH says is checked: some return everything.
func (c *Client) FindMessageID(ctx context.Context, id string) ([]UID, error) {
	id = strings.Trim(id, "<>")
	criteria := &goimap.SearchCriteria{Header: []goimap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: id}}}
	found, err := c.search(ctx, "look for a message", criteria)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	found = found[max(0, len(found)-maxCandidates):]
	var uids []UID
	err = c.Headers(ctx, found, func(h Header) error {
		if message.ParseHeader(h.Raw).Envelope().MessageID == id {
			uids = append(uids, h.UID)
		}
		return nil
	})
	slices.Sort(uids)
	return uids, err
}
