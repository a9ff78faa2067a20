package ui

import (
	"context"
	"io/fs"
	"mime"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/store"
)

// askAttachment asks for files to attach.
func (m *model) askAttachment() tea.Cmd { return m.askFiles("~/") }

func (m *model) askFiles(typed string) tea.Cmd {
	return m.pickFiles(&filePicker{heading: lang.T("ask.attach"), more: m.keys.keyOf("attach", inCompose),
		done: (*model).attachFiles, typed: (*model).attach}, typed)
}

// attached is files that were copied into the store for a message.
type attached struct {
	of    *composer
	files []store.Attachment
	err   error
	typed string // what was asked for by hand, to be put right after an error
	begun bool   // the message began with them: they are no change of it
}

// copying runs what copies files into the store for the message being written. Nothing is sent, and the program does
// not end, before they are there.
func (m *model) copying(run func(context.Context, *store.Store) attached) tea.Cmd {
	c, ctx, st := m.composer, context.WithoutCancel(m.ctx), m.Store
	c.copying++
	m.copies++
	return func() tea.Msg {
		out := run(ctx, st)
		out.of = c
		return out
	}
}

// attachFiles copies files into the store and adds them to the message being written.
func (m *model) attachFiles(paths []string) tea.Cmd {
	return m.copying(func(ctx context.Context, st *store.Store) attached { return attachPaths(ctx, st, paths) })
}

// attach attaches the files that typed text means: one, several in quotes, or what matches a pattern.
func (m *model) attach(text string) tea.Cmd {
	return m.copying(func(ctx context.Context, st *store.Store) attached {
		out := attachPaths(ctx, st, filesMeant(text))
		out.typed = text
		return out
	})
}

func attachPaths(ctx context.Context, st *store.Store, paths []string) (out attached) {
	for _, path := range paths {
		file, err := attachFile(ctx, st, path)
		if err != nil {
			out.err = err
			break
		}
		out.files = append(out.files, file)
	}
	return out
}

// filesMeant are the files somebody means who types text.
func filesMeant(text string) []string {
	whole := expandHome(strings.TrimSpace(text))
	if _, err := os.Stat(whole); err == nil {
		return []string{whole}
	}
	if found, err := filepath.Glob(whole); err == nil && len(found) > 0 {
		return found
	}
	if words := pathsIn(text); len(words) > 1 {
		return words
	}
	return []string{whole}
}

// pathsIn are the paths that text consists of, as terminals and file managers give them when files are dropped or
// copied: absolute, in quotes, with escaped spaces, or file URLs, with blanks or line ends between them. A line that
// begins like a path and is none of these may be one as it stands. It is nil when there is anything else in it.
func pathsIn(text string) []string {
	var paths []string
	text = strings.TrimSpace(text)
	for _, word := range shellWords(text) {
		if rest, ok := strings.CutPrefix(word, "file://"); ok {
			u, err := url.PathUnescape(rest[strings.IndexByte(rest+"/", '/'):])
			if err != nil {
				return nil
			}
			word = u
		}
		word = expandHome(word)
		if !filepath.IsAbs(word) {
			whole := expandHome(text)
			if filepath.IsAbs(whole) && !strings.HasPrefix(whole, "//") && !strings.Contains(whole, "\n") { // nor a comment in a program
				return []string{whole}
			}
			return nil
		}
		paths = append(paths, word)
	}
	return paths
}

// shellWords divides text as a shell does: at blanks that are neither in quotes nor behind a backslash. A backslash
// before anything else stands for itself, as in the paths of Windows.
func shellWords(text string) (words []string) {
	var word strings.Builder
	begun, quote, escaped := false, rune(0), false
	for i, r := range text {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'' && strings.IndexAny(text[i+1:], " '\"\\") == 0:
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case unicode.IsSpace(r):
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}

// pasted is text that looked like paths: what it names if these are files, else nothing.
type pasted struct {
	of    *composer
	at    field
	text  string
	files []string
}

// pastePaths attaches the files whose paths were pasted; if one is not there, the text is put in as it is. Until that is
// known they count as being copied.
func (m *model) pastePaths(text string, paths []string) tea.Cmd {
	c, at := m.composer, m.composer.at
	c.copying++
	m.copies++
	return func() tea.Msg {
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
				return pasted{c, at, text, nil}
			}
		}
		return pasted{c, at, text, paths}
	}
}

func (f pasted) apply(m *model) tea.Cmd {
	f.of.copying--
	m.copies--
	return tea.Batch(f.put(m), m.copied(f.of))
}

// put has what was pasted where it belongs.
func (f pasted) put(m *model) tea.Cmd {
	c := f.of
	switch {
	case m.composer != c:
		return nil
	case len(f.files) > 0:
		return m.attachFiles(f.files)
	case c.texts[f.at] == nil:
		return nil
	}
	c.texts[f.at].insert(f.text, false)
	if c.at != f.at {
		c.seen[f.at] = c.texts[f.at].changes
		return m.changed()
	}
	return m.typed(true)
}

func attachFile(ctx context.Context, st *store.Store, path string) (store.Attachment, error) {
	if info, err := os.Stat(path); err != nil {
		return store.Attachment{}, err
	} else if !info.Mode().IsRegular() { // not even opened: a pipe waits there for who writes into it
		return store.Attachment{}, &fs.PathError{Op: "attach", Path: path, Err: notFile(info)}
	}
	f, err := os.Open(path)
	if err != nil {
		return store.Attachment{}, err
	}
	defer f.Close()
	name := filepath.Base(path)
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	return st.Drafts.Attach(ctx, name, kind, f)
}

// attachAll adds the files of a message that is passed on.
func (m *model) attachAll(files []message.File) tea.Cmd {
	return m.copying(func(ctx context.Context, st *store.Store) attached {
		out := attached{begun: true}
		out.files, out.err = attachCopies(ctx, st, files)
		return out
	})
}

// attachCopies copies files into the store for a message, up to the first that cannot be.
func attachCopies(ctx context.Context, st *store.Store, files []message.File) (list []store.Attachment, err error) {
	for _, f := range files {
		a, err := attachCopy(ctx, st, f)
		if err != nil {
			return list, err
		}
		list = append(list, a)
	}
	return list, nil
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
	c := f.of
	c.copying--
	m.copies--
	here := m.composer == c
	var cmds []tea.Cmd
	if f.err != nil {
		c.waiting = nil // it would go without them
		m.failWith(Sentence(f.err), f.err.Error())
		if f.typed != "" && here && m.topOverlay() == nil {
			cmds = append(cmds, m.askFiles(f.typed))
		}
	}
	if len(f.files) > 0 {
		if f.err == nil && here {
			m.status = status{} // an earlier failure is mended
		}
		c.draft.Files = append(slices.Clone(c.draft.Files), f.files...)
		cmds = append(cmds, m.gained(c, f.begun))
	}
	return tea.Batch(append(cmds, m.copied(c))...)
}

// copied goes on with what waited for files: sending the message they are for, and leaving.
func (m *model) copied(c *composer) tea.Cmd {
	var sent tea.Cmd
	if send := c.waiting; m.composer == c && send != nil && c.copying == 0 {
		c.waiting = nil
		sent = send(m)
	}
	return tea.Batch(sent, m.nextJob())
}

// gained has a message written down that has got files, also one that was left meanwhile, but not one that was thrown
// away, nor one that is as it began.
func (m *model) gained(c *composer, begun bool) tea.Cmd {
	switch {
	case begun && !c.touched || c.gone:
		return nil
	case m.composer == c:
		return m.changed()
	}
	c.dirty = true
	return m.saveDraft(c)
}

// detach takes the attachment under the cursor off the message. It asks before: the copy of it goes for good.
func (m *model) detach() tea.Cmd {
	c := m.composer
	off := c.draft.Files[c.fileAt]
	m.open(&question{text: lang.T("ask.detach", "Name", off.Name), yes: func(m *model) tea.Cmd {
		i := slices.Index(c.draft.Files, off)
		if m.composer != c || i < 0 {
			return nil
		}
		c.draft.Files = slices.Delete(slices.Clone(c.draft.Files), i, i+1)
		c.fileAt = max(0, min(c.fileAt, len(c.draft.Files)-1))
		if len(c.draft.Files) == 0 {
			c.at = fieldBody
		}
		return m.changed()
	}})
	return nil
}
