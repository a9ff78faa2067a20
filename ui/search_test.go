package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailsync"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

func TestSearchAsOneTypes(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("/").Shows("Search Inbox", "plan 2024-11", "has:attachment")
	s.Type("wxm").Shows("“wxm”  1 found").Hides("Budget 2027", "plan 2024-11").Press("enter", "esc").Shows("Budget 2027")
	s.Press("/").Type("zzz").Shows("Not in Inbox: ctrl+e looks everywhere")
	s.Press("ctrl+e").Shows("Search everywhere", "Nothing found anywhere").Press("esc").Shows("Budget 2027")
}

// The cursor and the window are as they were, whatever was found meanwhile.
func TestLeavingASearchIsBackWhereOneWas(t *testing.T) {
	s := start(t, 100, 30, large(300))
	s.Shows("Budget 2027")
	for range 60 {
		s.Press("j")
	}
	s.Shows("Report 54").Idle()
	list := func() (rows []string) {
		for _, row := range s.lines()[1:] {
			_, row, _ = strings.Cut(row, "│")
			rows = append(rows, row)
		}
		return rows
	}
	before := list()
	s.Press("/").Type("subject:budget").Shows("1 found").Press("enter", "enter").Shows("here is the sheet").Press("esc", "esc").Idle()
	if got := list(); !slices.Equal(got, before) {
		t.Errorf("before:\n%q\nafterwards:\n%q", before, got)
	}
	s.Press("/").Type("dora").Shows("1 found").Press("esc").Idle()
	if got := list(); !slices.Equal(got, before) {
		t.Errorf("before:\n%q\nafter esc:\n%q", before, got)
	}
}

func TestSearchByInputMethod(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("／").Shows("Search Inbox")
	s.Paste("会议").Shows("2 found").Paste(" 发件人：").Shows("2 found").Paste("王").Shows("1 found", "发件人:wxm@example.com")
	s.Press("tab").Shows("会议 发件人:wxm@example.com").Press("enter").Idle()
	if got := s.m.list.current(); got != s.row("会议纪要").ID {
		t.Errorf("the cursor is on %v", got)
	}
}

// What cannot be read is said, and what was found stays.
func TestSearchWithMistakes(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("/").Type("plan").Shows("Release plan", "2 found")
	s.Type(" before:never").Shows("“never” is no date").Shows("Release plan")
	s.Press("ctrl+w", "ctrl+w").Type("\"(((OR from: -").Shows("Search Inbox")
	s.Paste(strings.Repeat("x", 1<<20)).Shows("too long to be searched for")
	s.Press("esc").Shows("Budget 2027", "Dora")
}

func TestSearchOffersOperators(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("/").Type("fr").Shows("who sent it").Press("tab").Type("an").Shows("from:ann@example.com")
	s.Press("tab").Shows("from:ann@example.com").Shows("1 found").Hides("Dora")
	s.Type(" is:").Shows("is:unread", "is:starred").Press("down", "tab").Shows("is:starred", "Not in Inbox")
	s.Press("ctrl+u").Shows("plan 2024-11").Press("down", "down", "tab").Shows("has:attachment larger:1M")
	s.Press("ctrl+u").Type("in:pro").Shows("in:Projects/项目").Press("tab").Shows("in:Projects")
	s.Press("ctrl+u").Type("date:2026-1").Shows("date:2026-11", "date:2026-10")
}

// Everywhere, the folder of each is shown; what is done to one leaves it among the results.
func TestSearchEverywhere(t *testing.T) {
	s := start(t, 120, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliver(t, st, roleFolder(t, st, "work", account.RoleArchive), 1,
			letter{from: "Ann Archer <ann@example.com>", to: "me@example.com", subject: "Old plan", ago: 700 * 24 * time.Hour, flags: message.Seen, body: "the plan of then\n"})
	})
	s.Shows("Budget 2027").Press("/").Type("subject:plan").Shows("1 found").Press("ctrl+e").Shows("2 found", "Old plan", "Archive").Press("enter")
	s.Shows("Everywhere  “subject:plan”  2 found")
	s.Press("e").Shows("Moved 1 to Archive").holds("work", account.RoleArchive, "Re: Release plan", true)
	s.Shows("Archive      Re: Release plan")
	if got := s.m.list.current(); got != s.row("Old plan").ID {
		t.Errorf("the cursor is on %v", got)
	}
	s.Press("u").holds("work", account.RoleInbox, "Re: Release plan", true).Press("ctrl+e").Shows("“subject:plan”  1 found")
}

func TestOrderOfResults(t *testing.T) {
	s := start(t, 120, 30, sample)
	s.Shows("Budget 2027").Press("/").Type("plan").Shows("2 found").Press("enter", "o").Shows("best match first").Press("b").Shows("“plan order:best”  2 found")
	s.Await("the subject counts more", func() bool { return s.m.list.current() == s.row("Release plan").ID })
	s.Press("o").Shows("Order, now best match first").Press("s").Shows("“plan”  2 found · by sender").Idle()
	if got := s.m.list.current(); got != s.row("Budget 2027").ID {
		t.Errorf("by sender %v is first", got)
	}
}

// The words are marked so that one sees it without colour.
func TestFoundWordsAreMarked(t *testing.T) {
	s := start(t, 120, 30, sample)
	s.m.colourless = true
	s.m.restyle()
	s.Shows("Budget 2027").Press("/").Type("budget ann").Shows("1 found").Press("enter")
	s.Await("marked", func() bool {
		content, _ := s.m.screen()
		return strings.Contains(content, string(bold+underline)+"Budget") && strings.Contains(content, string(bold+underline)+"Ann")
	})
}

// The words are marked in the message, too, and are what finding in it begins with.
func TestFoundWordsInTheMessage(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("/").Paste("会议").Shows("2 found").Press("enter", "enter").Shows("二号会议室")
	if content, _ := s.m.screen(); !strings.Contains(content, string(underline+s.m.look.accent)+"会议") {
		t.Error("the word is not marked")
	}
	s.Press("ctrl+f").Shows("Find  会议")
}

func FuzzMarkFound(f *testing.F) {
	f.Add("budget 预算", "the Budget ", "and 预", "算 too")
	f.Fuzz(func(t *testing.T, words, a, b, c string) {
		q, err := store.ParseQuery(words, clock)
		if err != nil {
			return
		}
		block := message.Block{Spans: []message.Span{{Text: safe.Line(a)}, {Text: safe.Line(b), Style: message.Bold}, {Text: safe.Line(c)}}}
		if got := blockText(markFound(block, q)); got != blockText(block) {
			t.Errorf("%q became %q", blockText(block), got)
		}
	})
}

// What servers find besides is merged in; the cursor stays on its message.
func TestServersAreAsked(t *testing.T) {
	s := start(t, 120, 30, sample)
	answer := make(chan mailsync.Found)
	s.engine.search = func(acct string, folder store.ID, q store.Query) (mailsync.Found, error) {
		if acct != "work" || folder != s.folder("work", account.RoleInbox).ID || q.String() != "subject:plan" {
			t.Errorf("asked %s, %v for %q", acct, folder, q.String())
		}
		return <-answer, nil
	}
	s.Shows("Budget 2027").Press("/").Type("subject:plan").Shows("1 found").Press("enter").Shows("asking the server…")
	at := s.m.list.current()
	answer <- mailsync.Found{IDs: []store.ID{s.row("Budget 2027").ID, s.row("Release plan").ID}}
	s.Shows("+1 from the server", "2 found", "Budget 2027").Idle()
	if s.m.list.current() != at || s.m.list.at.cursor != 1 {
		t.Errorf("the cursor moved to %v in row %d", s.m.list.current(), s.m.list.at.cursor)
	}
	s.Press("esc").Shows("Weekly notes")
}

// What a server finds and is not here is fetched; what does not come is counted.
func TestFoundOnTheServerOnly(t *testing.T) {
	s := start(t, 120, 30, sample)
	come := make(chan bool)
	inbox := s.folder("work", account.RoleInbox).ID
	s.engine.search = func(string, store.ID, store.Query) (mailsync.Found, error) {
		return mailsync.Found{Missing: []mailsync.Finds{{Folder: inbox, UIDs: []uint32{901, 902, 903}}}}, nil
	}
	s.engine.fetch = func([]mailsync.Finds) (mailsync.Found, error) {
		<-come
		return mailsync.Found{IDs: []store.ID{s.row("Budget 2027").ID}, Missing: []mailsync.Finds{{Folder: inbox, UIDs: []uint32{903}}}}, nil
	}
	s.Shows("Budget 2027").Press("/").Type("subject:plan").Shows("1 found").Press("enter").Shows("3 more on the server")
	come <- true
	s.Shows("2 found", "1 more on the server", "Budget 2027").Idle()
}

func TestSavedSearches(t *testing.T) {
	s := start(t, 120, 30, sample)
	s.Shows("Budget 2027").Press("/").Type("subject:plan").Shows("1 found").Press("enter", "S").Shows("Keep this search as").Press("ctrl+u").Type("Pläne").Press("enter")
	s.Shows("The search Pläne stands among the folders", "/ Pläne")
	s.Press("esc").Shows("Weekly notes").toFolder("/ Pläne").Shows("/ Pläne  1 found", "Release plan").Hides("Weekly notes")
	s.Press("enter").Shows("ship on Tuesday").Press("esc", "esc").Shows("/ Pläne  1 found").Press("tab", "tab") // it is a place of its own
	s.m.focus = onFolders
	s.m.folders.choose(savedID(s.m.folders.saved[0]))
	s.Press("R").Shows("Rename Pläne to").Press("ctrl+u").Type("Later").Press("enter").Shows("/ Later  1 found").Hides("/ Pläne") // it is shown on
	s.Press("u").Shows("is called Pläne again", "/ Pläne  1 found").Idle()
	s.m.folders.choose(savedID(s.m.folders.saved[0]))
	s.Press("D").Shows("The search Pläne is gone").Hides("/ Pläne").Press("u").Shows("/ Pläne")
}

func TestSelectMany(t *testing.T) {
	s := start(t, 120, 30, large(300))
	s.Shows("Budget 2027").Press("/").Type("report").Shows("300 found").Press("enter", "*").Shows("all 300 that match", "all from Robot", "robot@example.com").Press("a").Shows("300 selected")
	s.Press("e").Shows("Moved 300 to Archive").Press("u").Shows("Moved 300 back").Press("esc").Shows("Budget 2027").Idle()
	s.Press("*").Shows("all in which 王小明 wrote last").Press("u").Shows("2 selected").Press("*", "i").Shows("304 selected").Press("*", "n").Hides("selected")
	s.Press("j", "*", "s").Shows("1 selected", "Ann Archer").Press("ctrl+a").Shows("306 selected").Press("s").Shows("Starred 305").Press("esc").Hides("selected")
}

// What arrives while messages are chosen does not change which ones.
func TestSelectionStays(t *testing.T) {
	s := start(t, 120, 30, large(300))
	s.Shows("Budget 2027").Press("ctrl+a").Shows("306 selected")
	deliver(t, s.st, roleFolder(t, s.st, "work", account.RoleInbox), 900, letter{from: "new@example.com", to: "me@example.com", subject: "Just in", body: "x"})
	s.Shows("Just in", "306 selected").Press("d").Shows("Moved 306 to Trash", "Just in").Press("u").Shows("Budget 2027")
}

// Unread messages are found beyond the rows that were read, too.
func TestNextUnreadFarAway(t *testing.T) {
	s := start(t, 120, 30, crowd(3000))
	id := s.row("Report 2900").ID
	s.Shows("Budget 2027").Idle()
	if _, err := s.st.Changes.Flag(t.Context(), []store.ID{id}, 0, message.Seen); err != nil {
		t.Fatal(err)
	}
	s.Shows("3 unread").Idle().Press("j", "U").Shows("Report 2900").Idle()
	if got := s.m.list.current(); got != id {
		t.Errorf("the cursor is on %v", got)
	}
	s.Press("A").Shows("Marked 3 as read", "0 unread").Press("U").Shows("No unread message here").Press("u").Shows("3 unread")
}

// Someone remembers a Chinese word and the month of a message of two years ago. The empty line shows how to say that.
func TestNewcomerFindsAnOldMessage(t *testing.T) {
	s := start(t, 80, 24, func(t testing.TB, st *store.Store) {
		large(300)(t, st)
		old := func(subject, body string, days int) letter {
			return letter{from: "=?utf-8?B?6LW15bel?= <zhao@example.com>", to: "me@example.com", subject: subject, body: body, ago: time.Duration(days) * 24 * time.Hour, flags: message.Seen}
		}
		deliver(t, st, roleFolder(t, st, "work", account.RoleArchive), 1,
			old("Roof", "各位：\n\n"+strings.Repeat("施工照旧进行。\n", 30)+"机房屋顶漏水的事处理完了。\n", 738), old("Roof again", "又漏水了。\n", 400))
	})
	s.Shows("Budget 2027").Press("/").Shows("plan 2024-11", "a word, and the month or day")
	s.Paste("漏水").Type(" 2024-11").Shows("Not in Inbox: ctrl+e looks everywhere").Press("ctrl+e").Shows("1 found", "漏水")
	s.Press("ctrl+u").Paste("漏水 十一月").Shows("1 found   Nov of any year").Type(" 2024").Shows("1 found   Nov of any year · 2024-01-01 to 2024-12-31")
	s.Press("enter", "enter").Shows("Roof", "各位").Press("ctrl+f", "enter").Shows("屋顶漏水的事处理完了")
}

// Whatever is typed, the screen is whole, and nothing failed.
func TestHostileSearches(t *testing.T) {
	s := start(t, 80, 24, sample)
	s.Shows("Budget 2027").Press("/")
	parts := []string{`"`, `""`, `'`, `''`, "`", `\`, `*`, `%`, `_`, `(`, `)`, `((((((`, `))))`, `-`, `--`, `- -`, `OR`, `OR OR`, `AND NOT`, `NEAR(a, 3)`, `a:b`, `from:`, `from::`, `from:"`,
		`from:(`, `-from:-`, `in:`, `in:"nowhere`, `is:`, `is:nothing`, `has:`, `has:☃`, `date:`, `date:9999-99-99`, `before:-1`, `after:0`, `larger:`, `larger:-1`, `larger:99999999999999999999G`,
		`'; DROP TABLE message; --`, `" OR 1=1 --`, `body MATCH 'x'`, `{a b} : c`, `^a`, `a + b`, `a NOT b`, "\x00", "\x1b[2J", "\u202eabc", "\ufeff", "😀", "👩‍👩‍👧", "é", "ﬁ", "ß", "İ", "ｆｒｏｍ：ａ", "会", "会 议", "会议\u3000纪要", "ｶﾞ", "한글", "\U0010ffff", "\xff\xfe"}
	for i, part := range parts {
		for _, text := range []string{part, "plan " + part, part + parts[(i+7)%len(parts)]} {
			s.Press("ctrl+u").Paste(text)
			s.lines()
		}
	}
	s.Press("ctrl+u").Paste(strings.Repeat("会议 \"", 200_000)).Shows("too long")
	s.lines()
	if s.Idle(); s.m.status.failed {
		t.Errorf("it failed: %s, %s", s.m.status.text, s.m.status.details)
	}
	s.Press("ctrl+u").Type("budget").Shows("1 found").Press("esc").Shows("Weekly notes")
}

// A conversation is unread when any of its messages is, also one beyond the rows that were read.
func TestNextUnreadInAConversation(t *testing.T) {
	s := start(t, 120, 30, func(t testing.TB, st *store.Store) {
		crowd(3000)(t, st)
		inbox := roleFolder(t, st, "work", account.RoleInbox)
		answer := "Content-Type: text/plain\r\nIn-Reply-To: <none@example.com>\r\nReferences: <root@example.com>\r\n"
		ago := func(days int) time.Duration { return time.Duration(days) * 24 * time.Hour }
		deliver(t, st, inbox, 90_000, letter{from: "a@example.com", to: "me@example.com", subject: "Distant", ago: ago(12), flags: message.Seen, body: "2", extra: answer},
			letter{from: "b@example.com", to: "me@example.com", subject: "Distant, too", ago: ago(13), body: "1", extra: answer})
	})
	s.Shows("Budget 2027").Idle().Press("j", "U").Shows("Distant").Idle()
	if got := s.m.list.current(); got != s.row("Distant").ID {
		t.Errorf("the cursor is on %v, not %v", got, s.row("Distant").ID)
	}
	s.Press("*", "u").Shows("4 selected")
}

// A kept search goes everywhere, also while other words are tried in it.
func TestOtherWordsInASavedSearch(t *testing.T) {
	s := start(t, 100, 30, sample)
	if err := s.st.Search.Save(t.Context(), "Plans", "plan"); err != nil {
		t.Fatal(err)
	}
	s.Shows("/ Plans").toFolder("/ Plans").Shows("/ Plans  2 found").Press("/").Shows("Search / Plans  plan").Type(" ann").Shows("1 found")
	s.Press("ctrl+e").Shows("1 found").Press("ctrl+u").Shows("6 found").Press("esc").Shows("/ Plans  6 found").Press("1").Shows("2 unread of 6")
}
