package mailsync

import (
	"bytes"
	"context"
	"errors"
	"io"

	"tmail/message"
	"tmail/store"
)

// maxSmallBody is up to what size a message is held in memory, in bytes; larger ones go to the store in pieces.
const maxSmallBody = 1 << 20

// writer is where a transport writes a body to.
type writer = io.Writer

// capped holds a small body. A larger one than announced makes it fail.
type capped struct {
	bytes []byte
	over  bool
}

var errOver = errors.New("larger than announced")

func (c *capped) Write(p []byte) (int, error) {
	if len(c.bytes)+len(p) > 2*maxSmallBody {
		c.over = true
		return 0, errOver
	}
	c.bytes = append(c.bytes, p...)
	return len(p), nil
}

// bodyBatch collects small bodies for one transaction.
type bodyBatch struct {
	side   *imapSide
	bodies []store.Body
	size   int
}

func (b *bodyBatch) add(ctx context.Context, id store.ID, raw []byte) error {
	learnt := learn(bytes.NewReader(raw))
	b.bodies = append(b.bodies, store.Body{ID: id, Raw: raw, Preview: learnt.preview, HasAttachments: learnt.attachments})
	b.size += len(raw)
	if b.size > maxSmallBody {
		return b.flush(ctx)
	}
	return nil
}

func (b *bodyBatch) flush(ctx context.Context) error {
	if len(b.bodies) == 0 {
		return nil
	}
	err := b.side.store.Bodies.Put(ctx, b.bodies)
	b.bodies, b.size = nil, 0
	return err
}

// learnt is what lists show of a message beyond its header.
type learnt struct {
	preview     string
	attachments bool
}

// learn reads a raw message to its end.
func learn(r io.Reader) learnt {
	m, err := message.Read(r)
	if err != nil {
		return learnt{}
	}
	l := learnt{preview: message.Summary(m)}
	for _, part := range m.Attachments {
		l.attachments = l.attachments || !part.Inline
	}
	return l
}

// streamed is a body on its way into the store.
type streamed struct {
	*store.BodyWriter
	learnt learnt
}

// stream writes what fetch gives into the store, in constant memory, and reads it on the way. The caller commits or
// aborts the writer.
func stream(ctx context.Context, st *store.Store, fetch func(writer) error) (*streamed, error) {
	body, err := st.Bodies.Create(ctx)
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	told := make(chan learnt, 1)
	go func() {
		l := learn(r)
		io.Copy(io.Discard, r)
		told <- l
	}()
	err = fetch(io.MultiWriter(body, w))
	w.CloseWithError(err)
	l := <-told
	if err != nil {
		return nil, errors.Join(err, body.Abort())
	}
	return &streamed{body, l}, nil
}

// storeLarge streams a body into the store as that of a message.
func storeLarge(ctx context.Context, st *store.Store, id store.ID, fetch func(writer) error) error {
	body, err := stream(ctx, st, fetch)
	if err != nil {
		return err
	}
	return errors.Join(body.Commit(ctx, id, body.learnt.preview, body.learnt.attachments), body.Abort())
}
