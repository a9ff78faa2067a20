package ui

import (
	"context"
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// askAttachment asks for a file to attach.
func (m *model) askAttachment() tea.Cmd {
	m.open(&prompt{heading: lang.T("ask.attach"), field: newEditor("~/", true), complete: completePath,
		done: func(m *model, path string) tea.Cmd { return m.attach(path) }})
	return nil
}

type attached struct {
	gen   int
	files []store.Attachment
	err   error
}

// attach copies a file into the store and adds it to the message being written.
func (m *model) attach(path string) tea.Cmd {
	path = expandHome(strings.TrimSpace(path))
	ctx, st, gen := m.ctx, m.Store, m.composer.gen
	return func() tea.Msg {
		file, err := attachFile(ctx, st, path)
		if err != nil {
			return attached{gen: gen, err: err}
		}
		return attached{gen: gen, files: []store.Attachment{file}}
	}
}

func attachFile(ctx context.Context, st *store.Store, path string) (store.Attachment, error) {
	f, err := os.Open(path)
	if err != nil {
		return store.Attachment{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return store.Attachment{}, err
	} else if !info.Mode().IsRegular() {
		return store.Attachment{}, fmt.Errorf("%s is not a file", path)
	}
	name := filepath.Base(path)
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	return st.Drafts.Attach(ctx, name, kind, f)
}

// attachAll adds the files of a message that is passed on.
func (m *model) attachAll(files []message.File) tea.Cmd {
	ctx, st, gen := m.ctx, m.Store, m.composer.gen
	return func() tea.Msg {
		out := attached{gen: gen}
		for _, f := range files {
			a, err := attachCopy(ctx, st, f)
			if err != nil {
				out.err = err
				break
			}
			out.files = append(out.files, a)
		}
		return out
	}
}

func attachCopy(ctx context.Context, st *store.Store, f message.File) (store.Attachment, error) {
	r, err := f.Open()
	if err != nil {
		return store.Attachment{}, err
	}
	defer r.Close()
	return st.Drafts.Attach(ctx, f.Name, f.Type, r)
}

func (f attached) apply(m *model) tea.Cmd {
	c := m.composer
	if c == nil || c.gen != f.gen {
		return nil
	}
	if f.err != nil {
		m.failWith(lang.T("attach.failed"), f.err.Error())
	}
	if len(f.files) == 0 {
		return nil
	}
	c.draft.Files = append(slices.Clone(c.draft.Files), f.files...)
	return m.changed()
}

// detach takes the attachment under the cursor off the message.
func (m *model) detach() tea.Cmd {
	c := m.composer
	if c.fileAt >= len(c.draft.Files) {
		return nil
	}
	c.draft.Files = slices.Delete(slices.Clone(c.draft.Files), c.fileAt, c.fileAt+1)
	c.fileAt = max(0, min(c.fileAt, len(c.draft.Files)-1))
	if len(c.draft.Files) == 0 {
		c.at = fieldBody
	}
	return m.changed()
}
