package store

import (
	"context"
	"io"
)

// Bodies holds the raw messages, byte for byte as received, compressed in
// pieces of 256 KB.
type Bodies struct{}

// Body is a raw message small enough to be held in memory, with what was
// learnt by reading it.
type Body struct {
	ID             ID
	Raw            []byte
	Preview        string
	HasAttachments bool
}

// Open returns the raw message and its length, or ErrNotStored. Memory use
// does not depend on the length. The caller closes the reader.
func (b *Bodies) Open(ctx context.Context, id ID) (io.ReadCloser, int64, error) {
	panic("not written")
}

// Put stores messages in one transaction. Messages that are gone meanwhile
// are passed over.
func (b *Bodies) Put(ctx context.Context, list []Body) error { panic("not written") }

// Create returns a writer for a large message. Its bytes go to the disk in
// small transactions; the message has them only once Commit returned.
func (b *Bodies) Create(ctx context.Context) (*BodyWriter, error) { panic("not written") }

// Want asks for bodies to be fetched before all others, by whichever process
// talks to the server.
func (b *Bodies) Want(ctx context.Context, ids ...ID) error { panic("not written") }

// BodyWriter is a raw message being stored. It is for one goroutine.
type BodyWriter struct{}

// Write takes the next bytes.
func (w *BodyWriter) Write(p []byte) (int, error) { panic("not written") }

// Commit gives the bytes to the message; ErrNoSuch when it is gone.
func (w *BodyWriter) Commit(ctx context.Context, id ID, preview string, hasAttachments bool) error {
	panic("not written")
}

// Abort throws the bytes away. After Commit it does nothing.
func (w *BodyWriter) Abort() error { panic("not written") }

// Size is the number of bytes written so far.
func (w *BodyWriter) Size() int64 { panic("not written") }

// SHA256 is the digest in hex of the bytes written so far.
func (w *BodyWriter) SHA256() string { panic("not written") }
