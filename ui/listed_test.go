package ui

import (
	"testing"
	"time"
)

// Where nothing is known yet, nobody waits for rows: what fetches them waits itself.
func TestTellsThatThereAreNoRows(t *testing.T) {
	told := make(chan struct{})
	s := start(t, 120, 40, nil, func(o *Options) { o.Listed = func() { close(told) } })
	s.Await("told", func() bool {
		select {
		case <-told:
			return true
		default:
			return false
		}
	})
}

// Whoever waits for the first rows is told when they are there, and once.
func TestTellsOfFirstRows(t *testing.T) {
	told := make(chan struct{})
	s := start(t, 120, 40, sample, func(o *Options) { o.Listed = func() { close(told) } })
	select {
	case <-told:
		t.Fatal("told before anything was read")
	default:
	}
	s.Shows("Budget 2027")
	select {
	case <-told:
	case <-time.After(time.Minute):
		t.Fatal("not told")
	}
	s.Press("2").Idle() // another list: telling a second time would panic
}
