package ui

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
)

// The person's own editor on the text being written. Whatever becomes of the editor, what was written in it is
// there afterwards: on the screen, or still in the file.

type editorReady struct {
	gen  int
	path string
	err  error
}

type editorClosed struct {
	gen  int
	path string
	text string
	err  error // why the text could not be read back
	left error // how the editor ended
}

// openEditor writes the text to a private file and starts the editor on it.
func (m *model) openEditor() tea.Cmd {
	c := m.composer
	dir, gen, text := editorDir(m.Dir), c.gen, c.texts[fieldBody].text()
	return tea.Batch(m.saveDraft(c), func() tea.Msg {
		path, err := writePrivate(dir, text)
		return editorReady{gen, path, err}
	})
}

// writePrivate writes text to a new file only this user can read.
func writePrivate(dir, text string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "letter-*.txt") // made with 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	return f.Name(), errors.Join(err, f.Close())
}

func (f editorReady) apply(m *model) tea.Cmd {
	if f.err != nil {
		m.failWith(lang.T("editor.no_file"), f.err.Error())
		return nil
	}
	argv := editorCommand(m.Config.Editor, os.Getenv)
	cmd := exec.Command(argv[0], append(argv[1:], f.path)...)
	return tea.ExecProcess(cmd, f.closed)
}

// closed reads back what the editor left.
func (f editorReady) closed(left error) tea.Msg {
	text, err := os.ReadFile(f.path)
	return editorClosed{f.gen, f.path, string(text), err, left}
}

func (f editorClosed) apply(m *model) tea.Cmd {
	c := m.composer
	if c == nil || c.gen != f.gen {
		return nil // the file stays; the draft on the screen is another one
	}
	if f.err != nil {
		m.failWith(lang.T("editor.not_read", "Path", f.path), f.err.Error())
		return nil
	}
	body := c.texts[fieldBody]
	at := body.at
	body.setText(strings.TrimSuffix(f.text, "\n"))
	body.goTo(at)
	c.at = fieldBody
	if f.left != nil {
		m.failWith(lang.T("editor.failed", "Path", f.path), f.left.Error())
		return m.typed(true)
	}
	path := f.path
	return tea.Batch(m.typed(true), func() tea.Msg {
		_ = os.Remove(path) // a private file left behind harms nobody
		return nil
	})
}

// editorCommand is the editor's program and arguments: as configured, else $VISUAL, $EDITOR, vi.
func editorCommand(configured string, getenv func(string) string) []string {
	for _, command := range []string{configured, getenv("VISUAL"), getenv("EDITOR")} {
		if argv := splitCommand(command); len(argv) > 0 {
			return argv
		}
	}
	return []string{"vi"}
}

// splitCommand splits at blanks outside quotes.
func splitCommand(command string) []string {
	var argv []string
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range command {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if begun {
				argv = append(argv, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		argv = append(argv, word.String())
	}
	return argv
}

// editorDir is where letters lie while they are edited elsewhere.
func editorDir(dir string) string { return filepath.Join(dir, "editing") }
