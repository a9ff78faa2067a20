package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"sync"

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
	packed         packed
}

// Pack compresses the bytes, which Put does else, while others write. It does so
// in their place: Raw is of no use from then on, and nobody may change it before
// the message is stored.
func (b *Body) Pack() { b.packed.fill(b.Raw, true) }

// packed is a raw message as it is stored.
type packed struct {
	size   int64
	pieces [][]byte // compressed; nil: not packed yet
}

func (p *packed) fill(raw []byte, inPlace bool) {
	if p.pieces != nil {
		return
	}
	p.size, p.pieces = int64(len(raw)), make([][]byte, 0, 1)
	for n := 0; n*pieceSize < len(raw); n++ {
		piece := raw[n*pieceSize : min((n+1)*pieceSize, len(raw))]
		var place []byte
		if inPlace {
			place = piece
		}
		p.pieces = append(p.pieces, compressTo(place, piece))
	}
}

func compress(raw []byte) []byte { return compressTo(nil, raw) }

// compressTo returns what takes no more memory than it needs, in a place where
// it fits; that may be where raw lies.
func compressTo(place, raw []byte) []byte {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	*scratch = zstdEncoder.EncodeAll(raw, (*scratch)[:0])
	if n := len(*scratch); n <= len(place) {
		return place[:copy(place, *scratch):n]
	}
	return bytes.Clone(*scratch)
}

var scratches = sync.Pool{New: func() any { return new([]byte) }}

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
	_, err := t.exec(newPieces.one, pieceID(blob, number), compress(data))
	return err
}

func pieceID(blob ID, number int) int64 { return int64(blob)<<pieceBits | int64(number) }

var (
	newBlobs  = insertionInto("blob", nil, "size")
	newPieces = insertionInto("piece", nil, "id", "data")
)

// addBlobs stores bytes held in memory, and returns the blob of the first; those
// of the others follow it.
func (t *tx) addBlobs(list []*packed) (ID, error) {
	first, err := t.insertMany(newBlobs, nil, len(list), func(n int, values []any) []any { return append(values, list[n].size) })
	if err != nil {
		return 0, err
	}
	type piece struct {
		id   int64
		data []byte
	}
	var pieces []piece
	for i, p := range list {
		for n, data := range p.pieces {
			pieces = append(pieces, piece{pieceID(first+ID(i), n), data})
		}
	}
	_, err = t.insertMany(newPieces, nil, len(pieces), func(n int, values []any) []any {
		return append(values, pieces[n].id, pieces[n].data)
	})
	return first, err
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
	return took > 0, t.given(blob, blob, []ID{id})
}

// given tells the folders that show messages whose bytes came, all together,
// and forgets that they were asked for.
func (t *tx) given(first, last ID, ids []ID) error {
	return errors.Join(
		t.execAll([]any{first, last}, "UPDATE folder SET version = version + 1 WHERE id IN (SELECT listed FROM message WHERE blob BETWEEN ? AND ?)"),
		t.execAll([]any{idList(ids)}, "DELETE FROM want WHERE message IN (SELECT value FROM json_each(?))",
			"DELETE FROM excerpt WHERE message IN (SELECT value FROM json_each(?))"))
}

// Put stores messages in one transaction. Messages that are gone, or have
// their bytes, meanwhile are passed over.
func (b *Bodies) Put(ctx context.Context, list []Body) error {
	for i := range list {
		list[i].packed.fill(list[i].Raw, false)
	}
	return b.d.update(ctx, retold, "store messages", func(t *tx) error {
		list, copied, err := t.bodyless(list)
		if err != nil || len(list) == 0 {
			return err
		}
		bodies := make([]*packed, len(list))
		for i := range list {
			bodies[i] = &list[i].packed
		}
		first, err := t.addBlobs(bodies)
		if err != nil {
			return err
		}
		ids := make([]ID, len(list))
		for i := range list {
			m, blob := &list[i], first+ID(i)
			ids[i] = m.ID
			if copied {
				_, err = t.giveBody(m.ID, blob, m.Preview, m.HasAttachments)
			} else {
				_, err = t.exec("UPDATE OR FAIL message SET blob = ?, preview = ?, attachments = ? WHERE id = ?", blob, clip(m.Preview), m.HasAttachments, m.ID)
			}
			if err != nil {
				return err
			}
		}
		if err := t.given(first, first+ID(len(list)-1), ids); err != nil {
			return err
		}
		return t.settle()
	})
}

// bodyless leaves of list what is for a message without bytes, or for a copy of
// it, once each, and says whether there are copies at all.
func (t *tx) bodyless(list []Body) (left []Body, copied bool, err error) {
	ids := make([]ID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	needed := map[ID]bool{}
	for _, query := range []string{
		"SELECT id FROM message WHERE blob IS NULL AND id IN (SELECT value FROM json_each(?))",
		"SELECT copy_of FROM message WHERE copy_of IS NOT NULL AND blob IS NULL AND copy_of IN (SELECT value FROM json_each(?))",
	} {
		found, err := all(t.query, value[ID], query, idList(ids))
		if err != nil {
			return nil, false, err
		}
		copied = len(found) > 0 // by the second
		for _, id := range found {
			needed[id] = true
		}
	}
	for _, m := range list {
		if needed[m.ID] {
			left = append(left, m)
			delete(needed, m.ID)
		}
	}
	return left, copied, nil
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
	data, err := one(r.d.reading(r.ctx), value[[]byte], "SELECT data FROM piece WHERE id = ?", pieceID(r.blob, r.number))
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
