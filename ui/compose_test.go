package ui

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

func TestWriteAndSend(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Shows("new message").Type("wx").Shows("written to").Press("enter").Shows("王小明 <wxm@example.com>")
	s.Press("tab", "tab", "tab").Type("周五").Press("tab").Type("你好").Press("ctrl+x").Shows("Leaves in 10 s")
	s.holds("work", account.RoleOutbox, "周五", true)
	out, err := s.st.Outbox.List(context.Background(), "work")
	if err != nil || len(out) != 1 {
		t.Fatalf("outbox: %v, %v", out, err)
	}
	if o := out[0]; !o.Due.Equal(clock.Add(10*time.Second)) || o.From != "me@example.com" || o.Recipients[0].Addr != "wxm@example.com" {
		t.Errorf("queued as %+v", o)
	}
	body, _, err := s.st.Bodies.Open(context.Background(), out[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	msg, err := message.Read(body)
	if err != nil || msg.Envelope.Subject != "周五" || !strings.Contains(msg.Plain, "你好") || !strings.Contains(msg.Plain, "-- \nMe") {
		t.Errorf("queued %+v %q, %v", msg.Envelope, msg.Plain, err)
	}
}

func TestCompletion(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("王").Shows("wxm@example.com").Press("enter").Type("arch").Shows("▌Ann Archer").Press("tab").
		Shows("王小明 <wxm@example.com>, Ann Archer <ann@example.com>,")
	if s.m.composer.at != fieldCc {
		t.Error("tab does not go to the next field")
	}
	s.Type("wxm@example.com").Shows("▌王小明").Press("tab").Hides("▌王小明").Shows("Cc        wxm@example.com ")
	if s.m.composer.at != fieldBcc {
		t.Error("tab does not go to the next field")
	}
}

func TestUndoSendComesBackToTheEditor(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("ann@example.com").Shows("Ann Archer").Press("esc", "tab", "tab", "tab").Type("Hello").Press("tab").Type("text").Press("ctrl+x").Shows("Leaves in")
	s.Press("u").Shows("Not sent", "Hello", "text").holds("work", account.RoleOutbox, "Hello", false)
	s.Type("!").Press("ctrl+x").Shows("Leaves in").holds("work", account.RoleOutbox, "Hello", true)
}

func TestReplyAndForward(t *testing.T) {
	s := start(t, 100, 40, sample)
	s.Shows("Budget 2027").Press("j", "r").Shows("reply", "Ann Archer <ann@example.com>", "Re: Budget 2027", "> here is the sheet")
	if s.m.composer.at != fieldBody {
		t.Error("the cursor is not in the body")
	}
	s.Type("Fine.").Press("ctrl+x").Shows("Leaves in").holds("work", account.RoleOutbox, "Re: Budget 2027", true)
	s.Press("a").Shows("bob@example.com", "finance@example.com").Press("esc").Shows("会议纪要")
	s.Press("f").Shows("forward", "Fwd: Budget 2027", "Attached", "budget-2027.pdf", "计划.txt")
}

func TestDraftIsKeptBySeconds(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("half@an addr").Press("tab", "tab", "tab").Type("Unfinished")
	s.holds("work", account.RoleDrafts, "Unfinished", true).Shows("draft kept")
	s.Press("esc").Shows("Draft kept").toFolder("Drafts").Shows("Unfinished").Press("enter").Shows("half@an addr", "Unfinished")
	s.Press("ctrl+d").Shows("Draft discarded").holds("work", account.RoleDrafts, "Unfinished", false)
	s.Press("u").Shows("brought back", "half@an addr")
}

func TestUntouchedIsDropped(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Shows("new message").Press("esc").Shows("Budget 2027")
	s.Press("j", "r").Shows("> here is").Press("esc").Shows("Budget 2027").Idle()
	if got := s.subjects("work", account.RoleDrafts); len(got) != 0 {
		t.Errorf("drafts: %q", got)
	}
}

func TestDraftIsFlushedAtTheEnd(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c", "tab", "tab", "tab").Type("Caught")
	if err := flushAtEnd(s.m); err != nil { // what Run does after a panic
		t.Fatal(err)
	}
	if got := s.subjects("work", account.RoleDrafts); len(got) != 1 || got[0] != "Caught" {
		t.Errorf("drafts: %q", got)
	}
	s.Type("!").Press("ctrl+c").Await("the end", func() bool { return s.quit })
	if got := s.subjects("work", account.RoleDrafts); len(got) == 0 || got[0] != "Caught!" {
		t.Errorf("drafts: %q", got)
	}
}

func TestNotSentLikeThis(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c", "ctrl+x").Shows("Who is it to?").Type("nobody at all").Press("ctrl+x").Shows("This is no address")
	if s.m.composer == nil {
		t.Fatal("the message is gone")
	}
}

func TestAttaching(t *testing.T) {
	s := start(t, 100, 30, sample)
	path := filepath.Join(s.dir, "计划 2027.pdf")
	if err := os.WriteFile(path, []byte("PDF"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Shows("Budget 2027").Press("c", "ctrl+t").Press("ctrl+u").Type(filepath.Join(s.dir, "计")).Press("tab").Shows("计划 2027.pdf").Press("enter")
	s.Shows("Attached", "计划 2027.pdf 3 B")
	s.Press("ctrl+t", "ctrl+u").Type("/no/such/file").Press("enter").Shows("No file /no/such/file ", "Attach  /no/such/file")
	s.Press("ctrl+u").Type(s.dir).Press("enter").Shows("Attach  "+s.dir+"/", "计划 2027.pdf  ").Press("esc")
	draft := s.savedDraft()
	r, err := s.st.Drafts.OpenFile(context.Background(), draft.Files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "PDF" {
		t.Errorf("attached %q, %v", got, err)
	}
	s.Press("tab", "tab", "tab", "tab").Shows("backspace take off").Press("backspace").Shows("Take 计划 2027.pdf off").Press("n").Shows("pdf 3 B")
	s.Press("backspace", "y").Hides("Attached")
}

// savedDraft awaits the one draft in the store.
func (s *screen) savedDraft() *store.Draft {
	s.t.Helper()
	var found *store.Draft
	s.Await("a draft", func() bool {
		list, err := s.st.Drafts.List(context.Background(), "work")
		if err != nil {
			s.t.Fatal(err)
		}
		if len(list) == 1 {
			found = list[0]
		}
		return found != nil
	})
	return found
}

func TestCursorIsWhereOneTypes(t *testing.T) {
	s := start(t, 80, 24, sample)
	s.Shows("Budget 2027").Press("c").Type("你好")
	if x, y := s.Cursor(); x != 11+4 || y != 3 {
		t.Errorf("in To the cursor is at %d,%d", x, y)
	}
	s.Press("tab", "tab", "tab", "tab").Type("a你好").Press("left")
	if x, y := s.Cursor(); x != 2+3 || y != 2+5+1 {
		t.Errorf("in the text the cursor is at %d,%d\n%s", x, y, s.text())
	}
	s.Press("end", "enter").Type(strings.Repeat("会议", 30))
	x, y := s.Cursor()
	row := []rune(strings.TrimRight(s.lines()[y], " "))
	if want := 2 + 2*(len(row)-2); x != want {
		t.Errorf("on a wrapped row the cursor is in column %d, not %d", x, want)
	}
}

// A message is sent by the account of its sender, also when that was changed after it was first written down.
func TestChangingTheSender(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("ann@example.com").Shows("Ann Archer").Press("esc", "tab", "tab", "tab").Type("Moved")
	s.holds("work", account.RoleDrafts, "Moved", true).Shows("draft kept")
	s.Press("shift+tab", "shift+tab", "shift+tab", "shift+tab", "enter").Type("home").Shows("me@home.example").Press("enter").Shows("Me <me@home.example>").Hides("-- ")
	s.holds("home", account.RoleDrafts, "Moved", true).holds("work", account.RoleDrafts, "Moved", false)
	s.Press("ctrl+x").Shows("Leaves in").holds("home", account.RoleOutbox, "Moved", true)
}

func TestMissingEditor(t *testing.T) {
	s := start(t, 100, 30, sample, func(o *Options) { o.Config.Editor = "nosucheditor -w" })
	s.Press("c", "tab", "tab", "tab", "tab").Type("mine").Press("ctrl+e").Shows("nosucheditor was not found: set editor", "mine")
	left := filepath.Join(editorDir(s.m.Dir), "*")
	s.Await("no file left behind", func() bool { found, _ := filepath.Glob(left); return len(found) == 0 })
}

// The file for the editor is a text file: its last line ends.
func TestLetterEndsItsLastLine(t *testing.T) {
	s := start(t, 100, 30, sample, func(o *Options) { o.Config.Editor = "sed -i -e $a\\appended" })
	s.Press("c", "tab", "tab", "tab", "tab").Type("mine").Press("ctrl+e").Shows("appended")
	if body := s.m.composer.texts[fieldBody].text(); !strings.HasSuffix(body, "Me\nappended") {
		t.Errorf("%q", body)
	}
}

func TestFieldsBeginAtTheirBeginning(t *testing.T) {
	s := start(t, 40, 12, sample)
	s.Press("c").Type("first@example.com, second@example.com, third@example.com").Press("tab").Shows("To      first@example.com, second@exa… ")
}

// Words typed where one did not mean to be are not taken for a choice of the sender.
func TestLettersInFrom(t *testing.T) {
	s := start(t, 80, 24, sample)
	s.Press("c", "tab", "tab", "tab", "tab", "tab").Type("to whom it may concern")
	if s.m.topOverlay() != nil {
		t.Errorf("a blank opens a choice:\n%s", s.text())
	}
	s.Shows("enter choose").Press("enter").Shows("me@home.example")
}

func TestLongFieldScrolls(t *testing.T) {
	s := start(t, 40, 12, sample)
	s.Press("c").Type(strings.Repeat("字", 40))
	s.lines()
	if x, _ := s.Cursor(); x < 30 || x > 39 {
		t.Errorf("cursor in column %d", x)
	}
}

func TestOtherEditor(t *testing.T) {
	for _, c := range []struct{ name, script, want, says string }{
		{"writes", "printf 'from the editor\\n' > \"$1\"", "from the editor", ""},
		{"changes the fields", "printf 'from: Me <me@home.example>\\nTO: x@example.com\\nSubject: edited\\n\\nall of it\\n' > \"$1\"", "Me <me@home.example>", ""},
		{"names a stranger", "printf 'From: eve@example.com\\nSubject: edited\\n\\nx\\n' > \"$1\"", "me@example.com", ""},
		{"sees the fields", "tr a-z A-Z < \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"", "Subject   HELLO", ""},
		{"loses the fields", "printf 'To whom it may concern:\\n\\nhi\\n' > \"$1\"", "To whom it may concern:", ""},
		{"adds a field", "sed -i '1iX-Note: mine too' \"$1\"", "X-Note: mine too", ""},
		{"leaves no empty line", "printf 'From: me@example.com\\nTo: x@example.com\\nhello there: all of it\\n' > \"$1\"", "hello there: all", ""},
		{"writes GB18030", "printf '\\304\\343\\272\\303\\243\\254\\312\\300\\275\\347\\n' > \"$1\"", "你好，世界", ""},
		{"leaves an empty file", ": > \"$1\"", "mine", "empty file"},
		{"breaks off", "head -c 60 \"$1\" > \"$1.new\"; mv \"$1.new\" \"$1\"; kill -9 $$", "mine", "wrote nothing: signal: killed"},
		{"fails at once", "exit 1", "Subject   hello", "wrote nothing: exit status 1"},
		{"fails", "printf 'half done' > \"$1\"; exit 1", "half done", "ended with an error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			script := filepath.Join(dir, "my editor")
			if err := os.WriteFile(script, []byte("#!/bin/sh\n"+c.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			s := start(t, 100, 30, sample, func(o *Options) { o.Config.Editor = "'" + script + "'" })
			s.Press("c", "tab", "tab", "tab").Type("hello").Press("tab").Type("mine").Press("ctrl+e")
			s.Shows(c.want)
			if c.says != "" {
				s.Shows(c.says)
			}
			if c.want == "X-Note: mine too" {
				s.Shows("Subject   hello").Hides("Subject: hello")
			}
			if strings.Contains(c.want, "mine") || c.script == "exit 1" {
				s.Shows("mine")
				return
			}
			s.Hides("mine").Press("ctrl+_").Shows("mine")
		})
	}
}

func TestNarrowHeaderOfAMessageBeingWritten(t *testing.T) {
	s := start(t, 40, 12, sample)
	s.Shows("会议纪要").Press("c").Type("ann@example.com").Shows("tmail   new message         Draft kept ")
}
