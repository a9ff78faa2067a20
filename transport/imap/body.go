package imap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"tmail/transport"
)

// Pieces of a body are sized so that one takes pieceTime: what the person asks for next waits no longer than that.
const (
	firstPiece = 64 << 10 // bytes
	minPiece   = 16 << 10
	maxPiece   = 1 << 20
	pieceTime  = 200 * time.Millisecond
)

// Body writes the whole message to w, byte for byte as the server holds it, without setting \Seen. size is its
// RFC822.SIZE or 0: a hint only, for the end is where the server has no more. When it returns nil the message is
// complete; what was written before an error is not the message. Between pieces w may use the Client, if it leaves the
// same mailbox selected.
func (c *Client) Body(ctx context.Context, uid UID, size int64, w io.Writer) error {
	op := fmt.Sprintf("read message %d", uid)
	most := 2*size + 64<<20 // a server that has no end
	for offset := int64(0); offset <= most; {
		want := c.pieceSize
		if int64(want) == size-offset {
			want++ // one more than there is: that it is not there is the end
		}
		began := time.Now()
		piece, err := c.piece(ctx, op, uid, offset, want)
		if err != nil {
			return err
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
		offset += int64(len(piece))
		if len(piece) == 0 || len(piece) < want && offset == size {
			return nil
		}
		c.adaptPiece(len(piece), time.Since(began))
	}
	return &transport.Error{Kind: transport.KindProtocol, Op: op, Err: errors.New("the server sends more and more of it")}
}

// Beginning gives up to n bytes of a message from its first on, without setting \Seen.
func (c *Client) Beginning(ctx context.Context, uid UID, n int) ([]byte, error) {
	return c.piece(ctx, fmt.Sprintf("read the beginning of message %d", uid), uid, 0, n)
}

// Want is a message to be fetched whole.
type Want struct {
	UID  UID
	Size int64 // RFC822.SIZE in bytes, which servers may have wrong
}

// maxBody bounds a message that Bodies takes into memory: a server may have told a wrong size.
const maxBody = 32 << 20 // bytes

// Bodies fetches the first of these messages, in one command, without setting \Seen: as many as take about pieceTime,
// at least one. It calls each with those that came, whole, in no order, when all have come, and returns how many it
// asked for; those that did not come are not there any more. They lie in room as far as its capacity goes.
func (c *Client) Bodies(ctx context.Context, wants []Want, room []byte, each func(UID, []byte) error) (asked int, err error) {
	var uids []UID
	for size := int64(0); asked < len(wants) && asked < maxSetSize && (asked == 0 || size+wants[asked].Size <= int64(c.pieceSize)); asked++ {
		uids = append(uids, wants[asked].UID)
		size += wants[asked].Size
	}
	uids = batches(uids)[0]
	asked = len(uids)
	got, size := make(map[UID][]byte, asked), 0
	data := func(r response) bool {
		if r.kind != "FETCH" {
			return false
		}
		f := parseFetch(r.rest)
		if !f.hasBody || f.origin > 0 || !slices.Contains(uids, f.uid) {
			return false
		}
		begin := len(room)
		room = append(room, f.section...) // what outgrows it leaves those before where they are
		got[f.uid] = room[begin:len(room):len(room)]
		size += len(f.section)
		return true
	}
	items := &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{{Peek: true}}}
	op := fmt.Sprintf("read %d messages from %d to %d", asked, uids[0], uids[asked-1])
	began := time.Now()
	_, err = c.start(ctx, op, &exchange{data: data, limit: maxBody}, func(lib *imapclient.Client) func() error {
		return lib.Fetch(uidSet(uids), items).Close
	}).finish()
	if err != nil {
		return asked, err
	}
	c.adaptPiece(size, time.Since(began))
	for uid, raw := range got {
		if err := each(uid, raw); err != nil {
			return asked, err
		}
	}
	return asked, nil
}

// adaptPiece sizes the next piece by how long the last took, at most doubling.
func (c *Client) adaptPiece(got int, took time.Duration) {
	if got < c.pieceSize/2 && took < pieceTime {
		return // too small to tell
	}
	fit := int64(maxPiece)
	if took > 0 {
		fit = int64(float64(got) * float64(pieceTime) / float64(took))
	}
	c.pieceSize = int(min(max(fit, minPiece), maxPiece, 2*int64(c.pieceSize)))
}

// piece asks for n bytes from offset on; fewer mean that the message ends there.
func (c *Client) piece(ctx context.Context, op string, uid UID, offset int64, n int) ([]byte, error) {
	var f fetched
	data := func(r response) bool {
		if r.kind != "FETCH" || f.hasBody {
			return false
		}
		got := parseFetch(r.rest)
		if got.uid != uid || !got.hasBody {
			return false
		}
		f = got
		f.section = bytes.Clone(got.section)
		return true
	}
	items := &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{
		{Peek: true, Partial: &goimap.SectionPartial{Offset: offset, Size: int64(n)}},
	}}
	x := &exchange{data: data, limit: n + 8<<10}
	_, err := c.start(ctx, op, x, func(lib *imapclient.Client) func() error {
		return lib.Fetch(uidSet([]UID{uid}), items).Close
	}).finish()
	switch {
	case err != nil:
		return nil, err
	case !f.hasBody:
		return nil, &transport.Error{Kind: transport.KindRefused, Op: op, Code: "NONEXISTENT", Err: errors.New("the message is no longer on the server")}
	case len(f.section) > n, f.origin != offset && (f.origin >= 0 || offset > 0):
		return nil, &transport.Error{Kind: transport.KindProtocol, Op: op,
			Err: fmt.Errorf("asked for %d bytes from %d on, the server sent %d from %d on", n, offset, len(f.section), f.origin)}
	}
	return f.section, nil
}
