package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"tmail/mailtest"
)

// demo runs `tmail demo` in a terminal, with a home directory of its own that must stay empty.
func demo(t *testing.T, columns, rows int, args ...string) (*mailtest.Terminal, string) {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	cmd := exec.Command(path, append([]string{"demo"}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_STATE_HOME=", "VISUAL=", "EDITOR=")
	return mailtest.RunInTerminal(t, columns, rows, cmd), home
}

// The demo opens on an inbox, a message sent from one account arrives in the other without a key pressed, its copy lies
// in Sent, and nothing of one's own is touched.
func TestDemo(t *testing.T) {
	tmail, home := demo(t, 120, 40)
	tmail.Shows("Ann Archer", "王小明", "项目")
	tmail.Press("c").Shows("Subject").Type("home@demo.example").Press("tab", "tab", "tab").Type("From here to there")
	tmail.Press("tab").Type("你好，world").Press("ctrl+x")
	tmail.ShowsNot("你好，world")
	sent := time.Now()
	tmail.Press("2").Shows("From here to there", "of 9")
	t.Logf("it was there %.1f s after ctrl+x; the demo waits one second before it sends", time.Since(sent).Seconds())
	tmail.Press("g", "enter").Shows("你好，world").Press("q", "1").Shows("Ann Archer")
	tmail.Press("q")
	if code := tmail.Ends(); code != 0 {
		t.Errorf("tmail ended with %d", code)
	}
	filepath.WalkDir(home, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("the demo left %s", path)
		}
		return nil
	})
}

// What --keep kept is there again.
func TestDemoKeeps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	tmail, _ := demo(t, 100, 30, "--keep", dir)
	tmail.Shows("Ann Archer").Press("c").Shows("Subject").Press("tab", "tab", "tab").Type("kept for later")
	tmail.Shows("kept for later").Press("esc").ShowsNot("kept for later").Press("q").Ends()
	again, _ := demo(t, 100, 30, "--keep", dir)
	again.Shows("Ann Archer", "Drafts          2").Press("q").Ends()
}

// An external editor gets the whole message and gives it back, also when it fails; then nothing is lost.
func TestExternalEditor(t *testing.T) {
	for name, script := range map[string]string{
		"writes": "#!/bin/sh\nsed -i 's/words of mine/words of the editor/' \"$1\"\n",
		"fails":  "#!/bin/sh\nexit 3\n",
	} {
		t.Run(name, func(t *testing.T) {
			editor := filepath.Join(t.TempDir(), "editor")
			if err := os.WriteFile(editor, []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			path, err := built()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(path, "demo")
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "VISUAL=", "EDITOR="+editor)
			tmail := mailtest.RunInTerminal(t, 80, 24, cmd)
			tmail.Shows("Inbox").Press("c").Shows("Subject").Press("tab", "tab", "tab").Type("about").Press("tab").Type("words of mine")
			tmail.Shows("words of mine").Press("ctrl+e")
			if name == "writes" {
				tmail.Shows("words of the editor", "about")
			} else {
				tmail.Shows("words of mine", "about")
			}
		})
	}
}

// The screen is there again after an editor that ends at once, or is none.
func TestScreenAfterFastEditor(t *testing.T) {
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for _, editor := range []string{"/bin/false", "no-such-editor"} {
		t.Run(filepath.Base(editor), func(t *testing.T) {
			cmd := exec.Command(path, "demo")
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "VISUAL=", "EDITOR="+editor)
			tmail := mailtest.RunInTerminal(t, 80, 24, cmd)
			tmail.Shows("Inbox").Press("c").Shows("Subject").Press("tab", "tab", "tab", "tab")
			for n := 1; n <= 10; n++ {
				tmail.Type("x").Press("ctrl+e")
				mailtest.Until(t, "the screen to be left", func() bool { return strings.Count(tmail.Raw(), ansi.ResetModeAltScreenSaveCursor) == n })
				tmail.Shows("Subject", " "+strings.Repeat("x", n))
			}
		})
	}
}

// Resizing loses nothing, and a shell gets its terminal back on ctrl+z and the program the screen on fg.
func TestResizeAndSuspend(t *testing.T) {
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", `set -m; "$0" demo; echo "the shell is back"; read line; fg >/dev/null`, path)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	tmail := mailtest.RunInTerminal(t, 120, 40, cmd)
	tmail.Shows("Ann Archer").Press("c").Shows("Subject").Type("half an addr").Shows("half an addr")
	for _, size := range [][2]int{{80, 24}, {40, 12}, {20, 5}, {120, 40}} {
		tmail.Resize(size[0], size[1])
	}
	tmail.Shows("half an addr", "Subject")
	tmail.Press("ctrl+z").Shows("the shell is back").ShowsNot("Subject")
	tmail.Press("enter").Shows("half an addr", "Subject")
	tmail.Type("ess").Shows("half an address")
}

// The cursor is where an input method expects it: behind the wide characters typed.
func TestCursorFollowsWideText(t *testing.T) {
	tmail, _ := demo(t, 80, 24)
	tmail.Shows("Ann Archer").Press("c").Shows("Subject")
	column, row := tmail.Cursor()
	tmail.Type("你好").Shows("你好")
	mailtest.Until(t, "the cursor four columns on", func() bool { c, r := tmail.Cursor(); return c == column+4 && r == row })
	tmail.Press("tab", "tab", "tab", "tab")
	mailtest.Until(t, "the cursor in the body", func() bool { _, r := tmail.Cursor(); return r > row+3 })
	column, row = tmail.Cursor()
	tmail.Type("写信a").Shows("写信a")
	mailtest.Until(t, "the cursor five columns on", func() bool { c, r := tmail.Cursor(); return c == column+5 && r == row })
}
