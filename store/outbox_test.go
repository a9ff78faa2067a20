package store

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"tmail/message"
)

// queued puts a message into the Outbox of "work".
func queued(t *testing.T, s *Store, due time.Time) ID {
	t.Helper()
	d := &Draft{Account: "work", Subject: "hello", Body: "the words", To: []message.Address{{Name: "Bob", Addr: "bob@example.com"}}, MessageID: "out@example.com"}
	must(t, s.Drafts.Save(t.Context(), d))
	must(t, s.Outbox.Queue(t.Context(), d.ID, text("raw"), Envelope{From: "me@example.com", To: []string{"bob@example.com", "eve@example.com"}}, due))
	return d.ID
}

func due(t *testing.T, s *Store) []*Outgoing {
	t.Helper()
	list, err := s.Outbox.Due(t.Context(), "work")
	must(t, err)
	return list
}

// A draft nothing is written in yet has no preview, though it is signed already.
func TestSignatureIsNoPreview(t *testing.T) {
	s := newStore(t)
	for body, want := range map[string]string{"\n\n-- \nMe": "", "\nhello\n\n-- \nMe": "hello", "-- \n": ""} {
		d := &Draft{Account: "work", Body: body}
		must(t, s.Drafts.Save(t.Context(), d))
		if r := row(t, s, d.ID); r.Preview != want {
			t.Errorf("%q is shown as %q, want %q", body, r.Preview, want)
		}
	}
}

func TestDraftLife(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	drafts := folderNamed(t, s, "work", "Drafts")
	a, err := s.Drafts.Attach(ctx, "计划.pdf", "application/pdf", strings.NewReader("pdf bytes"))
	must(t, err)
	d := &Draft{Account: "work", Subject: "plan", Body: "\n first line\nsecond", Files: []Attachment{a}, Fields: map[string]string{"to": "王小"}}
	must(t, s.Drafts.Save(ctx, d))
	if got := ids(t, s, drafts); len(got) != 1 || got[0] != d.ID {
		t.Fatalf("drafts %v", got)
	}
	r := row(t, s, d.ID)
	if r.Subject != "plan" || r.Preview != "first line" || !r.HasAttachments || r.Pending {
		t.Errorf("row %+v", r)
	}
	waiting(t, s, "work", 0)
	got, err := s.Drafts.Get(ctx, d.ID)
	must(t, err)
	if got.Body != d.Body || got.Fields["to"] != "王小" || got.Files[0] != a || got.Account != "work" {
		t.Errorf("draft %+v", got)
	}
	step, err := s.Drafts.Delete(ctx, d.ID)
	must(t, err)
	if _, err := s.Drafts.Get(ctx, d.ID); !errors.Is(err, ErrNoSuch) {
		t.Errorf("a discarded draft: %v", err)
	}
	must(t, s.Changes.Undo(ctx, step))
	got, err = s.Drafts.Get(ctx, d.ID)
	must(t, err)
	f, err := s.Drafts.OpenFile(ctx, got.Files[0])
	must(t, err)
	if data, err := io.ReadAll(f); err != nil || string(data) != "pdf bytes" {
		t.Errorf("attachment %q, %v", data, err)
	}
	got.Files = nil
	must(t, s.Drafts.Save(ctx, got))
	if _, err := s.Drafts.OpenFile(ctx, a); !errors.Is(err, ErrNotStored) {
		t.Errorf("the bytes of a removed attachment: %v", err)
	}
}

func TestOutboxSends(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox, sent := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Sent")
	answered := fill(t, s, inbox, 1)[0]
	d := &Draft{Account: "work", Subject: "Re: hello", Answers: answered, To: []message.Address{{Name: "Bob", Addr: "bob@example.com"}}}
	must(t, s.Drafts.Save(ctx, d))
	must(t, s.Outbox.Queue(ctx, d.ID, text("raw"), Envelope{From: "me@example.com", To: []string{"bob@example.com"}}, clock))
	if err := s.Outbox.Queue(ctx, d.ID, text("raw"), Envelope{}, clock); !errors.Is(err, ErrNotPossible) {
		t.Errorf("queued twice: %v", err)
	}
	if err := s.Drafts.Save(ctx, d); !errors.Is(err, ErrNotPossible) {
		t.Errorf("saved while it is queued: %v", err)
	}
	list := due(t, s)
	if len(list) != 1 || list[0].ID != d.ID || list[0].Answers != answered || list[0].Size != 3 {
		t.Fatalf("due %+v", list)
	}
	if r := row(t, s, d.ID); r.Status != OutDue {
		t.Errorf("row %+v", r)
	}
	ok, err := s.Outbox.Claim(ctx, d.ID)
	must(t, err)
	if again, _ := s.Outbox.Claim(ctx, d.ID); !ok || again {
		t.Errorf("claimed %v, then %v", ok, again)
	}
	if _, err := s.Outbox.Back(ctx, d.ID); !errors.Is(err, ErrNotPossible) {
		t.Errorf("taken back while it is being sent: %v", err)
	}
	must(t, s.Outbox.Mark(ctx, d.ID, Mark{Status: OutSending, Step: SendAccepted, Recipients: []Recipient{{Addr: "bob@example.com", Sent: true}}}))
	if list := due(t, s); len(list) != 1 || list[0].Step != SendAccepted || !list[0].Recipients[0].Sent {
		t.Errorf("accepted, to be filed: %+v", list)
	}
	must(t, s.Outbox.Sent(ctx, d.ID, sent))
	if got := ids(t, s, sent); len(got) != 1 || got[0] != d.ID {
		t.Errorf("sent %v", got)
	}
	if r := row(t, s, answered); !r.Flags.Has(message.Answered) {
		t.Errorf("answered message %+v", r)
	}
	who, err := s.Addresses.Complete(ctx, "bo", 5)
	must(t, err)
	if len(who) != 1 || who[0].Written != 1 || who[0].Address.Name != "Bob" {
		t.Errorf("completion %+v", who)
	}
	flag := begin(t, s, "work", ChangeFlag)
	must(t, s.Changes.Done(ctx, flag, Outcome{}))
	ch := begin(t, s, "work", ChangeAppend)
	if ch.Dest.Name != "Sent" || ch.Items[0].Flags != message.Seen {
		t.Errorf("change %+v", ch)
	}
	must(t, s.Changes.Done(ctx, ch, Outcome{UIDs: map[uint32]uint32{0: 5}}))
	waiting(t, s, "work", 0)
}

func TestOutboxAfterACrash(t *testing.T) {
	cases := []struct {
		mark Mark
		want OutStatus
	}{
		{Mark{Status: OutSending, Step: SendConnecting}, OutDue},
		{Mark{Status: OutSending, Step: SendRecipients}, OutDue},
		{Mark{Status: OutSending, Step: SendData}, OutDue},
		{Mark{Status: OutSending, Step: SendFinalDot}, OutUnconfirmed},
		{Mark{Status: OutSending, Step: SendAccepted}, OutSending},
		{Mark{Status: OutFailed, Step: SendRecipients, Problem: &Problem{Kind: ProblemRecipient}}, OutFailed},
		{Mark{Status: OutUnconfirmed, Step: SendFinalDot}, OutUnconfirmed},
	}
	for _, c := range cases {
		s := newStore(t)
		id := queued(t, s, clock)
		if ok, err := s.Outbox.Claim(t.Context(), id); !ok || err != nil {
			t.Fatal(ok, err)
		}
		must(t, s.Outbox.Mark(t.Context(), id, c.mark))
		must(t, s.Outbox.Recover(t.Context(), "work"))
		o, err := s.Outbox.Get(t.Context(), id)
		must(t, err)
		if o.Status != c.want {
			t.Errorf("%+v became %s, want %s", c.mark, o.Status, c.want)
		}
		if c.want == OutUnconfirmed && c.mark.Status == OutSending && (o.Problem == nil || o.Problem.Kind != ProblemUnconfirmed) {
			t.Errorf("problem %+v", o.Problem)
		}
	}
}

func TestOutboxHoldsAndGivesBack(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	id := queued(t, s, clock.Add(10*time.Second))
	if r := row(t, s, id); r.Status != OutHeld {
		t.Errorf("row %+v", r)
	}
	if list := due(t, s); len(list) > 0 {
		t.Errorf("due before its time: %+v", list)
	}
	if at, err := s.Outbox.NextDue(ctx, "work"); err != nil || !at.Equal(clock.Add(10*time.Second)) {
		t.Errorf("next due %v, %v", at, err)
	}
	must(t, s.Outbox.Schedule(ctx, id, time.Time{}))
	if at, err := s.Outbox.NextDue(ctx, "work"); err != nil || !at.IsZero() {
		t.Errorf("held, but due %v, %v", at, err)
	}
	must(t, s.Outbox.Mark(ctx, id, Mark{Status: OutUnconfirmed, Step: SendFinalDot}))
	must(t, s.Outbox.Schedule(ctx, id, time.Time{}))
	if o, err := s.Outbox.Get(ctx, id); err != nil || o.Status != OutUnconfirmed {
		t.Errorf("uncertain, then held: %+v, %v", o, err)
	}
	if _, err := s.Changes.Move(ctx, []ID{id}, folderNamed(t, s, "work", "Trash")); !errors.Is(err, ErrNotPossible) {
		t.Errorf("moved out of the Outbox: %v", err)
	}
	d, err := s.Outbox.Back(ctx, id)
	must(t, err)
	if d.Body != "the words" || len(ids(t, s, folderNamed(t, s, "work", "Drafts"))) != 1 {
		t.Errorf("draft %+v", d)
	}
	must(t, s.Drafts.Save(ctx, d))
	must(t, s.Outbox.Queue(ctx, id, text("raw again"), Envelope{From: "me@example.com", To: []string{"bob@example.com"}}, clock))
	r, size, err := s.Bodies.Open(ctx, id)
	must(t, err)
	if data, err := io.ReadAll(r); err != nil || string(data) != "raw again" || size != 9 {
		t.Errorf("raw %q, %v", data, err)
	}
	must(t, s.Changes.Delete(ctx, []ID{id}))
	if _, err := s.Outbox.Get(ctx, id); !errors.Is(err, ErrNoSuch) {
		t.Errorf("deleted from the Outbox: %v", err)
	}
}

// A draft written before the account ever saw its server.
func TestDraftBeforeTheFirstSync(t *testing.T) {
	s := openAt(t, t.TempDir())
	setUp(t, s)
	must(t, s.d.update(t.Context(), precious, "forget", func(t *tx) error {
		_, err := t.exec("DELETE FROM folder WHERE NOT local")
		return err
	}))
	d := &Draft{Account: "work", Body: "early"}
	must(t, s.Drafts.Save(t.Context(), d))
	must(t, s.Remote.SetFolders(t.Context(), "work", usual))
	drafts, err := s.Index.FolderByRole(t.Context(), "work", "drafts")
	must(t, err)
	if got := ids(t, s, drafts.ID); drafts.Local || len(got) != 1 || got[0] != d.ID {
		t.Errorf("drafts %+v: %v", drafts, got)
	}
	waiting(t, s, "work", 0)
}
