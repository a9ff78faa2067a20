package mailsync

import (
	"strings"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

func (w *world) saveDraft(d *store.Draft) {
	w.t.Helper()
	if err := w.store.Drafts.Save(background, d); err != nil {
		w.t.Fatal(err)
	}
}

// A draft lies in the server's Drafts, its newest version alone, and goes from there when it is sent or discarded.
func TestDraftsOnTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.sync("work")
	d := &store.Draft{Account: "work", From: []message.Address{{Addr: "ann@" + mailtest.Domain}}, Bcc: []message.Address{{Addr: "eve@" + mailtest.Domain}},
		Subject: "one", Body: "first\n"}
	w.saveDraft(d)
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts", "one")
	if raw := w.dovecot.Raw(w.ann, "Drafts", "one"); !strings.Contains(raw, "Bcc: eve@") || !strings.Contains(raw, "first") {
		t.Errorf("the server has\n%s", raw)
	}
	if flags := strings.Join(w.dovecot.Fetch(w.ann, "Drafts", "flags"), " "); !strings.Contains(flags, `\Draft`) || !strings.Contains(flags, `\Seen`) {
		t.Errorf("with the flags %s", flags)
	}
	for _, subject := range []string{"two", "three"} {
		d.Subject = subject
		w.saveDraft(d)
		w.sync("work")
		w.wantOnServer(w.ann, "Drafts", subject)
		w.wantShown("work", account.RoleDrafts, subject)
	}
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts", "three")
	if n := w.waiting("work"); n != 0 {
		t.Errorf("%d changes wait", n)
	}

	step, err := w.store.Drafts.Delete(background, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts")
	if err := w.store.Changes.Undo(background, step); err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts", "three")
	w.wantShown("work", account.RoleDrafts, "three")

	d.To, d.MessageID, d.Date = []message.Address{{Addr: "bob@" + mailtest.Domain}}, "sent@"+mailtest.Domain, d.Updated
	w.saveDraft(d)
	w.sync("work")
	env := store.Envelope{From: "ann@" + mailtest.Domain, To: []string{"bob@" + mailtest.Domain}}
	if err := w.store.Outbox.Queue(background, d.ID, w.store.Drafts.Message(background, d), env, d.Updated.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts")
	w.wantShown("work", account.RoleOutbox, "three")
	if _, err := w.store.Outbox.Back(background, d.ID); err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts", "three")
	w.wantShown("work", account.RoleOutbox)
}

// Another program replaces the draft: both stay. Ours is published again only when it is changed.
func TestDraftEditedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.sync("work")
	d := &store.Draft{Account: "work", Subject: "ours", Body: "ours\n"}
	w.saveDraft(d)
	w.sync("work")
	w.dovecot.Doveadm("expunge", "-u", w.ann, "mailbox", "Drafts", "all")
	w.arrive(w.ann, "Drafts", "theirs")
	w.sync("work")
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts", "theirs")
	w.wantShown("work", account.RoleDrafts, "ours", "theirs")
	if got, err := w.store.Drafts.Get(background, d.ID); err != nil || got.Body != "ours\n" {
		t.Fatalf("%+v, %v", got, err)
	}
	d.Subject = "ours, changed"
	w.saveDraft(d)
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts", "ours, changed", "theirs")
}

// A draft of another program is gone on with here: the new version takes its place.
func TestDraftOfAnotherProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.arrive(w.ann, "Drafts", "theirs")
	w.sync("work")
	d := &store.Draft{ID: w.row("theirs").ID, Account: "work", Subject: "theirs", Body: "as it was\n"}
	if err := w.store.Drafts.Adopt(background, d); err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts", "theirs")
	d.Subject = "theirs, by us"
	w.saveDraft(d)
	w.sync("work")
	w.wantOnServer(w.ann, "Drafts", "theirs, by us")
	w.wantShown("work", account.RoleDrafts, "theirs, by us")
	w.arrive(w.ann, "INBOX", "no draft")
	w.sync("work")
	if err := w.store.Drafts.Adopt(background, &store.Draft{ID: w.row("no draft").ID, Account: "work"}); err == nil {
		t.Error("a message of the Inbox became a draft")
	}
}

// While the program runs, a draft that is left alone reaches the server by itself.
func TestDraftIsPublishedByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.sync("work")
	w.run()
	w.saveDraft(&store.Draft{Account: "work", Subject: "left alone", Body: "x\n"})
	mailtest.Until(t, "the draft on the server", func() bool { return strings.Join(w.onServer(w.ann, "Drafts"), " ") == "left alone" })
}

// The link dies wherever it may while versions are exchanged: in the end there is one, the newest.
func TestDraftsOverADyingLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{})
	w.sync("work")
	d := &store.Draft{Account: "work", Body: "x\n"}
	for _, word := range []string{" APPEND ", "SELECT", "UID EXPUNGE", `\Deleted`} {
		for _, cut := range []func(string){w.imap.CutBefore, w.imap.CutAfter} {
			d.Subject += "x"
			w.saveDraft(d)
			cut(word)
			w.engine.SyncOnce(background, "work", nil)
			d.Subject += "y"
			w.saveDraft(d)
			w.engine.SyncOnce(background, "work", nil)
			w.sync("work")
			w.sync("work")
			w.wantOnServer(w.ann, "Drafts", d.Subject)
			w.wantShown("work", account.RoleDrafts, d.Subject)
		}
	}
}
