package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

func TestReading(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "enter").Shows("here is the sheet", "to me, Bob Baker", "Inbox 2 of 6", "2 attachments")
	s.Await("read", func() bool { return s.row("Budget 2027").Flags.Has(message.Seen) })
	s.Press("z").Shows("▏ seven").Press("z").Hides("▏ seven")
	s.Press("h").Shows("MIME-Version: 1.0").Press("h").Hides("MIME-Version")
	s.Press("v").Shows("--b").Press("v").Hides("--b")
	s.Press("n").Shows("ship on Tuesday").Press("p").Shows("here is the sheet")
	s.Press("esc").Shows("Weekly notes")
	s.Press("G", "enter").Shows("evil").Hides("\x1b")
}

func TestFetchedWhenOpened(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Not fetched yet").Press("j", "j", "j", "j", "enter").Shows("Fetching the message")
	id := s.row("Not fetched yet").ID
	s.Await("asked for", func() bool { return s.engine.asked(id) > 0 })
	storeBody(t, s.st, id, inboxLetters[4].raw())
	s.Shows("It came all the same.")
}

func TestDeniedByTheServer(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Not fetched yet").Press("j", "j", "j", "j", "enter").Shows("Fetching the message")
	id := s.row("Not fetched yet").ID
	s.Await("asked for", func() bool { return s.engine.asked(id) == 1 })
	if err := s.st.Bodies.Want(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	why := store.Problem{Kind: store.ProblemRefused, Op: "fetch", Host: "imap.example.com:993", Words: "[SERVERBUG] broken cache"}
	if err := s.st.Bodies.Deny(t.Context(), why, id); err != nil {
		t.Fatal(err)
	}
	s.Shows("imap.example.com does not give this message: [SERVERBUG] broken cache", "ctrl+r asks for it again")
	s.Press("ctrl+r").Shows("Fetching the message")
	s.Await("asked for again", func() bool { return s.engine.asked(id) == 2 })
	storeBody(t, s.st, id, inboxLetters[4].raw())
	s.Shows("It came all the same.")
}

func TestPreviewIsReadAfterAWhile(t *testing.T) {
	s := start(t, 160, 40, sample)
	s.Shows("二号会议室").Idle()
	s.Press("j").Shows("here is the sheet")
	if s.row("Budget 2027").Flags.Has(message.Seen) {
		t.Error("read at once")
	}
	s.Await("read", func() bool { return s.row("Budget 2027").Flags.Has(message.Seen) })
}

// row is a message in the store, by its subject.
func (s *screen) row(subject string) store.Row {
	s.t.Helper()
	query, err := store.ParseQuery(fmt.Sprintf("subject:%q", subject), time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	found, err := s.st.Search.Find(context.Background(), query, store.Scope{}, 1)
	if err != nil || len(found.IDs) == 0 {
		s.t.Fatalf("%q is not in the store: %v", subject, err)
	}
	rows, err := s.st.Index.Rows(context.Background(), found.IDs)
	if err != nil || len(rows) != 1 {
		s.t.Fatalf("%q: %v", subject, err)
	}
	return rows[0]
}

func TestMoveAndUndo(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "m").Shows("Move to").Type("proj").Shows("Projects/项目").Press("down", "enter")
	s.Shows("Moved 1 to 项目", "u undo").Hides("Budget 2027")
	s.Press("u").Shows("Moved 1 back to Inbox", "Budget 2027").Idle()
	if got := s.m.list.current(); got != s.row("Budget 2027").ID {
		t.Errorf("the cursor is on %v", got)
	}
}

func TestUndoFollowsFastKeys(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("d", "d", "e", "u", "u", "u").Shows("会议纪要", "Budget 2027", "Release plan").Idle()
	if got := len(s.subjects("work", account.RoleInbox)); got != 6 {
		t.Errorf("%d messages in the Inbox", got)
	}
	s.Press("u").Shows("Nothing to undo")
}

func TestNextOlderIsSelected(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "d").Hides("Budget 2027").Idle()
	if got, want := s.m.list.current(), s.row("Release plan").ID; got != want {
		t.Errorf("the cursor is on %v, not %v", got, want)
	}
	s.Press("enter").Shows("ship on Tuesday").Press("e").Shows("1. parser", "Moved 1 to Archive")
	s.holds("work", account.RoleArchive, "Re: Release plan", true)
}

func TestSelection(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("x", "j", "X").Shows("3 selected").Press("s").Shows("Starred 2").Press("u").Shows("Took back 2")
	s.Press("x", "k", "k", "k", "k", "x", "d").Shows("Moved ")
}

func TestReadFlags(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("2 unread of 6", "Budget 2027").Press("j", "N").Shows("Marked 1 as read", "1 unread of 6")
	s.Press("N").Shows("Marked 1 as unread", "2 unread of 6").Press("A").Shows("Marked 2 as read", "0 unread of 6").Press("u").Shows("2 unread of 6")
}

func TestDeleteForEverAsks(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("d", "d").holds("work", account.RoleTrash, "Budget 2027", true)
	s.Press("tab", "tab", "G", "k")
	s.toFolder("Trash").Shows("Budget 2027").Press("x", "x", "d").Shows("Delete 2 messages for ever?").Press("n").Shows("Budget 2027")
	s.Press("d", "y").Shows("Deleted 2 messages").Hides("Budget 2027")
	if got := s.subjects("work", account.RoleTrash); len(got) != 0 {
		t.Errorf("still in Trash: %q", got)
	}
}

// toFolder opens a folder of the first account through the palette.
func (s *screen) toFolder(name string) *screen {
	s.t.Helper()
	s.Press(":").Type("go to " + name).Shows("go to " + name).Press("enter")
	return s.Await(name+" open", func() bool { return string(folderName(s.m.list.folder)) == name && s.m.list.ready })
}

func TestMissingArchiveIsMade(t *testing.T) {
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		err := st.Remote.SetFolders(context.Background(), "work", []store.RemoteFolder{{Name: "INBOX", Delim: "/", Role: account.RoleInbox}})
		if err != nil {
			t.Fatal(err)
		}
		deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 1, inboxLetters[1])
	})
	s.Shows("Budget 2027").Press("e").Shows("has no folder “Archive”").Press("esc").Shows("Budget 2027")
	s.Press("e", "y").Shows("Moved 1 to Archive").Hides("Budget 2027 ").holds("work", account.RoleArchive, "Budget 2027", true)
}

func TestFolders(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Projects").Press("shift+tab", "n").Shows("New folder in work").Type("计划").Press("enter").Shows("Folder 计划 made")
	s.Await("in the store", func() bool { return s.folderNamed("计划").ID != 0 })
	s.Idle().Press("g")
	for range 20 {
		if s.m.folders.selected().Name != "计划" {
			s.Press("j")
		}
	}
	s.Press("R").Shows("Rename").Press("ctrl+u").Type("Plans").Press("enter").Shows("Renamed to Plans").Press("u").Shows("called 计划 again")
	s.Await("named again", func() bool { return s.m.folders.selected().Name == "计划" })
	s.Press("D").Shows("Delete the folder 计划").Press("y").Shows("deleted").Await("gone", func() bool { return s.folderNamed("计划").ID == 0 })
}

func (s *screen) folderNamed(name string) store.Folder {
	folders, err := s.st.Index.Folders(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range folders {
		if f.Name == name {
			return f
		}
	}
	return store.Folder{}
}

func TestAccountsByNumber(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("2").Shows("home ▾").Hides("Budget 2027").Press("1").Shows("work ▾", "Budget 2027")
}

func TestListKeepsItsPlace(t *testing.T) {
	s := start(t, 100, 30, large(300))
	s.Shows("Budget 2027")
	for range 40 {
		s.Press("j")
	}
	s.Shows("Report 34").Idle()
	at := s.m.list.current()
	deliver(t, s.st, roleFolder(t, s.st, "work", account.RoleInbox), 900, letter{from: "new@example.com", to: "me@example.com", subject: "Just in", body: "x"})
	s.Await("arrived", func() bool { return len(s.m.list.ids) == 307 }).Idle()
	if s.m.list.current() != at {
		t.Error("the cursor moved to another message")
	}
	s.Press("G").Shows("Report 299").Press("g").Shows("Just in")
}

func TestSavingAttachments(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "enter").Shows("[a] budget-2027.pdf", "[b] 计划.txt")
	for _, want := range []string{"计划.txt", "计划 (1).txt"} {
		s.Press("S").Shows("all attachments").Press("b").Shows("Save 计划.txt in").Press("enter").Shows("Saved ", want)
		got, err := os.ReadFile(filepath.Join(s.dir, want))
		if err != nil || strings.TrimSpace(string(got)) != "计划" {
			t.Errorf("%s: %q, %v", want, got, err)
		}
	}
	s.Press("S", "d").Shows("Save Budget 2027.eml in").Press("enter").Shows("Budget 2027.eml")
	got, err := os.ReadFile(filepath.Join(s.dir, "Budget 2027.eml"))
	if err != nil || string(got) != string(inboxLetters[1].raw()) {
		t.Errorf("the message was not saved as it came: %v", err)
	}
	s.Press("S", "a").Press("ctrl+u").Type(filepath.Join(s.dir, "no", "such")).Press("enter").Shows("No file", "Save budget-2027.pdf in  "+s.dir+"/no/such").Hides("· !")
	s.Press("ctrl+u").Type(filepath.Join(s.dir, "Budget 2027.eml")).Press("enter").Shows("is not a fold").Press("esc", "!").Shows("In the words of")
}

func TestPipe(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "enter").Shows("sheet").Press("|").Shows("Pipe").Type("grep -c '' ; exit 0").Press("enter").Shows("is done")
	s.Press("esc", "|").Type("exit 3").Press("enter").Shows("failed").Press("!").Shows("exit status 3")
	s.Press("esc", "|").Type("exec sleep 1000").Press("enter").Shows("Running exec sleep 1000", "esc stop").Press("esc").Shows("was stopped").Hides("Running")
	s.Press("|").Type("yes").Press("enter").Shows("yes was stopped: it printed more than 1 MB").Press("esc").Hides("Running").Shows("sheet")
}

func TestLinksAndCopy(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "enter").Shows("sheet").Press("o").Shows("budget-2027.pdf", "https://example.com/plan").Press("esc")
	s.Press("y").Shows("ann@example.com").Press("a").Shows("Copied ann@example.com")
}

func TestProgramsAreNotOpened(t *testing.T) {
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 50, letter{from: "x@example.com", to: "me@example.com", subject: "Invoice",
			extra: "Content-Type: application/x-msdownload; name=\"invoice.exe\"\r\nContent-Disposition: attachment; filename=\"invoice.exe\"\r\n", body: "MZ"})
	})
	s.Shows("Invoice").Press("g", "enter").Shows("invoice.exe").Press("o", "a").Shows("is a program")
}

func TestInputMethodLeftOn(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("你").Shows("An input method seems to be on")
	s.Press("？").Shows("Keys").Press("esc").Press("：").Shows("write a new message").Press("esc").Press("／").Shows("Search")
}

func TestPalette(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("ctrl+p").Type("archive").Shows("archive").Press("enter").Shows("Moved 1 to Archive")
}

func TestStatusOfTheAccount(t *testing.T) {
	s := start(t, 110, 30, sample)
	s.Shows("✓ synced just now", "Budget 2027")
	ctx := context.Background()
	set := func(st store.Status) {
		st.At = clock
		if err := s.st.Accounts.SetStatus(ctx, "work", st); err != nil {
			t.Fatal(err)
		}
	}
	set(store.Status{Phase: store.PhaseSyncing, Done: 1200, Total: 20000})
	s.Shows("syncing 1,200 of 20,000")
	set(store.Status{Phase: store.PhaseOffline, Problem: &store.Problem{Kind: store.ProblemNetwork, Host: "imap.example.com", Words: "dial: no route"}})
	s.Shows("! offline")
	s.Press("d").Shows("offline, 1 change waits")
	set(store.Status{Phase: store.PhaseFailed, Problem: &store.Problem{Kind: store.ProblemAuth, Host: "imap.qq.com", Words: "NO [AUTHENTICATIONFAILED] sorry"}})
	s.Shows("! imap.qq.com does not accept").Press("tab", "tab", "shift+tab", "shift+tab", "shift+tab").Press("!").Shows("授权码", "NO [AUTHENTICATIONFAILED] sorry")
}

func TestQuitting(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("esc", "esc")
	if s.quit {
		t.Fatal("esc quits")
	}
	s.Press("enter").Shows("二号会议室").Press("q").Shows("Budget 2027").Press("q").Await("the end", func() bool { return s.quit })
}

func TestStaleResultsAreDropped(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Idle()
	before := s.text()
	gen := s.m.list.load.gen
	for _, msg := range []tea.Msg{
		listLoaded{gen: gen - 1, err: errors.New("late")}, rowsLoaded{gen: gen - 1, err: errors.New("late")},
		foldersLoaded{gen: s.m.folders.load.gen - 1, err: errors.New("late")},
		sourceRead{gen: s.m.reader.gen - 1, err: errors.New("late")}, otherForm{gen: s.m.reader.gen - 1},
		autosave{gen: 99}, completedAddress{gen: 99}, attached{of: &composer{gone: true}, files: []store.Attachment{{Name: "late"}}},
	} {
		s.feed(msg)
	}
	if after := s.text(); after != before {
		t.Errorf("a late result changed the screen:\n%s", after)
	}
}

func TestKeysOfOnesOwn(t *testing.T) {
	s := start(t, 100, 30, sample, func(o *Options) { o.Config.Keys = map[string][]string{"archive": {"Z"}, "trash": {"#"}} })
	s.Shows("Z archive", "# trash").Press("Z").Shows("Moved 1 to Archive")

	config := sampleConfig()
	config.Keys = map[string][]string{"archive": {"d"}, "nonsense": {"k"}, "send": {"s"}}
	_, err := newModel(context.Background(), Options{Config: config})
	for _, want := range []string{`"d" is already the key of trash`, "there is no such action", `"s" is text while writing`} {
		if said := Sentence(err); !strings.Contains(said, want) {
			t.Errorf("%s does not say %q", said, want)
		}
	}
}

// No two things have the same key in the same place, and every binding is described in words.
func TestTableOfKeys(t *testing.T) {
	type at struct {
		place place
		key   string
	}
	taken := map[at]string{}
	for _, b := range bindings() {
		if lang.T("do."+b.action) == "do."+b.action {
			t.Errorf("%s is not described", b.action)
		}
		for p := inFolders; p <= inCompose; p <<= 1 {
			for _, key := range b.keys {
				if other := taken[at{p, key}]; b.where&p != 0 && other != "" {
					t.Errorf("%s and %s are both on %q", b.action, other, key)
				} else if b.where&p != 0 {
					taken[at{p, key}] = b.action
				}
			}
		}
	}
}

func TestOutbox(t *testing.T) {
	s := start(t, 110, 30, sample)
	s.Shows("Budget 2027")
	for _, subject := range []string{"First", "Second", "Third"} {
		s.Press("c").Type("ann@example.com").Shows("Ann Archer").Press("esc", "tab", "tab", "tab").Type(subject).Press("ctrl+x").Shows("Leaves in")
		s.holds("work", account.RoleOutbox, subject, true)
	}
	ctx := context.Background()
	second := s.row("Second").ID
	problem := &store.Problem{Kind: store.ProblemRecipient, Op: "send", Host: "smtp.example.com", Words: "550 5.1.1 no such user", At: clock}
	if err := s.st.Outbox.Mark(ctx, second, store.Mark{Status: store.OutFailed, Problem: problem}); err != nil {
		t.Fatal(err)
	}
	s.Shows("! smtp.example.com", "recipient").toFolder("Outbox").Shows("not sent  Second", "First", "enter edit")
	for s.m.list.current() != second {
		s.Press("j")
	}
	s.Press("ctrl+x").Shows("Sending").Await("due again", func() bool {
		o, err := s.st.Outbox.Get(ctx, second)
		return err == nil && o.Status == store.OutDue
	})
	s.Idle()
	if err := s.st.Outbox.Mark(ctx, second, store.Mark{Status: store.OutFailed, Problem: problem}); err != nil {
		t.Fatal(err)
	}
	s.Await("said again", func() bool { return s.m.status.failed })
	s.Press("enter").Shows("Subject   Second", "ann@example.com").Press("ctrl+d").Shows("Draft discarded")
	s.Idle().Press("d").holds("work", account.RoleOutbox, "First", false).Press("u").holds("work", account.RoleDrafts, "First", true)
}

func TestOutcomeOfASendIsSaid(t *testing.T) {
	s := start(t, 110, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("ann@example.com").Shows("Ann Archer").Press("esc", "tab", "tab", "tab").Type("Gone").Press("ctrl+x").Shows("Leaves in")
	s.holds("work", account.RoleOutbox, "Gone", true).Idle()
	ctx := context.Background()
	if err := s.st.Outbox.Mark(ctx, s.row("Gone").ID, store.Mark{Status: store.OutSending, Step: store.SendAccepted}); err != nil {
		t.Fatal(err)
	}
	if err := s.st.Outbox.Sent(ctx, s.row("Gone").ID, s.folder("work", account.RoleSent).ID); err != nil {
		t.Fatal(err)
	}
	s.Shows("Sent: Gone").Press("u").Shows("Nothing to undo")
}

func TestDetailsByTheStatusLine(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Idle()
	s.m.failWith("It broke", "the server's own words")
	s.Press("tab", "enter").Shows("the server's own words").Press("esc", "esc").Hides("It broke")
}

func TestFindInMessage(t *testing.T) {
	s := start(t, 80, 16, sample)
	long := strings.Repeat("A line about nothing at all.\n\n", 60) + "Here is the needle in the hay 干草堆里的针.\n\n" +
		strings.Repeat("More of nothing.\n\n", 60) + "A second needle.\n"
	id := s.row("Not fetched yet").ID
	storeBody(t, s.st, id, []byte("From: a@b.example\r\nSubject: Not fetched yet\r\n\r\n"+strings.ReplaceAll(long, "\n", "\r\n")))
	s.Shows("Not fetched yet").Press("j", "j", "j", "j", "enter").Shows("A line about nothing")
	s.Press("ctrl+f").Shows("Find").Type("needle").Shows("the needle in the hay").Hides("A second needle")
	s.Press("enter").Shows("A second needle").Press("enter").Shows("the needle in the hay")
	s.Press("up").Shows("A second needle").Press("up").Shows("the needle in the hay")
	s.Press("esc").Hides("Find ").Shows("the needle in the hay")
	s.Press("g", "ctrl+f").Shows("needle") // what was looked for last
	s.Press("ctrl+u").Type("里的针").Shows("干草堆").Type("xyz").Shows("Not in this message").Press("esc")
}
