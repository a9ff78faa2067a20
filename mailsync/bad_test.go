package mailsync

import (
	"strings"
	"sync/atomic"
	"testing"

	"tmail/account"
	"tmail/mailtest"
	"tmail/store"
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
	if list, err := w.store.Notices(background); err != nil || len(list) != 1 || list[0].Problem.Kind != store.ProblemRefused || !strings.Contains(list[0].Problem.Words, "Argument") {
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
	told, err := w.store.Notices(background)
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || told[0].Subject != "Archive" || told[0].Problem.Op != opReadFolder || told[0].Problem.Words == "" {
		t.Errorf("told %+v", told)
	}
}

// What the server puts off is no success of a synchronisation, and goes with the next one.
func TestPutOffChangeIsReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mailtest.DovecotOptions{Capability: "IMAP4rev1 UIDPLUS MOVE"})
	w.arrive(w.ann, "INBOX", "moves later")
	var busy atomic.Bool
	for i := range w.accounts {
		if w.accounts[i].Name == "work" {
			w.accounts[i].Incoming.Port = answersWhile(t, w.dovecot.IMAP, busy.Load, "UID MOVE", "NO [UNAVAILABLE] come back later")
		}
	}
	w.engine = New(w.store, w.accounts, Options{Dir: w.dir})
	w.sync("work")
	if _, err := w.store.Changes.Move(background, []store.ID{w.row("moves later").ID}, w.folder("work", account.RoleTrash).ID); err != nil {
		t.Fatal(err)
	}
	busy.Store(true)
	report, err := w.engine.SyncOnce(background, "work", nil)
	if err == nil || report.Problem == nil || report.Problem.Kind != store.ProblemTemporary {
		t.Errorf("it says %v, %+v", err, report.Problem)
	}
	busy.Store(false)
	if report := w.sync("work"); report.Pushed != 1 {
		t.Errorf("pushed %d", report.Pushed)
	}
}
