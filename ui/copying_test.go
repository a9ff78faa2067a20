package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tmail/account"
	"tmail/store"
)

// slowly begins to copy files for the message being written; they are there when what it returns is called.
func (s *screen) slowly(begun bool, name string) (there func()) {
	s.t.Helper()
	cmd := s.m.copying(func(ctx context.Context, st *store.Store) attached {
		file, err := st.Drafts.Attach(ctx, name, "text/plain", strings.NewReader("content"))
		return attached{files: []store.Attachment{file}, err: err, begun: begun}
	})
	return func() { s.msgs <- cmd() }
}

// A message waits for the files that are being copied for it: it would go without them.
func TestSentWithFilesStillCopied(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab").Type("With a file")
	there := s.slowly(false, "late.txt")
	s.Press("ctrl+x").Shows("as soon as the files are attached", "attaching")
	if got := s.subjects("work", account.RoleOutbox); len(got) != 0 {
		t.Fatalf("left already: %q", got)
	}
	there()
	s.Shows("Leaves in").holds("work", account.RoleOutbox, "With a file", true)
	if _, msg := s.outgoing(); len(msg.Attachments) != 1 || msg.Attachments[0].Name != "late.txt" {
		t.Errorf("attached: %+v", msg.Attachments)
	}
}

// A draft that was left while files were copied has them, and the program ends only then.
func TestLeftWithFilesStillCopied(t *testing.T) {
	for _, quits := range []bool{false, true} {
		s := start(t, 100, 30, sample)
		s.Shows("Budget 2027").Press("c").Press("tab", "tab", "tab").Type("Half done")
		there := s.slowly(true, "late.txt")
		s.Press("esc").Shows("Draft kept")
		if quits {
			s.Press("ctrl+c").Idle()
			if s.quit {
				t.Fatal("ended too early")
			}
		}
		there()
		s.Await("the file in the draft", func() bool {
			d, err := s.st.Drafts.List(context.Background(), "work")
			return err == nil && len(d) == 1 && len(d[0].Files) == 1
		})
		if quits {
			s.Await("the end", func() bool { return s.quit })
		}
	}
}

// A forward with attachments that was only looked at leaves no draft.
func TestUntouchedForwardIsDropped(t *testing.T) {
	s := start(t, 100, 40, sample)
	for _, key := range []string{"f", "F", "alt+e"} {
		s.Shows("Budget 2027").Press("g", "j", key).Shows("Attached").Press("esc").Shows("Budget 2027").Idle()
	}
	if got := s.subjects("work", account.RoleDrafts); len(got) != 0 {
		t.Errorf("drafts: %q", got)
	}
	s.Press("f").Shows("Attached").Type("x@example.com").Press("esc").holds("work", account.RoleDrafts, "Fwd: Budget 2027", true)
}

// A path that is pasted whole needs no quotes, whatever it holds.
func TestPastedPathWithSpaces(t *testing.T) {
	s := start(t, 100, 30, sample)
	path := filepath.Join(s.dir, "计划 of 2027.txt")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Shows("Budget 2027").Press("c", "tab", "tab", "tab", "tab")
	s.Paste(path + "\n")
	s.Shows("Attached", "计划 of 2027.txt")
	s.Paste("/no such file\n")
	s.Shows("/no such file")
}

// A path typed behind the one that stands there takes its place, as does one that is pasted.
func TestPickerTakesAnotherPath(t *testing.T) {
	s := start(t, 100, 30, sample)
	path := filepath.Join(s.dir, "计划 of 2027.txt")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Shows("Budget 2027").Press("c", "ctrl+t").Shows("Attach  ~/").Type(s.dir+"/").Shows("Attach  "+s.dir, "计划 of 2027.txt")
	s.Type("/~/").Shows("Attach  ~/").Hides("计划")
	s.Paste("'" + path + "'").Shows("▌  计划 of 2027.txt").Press("enter").Shows("Attached  计划 of 2027.txt")
}

// Many attachments go beyond the edge; the one that is to be taken off is in sight.
func TestAttachmentUnderTheCursorIsInSight(t *testing.T) {
	s := start(t, 40, 14, sample)
	s.Shows("会议纪要").Press("c")
	for _, name := range []string{"one.txt", "two.txt", "three.txt", "four.txt"} {
		s.slowly(false, name)()
		s.Await(name, func() bool {
			n := len(s.m.composer.draft.Files)
			return n > 0 && s.m.composer.draft.Files[n-1].Name == name
		})
	}
	s.Shows("one.txt").Hides("four.txt").Press("tab", "tab", "tab", "tab", "right", "right", "right").Shows("four.txt").Hides("one.txt")
}

// A message waits also until it is known whether what was pasted into it names files.
func TestSentWithPathsJustPasted(t *testing.T) {
	s := start(t, 100, 30, sample)
	path := filepath.Join(s.dir, "plan.txt")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Shows("Budget 2027").Press("c").Type("x@example.com").Press("tab", "tab", "tab").Type("With a file").Press("tab")
	known := s.m.pastePaths(path, []string{path})
	s.Press("ctrl+x").Shows("as soon as the files are attached")
	s.msgs <- known()
	s.Shows("Leaves in").holds("work", account.RoleOutbox, "With a file", true)
	if _, msg := s.outgoing(); len(msg.Attachments) != 1 || msg.Attachments[0].Name != "plan.txt" {
		t.Errorf("attached: %+v", msg.Attachments)
	}
}

// What is no file is not opened: a pipe would keep the message, and the program, waiting for good.
func TestPipeIsNotAttached(t *testing.T) {
	s := start(t, 100, 30, sample)
	for _, path := range []string{os.DevNull, "/dev/zero", s.dir} {
		if _, err := attachFile(context.Background(), s.st, path); err == nil || !strings.Contains(Sentence(err), "is ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
