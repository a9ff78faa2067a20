package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// The mailbox the tests of the screen look at: an IMAP account like one in use, and a POP3 account.

func sampleConfig() *account.Config {
	imap := account.Endpoint{Protocol: account.ProtocolIMAP, Host: "imap.example.com", Port: 993}
	smtp := account.Endpoint{Protocol: account.ProtocolSMTP, Host: "smtp.example.com", Port: 465}
	pop := account.Endpoint{Protocol: account.ProtocolPOP3, Host: "pop.example.com", Port: 995}
	return &account.Config{
		Theme: "dark", UndoDelay: 10 * time.Second,
		Accounts: []account.Account{
			{Name: "work", Email: "me@example.com", FullName: "Me Myself", Incoming: imap, Outgoing: &smtp, CopyToSent: true,
				Identities: []account.Identity{{Email: "me@example.com", FullName: "Me Myself", Signature: "Me"}}},
			{Name: "home", Email: "me@home.example", FullName: "Me", Incoming: pop, Outgoing: &smtp, CopyToSent: true,
				Identities: []account.Identity{{Email: "me@home.example", FullName: "Me"}}},
		},
	}
}

const planBody = `Hi,

here is the sheet we talked about. The two open points:

  1. travel, see the plan https://example.com/plan
  2. 会议室 for Friday

On Thursday you wrote:
> one
> two
> three
> four
> five
> six
> seven

-- 
Ann · Finance
`

var inboxLetters = []letter{
	{from: "=?utf-8?B?546L5bCP5piO?= <wxm@example.com>", to: "me@example.com", subject: "=?utf-8?B?5Lya6K6u57qq6KaB?=", ago: 28 * time.Minute,
		flags: message.Flagged, body: "周五下午三点，二号会议室。请大家带上各自的预算表，我们先看差旅，再看设备。\n"},
	{from: "Ann Archer <ann@example.com>", to: "me@example.com, Bob Baker <bob@example.com>", cc: "finance@example.com", subject: "Budget 2027", ago: 50 * time.Minute,
		extra: "Content-Type: multipart/mixed; boundary=b\r\n",
		body: "--b\nContent-Type: text/plain; charset=utf-8\n\n" + planBody +
			"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"budget-2027.pdf\"\n\nPDF PDF PDF\n" +
			"--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename*=utf-8''%E8%AE%A1%E5%88%92.txt\n\n计划\n--b--\n"},
	{from: "=?utf-8?Q?Dora_D=C3=ADaz?= <dora@example.com>", to: "me@example.com", subject: "Re: Release plan", ago: 20 * time.Hour, flags: message.Seen,
		body: "I'd ship on Tuesday if the tests stay green.\n"},
	{from: "lists@example.org", to: "dev@example.org", subject: "[dev] Weekly notes", ago: 8 * 24 * time.Hour, flags: message.Seen,
		body: "1. parser\n2. store\n"},
	{from: "Far Away <far@example.net>", to: "me@example.com", subject: "Not fetched yet", ago: 9 * 24 * time.Hour, flags: message.Seen, unfetched: true,
		body: "It came all the same.\n"},
	{from: "Mallory <mallory@example.net>", to: "me@example.com", subject: "=?utf-8?B?G10wO293bmVkBxtbMko=?=red\u202eexe", ago: 300 * 24 * time.Hour, flags: message.Seen,
		body: "\x1b[2J\x1b]52;c;AAAA\x07evil\u202e\n"},
}

// sample is the mailbox: IMAP folders with mail in Inbox and Sent.
func sample(t testing.TB, st *store.Store) {
	t.Helper()
	ctx := context.Background()
	err := st.Remote.SetFolders(ctx, "work", []store.RemoteFolder{
		{Name: "INBOX", Delim: "/", Role: account.RoleInbox}, {Name: "Drafts", Delim: "/", Role: account.RoleDrafts},
		{Name: "Sent", Delim: "/", Role: account.RoleSent}, {Name: "Archive", Delim: "/", Role: account.RoleArchive},
		{Name: "Trash", Delim: "/", Role: account.RoleTrash}, {Name: "Junk", Delim: "/", Role: account.RoleJunk},
		{Name: "Projects", Delim: "/"}, {Name: "Projects/项目", Delim: "/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	folders, err := st.Index.Folders(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.Account == "work" && !f.Local {
			if err := st.Remote.SetState(ctx, f.ID, store.RemoteState{UIDValidity: 1, UIDNext: 1000, Synced: true}); err != nil {
				t.Fatal(err)
			}
		}
	}
	deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 1, inboxLetters...)
	if err := st.Accounts.SetStatus(ctx, "work", store.Status{Phase: store.PhaseSynced, At: clock}); err != nil {
		t.Fatal(err)
	}
	if err := st.Addresses.Written(ctx, []message.Address{{Name: "王小明", Addr: "wxm@example.com"}, {Name: "Ann Archer", Addr: "ann@example.com"}}); err != nil {
		t.Fatal(err)
	}
}

// large is the sample with n more messages in the Inbox, older than the others.
func large(n int) mailbox {
	return func(t testing.TB, st *store.Store) {
		sample(t, st)
		var letters []letter
		for i := range n {
			letters = append(letters, letter{from: "Robot <robot@example.com>", to: "me@example.com", subject: fmt.Sprintf("Report %d", i),
				ago: 10*24*time.Hour + time.Duration(i)*time.Hour, flags: message.Seen, body: strings.Repeat("All is well.\n", 3)})
		}
		deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 100, letters...)
	}
}

func roleFolder(t testing.TB, st *store.Store, acct string, role account.Role) store.ID {
	t.Helper()
	f, err := st.Index.FolderByRole(context.Background(), acct, role)
	if err != nil {
		t.Fatalf("folder %s of %s: %v", role, acct, err)
	}
	return f.ID
}
