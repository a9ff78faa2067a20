package ui

import (
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// marked is a mailbox with one long message that begins like a conversation.
func marked(t testing.TB, st *store.Store) {
	sample(t, st)
	deliver(t, st, roleFolder(t, st, "work", account.RoleInbox), 50, letter{from: "Eve <eve@example.com>", to: "me@example.com",
		subject: "Three points", ago: time.Minute, flags: message.Seen,
		body: "First point.\nSecond point.\n\n" + strings.Repeat("一二三四五六七八九十", 20) + "\n\nLast point.\n" + strings.Repeat("more\n", 60)})
}

// body is the text of the message being written, without the signature.
func (s *screen) body() string {
	s.t.Helper()
	if s.m.composer == nil {
		s.t.Fatal("nothing is being written")
	}
	text, _, _ := strings.Cut(s.m.composer.texts[fieldBody].text(), "\n-- \n")
	return text
}

func TestOnlyMarkedLinesAreQuoted(t *testing.T) {
	s := start(t, 80, 24, marked)
	s.Shows("Three points").Press("enter").Shows("First point.").Press("x").Shows("▌ First point.", "r quotes only these")
	s.Press("down", "x").Shows("▌ Second point.").Hides("▌ First point.")
	s.Press("r").Shows("> Second point.")
	if body := s.body(); strings.Contains(body, "First") || strings.Contains(body, "Last") || !strings.Contains(body, "Eve wrote:\n> Second point.") {
		t.Errorf("the answer is %q", body)
	}
}

// A line as drawn is what is marked, though the paragraph goes on; in another width it is all lines with the same words.
func TestMarkedPartOfAParagraph(t *testing.T) {
	s := start(t, 80, 24, marked)
	s.Shows("Three points").Press("enter").Shows("First point.").Press("x", "j", "j", "j", "x", "j").Hides("▌ Second")
	s.Resize(120, 30).Shows("▌ 一二三").Press("r").Shows("> 一二三")
	if body := s.body(); !strings.HasSuffix(strings.TrimSpace(body), "wrote:\n> "+strings.Repeat("一二三四五六七八九十", 20)[:len("一")*2*48]) {
		t.Errorf("the answer is %q", body)
	}
}

func TestMarkingScrollsAndEnds(t *testing.T) {
	s := start(t, 80, 24, marked)
	s.Shows("Three points").Press("enter").Shows("First point.").Press("x", "space", "space").Hides("First point.").Shows("▌ more")
	s.Press("g").Shows("▌ First point.").Hides("▌ Second point.").Press("G").Shows("▌ more")
	s.Press("esc").Hides("▌").Press("r").Shows("First point.")
	if body := s.body(); !strings.Contains(body, "> First point.\n> Second point.") || strings.Count(body, "> more") != 60 {
		t.Errorf("the answer is %q", body)
	}
}

// Marked in a wide window, the words are the same in a narrow one, where they take more lines.
func TestMarkedLinesInANarrowWindow(t *testing.T) {
	s := start(t, 120, 30, marked)
	s.Shows("Three points").Press("enter").Shows("First point.").Press("x", "j", "j", "j", "x").Hides("▌ Second").Shows("▌ 一二三")
	before := s.quoted()
	s.Resize(60, 30).Shows("▌ 一二三")
	if got := s.quoted(); !strings.HasPrefix(got, before) || before == "" {
		t.Errorf("marked was %q, now it is %q", before, got)
	}
}

// quoted is the text that is marked.
func (s *screen) quoted() (text string) {
	for _, b := range s.m.markedPart() {
		text += string(blockText(b))
	}
	return text
}
