package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"tmail/account"
	"tmail/message"
	"tmail/message/safe"
)

// hostileNames are file names that want out of the folder, over another file or into a shell.
func hostileNames() []string {
	stems := []string{
		"../../escape", "/etc/escape", "..\\..\\escape", "C:\\escape", "\\\\host\\share\\x", "..", ".", "", "...", ".. ", ".bashrc", "~", "~root", "-rf", "--help",
		"a\x00b", "a\nb", "a\rb", "a\tb", "a\x1b[2Jb", "a\u202egpj", "a\u200bb", "a\u2044b", "a\u2215b", "a\uff0fb", "a\uff3cb", "a\u0085b", "\ufeffa",
		"$(touch owned)", "`touch owned`", ";touch owned;", "|touch owned", "&touch owned&", "a && touch owned", "'; touch owned; '", "\"; touch owned; \"", "${IFS}", "%PATH%", "*", "?", "[a]", "{a,b}",
		"> owned", "< /etc/passwd", "a b", "a\\ b", "a'b", "a\"b", "#!a", "!!", "^a^b", "CON", "nul", "COM1", "LPT9", "aux.h", "con .x", "name:stream", "a/", "a//b", "./a", "a/../b",
		"http://evil.example/x", "file:///etc/passwd", "mailto:a@b", "kept", "linked", "folder", "KEPT", strings.Repeat("x", 300), strings.Repeat("会", 200), "a" + strings.Repeat("\u0301", 200),
		"\xff\xfe", "a%2f..%2fb", "a%00b", "=?utf-8?Q?=2E=2E=2Fx?=", "a.txt\u0000.exe", "a.pdf      .exe", "fdp.exe",
	}
	var names []string
	for _, stem := range stems {
		for _, ending := range []string{"", ".txt", ".", "/", ".desktop", "\u202etxt.exe"} {
			names = append(names, stem+ending)
		}
	}
	return append(names, stems[:30]...) // once more: never over what was saved
}

// TestHostileFileNames saves a file under every hostile name: each time exactly one new file appears in the folder,
// nothing outside of it, and nothing that was there changes.
func TestHostileFileNames(t *testing.T) {
	names := hostileNames()
	if len(names) < 500 {
		t.Fatalf("%d names only", len(names))
	}
	s := start(t, 80, 24, sample)
	inbox := s.folder("work", account.RoleInbox)
	around := t.TempDir()
	dir := filepath.Join(around, "in", "here")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{filepath.Join(around, "outside"): "outside", filepath.Join(dir, "kept"): "kept", filepath.Join(dir, "kept.txt"): "kept"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range []string{"linked", "linked.txt"} {
		if err := os.Symlink(filepath.Join(around, "outside"), filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	body := "--b\nContent-Type: text/plain\n\nx\n"
	for _, name := range names {
		body += "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''" + percent(name, '%') + "\n\nthe file\n"
	}
	ids := deliver(t, s.st, inbox.ID, 900, letter{from: "x@evil.example", to: "me@example.com", subject: "Files", extra: "Content-Type: multipart/mixed; boundary=b\r\n", body: body + "--b--\n"})
	raw, err := rawMessage(context.Background(), s.st, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	msg, err := message.Read(raw)
	if err != nil || len(msg.Attachments) != len(names) {
		t.Fatal(len(msg.Attachments), err)
	}
	_ = raw.Close()
	before := len(entries(t, dir))
	for i, p := range msg.Attachments {
		if i >= 120 && i%10 != 0 && os.Getenv("TMAIL_TEST_LONG") == "" {
			// reading the message to its part is what takes time: the names alone are tried of the rest
			checkName(t, names[i], safe.FileName(partName(p)))
			continue
		}
		path, err := savePart(context.Background(), s.st, ids[0], p.ID, dir, safe.FileName(partName(p)))
		if err != nil {
			t.Fatalf("%q: %v", names[i], err)
		}
		checkName(t, names[i], filepath.Base(path))
		info, err := os.Lstat(path)
		if err != nil || filepath.Dir(path) != dir || !info.Mode().IsRegular() || info.Mode().Perm()&0o111 != 0 {
			t.Fatalf("%q was saved as %q: %v", names[i], path, err)
		}
		if content, err := os.ReadFile(path); err != nil || string(content) != "the file" {
			t.Errorf("%q holds %q, %v", path, content, err)
		}
		if now := len(entries(t, dir)); now != before+1 {
			t.Fatalf("%q: %d new files", names[i], now-before)
		}
		before++
	}
	if got := entries(t, around); len(got) != 2 {
		t.Errorf("around the folder there are now %q", got)
	}
	for file, want := range map[string]string{filepath.Join(around, "outside"): "outside", filepath.Join(dir, "kept"): "kept", filepath.Join(dir, "kept.txt"): "kept"} {
		if content, err := os.ReadFile(file); err != nil || string(content) != want {
			t.Errorf("%s is now %q, %v", file, content, err)
		}
	}
}

func checkName(t *testing.T, from, name string) {
	t.Helper()
	bad := func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != 0x200d && r != 0x200c
	}
	if name == "" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "/\\:*?\"<>|") || strings.ContainsFunc(name, bad) || len(name) > 255 {
		t.Errorf("%q was saved as %q", from, name)
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// TestOpeningReachesNoShell opens files of hostile names with a program in the place of the system's: it gets each
// path as one argument, and nothing else runs.
func TestOpeningReachesNoShell(t *testing.T) {
	dir := t.TempDir()
	note := filepath.Join(dir, "notes")
	script := fmt.Sprintf("#!/bin/sh\nprintf '%%s|%%s\\n' \"$#\" \"$1\" >> %q\n", note)
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Chdir(dir)
	want := ""
	for i, name := range hostileNames() {
		if i%6 > 0 || i > 300 {
			continue
		}
		path := filepath.Join(dir, safe.FileName(name))
		if err := systemOpener(path).Run(); err != nil {
			t.Skipf("no opener of that name here: %v", err)
		}
		want += "1|" + path + "\n"
	}
	got, err := os.ReadFile(note)
	if err != nil || string(got) != want {
		t.Errorf("the opener got\n%s\nnot\n%s(%v)", got, want, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "owned")); err == nil {
		t.Error("a shell ran a file name")
	}
}
