package store

import (
	"strings"
	"testing"
	"time"

	"tmail/message"
)

// arrived are the subjects of what came after the message named, and the next to name.
func arrived(t testing.TB, s *Store, after ID) (string, ID) {
	t.Helper()
	rows, next, err := s.Index.Arrived(t.Context(), after)
	must(t, err)
	var subjects []string
	for _, r := range rows {
		subjects = append(subjects, r.Subject)
	}
	return strings.Join(subjects, ", "), next
}

func TestArrivalsAreNews(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	inbox, old := folderNamed(t, s, "work", "INBOX"), folderNamed(t, s, "work", "Old")
	_, start := arrived(t, s, -1)

	fill(t, s, inbox, 900) // the first time it is read
	got, next := arrived(t, s, start)
	expect(t, "the first sync", got, "")

	read, ancient := mail(951, 951, message.Seen), mail(952, 952, 0)
	ancient.Date = clock.Add(-30 * 24 * time.Hour)
	made, err := s.Remote.Add(ctx, inbox, []NewMessage{mail(950, 950, 0), read, ancient, mail(953, 953, 0)})
	must(t, err)
	got, after := arrived(t, s, next)
	expect(t, "unread, and not put there", got, "Message 950, Message 953")
	got, again := arrived(t, s, after)
	if got != "" || again != after {
		t.Errorf("told twice: %q, from %d on", got, again)
	}
	_, err = s.Changes.Flag(ctx, made[:1], message.Seen, 0)
	must(t, err)
	got, _ = arrived(t, s, next)
	expect(t, "read meanwhile", got, "Message 953")

	// What the person does is no news, also when the server tells of it.
	must(t, s.Changes.Done(ctx, begin(t, s, "work", ChangeFlag), Outcome{}))
	_, err = s.Changes.Copy(ctx, made[3:], inbox)
	must(t, err)
	copied := begin(t, s, "work", ChangeCopy)
	must(t, s.Changes.Done(ctx, copied, Outcome{UIDValidity: 7, UIDs: map[uint32]uint32{953: 960}}))
	_, err = s.Remote.Add(ctx, inbox, []NewMessage{mail(953, 960, 0)})
	must(t, err)
	_, err = s.Changes.Move(ctx, made[:1], old)
	must(t, err)
	got, _ = arrived(t, s, after)
	expect(t, "copied and moved here", got, "")

	// Somebody else moved it: it is known.
	must(t, s.Remote.Gone(ctx, inbox, []uint32{953}))
	must(t, s.Remote.SetState(ctx, old, RemoteState{UIDValidity: 1, UIDNext: 1, Synced: true}))
	_, err = s.Remote.Add(ctx, old, []NewMessage{mail(953, 1, 0)})
	must(t, err)
	got, _ = arrived(t, s, after)
	expect(t, "moved elsewhere", got, "")
}

func TestArrivalsInMutedConversations(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	fill(t, s, inbox, 1)
	answer := func(n int) NewMessage {
		m := mail(n, uint32(n), 0)
		m.Envelope.InReplyTo = []string{mail(1, 1, 0).Envelope.MessageID}
		return m
	}
	_, err := s.Remote.Add(t.Context(), inbox, []NewMessage{answer(901)})
	must(t, err)
	got, after := arrived(t, s, 0)
	expect(t, "not muted", got, "Message 901")
	_, err = s.Changes.Mute(t.Context(), row(t, s, ids(t, s, inbox)[0]).Thread, true)
	must(t, err)
	got, _ = arrived(t, s, 0)
	expect(t, "muted afterwards", got, "")
	_, err = s.Remote.Add(t.Context(), inbox, []NewMessage{answer(902), mail(903, 903, 0)})
	must(t, err)
	got, _ = arrived(t, s, after)
	expect(t, "muted before", got, "Message 903")
}

func TestArrivalsOfPOP3(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	add := func(n int, uidl string) {
		t.Helper()
		_, _, err := s.Remote.AddPOP(ctx, "home", []POPNew{{UIDL: uidl, Message: mail(n, 0, 0), Raw: []byte(uidl)}})
		must(t, err)
	}
	add(900, "a")
	got, after := arrived(t, s, 0)
	expect(t, "the first sync", got, "")
	must(t, s.Accounts.SetStatus(ctx, "home", Status{Phase: PhaseSynced}))
	add(901, "b")
	add(901, "b")
	got, _ = arrived(t, s, after)
	expect(t, "afterwards", got, "Message 901")
}

func TestArrivalsAreBounded(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	fill(t, s, inbox, 1)
	list := make([]NewMessage, newsKept+500)
	for i := range list {
		list[i] = mail(900, uint32(i+10), 0)
		list[i].Envelope.MessageID = ""
	}
	_, err := s.Remote.Add(t.Context(), inbox, list)
	must(t, err)
	rows, _, err := s.Index.Arrived(t.Context(), 0)
	must(t, err)
	if len(rows) != newsKept {
		t.Errorf("%d arrivals are kept", len(rows))
	}
}
