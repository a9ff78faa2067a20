package mailsync

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

// Where the configured folder for sent mail is missing, it is made; the copy does not stay in the Outbox for ever.
func TestConfiguredSentFolderIsMade(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	w.start("roles = { sent = \"Mine\" }\n")
	w.sync("work")
	id := w.queue("work", 0, "hello", w.bob+"@"+mailtest.Domain)
	if err := w.engine.Deliver(background, id); err != nil {
		t.Fatal(err)
	}
	w.sync("work")
	w.wantShown("work", account.RoleSent, "hello")
	w.wantOnServer(w.ann, "Mine", "hello")
	w.wantShown("work", account.RoleOutbox)
}

// folderNames are the folders of an account as they are called here.
func (w *world) folderNames(name string) (names []string) {
	w.t.Helper()
	all, err := w.store.Index.Folders(background)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range all {
		if f.Account == name {
			names = append(names, f.Name)
		}
	}
	return names
}

// Whoever sends before anything was ever fetched finds the copy where the server keeps what is sent, whatever that is
// called, and not in a second folder beside it.
func TestFirstMessageOfAllIsFiledWhereTheServerKeepsSentMail(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	ours := strings.NewReplacer(`"Sent Items"`, "Sent")
	theirs := strings.NewReplacer(`"/" Sent`, `"/" "Sent Items"`, "STATUS Sent", `STATUS "Sent Items"`)
	for i := range w.accounts {
		w.accounts[i].Incoming.Port = between(t, w.imap.Port, func(_ *mailtest.Conversation, line string) (string, bool) {
			return ours.Replace(line), true
		}, theirs.Replace).Port
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	if err := w.engine.Deliver(background, w.queue("work", 0, "hello", w.bob+"@"+mailtest.Domain)); err != nil {
		t.Fatal(err)
	}
	w.wantOnServer(w.ann, "Sent", "hello")
	w.sync("work")
	w.wantShown("work", account.RoleSent, "hello")
	w.wantShown("work", account.RoleOutbox)
	if names := w.folderNames("work"); slices.Contains(names, "Sent") || !slices.Contains(names, "Sent Items") {
		t.Errorf("the folders are %q", names)
	}
}

// Where the server that has the folders cannot be reached, what was sent waits to be filed.
func TestFiledOnceTheServerIsReached(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	w.imap.Refuse(true)
	id := w.queue("work", 0, "hello", w.bob+"@"+mailtest.Domain)
	if err := w.engine.Deliver(background, id); err != nil {
		t.Fatal(err)
	}
	if out, err := w.store.Outbox.Get(background, id); err != nil || out.Step != store.SendAccepted {
		t.Fatalf("the message is %+v, %v", out, err)
	}
	w.imap.Refuse(false)
	w.sync("work")
	w.wantShown("work", account.RoleOutbox)
	w.wantOnServer(w.ann, "Sent", "hello")
	mailtest.Until(t, "the message in bob's inbox", func() bool { return len(w.onServer(w.bob, "INBOX")) > 0 })
	w.wantOnServer(w.bob, "INBOX", "hello")
}

// An identity can have a folder of its own for what it sends.
func TestIdentityHasItsOwnSentFolder(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	w.start("identities = [{ email = \"" + w.ann + "+sales@" + mailtest.Domain + "\", sent = \"Sales\" }]\n")
	sales := []message.Address{{Addr: w.ann + "+Sales@" + mailtest.Domain}}
	for _, d := range []*store.Draft{{Account: "work", Subject: "as sales", From: sales}, {Account: "work", Subject: "as oneself"}} {
		if err := w.engine.Deliver(background, w.queueDraft(d, []string{w.bob + "@" + mailtest.Domain})); err != nil {
			t.Fatal(err)
		}
	}
	w.wantOnServer(w.ann, "Sales", "as sales")
	w.wantOnServer(w.ann, "Sent", "as oneself")
	w.sync("work")
	w.wantShown("work", account.RoleSent, "as oneself")
}

// Who asks the tmail that runs to send waits for the server that takes the message, not for the one with the folders.
func TestSentByOtherThoughItCannotBeFiled(t *testing.T) {
	t.Parallel()
	w := newSendingWorld(t, mailtest.DovecotOptions{}, mailtest.PostfixOptions{})
	w.imap.Refuse(true)
	other := w.second()
	w.run()
	mailtest.Until(t, "the owner to own the account", func() bool {
		unlock, err := other.engine.workers["work"].lock.try()
		if unlock != nil {
			unlock()
		}
		return err == nil && unlock == nil
	})
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	if err := other.engine.Deliver(ctx, other.queue("work", 0, "hello", w.bob+"@"+mailtest.Domain)); err != nil {
		t.Fatal(err)
	}
	w.imap.Refuse(false)
	w.engine.Refresh("work")
	mailtest.Until(t, "the copy in Sent", func() bool { return slices.Contains(w.onServer(w.ann, "Sent"), "hello") })
}
