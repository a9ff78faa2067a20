package mailsync

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tmail/mailtest"
)

// Quitting does not wait for a server that has gone silent while we waited for news.
func TestQuitWhileTheLinkIsDead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE IDLE"})
	var idles atomic.Bool
	port := between(t, w.dovecot.IMAP, func(c *mailtest.Conversation, line string) (string, bool) {
		if strings.HasSuffix(line, " IDLE") {
			c.Say("+ idling")
			idles.Store(true)
		}
		return line, !idles.Load()
	}, asItIs).Port
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Incoming.Port = port
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir, Timeout: 5 * time.Minute})
	ctx, quit := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.engine.Run(ctx) }()
	mailtest.Until(t, "the wait for news", idles.Load)
	time.Sleep(100 * time.Millisecond) // the server has the command; that the client waits already cannot be seen
	quit()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("it waits for the server")
		<-ended
	}
}
