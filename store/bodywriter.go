package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
)

// BodyWriter stores a blob of any length with constant memory. Its bytes go to
// the disk in small transactions; until they are given to a message or a draft
// they are loose, and swept away when they stay so. It is for one goroutine.
type BodyWriter struct {
	ctx    context.Context
	d      *database
	blob   ID  // 0 until the first batch is written
	number int // of the next piece
	size   int64
	buf    []byte // not written yet, at most batchBytes
	digest hash.Hash
	done   bool
}

// Create returns a writer for a large message. The message has the bytes only
// once Commit returned.
func (b *Bodies) Create(ctx context.Context) (*BodyWriter, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("store message: %w", err)
	}
	return &BodyWriter{ctx: ctx, d: b.d, digest: sha256.New()}, nil
}

// Write takes the next bytes.
func (w *BodyWriter) Write(p []byte) (int, error) {
	w.digest.Write(p)
	written := 0
	for len(p) > 0 {
		n := min(len(p), batchBytes-len(w.buf))
		w.buf = append(w.buf, p[:n]...)
		w.size += int64(n)
		written += n
		p = p[n:]
		if len(w.buf) == batchBytes {
			if err := w.writeBatch(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

func (w *BodyWriter) writeBatch() error {
	blob, number := w.blob, w.number
	err := w.d.update(w.ctx, retold, "store message", func(t *tx) (err error) {
		blob, number, err = w.flush(t)
		return err
	})
	if err == nil { // not before: what was rolled back never was
		w.blob, w.number, w.buf = blob, number, w.buf[:0]
	}
	return err
}

// flush writes what is buffered, and returns the blob and its next piece.
func (w *BodyWriter) flush(t *tx) (blob ID, number int, err error) {
	now := t.d.now().Unix()
	if w.blob == 0 {
		blob, err = t.insert("INSERT INTO blob (size, loose) VALUES (?, ?)", w.size, now)
		if err != nil {
			return 0, 0, err
		}
	} else {
		blob = w.blob
		n, err := t.count("UPDATE blob SET size = ?, loose = ? WHERE id = ?", w.size, now, blob)
		if err != nil {
			return 0, 0, err
		}
		if n == 0 {
			return 0, 0, ErrPurged
		}
	}
	number = w.number
	for rest := w.buf; len(rest) > 0; number++ {
		n := min(len(rest), pieceSize)
		if err := t.addPiece(blob, number, rest[:n]); err != nil {
			return 0, 0, err
		}
		rest = rest[n:]
	}
	return blob, number, nil
}

// finish writes the rest, within the transaction that gives the blob away. The
// caller sets done when that is committed.
func (w *BodyWriter) finish(t *tx) (ID, error) {
	if w.done {
		return 0, fmt.Errorf("body was committed or aborted: %w", ErrNotPossible)
	}
	blob, _, err := w.flush(t)
	if err != nil {
		return 0, err
	}
	_, err = t.exec("UPDATE blob SET loose = NULL WHERE id = ?", blob)
	return blob, err
}

// Commit gives the bytes to the message; ErrNoSuch when it is gone.
func (w *BodyWriter) Commit(ctx context.Context, id ID, preview string, hasAttachments bool) error {
	err := w.d.update(ctx, retold, "store message "+id.String(), func(t *tx) error {
		blob, err := w.finish(t)
		if err != nil {
			return err
		}
		took, err := t.giveBody(id, blob, preview, hasAttachments)
		if err != nil {
			return err
		}
		if !took {
			return w.refused(t, id, blob)
		}
		return t.settle()
	})
	w.done = w.done || err == nil
	return err
}

// refused drops bytes nobody took: the message has them already, or is gone.
func (w *BodyWriter) refused(t *tx, id, blob ID) error {
	exists, err := one(t.query, value[bool], "SELECT EXISTS (SELECT 1 FROM message WHERE id = ?)", id)
	if err != nil {
		return err
	}
	if !exists {
		return ErrNoSuch
	}
	_, err = t.exec("DELETE FROM blob WHERE id = ?", blob)
	return err
}

// Abort throws the bytes away. After Commit it does nothing.
func (w *BodyWriter) Abort() error {
	if w.done {
		return nil
	}
	w.done, w.buf = true, nil
	if w.blob == 0 {
		return nil
	}
	return w.d.update(context.WithoutCancel(w.ctx), retold, "drop message", func(t *tx) error {
		_, err := t.exec("DELETE FROM blob WHERE id = ?", w.blob)
		return err
	})
}

// Size is the number of bytes written so far.
func (w *BodyWriter) Size() int64 { return w.size }

// SHA256 is the digest in hex of the bytes written so far.
func (w *BodyWriter) SHA256() string { return hex.EncodeToString(w.digest.Sum(nil)) }
