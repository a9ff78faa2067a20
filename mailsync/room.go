package mailsync

import "io"

// room is memory for a batch of messages, until they are stored: the bytes of the small ones, one behind the other, and
// what is learnt of each.
type room[T any] struct {
	bytes    [maxSmallBody]byte
	used     int
	messages []T
	home     rooms[T]
}

// rooms are those of one fetch. They are used again: a megabyte is not made for each batch, nor left to be collected.
type rooms[T any] chan *room[T]

// newRooms has as many as are in use at a time: one is filled, one is read, one is stored.
func newRooms[T any]() rooms[T] { return make(rooms[T], 3) }

// enter returns a room that is empty.
func (f rooms[T]) enter() *room[T] {
	select {
	case r := <-f:
		return r
	default:
		return &room[T]{home: f}
	}
}

// leave gives the room back: nobody may look at what lies in it any more.
func (r *room[T]) leave() {
	clear(r.messages)
	r.used, r.messages = 0, r.messages[:0]
	select {
	case r.home <- r:
	default:
	}
}

// left is how many bytes go in yet.
func (r *room[T]) left() int64 { return int64(len(r.bytes) - r.used) }

// take reads in to its end, or until most bytes came or the room is full.
func (r *room[T]) take(in io.Reader, most int64) ([]byte, error) {
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
