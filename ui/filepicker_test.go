package ui

import (
	"os"
	"path/filepath"
	"testing"
)

// files makes empty files below the directory of a test, folders for names that end in a slash.
func (s *screen) files(names ...string) {
	s.t.Helper()
	for _, name := range names {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			s.t.Fatal(err)
		}
		if name[len(name)-1] == '/' {
			os.Mkdir(path, 0o700)
		} else if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *screen) attachedNames() (names []string) {
	for _, f := range s.m.composer.draft.Files {
		names = append(names, f.Name)
	}
	return names
}

// Without knowing anything of paths one goes down into folders and takes files.
func TestFilesArePicked(t *testing.T) {
	s := start(t, 80, 24, sample)
	t.Setenv("HOME", s.dir)
	s.files("Letters/plan.pdf", "Letters/Old plan.txt", "Letters/.hidden", "Letters/deep/", "notes.txt")
	s.Shows("Budget 2027").Press("c", "ctrl+t").Shows("Attach  ~/", "Letters/", "notes.txt", "enter open").Hides(".hidden")
	s.Type("lett").Shows("▌  Letters/").Hides("notes.txt").Press("enter").Shows("Attach  ~/Letters/", "plan.pdf", "Old plan.txt", "deep/")
	s.Type("plan").Shows("▌  plan.pdf").Press("ctrl+t", "ctrl+t").Shows("✓ Old plan.txt", "✓ plan.pdf", "enter attach 2").Press("enter")
	s.Shows("Attached", "plan.pdf 16 B", "Old plan.txt 20 B")
	s.Press("ctrl+t").Type("Letters/.h").Shows("▌  .hidden").Press("enter").Shows(".hidden 15 B")
	if names := s.attachedNames(); len(names) != 3 || names[0] != "plan.pdf" || names[1] != "Old plan.txt" {
		t.Errorf("attached %q", names)
	}
	s.Press("ctrl+t").Type("notes.txt").Shows("▌  notes.txt").Press("ctrl+t").Shows("✓ notes.txt", "Letters/")
	s.Type("Letters/plan").Shows("▌  plan.pdf").Press("ctrl+t", "enter").Shows("notes.txt 9 B")
}
