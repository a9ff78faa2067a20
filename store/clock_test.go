package store

import (
	"testing"
	"time"
)

// A message that waits to be taken back waits that long, also when the clock is set back meanwhile; one for a time of
// day waits for that.
func TestClockGoesBack(t *testing.T) {
	now := clock
	s, err := Open(t.Context(), t.TempDir(), func() time.Time { return now })
	must(t, err)
	defer s.Close()
	setUp(t, s)
	id := queued(t, s, now.Add(10*time.Second))
	later := queued(t, s, now.Add(10*time.Hour))
	now = now.AddDate(-10, 0, 0)
	must(t, s.Outbox.ClockWentBack(t.Context(), "work"))
	if got := due(t, s); len(got) != 0 {
		t.Errorf("sent at once: %v", got)
	}
	now = now.Add(10 * time.Second)
	must(t, s.Outbox.ClockWentBack(t.Context(), "work"))
	if got := due(t, s); len(got) != 1 || got[0].ID != id {
		t.Errorf("due %v", got)
	}
	if out, err := s.Outbox.Get(t.Context(), later); err != nil || !out.Due.Equal(clock.Add(10*time.Hour)) {
		t.Errorf("%+v, error %v", out, err)
	}
}
