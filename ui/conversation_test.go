package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// turn is a message of a conversation: n of name, in answer to all before it.
func turn(name string, n int, from, subject, body string, ago time.Duration, flags message.Flags) letter {
	refs := ""
	for i := range n {
		refs += fmt.Sprintf(" <%s-%d@talk>", name, i)
	}
	extra := "Content-Type: text/plain; charset=utf-8\r\n"
	if refs != "" {
		extra += "References:" + refs + "\r\n"
	}
	return letter{from: from, to: "me@example.com", subject: subject, body: body, ago: ago, flags: flags, extra: extra,
		id: fmt.Sprintf("%s-%d@talk", name, n)}
}

const ann, dora, wang = "Ann Archer <ann@example.com>", "Dora Diaz <dora@example.com>", "王小明 <wxm@example.com>"

// talking is the sample with two conversations: one about a boat, to which an answer lies in Sent, and a Chinese one.
func talking(t testing.TB, st *store.Store) {
	sample(t, st)
	deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 200,
		turn("boat", 0, ann, "The boat", "Who has the key to the boathouse?\n", 5*time.Hour, message.Seen),
		turn("boat", 2, dora, "Re: The boat", "It hangs where it always hung.\n", 3*time.Hour, 0),
		turn("boat", 3, ann, "Re: The boat", "Found it. Saturday, then?\n", 2*time.Hour, 0),
		turn("trip", 0, wang, "上海出差", "下周三去上海，机票订好了吗？\n", 6*time.Hour, message.Seen),
		turn("trip", 1, wang, "回复：上海出差", "酒店也一起订吧。\n", 5*time.Hour+30*time.Minute, message.Seen))
	deliver(t, st, roleFolder(t, st, "work", account.RoleSent), 200,
		turn("boat", 1, "Me Myself <me@example.com>", "Re: The boat", "Not I.\n", 4*time.Hour, message.Seen))
}

// seen awaits that a message in the Inbox is read, known by its first words.
func (s *screen) seen(words string) *screen {
	s.t.Helper()
	inbox := roleFolder(s.t, s.st, "work", account.RoleInbox)
	return s.Await(words+" is read", func() bool {
		rows, err := s.st.Index.Newest(context.Background(), inbox, 100)
		return err == nil && slices.ContainsFunc(rows, func(r store.Row) bool { return strings.HasPrefix(r.Preview, words) && r.Flags.Has(message.Seen) })
	})
}

// textsRead awaits the texts in sight of a conversation, also of one of which only the head fits.
func (s *screen) textsRead() *screen {
	s.t.Helper()
	return s.Await("texts in sight", func() bool {
		return !slices.ContainsFunc(s.m.reader.posts, func(p *post) bool { return p.asked && p.content == nil })
	})
}

func TestGoldenConversations(t *testing.T) {
	for _, size := range sizes {
		s := start(t, size.width, size.height, talking)
		s.Shows("The boat").Press("j", "j").Idle().Looks("conversations")
		s.Press("enter").Shows("It hangs where").textsRead().Idle().Looks("conversation")
	}
}

func TestChineseConversation(t *testing.T) {
	lang.Use("zh")
	t.Cleanup(func() { lang.Use("en") })
	s := start(t, 80, 24, talking)
	s.Shows("上海出差").Press("j", "j", "j", "enter").Shows("酒店也一起订吧").Press("*").Shows("机票订好了吗").Idle().Looks("chinese-conversation")
}

// One view has all messages of all folders: read ones in a line, unread ones whole; what was seen counts as read.
func TestConversation(t *testing.T) {
	s := start(t, 80, 24, talking)
	s.Shows("The boat", "(4)").Press("j", "j", "enter").Shows("4 messages", "Not I.", "It hangs where", "Found it. Saturday").Idle()
	if strings.Contains(s.text(), "<ann@example.com>") == false || strings.Contains(s.text(), "Me Myself <me@") {
		t.Errorf("what was read is not in one line, or what was not is:\n%s", s.text())
	}
	s.seen("It hangs")
	s.Press("p").Press("enter").Shows("Me Myself <me@example.com>").Press("enter").Hides("Me Myself <me@example.com>")
	s.Press("*").Shows("Who has the key").Press("*").Hides("Dora Diaz <dora@")
}

// Keys act on the message under the cursor, or on all messages of the conversation in its folder.
func TestActingInConversations(t *testing.T) {
	s := start(t, 80, 24, talking)
	s.Shows("The boat").Press("j", "j", "enter").Shows("Found it. Saturday").Idle()
	s.Press("n").Press("d").Shows("Moved 1", "3 messages").Hides("Found it.").Idle()
	s.holds("work", account.RoleTrash, "Re: The boat", true)
	s.Press("u").Shows("Found it.", "4 messages").Idle().holds("work", account.RoleTrash, "Re: The boat", false)
	s.Press("X").Shows("all 3 messages in Inbox").Press("e").Shows("Moved 3 to Archive").Idle()
	s.holds("work", account.RoleInbox, "The boat", false).holds("work", account.RoleSent, "Re: The boat", true)
	s.Press("u", "esc").Shows("The boat", "(4)").Idle()
}

// In the list a key takes all messages of the conversation that lie in the folder.
func TestActingOnConversations(t *testing.T) {
	s := start(t, 120, 24, talking)
	s.Shows("The boat").Press("j", "j", "d").Shows("Moved 3 to Trash").Idle().holds("work", account.RoleSent, "Re: The boat", true)
	s.Press("u").Shows("(4)").Idle()
	all := len(s.m.list.withRest(s.m.list.ids))
	s.Press("g", "j", "j", "x").Shows("Inbox  3 selected").Press("*").Shows(fmt.Sprintf("all %d messages", all)).Press("a").Shows(fmt.Sprintf("Inbox  %d selected", all)).Press("esc").Idle()
	s.Press("g", "j", "j")
	s.Press("t").Shows("Each message by itself", "It hangs where").Idle().Press("d").Shows("Moved 1 to Trash").Press("u").Idle()
	s.Press("t").Shows("Conversations", "(4)").Idle()
}

// What is muted says so, and is heard again by undo.
func TestMuting(t *testing.T) {
	s := start(t, 120, 24, talking)
	s.Shows("The boat").Press("j", "j", "M").Shows("Muted: what comes", "muted  Re: The boat").Idle()
	inbox := roleFolder(t, s.st, "work", account.RoleInbox)
	deliver(t, s.st, inbox, 300, turn("boat", 4, dora, "Re: The boat", "One more word.\n", time.Hour, 0))
	s.seen("One more word")
	s.Shows("(5)").Press("u").Shows("heard again").Hides("muted  Re:")
}

// What arrives while a conversation is read stands in it, and the place on the screen stays.
func TestArrivingInAConversation(t *testing.T) {
	s := start(t, 80, 24, talking)
	s.Shows("The boat").Press("j", "j", "enter").Shows("Found it. Saturday").Idle()
	deliver(t, s.st, roleFolder(t, s.st, "work", account.RoleInbox), 300, turn("boat", 4, dora, "Re: The boat", "One more word.\n", time.Hour, 0))
	s.feed(changedStore{})
	s.Shows("5 messages", "It hangs where").Press("*", "G").Shows("One more word.")
}

// How the list looks is kept for the next run.
func TestThreadsAreRemembered(t *testing.T) {
	dir := t.TempDir()
	if recall(dir).Flat {
		t.Error("conversations are not what one begins with")
	}
	if err := (remembered{Flat: true}).keep(dir); err != nil || !recall(dir).Flat {
		t.Errorf("%v, %+v", err, recall(dir))
	}
}

func TestShortNames(t *testing.T) {
	s := start(t, 80, 24, sample)
	var people []store.Person
	for _, p := range []string{"Ann Archer", "", "Bob Baker", "王小明", "Christopher Columbus"} {
		people = append(people, store.Person{Address: message.Address{Name: p, Addr: "me@example.com"}})
		if p != "" {
			people[len(people)-1].Addr = p + "@example.org"
		}
	}
	for room, want := range map[int]string{60: "Ann, me, Bob, 王小明, Christopher", 30: "Ann, …, 王小明, Christopher", 21: "Ann, …, Christopher", 3: "Ann, …"} {
		var got []string
		for _, n := range s.m.shortNames(people, room) {
			got = append(got, string(n.name))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("in %d columns %q, want %q", room, got, want)
		}
	}
	again := []store.Person{people[0], {Address: message.Address{Name: "Ann Archer", Addr: "ann@other.example"}, Unread: true}}
	if got := s.m.shortNames(again, 60); len(got) != 1 || got[0].name != "Ann Archer" || !got[0].unread {
		t.Errorf("two addresses of one name are %v", got)
	}
	if got := s.m.shortNames(append(again, people[2], people[1], people[1]), 60); len(got) != 3 || got[0].name != "Ann" {
		t.Errorf("they and others are %v", got)
	}
}

// long is a conversation of n unread messages.
func long(n int) mailbox {
	return func(t testing.TB, st *store.Store) {
		sample(t, st)
		var letters []letter
		for i := range n {
			l := turn("long", min(i, 5), ann, "Re: A long story", strings.Repeat("And then something else happened.\n", 20), time.Hour+time.Duration(n-i)*time.Minute, 0)
			l.id = fmt.Sprintf("long-n%d@talk", i)
			if i == 0 {
				l.id = "long-0@talk"
			}
			letters = append(letters, l)
		}
		deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 200, letters...)
	}
}

// From the key to the first screen of a conversation of five hundred unread messages.
func BenchmarkConversationOf500(b *testing.B) {
	s := start(b, 120, 40, long(500))
	s.Shows("(500)").Idle().Press("j", "j")
	for b.Loop() {
		b.StopTimer()
		s.m.contents = newContents()
		b.StartTimer()
		s.Press("enter").Shows("something else happened")
		b.StopTimer()
		s.Press("esc").Idle()
		s.m.reader.leave()
		ids := s.m.list.withRest([]store.ID{s.m.list.current()})
		if _, err := s.st.Changes.Flag(context.Background(), ids, 0, message.Seen); err != nil {
			b.Fatal(err)
		}
		s.m.reader.leave()
		s.feed(changedStore{})
		s.Idle()
		b.StartTimer()
	}
}
