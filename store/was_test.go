package store

import (
	"testing"
	"time"

	"tmail/account"
)

// A draft that was sent before the server's folders were known, and is taken back afterwards, is shown in Drafts.
func TestTakenBackAfterTheFirstSync(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	must(t, s.Accounts.Register(ctx, account.Account{Name: "new", Incoming: account.Endpoint{Protocol: account.ProtocolIMAP}}))
	queue := func() *Draft {
		d := &Draft{Account: "new", Subject: "early", MessageID: "early@example.com"}
		must(t, s.Drafts.Save(ctx, d))
		must(t, s.Outbox.Queue(ctx, d.ID, text("raw"), Envelope{From: "a@b.example", To: []string{"c@d.example"}}, time.Time{}))
		return d
	}
	d := queue()
	gone := &Draft{Account: "new", Subject: "gone"}
	must(t, s.Drafts.Save(ctx, gone))
	step, err := s.Drafts.Delete(ctx, gone.ID)
	must(t, err)
	must(t, s.Remote.SetFolders(ctx, "new", []RemoteFolder{{Name: "INBOX", Role: account.RoleInbox}, {Name: "Entwürfe", Role: account.RoleDrafts}}))
	_, err = s.Outbox.Back(ctx, d.ID)
	must(t, err)
	must(t, s.Changes.Undo(ctx, step))
	drafts, err := s.Index.FolderByRole(ctx, "new", account.RoleDrafts)
	must(t, err)
	if got := ids(t, s, drafts.ID); len(got) != 2 {
		t.Errorf("Drafts shows %v of two", got)
	}
}
