package mailsync

import (
	"cmp"
	"context"
	"errors"
	"io"

	"tmail/message"
	"tmail/store"
)

// maxSmallBody is up to what size a message is held in memory, in bytes; larger ones go to the store in pieces.
const maxSmallBody = 1 << 20

// learnt is what lists show of a message.
type learnt struct {
	preview     string
	attachments bool
	envelope    message.Envelope
}

// learn reads a raw message to its end.
func learn(r io.Reader) learnt {
	m, err := message.ReadText(r)
	if err != nil {
		return learnt{}
	}
	return learnt{preview: message.Summary(m), attachments: m.HasAttachments(), envelope: m.Envelope}
}

// streamed is a body on its way into the store.
type streamed struct {
	*store.BodyWriter
	learnt learnt
}

// stream writes what fetch gives into the store, in constant memory, and reads it on the way. The caller commits or
// aborts the writer.
func stream(ctx context.Context, st *store.Store, fetch func(io.Writer) error) (*streamed, error) {
	body, err := st.Bodies.Create(ctx)
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	var l learnt
	reading := convey(func(r *io.PipeReader) error {
		defer r.Close() // nobody waits for a reader that is no more
		l = learn(r)
		_, err := io.Copy(io.Discard, r)
		return err
	})
	reading.put(r)
	err = fetch(io.MultiWriter(body, w))
	w.CloseWithError(err)
	err = cmp.Or(err, reading.close())
	if err != nil {
		return nil, errors.Join(err, body.Abort())
	}
	return &streamed{body, l}, nil
}

// storeLarge streams a body into the store as that of a message.
func storeLarge(ctx context.Context, st *store.Store, id store.ID, fetch func(io.Writer) error) error {
	body, err := stream(ctx, st, fetch)
	if err != nil {
		return err
	}
	return errors.Join(body.Commit(ctx, id, body.learnt.preview, body.learnt.attachments), body.Abort())
}
