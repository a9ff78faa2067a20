package store

import (
	"testing"
	"time"
)

// What was committed is moved into the database without anybody writing again.
func TestLogIsMovedInTheBackground(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	for batch := range 10 {
		var list []NewMessage
		for i := range 1000 {
			n := batch*1000 + i + 1
			list = append(list, mail(n, uint32(n), 0))
		}
		_, err := s.Remote.Add(t.Context(), inbox, list)
		must(t, err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		waiting, err := s.d.checkpoint(t.Context(), "NOOP")
		must(t, err)
		if waiting < checkpointAt {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d pages are in the log", waiting)
		}
	}
}
