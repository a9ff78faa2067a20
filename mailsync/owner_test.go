package mailsync

import (
	"context"
	"slices"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

// second is another tmail on the same data.
func (w *world) second() *world {
	w.t.Helper()
	other := *w
	other.open()
	return &other
}

// While one tmail owns the accounts, another's `sync` and `send` are done by the owner and reported to the other; its
// changes are told to the server by the owner; and when the owner ends, the other takes over.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	w.arrive(w.ann, "INBOX", "a")
	other := w.second()

	ctx, end := context.WithCancel(background)
	ended := make(chan error, 1)
	go func() { ended <- w.engine.Run(ctx) }()
	mailtest.Until(t, "the owner to be in step", func() bool {
		st, err := w.store.Accounts.Status(background, "work")
		return err == nil && st.Phase == store.PhaseSynced && w.has("a")
	})

	w.arrive(w.ann, "Archive", "b")
	if report := other.sync("work"); !report.ByOther {
		t.Error("the second one synchronised an account that is owned")
	}
	other.wantShown("work", account.RoleArchive, "b")

	other.move(account.RoleArchive, "a")
	mailtest.Until(t, "the owner to push the other's change", func() bool {
		return slices.Equal(w.onServer(w.ann, "Archive"), []string{"a", "b"})
	})

	id := other.queue("work", 0, "from the second", w.bob+"@"+mailtest.Domain)
	if err := other.engine.Deliver(background, id); err != nil {
		t.Errorf("deliver through the owner: %v", err)
	}
	mailtest.Until(t, "the message in bob's inbox", func() bool { return len(w.onServer(w.bob, "INBOX")) == 1 })

	runCtx, stop := context.WithCancel(background)
	defer stop()
	took := make(chan error, 1)
	go func() { took <- other.engine.Run(runCtx) }()
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	w.arrive(w.ann, "INBOX", "after the change of owner")
	mailtest.Until(t, "the second one to take over", func() bool { return other.has("after the change of owner") })
	stop()
	if err := <-took; err != nil {
		t.Error(err)
	}
	w.wantOnServer(w.bob, "INBOX", "from the second")
}

// When an owner dies before it answers, the other does the work itself.
func TestOwnerDies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	unlock, err := w.engine.workers["work"].lock.try()
	if err != nil || unlock == nil {
		t.Fatal(err)
	}
	other := w.second()
	told := make(chan error, 1)
	go func() {
		report, err := other.engine.SyncOnce(background, "work", nil)
		if report.ByOther {
			t.Error("nobody was there to do it")
		}
		told <- err
	}()
	mailtest.Until(t, "the wish to be written down", func() bool {
		ticket, err := w.store.Accounts.SyncAsked(background, "work")
		return err == nil && ticket != 0
	})
	unlock()
	select {
	case err := <-told:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits for ever")
	}
}
