package mailsync

import (
	"strings"
	"testing"

	"tmail/account"
	"tmail/mailtest"
)

// What a server calls BAD is given back like what it refuses: mail is read all the same.
func TestBadChangeIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE"})
	w.sync("work")
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Incoming.Port = answers(t, w.dovecot.IMAP, "CREATE", "BAD Command Argument Error")
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	if _, err := w.store.Changes.CreateFolder(background, "work", "odd*name", ""); err != nil {
		t.Fatal(err)
	}
	w.arrive(w.ann, "INBOX", "new")
	w.sync("work")
	w.wantShown("work", account.RoleInbox, "new")
	if list, err := w.store.Notices(background); err != nil || len(list) != 1 || !strings.Contains(list[0].Problem.Words, "Argument") {
		t.Errorf("notices %+v, error %v", list, err)
	}
}

// A folder whose opening a server calls BAD does not keep the others from being read.
func TestBadFolderIsPassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE"})
	w.arrive(w.ann, "Archive", "in the bad one")
	w.arrive(w.ann, "Trash", "in another")
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Incoming.Port = answers(t, w.dovecot.IMAP, `SELECT "Archive"`, "BAD Command Argument Error")
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	w.sync("work")
	w.wantShown("work", account.RoleTrash, "in another")
}
