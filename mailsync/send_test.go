package mailsync

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
)

// newSendingWorld has a Postfix as well.
func newSendingWorld(t *testing.T, d mailtest.DovecotOptions, p mailtest.PostfixOptions) *world {
	t.Helper()
	w := worldOn(t, mailtest.SharedDovecot(t, d))
	p.Users = append(p.Users, w.ann, w.bob)
	postfix := mailtest.StartPostfix(t, w.dovecot, p)
	w.smtpPort, w.caFile = postfix.Submission, postfix.Cert.CAFile
	w.start("")
	return w
}

// A reply goes out, its copy lies in Sent once, and what it answers is marked.
func TestSendReply(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	w.arrive(w.ann, "INBOX", "question")
	w.sync("work")
	w.queue("work", w.row("question").ID, "Re: question", w.bob+"@"+mailtest.Domain)
	report := w.sync("work")
	if report.Sent != 1 {
		t.Errorf("the report says %d were sent", report.Sent)
	}
	mailtest.Until(t, "the reply in bob's inbox", func() bool { return slices.Contains(w.onServer(w.bob, "INBOX"), "Re: question") })
	w.wantOnServer(w.ann, "Sent", "Re: question")
	w.wantShown("work", account.RoleSent, "Re: question")
	w.wantShown("work", account.RoleOutbox)
	w.sync("work")
	w.wantOnServer(w.ann, "Sent", "Re: question")
	if flags := w.dovecot.Fetch(w.ann, "INBOX", "flags"); !strings.Contains(strings.Join(flags, " "), `\Answered`) {
		t.Errorf("the question has the flags %q", flags)
	}
	if flags := w.dovecot.Fetch(w.ann, "Sent", "flags"); !strings.Contains(strings.Join(flags, " "), `\Seen`) {
		t.Errorf("the copy in Sent has the flags %q", flags)
	}
}

// Over POP3 the copy lies in the local Sent folder.
func TestSendFromPOP3(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	id := w.queue("home", 0, "hello", w.ann+"@"+mailtest.Domain)
	if err := w.engine.Deliver(background, id); err != nil {
		t.Fatal(err)
	}
	w.wantShown("home", account.RoleSent, "hello")
	mailtest.Until(t, "the message in ann's inbox", func() bool { return slices.Contains(w.onServer(w.ann, "INBOX"), "hello") })
}

// A recipient who is refused is named, the message stays, and those who have it do not get it again.
func TestRefusedRecipient(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	id := w.queue("work", 0, "to two", w.bob+"@"+mailtest.Domain, "nobody@"+mailtest.Domain)
	err := w.engine.Deliver(background, id)
	var problem *ProblemError
	if !errors.As(err, &problem) || problem.Problem.Kind != store.ProblemRecipient {
		t.Fatalf("delivering said: %v", err)
	}
	out, err := w.store.Outbox.Get(background, id)
	if err != nil {
		t.Fatal(err)
	}
	if out.Status != store.OutFailed || !out.Recipients[0].Sent || out.Recipients[1].Sent || out.Recipients[1].Problem == nil {
		t.Errorf("the outbox has %+v", out)
	}
	if err := w.store.Outbox.Schedule(background, id, time.Now()); err != nil {
		t.Fatal(err)
	}
	w.engine.Deliver(background, id)
	mailtest.Until(t, "the message in bob's inbox", func() bool { return len(w.onServer(w.bob, "INBOX")) > 0 })
	w.wantOnServer(w.bob, "INBOX", "to two")
}

// A message that is brought back promises no recipient that it is tried again by itself.
func TestGivenUp(t *testing.T) {
	later := &store.Problem{Kind: store.ProblemTemporary, Words: "450 4.2.0 later"}
	list := givenUp([]store.Recipient{
		{Addr: "no@x.test", Problem: &store.Problem{Kind: store.ProblemRecipient}}, {Addr: "later@x.test", Problem: later}, {Addr: "has@x.test", Sent: true},
	})
	if list[0].Problem.Kind != store.ProblemRecipient || list[1].Problem.Kind != store.ProblemRefused || list[1].Problem.Words != later.Words || !list[2].Sent {
		t.Errorf("%+v", list)
	}
	if later.Kind != store.ProblemTemporary {
		t.Error("what was given is changed")
	}
}

// What fails is said with what it was, and nothing is lost.
func TestProblems(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{Quota: 20_000}, mailtest.PostfixOptions{MaxSize: 50_000})
	expired := mailtest.StartDovecot(t, mailtest.DovecotOptions{Cert: mailtest.CertOptions{Expired: true}})
	good := w.accounts[0]
	try := func(change func(*account.Account)) *store.Problem {
		t.Helper()
		a := good
		outgoing := *good.Outgoing
		a.Outgoing = &outgoing
		change(&a)
		engine := New(w.store, []account.Account{a}, Options{Dir: w.dir, Timeout: 20 * time.Second})
		report, err := engine.SyncOnce(background, "work", nil)
		if err == nil {
			t.Fatal("all went well")
		}
		return report.Problem
	}
	cases := []struct {
		name   string
		kind   store.ProblemKind
		change func(*account.Account)
	}{
		{"wrong host", store.ProblemNetwork, func(a *account.Account) { a.Incoming.Host = "no-such-host.invalid"; a.Incoming.AllowCleartext = true }},
		{"nobody listens", store.ProblemNetwork, func(a *account.Account) { a.Incoming.Port = 1 }},
		{"expired certificate", store.ProblemTLS, func(a *account.Account) {
			a.Incoming.Host, a.Incoming.Port, a.Incoming.Security = "localhost", expired.IMAPS, account.SecurityTLS
			a.Incoming.TLSCAFile = expired.Cert.CAFile
		}},
		{"unknown authority", store.ProblemTLS, func(a *account.Account) {
			a.Incoming.Host, a.Incoming.Port, a.Incoming.Security = "localhost", w.dovecot.IMAPS, account.SecurityTLS
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if p := try(c.change); p.Kind != c.kind || p.Host == "" {
				t.Errorf("the problem is %+v, want kind %s", p, c.kind)
			}
		})
	}
	t.Run("full mailbox", func(t *testing.T) {
		big := strings.Repeat("0123456789\r\n", 1500)
		w.dovecot.Save(w.ann, "INBOX", testMessage("fills it", big))
		w.sync("work")
		id := w.queue("work", 0, "sent all the same", w.bob+"@"+mailtest.Domain)
		if err := w.engine.Deliver(background, id); err != nil {
			t.Fatal(err)
		}
		w.wantShown("work", account.RoleSent, "sent all the same")
	})
	t.Run("too large", func(t *testing.T) {
		id := w.queueBody("work", "too large", strings.Repeat("0123456789\n", 10_000), w.bob+"@"+mailtest.Domain)
		err := w.engine.Deliver(background, id)
		if p := w.engine.ProblemOf("work", err); p == nil || p.Kind != store.ProblemSize {
			t.Errorf("the problem is %+v", p)
		}
	})
}

// What could not leave without a network leaves when the account is reached again, not when its long pause ends.
func TestSentWhenTheNetworkIsBack(t *testing.T) {
	t.Parallel()
	w := worldOn(t, mailtest.SharedDovecot(t, mailtest.DovecotOptions{}))
	postfix := mailtest.StartPostfix(t, w.dovecot, mailtest.PostfixOptions{Users: []string{w.ann, w.bob}})
	link := mailtest.NewProxy(t, postfix.Submission)
	w.smtpPort, w.caFile = link.Port, postfix.Cert.CAFile
	w.start("")
	link.Refuse(true)
	w.run()
	id := w.queue("work", 0, "kept", w.bob+"@"+mailtest.Domain)
	mailtest.Until(t, "a failure", func() bool {
		out, err := w.store.Outbox.Get(background, id)
		return err == nil && out.Problem != nil && out.Problem.Kind == store.ProblemNetwork
	})
	late := store.Mark{Status: store.OutDue, Due: time.Now().Add(25 * time.Minute), Problem: &store.Problem{Kind: store.ProblemNetwork}}
	if err := w.store.Outbox.Mark(background, id, late); err != nil {
		t.Fatal(err)
	}
	link.Refuse(false)
	w.engine.Refresh("work")
	mailtest.Until(t, "the message in bob's inbox", func() bool { return slices.Contains(w.onServer(w.bob, "INBOX"), "kept") })
}
