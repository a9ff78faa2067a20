package demo

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

func TestMoveIsCountedOnceOnEveryConnection(t *testing.T) {
	s := start(t, "")
	mover, _ := connect(t, s)
	watcher, _ := connect(t, s)
	before := sel(t, mover, "INBOX")
	sel(t, watcher, "INBOX")
	first := fetchOne(t, mover, imap.SeqSetNum(2), whole())

	var set imap.UIDSet
	messages, err := mover.Fetch(imap.SeqSetNum(2, 5, 6), &imap.FetchOptions{UID: true}).Collect()
	must(t, err)
	for _, m := range messages {
		set.AddNum(m.UID)
	}
	data, err := mover.Move(set, "项目").Wait()
	must(t, err)
	if data.SourceUIDs.String() != set.String() {
		t.Errorf("moved %s, want %s", data.SourceUIDs, set)
	}
	must(t, watcher.Noop().Wait())
	for name, c := range map[string]*imapclient.Client{"mover": mover, "watcher": watcher} {
		if got := c.Mailbox().NumMessages; got != before.NumMessages-3 {
			t.Errorf("the %s counts %d messages of %d after moving 3", name, got, before.NumMessages)
		}
	}

	target := sel(t, watcher, "项目")
	if target.UIDValidity != data.UIDValidity {
		t.Errorf("UIDVALIDITY %d, COPYUID says %d", target.UIDValidity, data.UIDValidity)
	}
	dest, _ := data.DestUIDs.(imap.UIDSet).Nums()
	moved := fetchOne(t, watcher, imap.UIDSetNum(dest[0]), whole())
	if !bytes.Equal(moved.BodySection[0].Bytes, first.BodySection[0].Bytes) || !slices.Equal(moved.Flags, first.Flags) {
		t.Error("the moved message is another one")
	}

	// Numbers are right for what is left.
	third := fetchOne(t, mover, imap.SeqSetNum(2), &imap.FetchOptions{UID: true})
	if third.UID != first.UID+1 {
		t.Errorf("number 2 is now UID %d, want %d", third.UID, first.UID+1)
	}
}

func TestMoveToNowhereMovesNothing(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	before := sel(t, c, "INBOX")
	for name, set := range map[string]imap.NumSet{
		"missing": imap.SeqSetNum(1),
		"INBOX":   imap.SeqSetNum(1),
	} {
		if _, err := c.Move(set, name).Wait(); err == nil {
			t.Errorf("moved to %s", name)
		}
	}
	if _, err := c.Move(imap.UIDSetNum(999999), "Archive").Wait(); err != nil {
		t.Errorf("moving what is not there: %v", err)
	}
	if after := sel(t, c, "INBOX"); after.NumMessages != before.NumMessages {
		t.Errorf("%d messages, want %d", after.NumMessages, before.NumMessages)
	}
}

func TestIdleTellsOfNewMailAndOfWhatIsGone(t *testing.T) {
	s := start(t, "")
	watcher, events := connect(t, s)
	other, _ := connect(t, s)
	n := sel(t, watcher, "INBOX").NumMessages
	sel(t, other, "INBOX")
	s.work.deliver([]byte("Subject: between SELECT and IDLE\r\n\r\n"), time.Now())
	idle, err := watcher.Idle()
	must(t, err)
	await(t, events, fmt.Sprintf("exists %d", n+1))
	s.work.deliver([]byte("Subject: during IDLE\r\n\r\n"), time.Now())
	await(t, events, fmt.Sprintf("exists %d", n+2))
	must(t, other.Store(imap.SeqSetNum(3), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
	must(t, other.Expunge().Close())
	await(t, events, "expunge 3")
	must(t, idle.Close())
	must(t, idle.Wait())
}

func TestFlagsKeepTheirSpellingAndAreSeenByOthers(t *testing.T) {
	s := start(t, "")
	a, _ := connect(t, s)
	b, _ := connect(t, s)
	sel(t, a, "INBOX")
	sel(t, b, "INBOX")
	flags := &imap.StoreFlags{Op: imap.StoreFlagsSet, Flags: []imap.Flag{`\sEEN`, "$Forwarded", "Later"}}
	stored, err := a.Store(imap.SeqSetNum(1), flags, nil).Collect()
	must(t, err)
	want := []imap.Flag{imap.FlagSeen, imap.FlagForwarded, "Later"}
	if len(stored) != 1 || !slices.Equal(stored[0].Flags, want) {
		t.Errorf("STORE told %+v, want %v", stored, want)
	}
	if got := fetchOne(t, b, imap.SeqSetNum(1), &imap.FetchOptions{Flags: true}).Flags; !slices.Equal(got, want) {
		t.Errorf("the other connection has %v", got)
	}
	remove := &imap.StoreFlags{Op: imap.StoreFlagsDel, Silent: true, Flags: []imap.Flag{imap.FlagSeen, "later"}}
	must(t, b.Store(imap.SeqSetNum(1), remove, nil).Close())
	if got := fetchOne(t, a, imap.SeqSetNum(1), &imap.FetchOptions{Flags: true}).Flags; !slices.Equal(got, want[1:2]) {
		t.Errorf("after removing %v", got)
	}
}

func TestUIDExpungeLeavesTheOthersAlone(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	n := sel(t, c, "INBOX").NumMessages
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}
	must(t, c.Store(imap.UIDSetNum(3, 4), deleted, nil).Close())
	must(t, c.UIDExpunge(imap.UIDSetNum(4, 5)).Close())
	if got := c.Mailbox().NumMessages; got != n-1 {
		t.Errorf("%d messages, want %d", got, n-1)
	}
	if m := fetchOne(t, c, imap.UIDSetNum(3, 4), &imap.FetchOptions{UID: true}); m.UID != 3 {
		t.Errorf("UID %d is left, want 3", m.UID)
	}
}

func TestReadOnlyMailboxIsNotChanged(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	data, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	must(t, err)
	if err := c.Store(imap.SeqSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err == nil {
		t.Error("stored a flag")
	}
	if _, err := c.Move(imap.SeqSetNum(1), "Trash").Wait(); err == nil {
		t.Error("moved")
	}
	fetchOne(t, c, imap.SeqSetNum(data.NumMessages), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}})
	if m := fetchOne(t, c, imap.SeqSetNum(data.NumMessages), &imap.FetchOptions{Flags: true}); slices.Contains(m.Flags, imap.FlagSeen) {
		t.Error("read a message and marked it seen")
	}
}
