package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"tmail/account"
	"tmail/store"
)

// Undo in the message view shows what came back: position, text and the next message belong together.
func TestUndoWhileReading(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "enter").Shows("here is the sheet", "Inbox 2 of 6")
	s.Press("d").Shows("ship on Tuesday").Press("d").Shows("1. parser", "Inbox 2 of 4").Idle()
	s.Press("u").Shows("ship on Tuesday", "Inbox 2 of 5").Press("u").Shows("here is the sheet", "Inbox 2 of 6")
	s.Press("n").Shows("ship on Tuesday", "Inbox 3 of 6")
}

// A list read before a change and arriving after it neither shows what was, nor takes the place to go to with it.
func TestListReadBeforeUndo(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "enter").Shows("here is the sheet", "Inbox 2 of 6")
	s.Press("d").Shows("ship on Tuesday", "Inbox 2 of 5").Idle()
	read := s.m.loadList()
	late := read()
	s.Press("u").Await("taken back", func() bool { return len(s.m.undos) == 0 && !s.m.busy() })
	s.feed(late)
	s.Shows("here is the sheet", "Inbox 2 of 6")
}

// What cannot be undone says so; what was done before it is not undone in its place.
func TestUndoOfDeletedFolder(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("C").Type("proj").Shows("Projects/项目").Press("down", "enter").Shows("Copied 1 to 项目")
	s.Press("shift+tab", "G").Await("on the last folder", func() bool { return folderName(s.m.folders.selected()) != "项目" || s.m.focus == onFolders })
	for folderName(s.m.folders.selected()) != "项目" {
		s.Press("k")
	}
	s.Press("D", "y").Shows("Folder 项目 deleted").Press("u").Shows("was deleted for good; its mail is in Trash").Hides("Took back")
	s.holds("work", account.RoleTrash, "会议纪要", true)
}

// What is undone of a folder that is gone does not stand in the way of what was done before.
func TestUndoBehindADeletedFolder(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("s").Shows("Star removed").Press("shift+tab", "n").Type("Plans").Press("enter").Idle().Shows("Plans").Press("R").Shows("Rename").Press("ctrl+u").Type("Pläne").Press("enter").Shows("Renamed to Pläne").Idle()
	s.Press("D", "y").Shows("Folder Pläne deleted").Press("u").Shows("was deleted for good").Press("u").Shows("it is not there any more")
	for range 3 {
		s.Press("u")
	}
	s.Idle().Shows("Nothing to undo")
}

// A question shows its keys whatever was said before, on the smallest screens too.
func TestQuestionShowsItsKeys(t *testing.T) {
	s := start(t, 40, 12, sample)
	s.Shows("Budget 2027").Press("d", "d").Idle().toFolder("Trash").Shows("Budget 2027")
	s.Press("d").Shows("for ever?", "y yes", "n no")
	s.m.fail(context.DeadlineExceeded)
	s.Shows("y yes", "n no")
}

// An outcome goes with the next key, a countdown counts, and "Fetching" stands until it is known how that went.
func TestOutcomesPass(t *testing.T) {
	now := clock
	s := start(t, 100, 30, sample, func(o *Options) { o.Now = func() time.Time { return now } })
	s.Shows("Budget 2027").Press("j", "s").Shows("Starred 1").Press("j").Hides("Starred 1")

	s.Press("c").Type("ann@example.com").Press("tab", "tab", "tab").Type("Hello").Press("ctrl+x").Shows("Leaves in 10 s · u undo")
	now = now.Add(3500 * time.Millisecond)
	s.Shows("Leaves in 7 s · u undo")
	now = now.Add(time.Minute)
	s.Hides("Leaves in")

	s.Press("ctrl+r").Shows("Fetching…")
	if err := s.st.Accounts.SetStatus(context.Background(), "work", store.Status{Phase: store.PhaseOffline, At: now}); err != nil {
		t.Fatal(err)
	}
	s.Shows("offline").Hides("Fetching…")
}

// While messages are chosen, those unread can still be told, the footer says how it ends, and the message view acts
// on its own message only.
func TestSelectionIsSeenAndKept(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("x", "j", "x").Shows("2 selected", "esc select none", "✓ ●")
	s.Press("g", "j", "enter").Shows("here is the sheet", "Inbox 2 of 6").Hides("2 selected")
	s.Press("d").Shows("Moved 1 to Trash", "ship on Tuesday").Press("esc").Shows("2 selected")
	s.Press("esc").Hides("selected", "select none")
}

func TestSearchSaysHowItEnds(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("/").Type("budget").Press("enter").Shows("1 found", "esc leave the search").Press("esc").Hides("leave the search")
}

// A folder of another account is named with it.
func TestMovedToAnotherAccount(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j", "m").Type("inbox home").Shows("home").Press("enter").Shows("Moved 1 to Inbox (home)")
}

func TestNewFolderIsSelected(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Projects").Press("shift+tab", "n").Shows("New folder in work").Type("Zebra").Press("enter").Shows("Folder Zebra made").Idle()
	if got := s.m.folders.selected().Name; got != "Zebra" {
		t.Errorf("the cursor is on %q", got)
	}
	s.Press("n").Type("inbox").Press("enter").Shows("There is a folder of that name already")
}

// An outgoing message that is thrown away comes back as a draft, and undo says so. Why one did not leave stands in its row.
func TestOutboxRows(t *testing.T) {
	s := start(t, 140, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("ann@example.com").Press("tab", "tab", "tab").Type("Hello").Press("ctrl+x").Shows("Leaves in").Idle()
	id := s.row("Hello").ID
	problem := &store.Problem{Kind: store.ProblemNetwork, Op: "send", Host: "smtp.example.com", Words: "no route", At: clock}
	if err := s.st.Outbox.Mark(context.Background(), id, store.Mark{Status: store.OutDue, Due: clock.Add(time.Minute), Problem: problem}); err != nil {
		t.Fatal(err)
	}
	s.toFolder("Outbox").Shows("Hello — " + strings.TrimSuffix(ProblemText(problem), ".")[:20])
	s.Press("d").Shows("Draft discarded").Press("u").Shows("as a draft, in Drafts").holds("work", account.RoleDrafts, "Hello", true)
}
