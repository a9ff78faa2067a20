package demo

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// patience is how long a test waits for something that is to come.
const patience = 20 * time.Second

// connect signs in to the work account; events gets a word for each thing the
// server says unasked.
func connect(t *testing.T, s *Server) (c *imapclient.Client, events chan string) {
	t.Helper()
	events = make(chan string, 1000)
	conn, err := net.Dial("tcp", address(s.imapPort))
	if err != nil {
		t.Fatal(err)
	}
	c = imapclient.New(conn, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Expunge: func(seq uint32) { events <- fmt.Sprintf("expunge %d", seq) },
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				events <- fmt.Sprintf("exists %d", *data.NumMessages)
			}
		},
	}})
	t.Cleanup(func() { _ = c.Close() })
	must(t, c.Login(WorkAddress, s.secret).Wait())
	return c, events
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sel(t *testing.T, c *imapclient.Client, name string) *imap.SelectData {
	t.Helper()
	data, err := c.Select(name, nil).Wait()
	must(t, err)
	return data
}

// await waits for one event.
func await(t *testing.T, events chan string, want string) {
	t.Helper()
	for timeout := time.After(patience); ; {
		select {
		case got := <-events:
			if got == want {
				return
			}
		case <-timeout:
			t.Fatalf("%q never came", want)
		}
	}
}

func fetchOne(t *testing.T, c *imapclient.Client, set imap.NumSet, options *imap.FetchOptions) *imapclient.FetchMessageBuffer {
	t.Helper()
	messages, err := c.Fetch(set, options).Collect()
	must(t, err)
	if len(messages) != 1 {
		t.Fatalf("%d messages, want 1", len(messages))
	}
	return messages[0]
}

func whole() *imap.FetchOptions {
	return &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}
}

func TestWrongPasswordIsRefused(t *testing.T) {
	s := start(t, "")
	for _, user := range []string{WorkAddress, PersonalAddress} { // the personal account has no IMAP
		password := s.secret
		if user == WorkAddress {
			password += "x"
		}
		conn, err := net.Dial("tcp", address(s.imapPort))
		must(t, err)
		c := imapclient.New(conn, nil)
		if err := c.Login(user, password).Wait(); err == nil {
			t.Errorf("%s signed in", user)
		}
		_ = c.Close()
	}
}

func TestListTellsRolesChildrenAndCounts(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	list, err := c.List("", "*", &imap.ListOptions{
		ReturnSpecialUse: true, ReturnChildren: true, ReturnSubscribed: true,
		ReturnStatus: &imap.StatusOptions{NumMessages: true, NumUnseen: true, UIDNext: true, UIDValidity: true},
	}).Collect()
	must(t, err)
	attributes := map[string][]imap.MailboxAttr{}
	for _, m := range list {
		attributes[m.Mailbox] = m.Attrs
		if m.Status == nil || m.Status.UIDValidity == 0 || *m.Status.NumMessages == 0 {
			t.Errorf("%s: status %+v", m.Mailbox, m.Status)
		}
	}
	for name, want := range map[string]imap.MailboxAttr{
		"Drafts": imap.MailboxAttrDrafts, "Sent": imap.MailboxAttrSent, "Archive": imap.MailboxAttrArchive,
		"Trash": imap.MailboxAttrTrash, "Junk": imap.MailboxAttrJunk,
		"INBOX": imap.MailboxAttrHasNoChildren, "项目": imap.MailboxAttrHasChildren, "项目/发布": imap.MailboxAttrHasNoChildren,
	} {
		if !slices.Contains(attributes[name], want) {
			t.Errorf("%s has %v, want %s", name, attributes[name], want)
		}
	}
	if list[0].Mailbox != "INBOX" {
		t.Errorf("%s comes first", list[0].Mailbox)
	}
	some, err := c.List("", "%", nil).Collect()
	must(t, err)
	if len(some) != len(list)-1 {
		t.Errorf("%d mailboxes at the top of %d", len(some), len(list))
	}
}

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

func TestReadingABodyMarksItSeenUnlessPeeking(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	sel(t, c, "INBOX")
	unseen, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	must(t, err)
	uids := imap.UIDSetNum(unseen.AllUIDs()[0])
	for _, peek := range []bool{true, false} {
		fetchOne(t, c, uids, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: peek}}})
		seen := slices.Contains(fetchOne(t, c, uids, &imap.FetchOptions{Flags: true}).Flags, imap.FlagSeen)
		if seen == peek {
			t.Errorf("peek %v, seen %v", peek, seen)
		}
	}
}

func TestAppendKeepsEveryByte(t *testing.T) {
	s := start(t, "")
	c, _ := connect(t, s)
	raw := []byte("Subject: \xb9\xd8\xd3\xda\r\nno colon here\r\nX: a\r\n\tfolded\r\n\r\nbody\rwith \x1b[2J\x00 and \xff\r\n.\r\n")
	date := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 8*3600))
	append := c.Append("Sent", int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{`\SEEN`, "$Forwarded"}, Time: date})
	_, err := append.Write(raw)
	must(t, err)
	must(t, append.Close())
	data, err := append.Wait()
	must(t, err)
	if sent := sel(t, c, "Sent"); data.UIDValidity != sent.UIDValidity || data.UID != sent.UIDNext-1 {
		t.Errorf("APPENDUID %d %d, the mailbox has %d and next %d", data.UIDValidity, data.UID, sent.UIDValidity, sent.UIDNext)
	}
	options := whole()
	options.InternalDate, options.RFC822Size = true, true
	m := fetchOne(t, c, imap.UIDSetNum(data.UID), options)
	if !bytes.Equal(m.BodySection[0].Bytes, raw) || m.RFC822Size != int64(len(raw)) {
		t.Errorf("got %q", m.BodySection[0].Bytes)
	}
	if !m.InternalDate.Equal(date) || !slices.Equal(m.Flags, []imap.Flag{imap.FlagSeen, imap.FlagForwarded}) {
		t.Errorf("date %v, flags %v", m.InternalDate, m.Flags)
	}
	for _, part := range []struct {
		name    string
		section imap.FetchItemBodySection
		want    string
	}{
		{"fields", imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"x"}}, "X: a\r\n\tfolded\r\n\r\n"},
		{"other fields", imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFieldsNot: []string{"SUBJECT"}}, "X: a\r\n\tfolded\r\n\r\n"},
		{"text", imap.FetchItemBodySection{Specifier: imap.PartSpecifierText}, "body\rwith \x1b[2J\x00 and \xff\r\n.\r\n"},
		{"middle", imap.FetchItemBodySection{Partial: &imap.SectionPartial{Offset: 9, Size: 4}}, "\xb9\xd8\xd3\xda"},
		{"beyond the end", imap.FetchItemBodySection{Partial: &imap.SectionPartial{Offset: 5000, Size: 4}}, ""},
	} {
		part.section.Peek = true
		m := fetchOne(t, c, imap.UIDSetNum(data.UID), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{&part.section}})
		if got := string(m.BodySection[0].Bytes); got != part.want {
			t.Errorf("%s: %q, want %q", part.name, got, part.want)
		}
	}
}

func TestAppendToNowhereSaysTryCreate(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	append := c.Append("missing", 1, nil)
	_, err := append.Write([]byte("x"))
	must(t, err)
	must(t, append.Close())
	if _, err := append.Wait(); err == nil || !strings.Contains(err.Error(), string(imap.ResponseCodeTryCreate)) {
		t.Errorf("%v", err)
	}
}

func TestStructureAndEnvelopeOfEveryMessage(t *testing.T) {
	s := start(t, "")
	for _, raw := range []string{
		"Content-Type: multipart/mixed\r\n\r\nno boundary\r\n",
		"Content-Type: multipart/mixed; boundary=a\r\n\r\nno part\r\n",
		"Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/alternative\r\n\r\n",
		"Content-Type: text/plain; name=my file; charset=\r\n\r\nx",
		"no colon\r\n\r\n", "", "\r\n",
	} {
		s.work.deliver([]byte(raw), time.Now())
	}
	c, _ := connect(t, s)
	n := sel(t, c, "INBOX").NumMessages
	options := &imap.FetchOptions{Envelope: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}
	messages, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, options).Collect()
	must(t, err)
	if uint32(len(messages)) != n {
		t.Errorf("%d of %d messages", len(messages), n)
	}
	for _, m := range messages {
		if m.BodyStructure == nil || m.Envelope == nil {
			t.Errorf("number %d: structure %v, envelope %v", m.SeqNum, m.BodyStructure, m.Envelope)
		}
	}
}

func TestSearch(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	n := sel(t, c, "INBOX").NumMessages
	header := func(key, value string) imap.SearchCriteria {
		return imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: key, Value: value}}}
	}
	thread := header("Subject", "release plan")
	hostile := imap.SearchCriteria{Text: []string{"hostile.example"}}
	for _, test := range []struct {
		name     string
		criteria imap.SearchCriteria
		want     int
	}{
		{"all", imap.SearchCriteria{}, int(n)},
		{"message id", header("Message-ID", "<q3-report@demo.example>"), 1},
		{"a thread of six", thread, 6},
		{"encoded subject", header("Subject", "第三季度"), 1},
		{"GB18030 body", imap.SearchCriteria{Body: []string{"请空腹前往"}}, 1},
		{"raw GBK subject", header("Subject", "报销单"), 1},
		{"text in a name", imap.SearchCriteria{Text: []string{"刘洋"}}, 2},
		{"no such text", imap.SearchCriteria{Text: []string{"zyzzyva"}}, 0},
		{"starred", imap.SearchCriteria{Flag: []imap.Flag{`\flagged`}}, 3},
		{"unread", imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, 7},
		{"not", imap.SearchCriteria{Not: []imap.SearchCriteria{thread}}, int(n) - 6},
		{"or", imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{thread, hostile}}}, 8},
		{"large", imap.SearchCriteria{Larger: 100_000}, 1},
		{"future", imap.SearchCriteria{Since: time.Now().AddDate(0, 0, 2)}, 0},
		{"long ago", imap.SearchCriteria{SentBefore: time.Now().AddDate(0, 0, -80)}, 1},
		{"last by number", imap.SearchCriteria{SeqNum: []imap.SeqSet{{{Start: 0, Stop: 0}}}}, 1},
	} {
		data, err := c.UIDSearch(&test.criteria, nil).Wait()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := len(data.AllUIDs()); got != test.want {
			t.Errorf("%s: %d messages, want %d", test.name, got, test.want)
		}
	}
	data, err := c.UIDSearch(&imap.SearchCriteria{}, &imap.SearchOptions{ReturnCount: true, ReturnMin: true, ReturnMax: true}).Wait()
	must(t, err)
	if data.Count != n || data.Min != 1 || data.Max != n {
		t.Errorf("ESEARCH %+v", data)
	}
}

func TestMailboxesAreCreatedRenamedAndDeleted(t *testing.T) {
	c, _ := connect(t, start(t, ""))
	must(t, c.Create("旅行/二月", nil).Wait())
	must(t, c.Create("Kept", &imap.CreateOptions{SpecialUse: []imap.MailboxAttr{imap.MailboxAttrFlagged}}).Wait())
	must(t, c.Rename("旅行", "Travel", nil).Wait())
	must(t, c.Unsubscribe("Kept").Wait())
	names := func(options *imap.ListOptions) string {
		list, err := c.List("", "*", options).Collect()
		must(t, err)
		var names []string
		for _, m := range list {
			names = append(names, m.Mailbox)
		}
		return strings.Join(names, " ")
	}
	if got, want := names(nil), "INBOX Archive Drafts Junk Kept Sent Trash Travel Travel/二月 项目 项目/发布"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := names(&imap.ListOptions{SelectSubscribed: true}); strings.Contains(got, "Kept") {
		t.Errorf("subscribed: %s", got)
	}
	if got := names(&imap.ListOptions{SelectSpecialUse: true}); !strings.Contains(got, "Kept") {
		t.Errorf("with a use: %s", got)
	}
	for what, err := range map[string]error{
		"delete above others":   c.Delete("Travel").Wait(),
		"delete the inbox":      c.Delete("INBOX").Wait(),
		"delete what is not":    c.Delete("nothing").Wait(),
		"create again":          c.Create("Kept", nil).Wait(),
		"rename to another":     c.Rename("Kept", "Sent", nil).Wait(),
		"rename below itself":   c.Rename("Kept", "Kept/x", nil).Wait(),
		"rename the inbox":      c.Rename("INBOX", "x", nil).Wait(),
		"subscribe to nothing":  c.Subscribe("nothing").Wait(),
		"status of what is not": second(c.Status("nothing", &imap.StatusOptions{NumMessages: true}).Wait()),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	before, err := c.Status("Travel/二月", &imap.StatusOptions{UIDValidity: true}).Wait()
	must(t, err)
	must(t, c.Delete("Travel/二月").Wait())
	must(t, c.Create("Travel/二月", nil).Wait())
	after, err := c.Status("Travel/二月", &imap.StatusOptions{UIDValidity: true}).Wait()
	must(t, err)
	if after.UIDValidity <= before.UIDValidity {
		t.Errorf("UIDVALIDITY %d after %d", after.UIDValidity, before.UIDValidity)
	}
	namespace, err := c.Namespace().Wait()
	must(t, err)
	if len(namespace.Personal) != 1 || namespace.Personal[0].Delim != delimiter {
		t.Errorf("namespace %+v", namespace)
	}
}

func second[T any](_ T, err error) error { return err }

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

func TestManyConnectionsAtOnceAgreeInTheEnd(t *testing.T) {
	s := start(t, "")
	total := func() int {
		s.work.mu.Lock()
		defer s.work.mu.Unlock()
		n := 0
		for _, b := range s.work.Mailboxes {
			n += len(b.Messages)
		}
		return n
	}
	before := total()
	var clients []*imapclient.Client
	var wg sync.WaitGroup
	for i := range 4 {
		c, _ := connect(t, s)
		sel(t, c, "INBOX")
		clients = append(clients, c)
		wg.Go(func() {
			for j := range 8 {
				s.work.deliver([]byte("Subject: more\r\n\r\n"), time.Now())
				uid := imap.UID(1 + i + 4*j)
				_, err := c.Move(imap.UIDSetNum(uid), "Archive").Wait()
				flag := c.Store(imap.SeqSetNum(1, 2, 3), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged}}, nil).Close()
				if err != nil || flag != nil {
					t.Errorf("move: %v, flag: %v", err, flag)
				}
			}
		})
	}
	wg.Wait()
	if got := total(); got != before+32 {
		t.Errorf("%d messages in all, want %d", got, before+32)
	}
	s.work.mu.Lock()
	want := uint32(len(s.work.Mailboxes[inbox].Messages))
	s.work.mu.Unlock()
	for i, c := range clients {
		must(t, c.Noop().Wait())
		if got := c.Mailbox().NumMessages; got != want {
			t.Errorf("connection %d counts %d messages, there are %d", i, got, want)
		}
	}
}
