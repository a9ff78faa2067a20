package mailsync

import (
	"testing"
	"time"

	"tmail/mailtest"
)

// A panic of any goroutine ends the engine, which says so: nothing is begun anew and nothing goes on with half of it.
func TestPanicEndsTheEngine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.engine.workers["work"].sender = &sender{} // without a worker it panics at once
	ended := make(chan error, 1)
	go func() { ended <- w.engine.Run(t.Context()) }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("nobody is told of the panic")
		}
	case <-time.After(time.Minute):
		t.Error("the engine goes on")
	}
}
