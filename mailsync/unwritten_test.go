package mailsync

import (
	"testing"
	"time"

	"tmail/mailtest"
	"tmail/store"
)

// A message whose outcome could not be written down is not "being sent" for ever: it is written down when that is
// possible again.
func TestOutcomeIsWrittenDownLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	disk := w.disk()
	do := func(statement string) {
		if _, err := disk.Exec(statement); err != nil {
			t.Error(err)
		}
	}
	fill := "CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END"
	w.sendTo(mailtest.Script(t, func(c *mailtest.Conversation) {
		if _, ok := hearMessage(c); ok {
			do(fill)
			c.Say("550 no such mail here")
			c.Hear()
		}
	}), 20*time.Second)
	id := w.queue("home", 0, "hello", "eve@"+mailtest.Domain)
	w.run()
	mailtest.Until(t, "the disk to be full", func() bool {
		var n int
		return disk.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'full'").Scan(&n) == nil && n == 1
	})
	time.Sleep(time.Second) // for the outcome not to be written, which leaves no trace
	do("DROP TRIGGER full")
	mailtest.Until(t, "the outcome to be written", func() bool {
		out, err := w.store.Outbox.Get(background, id)
		return err == nil && out.Status == store.OutFailed
	})
}
