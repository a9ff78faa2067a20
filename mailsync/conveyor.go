package mailsync

import (
	"cmp"
	"errors"
)

// conveyor hands what is fetched to a goroutine that stores it while the next is fetched. At most one batch waits.
type conveyor[T any] struct {
	batches chan T
	ended   chan struct{}
	err     error        // of the goroutine, when it has ended
	panic   any          // what it panicked with: for the goroutine that waits for it
	next    func() error // closes what it hands on to
}

// convey starts the goroutine, which calls store for each batch in order until one fails.
func convey[T any](store func(T) error) *conveyor[T] {
	c := &conveyor[T]{batches: make(chan T), ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		defer func() {
			if c.panic = recover(); c.panic != nil {
				c.err = errPanicked
			}
		}()
		for batch := range c.batches {
			if c.err = store(batch); c.err != nil {
				return
			}
		}
	}()
	return c
}

// before makes a conveyor that does something with each batch, in a goroutine of its own, and puts what becomes of it on
// the next one, which is closed with it.
func before[T, U any](next *conveyor[U], work func(T) U) *conveyor[T] {
	c := convey(func(batch T) error { return next.put(work(batch)) })
	c.next = next.close
	return c
}

// put hands over a batch as soon as there is room for it. The error is that of an earlier batch.
func (c *conveyor[T]) put(batch T) error {
	select {
	case c.batches <- batch:
		return nil
	case <-c.ended:
		return c.err
	}
}

// close waits until all is stored. It is to be called once, also after an error.
func (c *conveyor[T]) close() error {
	close(c.batches)
	<-c.ended
	var err error
	if c.next != nil {
		err = c.next()
	}
	if c.panic != nil {
		panic(c.panic)
	}
	return cmp.Or(err, c.err)
}

var errPanicked = errors.New("storing panicked")
