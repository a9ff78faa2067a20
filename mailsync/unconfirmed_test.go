package mailsync

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

// hearMessage talks SMTP up to the final dot and returns the Message-ID of what was handed over; ok is false when
// nothing was.
func hearMessage(c *mailtest.Conversation) (id string, ok bool) {
	c.Say("220 here")
	for {
		line, ok := c.Hear()
		switch {
		case !ok:
			return "", false
		case line == "DATA":
			c.Say("354 go on")
			for line != "." {
				if line, ok = c.Hear(); !ok {
					return "", false
				}
				if value, found := strings.CutPrefix(line, "Message-ID: "); found {
					id = strings.Trim(value, "<>")
				}
			}
			return id, true
		default:
			c.Say("250 ok")
		}
	}
}

// sendTo makes an SMTP server of the test's own the one that both accounts send to.
func (w *world) sendTo(server *mailtest.Scripted, timeout time.Duration) {
	for i := range w.accounts {
		w.accounts[i].Outgoing = &account.Endpoint{Protocol: account.ProtocolSMTP, Host: "127.0.0.1", Port: server.Port, Security: account.SecurityNone}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir, Timeout: timeout})
}

// When the answer to the final dot does not come, or is none, nobody knows: the message is marked and never sent again
// unasked.
func TestFinalDotWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	times := 5
	if mailtest.Long() {
		times = 100
	}
	// The figure is how long the server may be silent while it owes us something; for the final dot it is 20 times that.
	for name, fault := range map[string]struct {
		silence time.Duration
		answer  func(*mailtest.Conversation)
	}{
		"delayed":      {25 * time.Millisecond, func(c *mailtest.Conversation) { c.Hear() }}, // longer than anybody waits
		"reset":        {20 * time.Second, func(c *mailtest.Conversation) { c.Reset() }},
		"shutting":     {20 * time.Second, func(c *mailtest.Conversation) { c.Say("421 4.3.2 shutting down") }},
		"not SMTP":     {20 * time.Second, func(c *mailtest.Conversation) { c.Say("\x00\xff(*&^%") }},
		"half a reply": {20 * time.Second, func(c *mailtest.Conversation) { c.Say("250-taken") }},
		"odd code":     {20 * time.Second, func(c *mailtest.Conversation) { c.Say("354 go on") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mailtest.DovecotOptions{})
			var mu sync.Mutex
			handed := map[string]int{}
			w.sendTo(mailtest.Script(t, func(c *mailtest.Conversation) {
				id, ok := hearMessage(c)
				if ok {
					mu.Lock()
					handed[id]++
					mu.Unlock()
					fault.answer(c)
				}
			}), fault.silence)
			for n := range times {
				w.queue("home", 0, fmt.Sprint(n), "bob@"+mailtest.Domain)
			}
			sender := w.engine.workers["home"].sender
			for range 3 { // as the next runs of the program would
				if err := w.store.Outbox.Recover(background, "home"); err != nil {
					t.Fatal(err)
				}
				for range times { // a slow machine may miss a deadline before the dot: that is tried again
					sender.sendDue(background)
					w.dueNow("home")
				}
			}
			list, err := w.store.Outbox.List(background, "home")
			if err != nil || len(list) != times {
				t.Fatalf("%d messages are in the outbox, %v", len(list), err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, out := range list {
				if out.Status != store.OutUnconfirmed || out.Problem == nil || out.Problem.Kind != store.ProblemUnconfirmed || handed[out.MessageID] != 1 {
					t.Errorf("handed over %d times and %s: %+v", handed[out.MessageID], out.Status, out.Problem)
				}
			}
		})
	}
}

// dueNow ends the pause before messages that did not reach the final dot are tried again.
func (w *world) dueNow(name string) {
	w.t.Helper()
	list, err := w.store.Outbox.List(background, name)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, out := range list {
		if out.Status == store.OutHeld && out.Problem != nil && out.Problem.Kind != store.ProblemUnconfirmed {
			if err := w.store.Outbox.Schedule(background, out.ID, time.Now()); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// A provider that files a copy by itself shows by it that it had accepted what it did not confirm.
func TestUnconfirmedIsFoundInSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "INBOX", "question")
	w.sync("work")
	question := w.row("question").ID
	server := mailtest.Script(t, func(c *mailtest.Conversation) {
		id, ok := hearMessage(c)
		if ok && strings.HasPrefix(id, "work") && !strings.Contains(id, "lost") {
			w.dovecot.Save(w.ann, "Sent", fmt.Appendf(nil, "Subject: Re: question\r\nMessage-ID: <%s>\r\n\r\nHello from the test.\r\n", id))
		}
	})
	w.sendTo(server, 20*time.Second)
	answer := w.queue("work", question, "Re: question", "carl@"+mailtest.Domain)
	other := w.queue("home", 0, "another account's", "carl@"+mailtest.Domain)
	for _, id := range []store.ID{answer, other} {
		if err := w.engine.Deliver(background, id); err == nil {
			t.Fatal("delivered, it says")
		}
		if out, err := w.store.Outbox.Get(background, id); err != nil || out.Status != store.OutUnconfirmed {
			t.Fatalf("the message is %+v, %v", out, err)
		}
	}
	w.sync("work")
	w.sync("home")
	w.wantShown("work", account.RoleOutbox)
	w.wantShown("work", account.RoleSent, "Re: question")
	w.wantOnServer(w.ann, "Sent", "Re: question")
	w.sync("work")
	if flags := w.dovecot.Fetch(w.ann, "INBOX", "flags"); !strings.Contains(strings.Join(flags, " "), `\Answered`) {
		t.Errorf("the question has the flags %q", flags)
	}
	if _, err := w.store.Outbox.Get(background, other); errors.Is(err, store.ErrNoSuch) {
		t.Error("a message that nobody found is gone")
	}
	if n := server.Conversations(); n != 2 {
		t.Errorf("the server was talked to %d times", n)
	}
}

// While a large message goes out slowly, the list shows how far it is.
func TestUploadProgress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	goOn := make(chan struct{})
	w.sendTo(mailtest.Script(t, func(c *mailtest.Conversation) {
		c.Say("220 here")
		for {
			line, ok := c.Hear()
			switch {
			case !ok:
				return
			case line == "DATA":
				c.Say("354 go on")
				for n := 0; line != "." && ok; n++ {
					if line, ok = c.Hear(); n == 1000 {
						time.Sleep(600 * time.Millisecond) // a slow link
					}
					if n == 200_000 {
						<-goOn
					}
				}
				c.Say("250 taken")
			default:
				c.Say("250 ok")
			}
		}
	}), 20*time.Second)
	id := w.queueBody("home", "large", strings.Repeat("0123456789\n", 900_000), "carl@"+mailtest.Domain)
	done := make(chan error, 1)
	go func() { done <- w.engine.Deliver(background, id) }()
	mailtest.Until(t, "some progress", func() bool {
		rows, err := w.store.Index.Rows(background, []store.ID{id})
		return err == nil && len(rows) == 1 && rows[0].Status == store.OutSending && rows[0].Sent > 0 && rows[0].Sent < rows[0].Size
	})
	close(goOn)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
