package mailsync

import (
	"io"
	"sync"
)

// room is memory for the small messages of a batch, one behind the other, until they are packed. It is used again.
type room struct {
	bytes [maxSmallBody]byte
	used  int
}

var rooms = sync.Pool{New: func() any { return new(room) }}

func newRoom() *room {
	r := rooms.Get().(*room)
	r.used = 0
	return r
}

// leave gives the room back: nobody may look at what lies in it any more.
func (r *room) leave() { rooms.Put(r) }

// left is how many bytes go in yet.
func (r *room) left() int64 { return int64(len(r.bytes) - r.used) }

// take reads in to its end, or until most bytes came or the room is full.
func (r *room) take(in io.Reader, most int64) ([]byte, error) {
	free := r.bytes[r.used : r.used+int(min(most, r.left()))]
	n := 0
	for n < len(free) {
		got, err := in.Read(free[n:])
		n += got
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	r.used += n
	return free[:n:n], nil
}
