package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSavingHostileNames saves attachments of every hostile name into a folder: each becomes one new file there,
// and nothing outside of it, behind a link or there before changes.
func TestSavingHostileNames(t *testing.T) {
	stems := []string{
		"../../escape", "/etc/escape", "..\\..\\escape", "C:\\escape", "..", ".", "", ".bashrc", "~", "-rf", "a\x00b", "a\nb", "a\x1b[2Jb", "a\u202egpj", "a\u2215b",
		"a\uff0fb", "$(touch owned)", "`touch owned`", ";touch owned;", "|touch owned", "* ?", "\"", "'", "CON", "nul.txt", "name:stream", "a/../b", "kept", "linked", "folder",
		strings.Repeat("x", 300), strings.Repeat("会", 200), "\xff\xfe", "a.pdf      .exe", "http://evil.example/x",
	}
	var names []string
	for _, ending := range []string{"", ".txt", ".", "/", ".desktop", "\u202etxt.exe", "%2f", "\u200b", " ", "/..", ".PDF", "\r\n", ":", "&", "|sh"} {
		for _, stem := range stems {
			names = append(names, stem+ending)
		}
	}
	if len(names) < 500 {
		t.Fatalf("%d names only", len(names))
	}
	var raw strings.Builder
	raw.WriteString("From: x@evil.example\nContent-Type: multipart/mixed; boundary=b\n\n")
	for _, name := range names {
		raw.WriteString("--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''")
		for i := range len(name) {
			fmt.Fprintf(&raw, "%%%02X", name[i])
		}
		raw.WriteString("\n\nthe file\n")
	}
	around := t.TempDir()
	dir := filepath.Join(around, "in", "here")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "folder"), 0o700), os.WriteFile(filepath.Join(around, "outside"), []byte("outside"), 0o600),
		os.WriteFile(filepath.Join(dir, "kept"), []byte("kept"), 0o600), os.Symlink(filepath.Join(around, "outside"), filepath.Join(dir, "linked")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := tmail(t, raw.String(), "show", "--save", dir, "-"); got.code != 0 || strings.ContainsAny(got.stdout, "\x1b\u202e\x00\r") {
		t.Fatalf("ended with %d: %s %q", got.code, got.stderr, got.stdout)
	}
	saved, err := os.ReadDir(dir)
	if err != nil || len(saved) != len(names)+3 {
		t.Errorf("%d files for %d names, %v", len(saved)-3, len(names), err)
	}
	for _, file := range saved {
		if name := file.Name(); strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "\\:*?\"<>|\x00\n\x1b") {
			t.Errorf("a file is called %q", name)
		}
	}
	if list, err := os.ReadDir(around); err != nil || len(list) != 2 {
		t.Errorf("around the folder there are now %v, %v", list, err)
	}
	for path, want := range map[string]string{filepath.Join(around, "outside"): "outside", filepath.Join(dir, "kept"): "kept"} {
		if content, err := os.ReadFile(path); err != nil || string(content) != want {
			t.Errorf("%s is now %q, %v", path, content, err)
		}
	}
}
