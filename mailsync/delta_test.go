package mailsync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
	"tmail/transport"
	"tmail/transport/imap"
)

// tellers are servers that differ in how they tell what happened since.
var tellers = map[string]mailtest.DovecotOptions{
	"QRESYNC":       {},
	"CONDSTORE":     {Capability: "IMAP4rev1 ENABLE CONDSTORE ESEARCH UIDPLUS MOVE LIST-EXTENDED LIST-STATUS"},
	"CONDSTORE old": {Capability: "IMAP4rev1 CONDSTORE UIDPLUS MOVE"},
	"nothing":       {Capability: "IMAP4rev1 UIDPLUS MOVE"},
}

// another is another client of ann's.
func (w *world) another() *imap.Client {
	w.t.Helper()
	c, err := imap.Dial(w.t.Context(), &transport.Dialer{}, account.Endpoint{
		Host: "127.0.0.1", Port: w.dovecot.IMAP, Security: account.SecurityNone, Username: w.ann,
		Secret: func(context.Context) (string, error) { return mailtest.Password, nil },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	return c
}

// Whatever others change, and we, what is taken over as a difference is what comparing everything would find.
func TestDeltaEqualsTheWhole(t *testing.T) {
	for name, options := range tellers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options)
			other := w.another()
			random := rand.New(rand.NewPCG(7, uint64(len(name))))
			rounds := 12
			if mailtest.Long() {
				rounds = 150
			}
			made := 0
			for round := range rounds {
				for range 1 + random.IntN(6) {
					w.disturb(other, random, &made)
				}
				if round%3 == 1 {
					w.change(random)
				}
				w.sync("work")
				w.sync("work") // what the first one pushed may have been overtaken by the others' changes
				w.wantEqual(other, round)
			}
		})
	}
}

var disturbed = []string{"INBOX", "Archive", "Trash"}

// disturb makes one change as another client.
func (w *world) disturb(c *imap.Client, random *rand.Rand, made *int) {
	w.t.Helper()
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	box := disturbed[random.IntN(len(disturbed))]
	_, err := c.Select(background, box)
	must(err)
	uids, err := c.UIDs(background)
	must(err)
	random.Shuffle(len(uids), func(i, j int) { uids[i], uids[j] = uids[j], uids[i] })
	some := uids[:min(len(uids), 1+random.IntN(4))]
	what := random.IntN(6)
	if len(some) == 0 {
		what = 0
	}
	switch what {
	case 0, 1:
		*made++
		raw := testMessage(fmt.Sprintf("made %d", *made), "body\r\n")
		_, _, err := c.Append(background, box, message.Flags(random.IntN(8)), time.Now(), int64(len(raw)), bytes.NewReader(raw))
		must(err)
	case 2:
		must(c.Store(background, some, message.Flags(random.IntN(8)), 0))
	case 3:
		must(c.Store(background, some, 0, message.Flags(random.IntN(8))))
	case 4:
		_, err := c.Move(background, some, disturbed[random.IntN(len(disturbed))])
		must(err)
	case 5:
		must(c.Delete(background, some))
	}
}

// change makes a change here.
func (w *world) change(random *rand.Rand) {
	w.t.Helper()
	rows := w.rows("work", account.RoleInbox)
	if len(rows) == 0 {
		return
	}
	id := []store.ID{rows[random.IntN(len(rows))].ID}
	var err error
	if random.IntN(2) == 0 {
		_, err = w.store.Changes.Flag(background, id, message.Flagged, message.Seen)
	} else {
		_, err = w.store.Changes.Move(background, id, w.folder("work", account.RoleArchive).ID)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// wantEqual checks that the store has the server's UIDs and flags, and shows as much.
func (w *world) wantEqual(c *imap.Client, round int) {
	w.t.Helper()
	refs, err := w.store.Remote.Folders(background, "work")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, ref := range refs {
		if _, err := c.Select(background, ref.Name); err != nil {
			w.t.Fatal(err)
		}
		theirs, err := c.Flags(background, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		ours, err := w.store.Remote.UIDFlags(background, ref.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		if !slices.EqualFunc(ours, theirs, func(a store.UIDFlags, b imap.UIDFlags) bool { return a.UID == uint32(b.UID) && a.Flags == b.Flags }) {
			w.t.Fatalf("round %d: %s here is %v, on the server %v", round, ref.Name, ours, theirs)
		}
		folder, err := w.store.Index.Folder(background, ref.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		shown := slices.DeleteFunc(theirs, func(f imap.UIDFlags) bool { return f.Flags.Has(message.Deleted) })
		if folder.Total != len(shown) {
			w.t.Fatalf("round %d: %s shows %d messages, the server has %d", round, ref.Name, folder.Total, len(shown))
		}
	}
}

// What is asked and answered follows what changed, not what exists.
func TestCostFollowsChange(t *testing.T) {
	for name, most := range map[string]struct{ idle, flag, gone int64 }{
		"QRESYNC":       {3_000, 4_000, 4_000},
		"CONDSTORE":     {3_000, 4_000, 4_000},
		"CONDSTORE old": {3_000, 4_000, 12_000}, // without ESEARCH every UID is listed
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tellers[name])
			other := w.another()
			for i := range 20 {
				raw := testMessage(fmt.Sprintf("one of many %d", i), "body\r\n")
				if _, _, err := other.Append(background, "INBOX", 0, time.Now(), int64(len(raw)), bytes.NewReader(raw)); err != nil {
					t.Fatal(err)
				}
			}
			for range 6 {
				if _, err := other.Select(background, "INBOX"); err != nil {
					t.Fatal(err)
				}
				uids, err := other.UIDs(background)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := other.Copy(background, uids, "INBOX"); err != nil {
					t.Fatal(err)
				}
			}
			w.sync("work")
			cost := func(what string, most int64) {
				t.Helper()
				before, trips := w.meter().In.Load(), w.meter().RoundTrips.Load()
				w.sync("work")
				if in := w.meter().In.Load() - before; in > most {
					t.Errorf("%s costs %d bytes from the server, at most %d are good", what, in, most)
				}
				if trips := w.meter().RoundTrips.Load() - trips; trips > 12 {
					t.Errorf("%s takes %d round trips", what, trips)
				}
			}
			cost("nothing", most.idle)
			if err := other.Store(background, []imap.UID{700}, message.Flagged, 0); err != nil {
				t.Fatal(err)
			}
			cost("a flag", most.flag)
			if err := other.Delete(background, []imap.UID{800}); err != nil {
				t.Fatal(err)
			}
			cost("a message less", most.gone)
			if n := w.folder("work", account.RoleInbox).Total; n != 20<<6-1 {
				t.Errorf("%d messages are shown", n)
			}
		})
	}
}

func (w *world) meter() *transport.Meter { return w.engine.workers["work"].meter }

// When the network is back, and not only after the pause, what waits is done.
func TestBackOnline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	online := make(chan struct{}, 1)
	opts := w.engine.opts
	opts.Online = online
	w.engine = New(w.store, w.accounts, opts)
	w.arrive(w.ann, "INBOX", "before")
	w.run()
	mailtest.Until(t, "the first message", func() bool { return w.has("before") })
	w.imap.Refuse(true)
	phase := func() store.Phase {
		st, err := w.store.Accounts.Status(background, "work")
		if err != nil {
			t.Error(err)
		}
		return st.Phase
	}
	mailtest.Until(t, "the account to be offline", func() bool { return phase() == store.PhaseOffline })
	w.flag("before", message.Flagged, 0)
	w.arrive(w.ann, "INBOX", "meanwhile")
	w.imap.Refuse(false)
	wake(online)
	mailtest.Until(t, "what came meanwhile", func() bool { return w.has("meanwhile") && w.waiting("work") == 0 })
	wake(online) // with a connection that stands
	w.arrive(w.ann, "INBOX", "after")
	mailtest.Until(t, "what came after", func() bool { return w.has("after") })
}

func TestConveyor(t *testing.T) {
	broken := errors.New("full")
	stored := 0
	c := convey(func(n int) error {
		if n == 3 {
			return broken
		}
		stored += n
		return nil
	})
	for n := 1; n <= 3; n++ {
		if err := c.put(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.put(4); err != broken {
		t.Errorf("put after a failure: %v", err)
	}
	if err := c.close(); err != broken || stored != 3 {
		t.Errorf("close: %v, stored %d", err, stored)
	}
	c = convey(func(int) error { panic("odd message") })
	c.put(1)
	defer func() {
		if recover() != "odd message" {
			t.Error("a panic is lost")
		}
	}()
	c.close()
}
