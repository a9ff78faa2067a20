package ui

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
)

// The person's own editor on the message being written, with its header. Whatever becomes of the editor, what was
// written in it is there afterwards: on the screen, or still in the file.

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

// openEditor writes the message to a private file and starts the editor on it.
func (m *model) openEditor() tea.Cmd {
	c := m.composer
	dir, gen, text := editorDir(m.Dir), c.gen, c.letter()
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
	return inForeground(cmd, f.closed)
}

// closed reads back what the editor left.
func (f editorReady) closed(left error) tea.Msg {
	text, err := os.ReadFile(f.path)
	return editorClosed{f.gen, f.path, message.GuessText(text), err, left}
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
	before := c.letter()
	wrote := f.text != before
	switch {
	case f.left != nil && strings.HasPrefix(before, f.text), strings.TrimSpace(f.text) == "":
		wrote = false // it broke off while it wrote, or left nothing: what was written here stays
	default:
		m.takeLetter(f.text)
	}
	switch {
	case f.left != nil && wrote:
		m.failWith(lang.T("editor.failed", "Path", f.path), f.left.Error())
		return m.typed(true)
	case errors.Is(f.left, exec.ErrNotFound), errors.Is(f.left, fs.ErrNotExist):
		m.failWith(lang.T("editor.missing", "Editor", editorCommand(m.Config.Editor, os.Getenv)[0]), f.left.Error())
	case f.left != nil:
		m.failWith(lang.T("editor.nothing", "Words", f.left.Error()), f.left.Error())
	case !wrote && f.text != before:
		m.say(lang.T("editor.empty"))
	default:
		m.status = status{} // an earlier failure is mended
	}
	path := f.path
	return tea.Batch(m.typed(wrote), func() tea.Msg {
		_ = os.Remove(path) // a private file left behind harms nobody
		return nil
	})
}

// letterField is a line above the text.
type letterField struct {
	name  string
	field field
}

// letterFields are the lines above the text, as they stand in the file.
var letterFields = []letterField{{"From", fieldFrom}, {"To", fieldTo}, {"Cc", fieldCc}, {"Bcc", fieldBcc}, {"Subject", fieldSubject}}

// letter is the message as a file to edit: its fields, an empty line, its text.
func (c *composer) letter() string {
	var b strings.Builder
	for _, f := range letterFields {
		value := c.senders[c.from].address.String()
		if f.field != fieldFrom {
			value = c.texts[f.field].text()
		}
		b.WriteString(f.name + ": " + value + "\n")
	}
	return b.String() + "\n" + c.texts[fieldBody].text() + "\n"
}

// takeLetter takes back what was edited. Where it does not begin with the fields any more, all of it is text and they
// stay as they were.
func (m *model) takeLetter(letter string) {
	c := m.composer
	fields, text := splitLetter(strings.ReplaceAll(letter, "\r\n", "\n"))
	for f, value := range fields {
		switch {
		case f != fieldFrom:
			if e := c.texts[f]; e.text() != value {
				e.setText(value)
				c.seen[f] = e.changes
			}
		default:
			list, _ := message.ParseAddressList(value) // what is no address of ours changes nothing
			own := func(s sender) bool { return len(list) == 1 && strings.EqualFold(s.address.Addr, list[0].Addr) }
			if i := slices.IndexFunc(c.senders, own); i >= 0 && !own(c.senders[c.from]) {
				c.from = i
			}
		}
	}
	body := c.texts[fieldBody]
	at := body.at
	body.setText(strings.TrimSuffix(text, "\n"))
	body.goTo(at)
	c.at = fieldBody
}

// splitLetter divides an edited file into fields and text. Fields that are none of ours stand above the text, and so
// does what follows our fields without an empty line between. Where there is no From, the fields have to stand alone:
// else they are words of the text.
func splitLetter(letter string) (fields map[field]string, text string) {
	fields = map[field]string{}
	var others string
	last, rest, alone := fieldBody, letter, false
lines:
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		name, value, named := strings.Cut(line, ":")
		i := slices.IndexFunc(letterFields, func(f letterField) bool { return strings.EqualFold(f.name, name) })
		switch {
		case line == "":
			rest, alone = after, others == ""
			break lines
		case line[0] == ' ' && last != fieldBody:
			fields[last] += line
		case named && i >= 0:
			last = letterFields[i].field
			fields[last] = strings.TrimSpace(value)
		case named && !strings.ContainsAny(name, " \t"):
			last, others = fieldBody, others+line+"\n"
		default: // the text
			break lines
		}
		rest = after
	}
	if _, from := fields[fieldFrom]; !from && !alone {
		return nil, letter
	}
	return fields, others + rest
}

// editorCommand is the editor's program and arguments: as configured, else $VISUAL, $EDITOR, vi.
func editorCommand(configured string, getenv func(string) string) []string {
	for _, command := range []string{configured, getenv("VISUAL"), getenv("EDITOR")} {
		if argv := shellWords(command); len(argv) > 0 {
			return argv
		}
	}
	return []string{"vi"}
}

// editorDir is where letters lie while they are edited elsewhere.
func editorDir(dir string) string { return filepath.Join(dir, "editing") }
