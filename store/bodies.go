package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Bodies holds the raw messages, byte for byte as received, compressed in
// pieces of 256 KB.
type Bodies struct{ d *database }

// Body is a raw message small enough to be held in memory, with what was
// learnt by reading it.
type Body struct {
	ID             ID
	Raw            []byte
	Preview        string
	HasAttachments bool
}

// pieceSize is how much of a blob one row holds, before compression. A row's
// id is that of the blob and the number of the piece, pieceBits for the latter.
const (
	pieceSize = 256 << 10
	pieceBits = 20
	// batchBytes is how much one transaction may add: others wait meanwhile.
	batchBytes = 4 * pieceSize
)

// Both may be used by many goroutines at once.
var (
	zstdEncoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true))
	zstdDecoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(4<<20))
)

func (t *tx) addPiece(blob ID, number int, data []byte) error {
	if number >= 1<<pieceBits {
		return fmt.Errorf("message longer than %d bytes: %w", pieceSize<<pieceBits, ErrNotPossible)
	}
	_, err := t.exec("INSERT INTO piece (id, data) VALUES (?, ?)", int64(blob)<<pieceBits|int64(number), zstdEncoder.EncodeAll(data, nil))
	return err
}

// addBlob stores bytes held in memory.
func (t *tx) addBlob(raw []byte) (ID, error) {
	blob, err := t.insert("INSERT INTO blob (size) VALUES (?)", len(raw))
	if err != nil {
		return 0, err
	}
	for n := 0; n*pieceSize < len(raw); n++ {
		if err := t.addPiece(blob, n, raw[n*pieceSize:min((n+1)*pieceSize, len(raw))]); err != nil {
			return 0, err
		}
	}
	return blob, nil
}

// giveBody gives stored bytes to a message that has none, and to the copies
// that were made of it before they came. It reports whether anybody took them.
func (t *tx) giveBody(id, blob ID, preview string, attachments bool) (bool, error) {
	took, err := t.count(`UPDATE message SET blob = ?, preview = ?, attachments = ? WHERE blob IS NULL AND id IN (
		WITH RECURSIVE family (id) AS (SELECT ? UNION SELECT k.id FROM family JOIN message k ON k.copy_of = family.id) SELECT id FROM family)`,
		blob, clip(preview), attachments, id)
	if err != nil {
		return false, err
	}
	_, err = t.exec("DELETE FROM want WHERE message = ?", id)
	return took > 0, err
}

// Put stores messages in one transaction. Messages that are gone, or have
// their bytes, meanwhile are passed over.
func (b *Bodies) Put(ctx context.Context, list []Body) error {
	return b.d.update(ctx, retold, "store messages", func(t *tx) error {
		for _, m := range list {
			needed, err := one(t.query, value[bool], `SELECT EXISTS (SELECT 1 FROM message WHERE id = ? AND blob IS NULL)
				OR EXISTS (SELECT 1 FROM message WHERE copy_of = ? AND blob IS NULL)`, m.ID, m.ID)
			if err != nil {
				return err
			}
			if !needed {
				continue
			}
			blob, err := t.addBlob(m.Raw)
			if err != nil {
				return err
			}
			if _, err := t.giveBody(m.ID, blob, m.Preview, m.HasAttachments); err != nil {
				return err
			}
		}
		return t.settle()
	})
}

// Want asks for bodies to be fetched before all others, by whichever process
// talks to the server.
func (b *Bodies) Want(ctx context.Context, ids ...ID) error {
	return b.d.update(ctx, retold, "ask for messages", func(t *tx) error {
		_, err := t.exec(`INSERT OR IGNORE INTO want (message)
			SELECT id FROM message WHERE blob IS NULL AND local = 0 AND id IN (SELECT value FROM json_each(?))`, idList(ids))
		return err
	})
}

// Open returns the raw message and its length, or ErrNotStored. Memory use
// does not depend on the length. The caller closes the reader.
func (b *Bodies) Open(ctx context.Context, id ID) (io.ReadCloser, int64, error) {
	blob, err := one(b.d.reading(ctx), value[sql.Null[ID]], "SELECT blob FROM message WHERE id = ?", id)
	if err == nil && !blob.Valid {
		err = ErrNotStored
	}
	if err != nil {
		return nil, 0, b.d.explain("open message "+id.String(), err)
	}
	r, err := b.openBlob(ctx, blob.V)
	if err != nil {
		return nil, 0, b.d.explain("open message "+id.String(), err)
	}
	return r, r.size, nil
}

func (b *Bodies) openBlob(ctx context.Context, blob ID) (*blobReader, error) {
	size, err := one(b.d.reading(ctx), value[int64], "SELECT size FROM blob WHERE id = ?", blob)
	if errors.Is(err, ErrNoSuch) {
		err = ErrNotStored
	}
	if err != nil {
		return nil, err
	}
	return &blobReader{ctx: ctx, d: b.d, blob: blob, size: size}, nil
}

// blobReader reads a blob piece by piece.
type blobReader struct {
	ctx    context.Context
	d      *database
	blob   ID
	size   int64
	number int    // of the next piece
	read   int64  // bytes of the pieces before it
	rest   []byte // of the piece before it, part of piece
	piece  []byte
	closed bool
}

func (r *blobReader) Read(p []byte) (int, error) {
	if r.closed {
		return 0, io.ErrClosedPipe
	}
	for len(r.rest) == 0 {
		if r.read == r.size {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, r.d.explain("read message", err)
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *blobReader) next() error {
	data, err := one(r.d.reading(r.ctx), value[[]byte], "SELECT data FROM piece WHERE id = ?",
		int64(r.blob)<<pieceBits|int64(r.number))
	if errors.Is(err, ErrNoSuch) { // deleted while being read
		return ErrNotStored
	}
	if err != nil {
		return err
	}
	r.piece, err = zstdDecoder.DecodeAll(data, r.piece[:0])
	if err != nil || len(r.piece) == 0 {
		return errors.Join(fmt.Errorf("%w: piece %d: %w", ErrDamaged, r.number, err), r.d.forget(r.ctx, r.blob))
	}
	r.rest = r.piece
	r.read += int64(len(r.piece))
	r.number++
	return nil
}

// forget drops damaged bytes of messages that a server has, so that they are
// fetched again.
func (d *database) forget(ctx context.Context, blob ID) error {
	return d.update(ctx, retold, "forget damaged message", func(t *tx) error {
		return t.execAll([]any{blob}, "INSERT OR IGNORE INTO want (message) SELECT id FROM message WHERE blob = ? AND uid IS NOT NULL",
			"UPDATE message SET blob = NULL WHERE blob = ? AND uid IS NOT NULL")
	})
}

func (r *blobReader) Close() error {
	r.closed = true
	return nil
}
