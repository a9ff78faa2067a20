package mailsync

import (
	"strings"
	"sync/atomic"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

// Who asks for a message that the server does not give is told so, and gets it when asking again helps.
func TestDeniedBodyIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE"})
	w.arrive(w.ann, "INBOX", "broken")
	var gives atomic.Bool
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Offline = account.OfflineHeaders
			w.accounts[i].Incoming.Port = answersWhile(t, w.dovecot.IMAP, func() bool { return !gives.Load() }, "BODY.PEEK[]", "NO broken cache")
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	w.run()
	mailtest.Until(t, "the message", func() bool { return w.has("broken") })
	id := w.row("broken").ID
	denied := func() *store.Problem {
		p, err := w.store.Bodies.Denied(background, id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	w.engine.Want(id)
	mailtest.Until(t, "the answer", func() bool { return denied() != nil })
	if p := denied(); p.Op != "fetch" || p.Kind != store.ProblemRefused || !strings.Contains(p.Words, "broken cache") {
		t.Errorf("the problem is %+v", p)
	}
	gives.Store(true)
	w.engine.Want(id)
	mailtest.Until(t, "the message whole", func() bool { return w.row("broken").Stored })
	if p := denied(); p != nil {
		t.Errorf("it came, and there is still %+v", p)
	}
}

// A wish that was denied is made again on the next connection.
func TestDeniedBodyIsWantedAgain(t *testing.T) {
	t.Parallel()
	w := worldOn(t, mailtest.SharedDovecot(t, mailtest.DovecotOptions{}))
	w.start(`offline = "headers"`)
	w.arrive(w.ann, "INBOX", "denied")
	w.sync("work")
	id := w.row("denied").ID
	if err := w.store.Bodies.Want(background, id); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Bodies.Deny(background, store.Problem{Kind: store.ProblemRefused, Op: "fetch"}, id); err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	if !w.row("denied").Stored {
		t.Error("it was not asked for again")
	}
}

// A message that a POP3 server lists and does not give is told of once; the others come.
func TestRefusedMessageIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	mails := &popMails{mails: []popMail{{uidl: "a", raw: testMessage("good", "one.\r\n")}, {uidl: "b", refused: "[SYS/TEMP] broken"}, {uidl: "c", refused: "broken too"}}}
	w.useAsHome(popServer(t, mails))
	w.sync("home")
	w.sync("home")
	w.wantShown("home", account.RoleInbox, "good")
	list, err := w.store.Notices(background)
	if err != nil || len(list) != 1 || list[0].Problem.Op != "retrieve" || !strings.Contains(list[0].Problem.Words, "broken") {
		t.Errorf("notices %+v, error %v", list, err)
	}
}
