package mailsync

import (
	"io"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

// Of a large message that is opened the text comes, and nothing more until it is wanted; that can be stopped, and wanted
// again.
func TestLargeMessageComesInTwoSteps(t *testing.T) {
	t.Parallel()
	w := worldOn(t, mailtest.SharedDovecot(t, mailtest.DovecotOptions{}))
	w.imap = mailtest.NewSlowLink(t, w.dovecot.IMAP, 20*time.Millisecond)
	w.start(`offline = "recent"`)
	raw := testMessage("large", "the text\r\n"+strings.Repeat("0123456789abcdef\r\n", 300_000))
	w.dovecot.Save(w.ann, "INBOX", raw)
	w.run()
	mailtest.Until(t, "the message", func() bool { return w.has("large") })
	id := w.row("large").ID
	excerpt := func() store.Excerpt {
		x, err := w.store.Bodies.Excerpt(background, id)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	pieces := func() int { return strings.Count(w.imap.Sent(), "BODY.PEEK[]<") }

	w.engine.WantText(id)
	mailtest.Until(t, "the text", func() bool { return excerpt().Raw != nil })
	if x := excerpt(); !strings.HasPrefix(string(raw), string(x.Raw)) || !strings.Contains(string(x.Raw), "the text") || !x.Left {
		t.Errorf("%d bytes are here, left %v", len(x.Raw), x.Left)
	}
	if pieces() != 1 || w.row("large").Stored {
		t.Errorf("asked %d times for its text", pieces())
	}

	w.engine.Want(id)
	mailtest.Until(t, "some of the rest", func() bool { return excerpt().Come > 0 })
	if err := w.store.Bodies.Unwant(background, id); err != nil {
		t.Fatal(err)
	}
	mailtest.Until(t, "an end of that", func() bool {
		before := pieces()
		time.Sleep(300 * time.Millisecond) // longer than a piece takes; a machine too slow goes on to what must hold all the same
		return pieces() == before
	})
	if w.row("large").Stored || !excerpt().Left {
		t.Error("it was fetched to its end")
	}

	w.engine.Want(id)
	mailtest.Until(t, "the whole message", func() bool { return w.row("large").Stored })
	r, _, err := w.store.Bodies.Open(background, id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != string(raw) {
		t.Errorf("%d bytes are stored of %d: %v", len(got), len(raw), err)
	}
	if x := excerpt(); x.Raw != nil {
		t.Error("its beginning is kept beside it")
	}
}

// Who opens a large message of which the server gives nothing is told so, and does not wait for it.
func TestNothingIsNoBeginning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE"})
	w.dovecot.Save(w.ann, "INBOX", testMessage("hollow", strings.Repeat("0123456789abcdef\r\n", 70_000)))
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Offline = account.OfflineHeaders
			w.accounts[i].Incoming.Port = between(t, w.dovecot.IMAP, func(c *mailtest.Conversation, line string) (string, bool) {
				if !strings.Contains(line, "BODY.PEEK[]<0.") {
					return line, true
				}
				tag, _, _ := strings.Cut(line, " ")
				c.Say("* 1 FETCH (UID 1 BODY[]<0> \"\")")
				c.Say(tag + " OK done")
				return "", false
			}, asItIs).Port
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	w.run()
	mailtest.Until(t, "the message", func() bool { return w.has("hollow") })
	id := w.row("hollow").ID
	w.engine.WantText(id)
	mailtest.Until(t, "the answer", func() bool {
		problem, err := w.store.Bodies.Denied(background, id)
		return err == nil && problem != nil
	})
	if x, err := w.store.Bodies.Excerpt(background, id); err != nil || x.Raw != nil || w.row("hollow").Stored {
		t.Errorf("something of it is here: %d bytes, error %v", len(x.Raw), err)
	}
}
