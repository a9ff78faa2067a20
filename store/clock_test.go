package store

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
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

// Looking at the clock is done at every change of the store: it must not read all messages.
func TestClockReadsOutboxOnly(t *testing.T) {
	s := newStore(t)
	setUp(t, s)
	must(t, s.Outbox.ClockWentBack(t.Context(), "work"))
	for _, query := range slices.Collect(maps.Keys(s.d.reads)) {
		if !strings.Contains(query, "FROM outbox WHERE") {
			continue
		}
		plan, err := all(s.d.reading(t.Context()), func(rows *sql.Rows) (step string, err error) {
			var id, parent, unused int
			err = rows.Scan(&id, &parent, &unused, &step)
			return step, err
		}, "EXPLAIN QUERY PLAN "+query, 1, 1, "work")
		must(t, err)
		if slices.Contains(plan, "SCAN m") || len(plan) == 0 {
			t.Errorf("%s\nreads every message: %q", query, plan)
		}
	}
}

// When the network is back, what it kept from leaving leaves; what a server or a person put off does not.
func TestReconnectedSendsWhatTheNetworkKept(t *testing.T) {
	s := newStore(t)
	setUp(t, s)
	put := func(kind ProblemKind) ID {
		id := queued(t, s, clock)
		if claimed, err := s.Outbox.Claim(t.Context(), id); err != nil || !claimed {
			t.Fatalf("claimed %v, error %v", claimed, err)
		}
		must(t, s.Outbox.Mark(t.Context(), id, Mark{Status: OutDue, Due: clock.Add(20 * time.Minute), Problem: &Problem{Kind: kind, At: clock}}))
		return id
	}
	unreached := put(ProblemNetwork)
	put(ProblemTemporary)
	put(ProblemNetwork)
	later := put(ProblemNetwork)
	must(t, s.Outbox.Schedule(t.Context(), later, clock.Add(time.Hour)))
	must(t, s.Outbox.Reconnected(t.Context(), "home"))
	if got := due(t, s); len(got) != 0 {
		t.Errorf("another account made due %v", got)
	}
	must(t, s.Outbox.Reconnected(t.Context(), "work"))
	if got := due(t, s); len(got) != 2 || got[0].ID != unreached {
		t.Errorf("due %v", got)
	}
}
