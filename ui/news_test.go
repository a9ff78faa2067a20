package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// script writes a program that notes its arguments and what tmail tells it in a file, and returns both.
func script(t testing.TB, dir, name string) (program, noted string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("writes a shell script")
	}
	program, noted = filepath.Join(dir, name), filepath.Join(dir, "noted")
	text := "#!/bin/sh\n{ for a in \"$@\"; do printf '<%s>\\n' \"$a\"; done; env | grep ^TMAIL_ | grep -v ^TMAIL_TEST_ | sort; echo .; } >> '" + noted + "'\n"
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return program, noted
}

func (s *screen) notes(path, want string) {
	s.t.Helper()
	read := func() string { b, _ := os.ReadFile(path); return string(b) }
	if !s.until(func() bool { return read() == want }) {
		s.t.Errorf("the program was told\n%s\nnot\n%s", read(), want)
	}
}

var uids uint32 = 2000

// arrives lets the server tell of new messages.
func (s *screen) arrives(folder store.ID, letters ...letter) []store.ID {
	s.t.Helper()
	uids += 100
	return deliver(s.t, s.st, folder, uids, letters...)
}

func from(who, subject string) letter {
	return letter{from: who, to: "me@example.com", subject: subject, body: "Text.\n"}
}

func TestNewMailShowsItself(t *testing.T) {
	program, noted := script(t, t.TempDir(), "tell")
	s := start(t, 120, 30, sample, func(o *Options) {
		o.Config.Notify = account.Notify{Ways: []account.Way{account.WayCommand}, Command: []string{program, "--new"}}
		o.Config.Accounts[0].Notify = map[string][]account.Way{"Projects": {account.WayCommand}}
	})
	s.Shows("Budget 2027").Idle().Await("the beginning", func() bool { return s.m.news.begun })
	inbox := s.folder("work", account.RoleInbox).ID
	if got := s.m.title(); got != "tmail (2)" {
		t.Errorf("the title is %q", got)
	}
	s.arrives(inbox, from("Eve <eve@example.com>", "Hello $(id) `id` 'x'"))
	s.Shows("New mail from Eve: Hello $(id) `id` 'x'")
	first := "<--new>\nTMAIL_ACCOUNT=work\nTMAIL_COUNT=1\nTMAIL_FOLDER=INBOX\nTMAIL_FROM=Eve <eve@example.com>\nTMAIL_SUBJECT=Hello $(id) `id` 'x'\n" +
		"TMAIL_TEXT=New mail from Eve: Hello $(id) `id` 'x'\n.\n"
	s.notes(noted, first)
	if got := s.m.title(); got != "tmail (3)" {
		t.Errorf("the title is %q", got)
	}

	// Several at once are one notice; what was read elsewhere meanwhile, junk and one's own Sent are none.
	read := s.arrives(inbox, from("Read <read@example.com>", "Read elsewhere"))
	s.arrives(s.folder("work", account.RoleJunk).ID, from("Spam <spam@example.com>", "Spam"))
	s.arrives(s.folder("work", account.RoleSent).ID, from("Me <me@example.com>", "Mine"))
	s.arrives(s.folderNamed("Projects").ID, from("Fay <fay@example.com>", "Project"))
	s.arrives(inbox, from("Gus <gus@example.com>", "One"), from("Gus <gus@example.com>", "Two"))
	if _, err := s.st.Changes.Flag(context.Background(), read, message.Seen, 0); err != nil {
		t.Fatal(err)
	}
	s.Shows("3 new messages: ")
	var second []byte
	s.Await("the program was told of three", func() bool {
		second, _ = os.ReadFile(noted)
		return strings.Contains(string(second), "TMAIL_COUNT=3")
	})
	if strings.Count(string(second), "--new") != 2 || strings.Contains(string(second), "Spam") || strings.Contains(string(second), "Mine") {
		t.Errorf("the program was told\n%s", second)
	}
}

// What was there before is no news, and neither is what one moves and copies oneself.
func TestNoNewsOfOnesOwn(t *testing.T) {
	s := start(t, 120, 30, sample)
	s.Shows("Budget 2027").Idle().Await("the beginning", func() bool { return s.m.news.begun })
	s.Press("j", "C").Type("home inbox").Press("enter").Shows("Copied 1").Press("m").Type("projects").Press("enter").Shows("Moved 1").Idle()
	s.arrives(s.folder("work", account.RoleInbox).ID, from("Eve <eve@example.com>", "Real news"))
	s.Press("g").Shows("New mail from Eve: Real news")
}

// A failed command says so, with its own words a key away.
func TestNotifierThatFails(t *testing.T) {
	s := start(t, 120, 30, sample, func(o *Options) {
		o.Config.Notify = account.Notify{Ways: []account.Way{account.WayCommand}, Command: []string{"/nonexistent/notifier"}}
	})
	s.Shows("Budget 2027").Idle().Await("the beginning", func() bool { return s.m.news.begun })
	s.arrives(s.folder("work", account.RoleInbox).ID, from("Eve <eve@example.com>", "Hello"))
	s.Shows("New mail could not be told of: /nonexistent/notifier failed").Press("!").Shows("no such file")
}

func TestDesktopNotification(t *testing.T) {
	dir := t.TempDir()
	_, noted := script(t, dir, "notify-send")
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	s := start(t, 120, 30, sample, func(o *Options) { o.Config.Notify.Ways = []account.Way{account.WayDesktop} })
	s.Shows("Budget 2027").Idle().Await("the beginning", func() bool { return s.m.news.begun })
	s.arrives(s.folder("work", account.RoleInbox).ID, from("--help <eve@example.com>", "<b>$(reboot)</b> & more"))
	s.notes(noted, "<--app-name=tmail>\n<--icon=mail-unread>\n<-->\n<New mail from --help>\n<&lt;b&gt;$(reboot)&lt;/b&gt; &amp; more>\n.\n")

	// Who looks at tmail sees it there.
	s.feed(tea.FocusMsg{})
	if cmd := s.m.tell(account.WayDesktop, notice{}, store.Folder{}); cmd != nil {
		t.Error("the desktop is told of what is before the person's eyes")
	}
	s.feed(tea.BlurMsg{})
	if cmd := s.m.tell(account.WayTerminal, notice{}, store.Folder{}); cmd == nil {
		t.Error("nothing is told")
	}
}

func TestTerminalNotice(t *testing.T) {
	rows := []store.Row{{From: []message.Address{{Name: "王\x1b]0;x\a;小明"}}, Subject: "a;b\nc\u009b2J\u202e"}}
	n := newNotice(rows)
	for _, c := range []struct{ env, want string }{
		{"TERM=xterm-256color", "\x1b]9;tmail: New mail from 王�;小明: a;b c��\a"},
		{"TERM=xterm-kitty", "\x1b]99;i=tmail:d=0:e=1;TmV3IG1haWwgZnJvbSDnjovvv7075bCP5piO\a\x1b]99;i=tmail:p=body:e=1;YTtiIGPvv73vv70=\a"},
		{"TERM=foot", "\x1b]777;notify;New mail from 王�,小明;a,b c��\a"},
		{"TERM=xterm-256color VTE_VERSION=7600", "\x1b]777;notify;New mail from 王�,小明;a,b c��\a"},
		{"TERM=xterm-256color TERM_PROGRAM=WezTerm", "\x1b]777;notify;New mail from 王�,小明;a,b c��\a"},
		{"TERM=tmux-256color TMUX=/tmp/x", "\x1bPtmux;\x1b\x1b]9;tmail: New mail from 王�;小明: a;b c��\a\x1b\\"},
		{"TERM=screen STY=1", "\x1bP\x1b]9;tmail: New mail from 王�;小明: a;b c��\a\x1b\\"},
		{"TERM=linux", ""},
		{"TERM=dumb", ""},
	} {
		env := map[string]string{}
		for _, e := range strings.Fields(c.env) {
			name, value, _ := strings.Cut(e, "=")
			env[name] = value
		}
		if got := terminalNotice(func(name string) string { return env[name] }, n); got != c.want {
			t.Errorf("%s: %q\nwant %q", c.env, got, c.want)
		}
	}
}

// Whatever mail says, a notice is one sequence: it ends where tmail ends it.
func FuzzTerminalNotice(f *testing.F) {
	f.Add("Ann", "Budget", "TERM=xterm")
	f.Add("\x1b\\", "\a\x07\x9c", "xterm-kitty")
	f.Fuzz(func(t *testing.T, name, subject, term string) {
		n := newNotice([]store.Row{{From: []message.Address{{Name: name, Addr: name}}, Subject: subject}})
		seq := terminalNotice(func(key string) string {
			if key == "TERM" {
				return term
			}
			return ""
		}, n)
		for _, one := range strings.SplitAfter(seq, "\a") {
			inside := strings.TrimSuffix(strings.TrimPrefix(one, "\x1b]"), "\a")
			if strings.ContainsFunc(inside, unicode.IsControl) || !utf8.ValidString(inside) {
				t.Errorf("%q is more than one sequence", seq)
			}
		}
		for _, e := range notifierEnv(n, store.Folder{Name: subject}) {
			if strings.ContainsAny(e, "\x00\n\r\x1b") {
				t.Errorf("the environment holds %q", e)
			}
		}
	})
}

func TestNoticeOfMany(t *testing.T) {
	var rows []store.Row
	for i := range 40 {
		rows = append(rows, store.Row{Date: clock.Add(time.Duration(i)), From: []message.Address{{Name: fmt.Sprintf("Person %d", i%20)}}})
	}
	n := newNotice(rows)
	if n.title != "40 new messages" || !strings.HasPrefix(n.body, "Person 19, Person 18, ") || !strings.HasSuffix(n.body, "…") || strings.Count(n.body, "Person 19") != 1 {
		t.Errorf("%q", n.text())
	}
}
