package demo

import (
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
const patience = time.Minute

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
