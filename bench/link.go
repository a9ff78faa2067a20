package main

import (
	"io"
	"net"
	"strconv"
	"time"
)

// slowLink listens on a loopback port whose connections reach target as if it were far away. It works until the
// program ends.
func slowLink(target int, roundTrip time.Duration) (port int, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(target)))
			if err != nil {
				near.Close()
				continue
			}
			go carry(far, near, roundTrip/2)
			go carry(near, far, roundTrip/2)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// parcel is a piece of talk and when it arrives.
type parcel struct {
	due   time.Time
	bytes []byte
}

// carry brings what from says to to, each piece delay later than it was said, however many are on their way.
func carry(to io.WriteCloser, from io.Reader, delay time.Duration) {
	way := make(chan parcel, 1024)
	go func() {
		defer to.Close()
		for p := range way {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.bytes); err != nil {
				break
			}
		}
		for range way { // so that the other end is never stuck
		}
	}()
	defer close(way)
	for {
		piece := make([]byte, 16<<10)
		n, err := from.Read(piece)
		if n > 0 {
			way <- parcel{time.Now().Add(delay), piece[:n]}
		}
		if err != nil {
			return
		}
	}
}
