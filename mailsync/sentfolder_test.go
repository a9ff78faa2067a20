package mailsync

import (
	"testing"

	"tmail/account"
	"tmail/mailtest"
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
