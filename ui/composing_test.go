package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// outgoing is the one message in the Outbox of "work", and it as it will be sent.
func (s *screen) outgoing() (*store.Outgoing, *message.Message) {
	s.t.Helper()
	out, err := s.st.Outbox.List(context.Background(), "work")
	if err != nil || len(out) != 1 {
		s.t.Fatalf("outbox: %v, %v", out, err)
	}
	body, _, err := s.st.Bodies.Open(context.Background(), out[0].ID)
	if err != nil {
		s.t.Fatal(err)
	}
	defer body.Close()
	msg, err := message.Read(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return out[0], msg
}

func TestForgottenIsAskedAbout(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab", "tab").Type("The plan is attached.").Press("ctrl+x")
	s.Shows("The subject is empty.", "there is none", "Send all the same?").Press("n").Hides("all the same")
	if s.m.composer == nil {
		t.Fatal("the message is gone")
	}
	s.Press("ctrl+x").Shows("all the same").Press("y").Shows("Leaves in").holds("work", account.RoleOutbox, "", true)
}

// No blank stands behind a full stop that is as wide as one.
func TestSentencesInChinese(t *testing.T) {
	lang.Use("zh")
	t.Cleanup(func() { lang.Use("en") })
	s := start(t, 80, 24, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("ctrl+x").Shows("主题为空。仍要发送吗？")
}

func TestSendLater(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab").Type("Later").Press("alt+x").Shows("Send when").Type("whenever").Press("enter")
	s.Shows("no time to come", "Send when  whenever").Press("ctrl+u").Type("tomorrow 9:00").Press("enter").Shows("Leaves Sat 21 Nov 2026 09:00").holds("work", account.RoleOutbox, "Later", true)
	if out, _ := s.outgoing(); !out.Due.Equal(time.Date(2026, 11, 21, 9, 0, 0, 0, clock.Location())) || out.Status != store.OutHeld {
		t.Errorf("queued as %+v", out)
	}
	s.Press("u").Shows("Not sent", "Later")
}

func TestOutboxIsAFolder(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab").Type("Waits").Press("ctrl+x").Shows("Leaves in").holds("work", account.RoleOutbox, "Waits", true)
	s.toFolder("Outbox").Shows("Waits").Press("h").Shows("Held")
	out, _ := s.outgoing()
	if !out.Due.IsZero() || out.Status != store.OutHeld {
		t.Errorf("held as %+v", out)
	}
	s.Press("alt+x").Shows("Send when").Type("in 2h").Press("enter").Shows("Leaves Fri 20 Nov 2026 16:30")
	s.Press("ctrl+x").Shows("Sending")
	if out, _ := s.outgoing(); !out.Due.Equal(clock) || out.Status != store.OutDue {
		t.Errorf("to be sent as %+v", out)
	}
	s.Press("enter").Shows("new message", "Waits").Type("x").holds("work", account.RoleOutbox, "Waits", false)
}

// A message of the Outbox that was only looked at waits as before, and one that may have left stays marked as that.
func TestLookedAtInTheOutbox(t *testing.T) {
	s := start(t, 110, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab").Type("Scheduled").Press("alt+x").Type("tomorrow 9:00").Press("enter").Shows("Leaves Sat")
	s.holds("work", account.RoleOutbox, "Scheduled", true).toFolder("Outbox").Shows("leaves Sat 09:00  Scheduled")
	tomorrow := time.Date(2026, 11, 21, 9, 0, 0, 0, clock.Location())
	before, _ := s.outgoing()
	s.Press("enter").Shows("Subject   Scheduled").Await("held while it is looked at", func() bool {
		out, _ := s.outgoing()
		return out.Due.IsZero()
	})
	s.Press("esc").Shows("waits in the Outbox as before", "leaves Sat 09:00  Scheduled").Idle()
	s.Resize(40, 14).Shows("Sat 09:00  Sch").Hides("leaves Sat").Resize(110, 30)
	if out, _ := s.outgoing(); !out.Due.Equal(tomorrow) || out.MessageID != before.MessageID {
		t.Errorf("it waits as %+v", out)
	}

	problem := &store.Problem{Kind: store.ProblemUnconfirmed, Op: "send", At: clock}
	had := []store.Recipient{{Addr: "x@example.com", Sent: true}}
	if err := s.st.Outbox.Mark(context.Background(), before.ID, store.Mark{Status: store.OutUnconfirmed, Problem: problem, Recipients: had}); err != nil {
		t.Fatal(err)
	}
	s.Shows("uncertain  Scheduled").Press("h").Shows("Held").Press("alt+x").Shows("may have been sent already").Press("n")
	s.Press("enter").Shows("may have been sent already", "Subject   Scheduled").Press("esc").Shows("uncertain  Scheduled").Idle()
	if out, _ := s.outgoing(); out.Status != store.OutUnconfirmed {
		t.Errorf("it is %+v", out)
	}
	if err := s.st.Outbox.Mark(context.Background(), before.ID, store.Mark{Status: store.OutFailed, Problem: problem, Recipients: had}); err != nil {
		t.Fatal(err)
	}
	s.Resize(40, 14).Shows("not sent  Sch").Resize(110, 30)
	s.Shows("not sent  Scheduled").Press("enter").Shows("have it already: x@example.com").Type("x").holds("work", account.RoleDrafts, "Scheduled", true)
	s.Press("esc").Shows("Draft kept").holds("work", account.RoleOutbox, "Scheduled", false)
}

// Leaving the program while a message of the Outbox is on the screen changes nothing of it either.
func TestQuitWhileLookingAtTheOutbox(t *testing.T) {
	s := start(t, 110, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab").Type("Scheduled").Press("alt+x").Type("tomorrow 9:00").Press("enter").Shows("Leaves Sat")
	s.holds("work", account.RoleOutbox, "Scheduled", true).toFolder("Outbox").Press("enter").Shows("Subject   Scheduled").Press("ctrl+c")
	s.Await("the end", func() bool { return s.quit })
	if out, _ := s.outgoing(); out.Due.IsZero() {
		t.Errorf("it is held: %+v", out)
	}
}

func TestMarkdownIsSentAsHTML(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab").Type("Rich").Press("tab").Type("*soon*").Press("alt+m").Shows("HTML as well")
	s.Press("ctrl+x").Shows("Leaves in").holds("work", account.RoleOutbox, "Rich", true)
	if _, msg := s.outgoing(); !strings.Contains(msg.HTML, "<em>soon</em>") || !strings.Contains(msg.Plain, "*soon*") {
		t.Errorf("sent %q and %q", msg.Plain, msg.HTML)
	}
}

func TestForwardAsAttachmentAndEditAgain(t *testing.T) {
	s := start(t, 100, 40, sample)
	s.Shows("Budget 2027").Press("j", "F").Shows("forward", "Fwd: Budget 2027", "Budget 2027.eml")
	s.Type("x@example.com").Press("ctrl+x").Shows("Leaves in").holds("work", account.RoleOutbox, "Fwd: Budget 2027", true)
	if _, msg := s.outgoing(); len(msg.Attachments) != 1 || msg.Attachments[0].Type != "message/rfc822" {
		t.Errorf("attached: %+v", msg.Attachments)
	}
	s.Press("alt+e").Shows("new message", "Subject   Budget 2027", "here is the sheet", "budget-2027.pdf")
}

func TestTemplates(t *testing.T) {
	s := start(t, 100, 30, sample, func(o *Options) { o.Config.Path = filepath.Join(t.TempDir(), "config.toml") })
	s.Shows("Budget 2027").Press("c", "alt+t").Shows("No templates yet")
	dir := filepath.Join(filepath.Dir(s.m.Config.Path), "templates")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"weekly.txt": "Subject: Weekly report\nCc: boss@example.com\n\nThis week:\n", "plain.txt": "Kind regards\nfrom us\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Press("alt+t").Shows("weekly", "plain").Type("week").Press("enter").Shows("Weekly report", "boss@example.com", "This week:")
	s.Press("alt+t").Shows("plain").Type("plain").Press("enter").Shows("Kind regards", "from us", "This week:")
}

// What another program left in Drafts is gone on with, its attachment with it, and is no second draft.
func TestDraftOfAnotherProgram(t *testing.T) {
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		ctx := context.Background()
		folder, err := st.Index.FolderByRole(ctx, "work", account.RoleDrafts)
		if err != nil {
			t.Fatal(err)
		}
		const raw = "To: x@example.com\r\nSubject: begun elsewhere\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhalf\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nA\r\n--b--\r\n"
		ids, err := st.Remote.Add(ctx, folder.ID, []store.NewMessage{{UID: 1000, Flags: message.DraftFlag | message.Seen, Size: int64(len(raw)), Envelope: message.ParseHeader([]byte(raw)).Envelope()}})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Bodies.Put(ctx, []store.Body{{ID: ids[0], Raw: []byte(raw)}}); err != nil {
			t.Fatal(err)
		}
	})
	s.Shows("Budget 2027").toFolder("Drafts").Shows("begun elsewhere").Press("enter").Shows("half", "a.txt").Type("the other ").Shows("draft kept")
	d := s.savedDraft()
	if !strings.HasPrefix(d.Body, "the other half") || len(d.Files) != 1 {
		t.Errorf("saved as %+v", d)
	}
	if got := s.subjects("work", account.RoleDrafts); len(got) != 1 {
		t.Errorf("drafts: %q", got)
	}
}

func TestPathsInText(t *testing.T) {
	for text, want := range map[string]string{
		"/a/b.pdf":                         "/a/b.pdf",
		"'/a/my file.pdf' ":                "/a/my file.pdf",
		`/a/my\ file.pdf /b`:               "/a/my file.pdf|/b",
		"/a\n/b\n":                         "/a|/b",
		"file:///a/%E8%AE%A1%E5%88%92.pdf": "/a/计划.pdf",
		"file://host/a":                    "/a",
		`"/it's" '/a"b'`:                   `/it's|/a"b`,
		"see /a/b":                         "",
		"a/b":                              "",
		"https://example.com/a":            "",
		"":                                 "",
		"// a comment":                     "",
	} {
		if got := strings.Join(pathsIn(text), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPastedPathsAreAttached(t *testing.T) {
	s := start(t, 100, 30, sample)
	var paths []string
	for _, name := range []string{"one two.txt", "计划.txt"} {
		path := filepath.Join(s.dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, "'"+path+"'")
	}
	s.Shows("Budget 2027").Press("c", "tab", "tab", "tab", "tab").Paste(strings.Join(paths, " ")).Shows("one two.txt 11 B", "计划.txt")
	s.Paste("/no/such/file").Shows("/no/such/file")
	s.Press("ctrl+t", "ctrl+u").Type(s.dir + "/*.txt").Press("enter")
	s.Await("four attachments", func() bool { return len(s.m.composer.draft.Files) == 4 })
}

// A list of the Outbox from before a message was queued says nothing of that message.
func TestSentIsNotSaidFromAnOldList(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Idle()
	_, gen := s.m.folders.load.begin(context.Background())
	if s.m.follow(1, "just queued") != nil {
		t.Error("two lists are read at once")
	}
	s.feed(foldersLoaded{gen: gen, folders: s.m.folders.all})
	if len(s.m.sends) != 1 {
		t.Error("it was said to be sent")
	}
}

func TestDeliveryReport(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab").Type("Tell me").Press("alt+n").Shows("report what becomes of it")
	s.Press("ctrl+x").Shows("Leaves in").holds("work", account.RoleOutbox, "Tell me", true)
	if out, _ := s.outgoing(); !out.Notify {
		t.Error("no report is asked for")
	}
}

// One's own other accounts are offered as addresses, and are not answered with all.
func TestOnesOwnOtherAccount(t *testing.T) {
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 100, letter{from: "Ann Archer <ann@example.com>", to: "me@example.com, bob@example.com", cc: "me@home.example, carol@example.com", subject: "To both", body: "Hi\n"})
	})
	s.Shows("To both").Press("c").Type("me@h").Shows("▌Me ", "me@home.example").Press("enter").Shows("To        Me <me@home.example>").Press("ctrl+d")
	s.Shows("Draft discarded").Press("g", "a").Shows("reply", "Re: To both", "carol@example.com").Hides("me@home.example")
}

// A message that is edited as new has its signature already.
func TestEditAgainSignsOnce(t *testing.T) {
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 100, letter{from: "Me Myself <me@example.com>", to: "bob@example.com", subject: "Signed", body: "Hi\n\n-- \nMe\n"})
	})
	s.Shows("Signed").Press("g", "alt+e").Shows("Subject   Signed")
	if body := s.m.composer.texts[fieldBody].text(); strings.Count(body, "-- \nMe") != 1 {
		t.Errorf("%q", body)
	}
}

// What a message is sent as, besides plain text, stays in sight.
func TestTitleSaysHowItGoesOut(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c", "alt+m", "alt+n").Shows("new message · Markdown · report")
}
