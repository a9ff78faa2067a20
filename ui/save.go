package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// Attachments and messages saved as files, and the paths people type.

// save asks what to save, where there is more than the message itself, and then where.
func (m *model) save() tea.Cmd {
	c := m.reader.content
	if c == nil {
		return m.fetchRest(m.reader.id)
	}
	whole := choice{label: safe.Line(lang.T("save.message")), note: safe.Line(size(m.reader.row.Size)),
		do: func(m *model) tea.Cmd {
			return m.askWhere([]saved{{id: c.id, part: c.part, name: messageFileName(c.msg.Envelope.Subject)}})
		}}
	parts := c.msg.Attachments
	if len(parts) == 0 {
		return whole.do(m)
	}
	var choices []choice
	var all []saved
	for _, p := range parts {
		one := saved{c.id, c.within(p.ID), safe.FileName(partName(p))}
		all = append(all, one)
		choices = append(choices, choice{label: safe.Line(partName(p)), note: partNote(p),
			do: func(m *model) tea.Cmd { return m.askWhere([]saved{one}) }})
	}
	if len(all) > 1 {
		choices = append(choices, choice{label: safe.Line(lang.T("save.all")),
			do: func(m *model) tea.Cmd { return m.askWhere(all) }})
	}
	m.open(newLetters(lang.T("ask.save"), append(choices, whole)))
	return nil
}

func messageFileName(subject string) string {
	if strings.TrimSpace(subject) == "" {
		subject = "message"
	}
	return safe.FileName(subject + ".eml")
}

// saved is a thing to save: a part of a message, or all of it when part is "".
type saved struct {
	id   store.ID
	part string
	name string
}

func (m *model) askWhere(what []saved) tea.Cmd {
	m.askFolder(what, m.saveDir)
	return nil
}

func (m *model) askFolder(what []saved, typed string) {
	heading := lang.T("ask.save_one", "Name", what[0].name)
	if len(what) > 1 {
		heading = lang.T("ask.save_many", "Count", len(what))
	}
	m.open(&prompt{heading: heading, field: newEditor(typed, true), complete: completePath,
		done: func(m *model, where string) tea.Cmd { return m.saveTo(what, where) }})
}

type savedFiles struct {
	what  []saved
	where string
	paths []string
	err   error
}

func (m *model) saveTo(what []saved, where string) tea.Cmd {
	ctx, st := m.ctx, m.Store
	return func() tea.Msg {
		out := savedFiles{what: what, where: where}
		dir, err := targetDir(where)
		if err != nil {
			out.err = err
			return out
		}
		for _, w := range what {
			path, err := savePart(ctx, st, w.id, w.part, dir, w.name)
			if err != nil {
				out.err = err
				break
			}
			out.paths = append(out.paths, path)
		}
		return out
	}
}

func (f savedFiles) apply(m *model) tea.Cmd {
	if f.err != nil {
		m.failWith(Sentence(f.err), f.err.Error())
		if m.topOverlay() == nil && m.composer == nil {
			m.askFolder(f.what, f.where)
		}
		return nil
	}
	m.saveDir = f.where
	if len(f.paths) == 1 {
		m.say(lang.T("save.saved", "Path", f.paths[0]))
	} else {
		m.say(lang.T("save.saved_many", "Count", len(f.paths), "Path", filepath.Dir(f.paths[0])))
	}
	return nil
}

// targetDir is the folder a person named; one that is missing is made when its parent is there.
func targetDir(where string) (string, error) {
	dir := expandHome(strings.TrimSpace(where))
	if dir == "" {
		dir = "."
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", &fs.PathError{Op: "save", Path: dir, Err: errNoFolder}
	}
	return dir, nil
}

var (
	errFolder   = errors.New("is a folder")
	errNoFolder = errors.New("is not a folder")
	errNoFile   = errors.New("is not a file")
)

// notFile is what is wrong with a path that is no regular file.
func notFile(info fs.FileInfo) error {
	if info.IsDir() {
		return errFolder
	}
	return errNoFile
}

// Sentence is what an error means to a person, in the language chosen: one with a file, which it names, of the store, of
// the configuration, or any other.
func Sentence(err error) string {
	var at *fs.PathError
	if !errors.As(err, &at) {
		return sentence(err)
	}
	id := "file.failed"
	for _, e := range []struct {
		is error
		id string
	}{
		{fs.ErrNotExist, "file.missing"}, {fs.ErrPermission, "file.permission"},
		{errFolder, "file.is_folder"}, {errNoFolder, "file.no_folder"}, {errNoFile, "file.no_file"},
	} {
		if errors.Is(at.Err, e.is) {
			id = e.id
		}
	}
	return lang.T(id, "Path", contractHome(at.Path), "Words", at.Err.Error())
}

// savePart streams a part of a message (all of it for "") into a new file of that name in dir; where one is there
// already, " (1)" is added. What could not be written whole is removed.
func savePart(ctx context.Context, st *store.Store, id store.ID, part, dir, name string) (path string, err error) {
	body, err := rawPart(ctx, st, id, part)
	if err != nil {
		return "", err
	}
	defer body.Close()
	f, err := createNew(dir, name)
	if err != nil {
		return "", err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = io.Copy(f, body)
	return f.Name(), err
}

// createNew makes a file that was not there before.
func createNew(dir, name string) (*os.File, error) {
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 0; ; n++ {
		try := name
		if n > 0 {
			try = fmt.Sprintf("%s (%d)%s", stem, n, ext)
		}
		f, err := os.OpenFile(filepath.Join(dir, try), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil || !errors.Is(err, fs.ErrExist) || n > 9999 {
			return f, err
		}
	}
}

func expandHome(path string) string {
	if path == "~" || strings.HasPrefix(path, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, path[1:])
		}
	}
	return path
}

// contractHome is the way back: a path as it is typed.
func contractHome(path string) string {
	if home, err := os.UserHomeDir(); err == nil {
		if rest, ok := strings.CutPrefix(path, home); ok && (rest == "" || rest[0] == filepath.Separator) {
			return "~" + filepath.ToSlash(rest)
		}
	}
	return path
}

// downloads is the folder things are saved in unless another is named.
func downloads() string {
	if home, err := os.UserHomeDir(); err == nil {
		if info, err := os.Stat(filepath.Join(home, "Downloads")); err == nil && info.IsDir() {
			return "~/Downloads"
		}
	}
	return "~"
}

// completePath makes a path longer as far as the files there agree, and lists them where they do not.
func completePath(typed string) (longer string, options []string) {
	dir, prefix := filepath.Split(typed)
	entries, err := os.ReadDir(targetOr(expandHome(dir), "."))
	if err != nil {
		return typed, nil
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, ".") && prefix == "" {
			continue
		}
		if info, err := os.Stat(filepath.Join(targetOr(expandHome(dir), "."), name)); err == nil && info.IsDir() {
			name += string(filepath.Separator)
		}
		options = append(options, name)
	}
	if len(options) == 0 {
		return typed, nil
	}
	common := options[0]
	for _, o := range options[1:] {
		for !strings.HasPrefix(o, common) {
			common = common[:len(common)-lastCluster(common)]
		}
	}
	if len(options) == 1 {
		options = nil
	}
	return dir + common, options
}

func targetOr(dir, fallback string) string {
	if dir == "" {
		return fallback
	}
	return dir
}
