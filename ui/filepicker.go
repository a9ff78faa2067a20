package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
)

// filePicker asks for files: one types a path, and what lies in its folder stands below to be chosen, several at a time.
type filePicker struct {
	heading string
	more    string // the key that takes a file and stays
	field   *editor
	gen     int    // counts the folders listed
	reading bool   // what is in the folder is not known yet
	pressed bool   // enter, before it was
	dir     string // that of what stands below, as it is typed
	all     []fileEntry
	shown   []fileEntry // of these, what fits to what is typed
	at      scroll
	taken   []string
	done    func(m *model, paths []string) tea.Cmd
	typed   func(m *model, text string) tea.Cmd // for what is none of the files shown
}

// fileEntry is something in a folder.
type fileEntry struct {
	name   string
	folder bool
	size   int64
}

// pickFiles opens the picker on a path that was typed.
func (m *model) pickFiles(p *filePicker, typed string) tea.Cmd {
	p.field = newEditor(typed, true)
	m.open(p)
	return p.list()
}

type filesListed struct {
	of  *filePicker
	gen int
	all []fileEntry
}

// list asks for what lies in the folder that is typed, when that is another one, and finds in it. A path that begins anew
// behind another takes its place.
func (p *filePicker) list() tea.Cmd {
	text := p.field.text()
	if i := max(strings.LastIndex(text, "//"), strings.LastIndex(text, "/~/")); i >= 0 {
		p.field.setText(text[i+1:])
	}
	dir, _ := filepath.Split(p.field.text())
	p.find()
	if p.gen > 0 && dir == p.dir {
		return nil
	}
	p.gen++
	p.dir, p.all, p.shown, p.reading, p.pressed = dir, nil, nil, true, false
	gen := p.gen
	return func() tea.Msg { return filesListed{p, gen, readFolder(targetOr(expandHome(dir), "."))} }
}

func (f filesListed) apply(m *model) tea.Cmd {
	p := f.of
	if f.gen != p.gen {
		return nil
	}
	p.all, p.reading = f.all, false
	p.find()
	if p.pressed {
		return p.take(m)
	}
	return nil
}

// readFolder lists folders, then files, each by name. What cannot be read holds nothing.
func readFolder(dir string) (all []fileEntry) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && (info.IsDir() || info.Mode().IsRegular()) {
			all = append(all, fileEntry{e.Name(), info.IsDir(), info.Size()})
		}
	}
	slices.SortStableFunc(all, func(a, b fileEntry) int {
		if a.folder != b.folder {
			if a.folder {
				return -1
			}
			return 1
		}
		return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	})
	return all
}

// find shows what begins with the name typed, in any case, and behind it what holds it. Hidden files have to be asked for.
func (p *filePicker) find() {
	_, typed := filepath.Split(p.field.text())
	typed = strings.ToLower(typed)
	var first, rest []fileEntry
	for _, e := range p.all {
		name := strings.ToLower(e.name)
		switch {
		case strings.HasPrefix(name, ".") && !strings.HasPrefix(typed, "."):
		case name == typed:
			first = slices.Insert(first, 0, e)
		case strings.HasPrefix(name, typed):
			first = append(first, e)
		case strings.Contains(name, typed):
			rest = append(rest, e)
		}
	}
	p.shown, p.at = append(first, rest...), scroll{}
}

// current is what the cursor is on.
func (p *filePicker) current() (e fileEntry, ok bool) {
	if p.at.cursor >= len(p.shown) {
		return e, false
	}
	return p.shown[p.at.cursor], true
}

func (p *filePicker) key(m *model, name string, k tea.KeyPressMsg) tea.Cmd {
	switch name {
	case "esc":
		p.pressed = false
		m.close(p)
	case "enter":
		return p.take(m)
	case p.more:
		return p.toggle()
	case "tab":
		if e, ok := p.current(); ok {
			return p.enter(e)
		}
	default:
		if !p.at.key(name, len(p.shown)) && p.field.key(k.String(), k.Text) {
			p.pressed = false
			return p.list()
		}
	}
	return nil
}

// take ends with the files taken so far, else with the one under the cursor; a folder opens.
func (p *filePicker) take(m *model) tea.Cmd {
	e, ok := p.current()
	switch {
	case p.reading:
		p.pressed = true
		return nil
	case ok && e.folder && len(p.taken) == 0:
		return p.enter(e)
	case len(p.taken) > 0:
		m.close(p)
		return p.done(m, p.taken)
	case ok:
		m.close(p)
		return p.done(m, []string{expandHome(p.dir + e.name)})
	}
	m.close(p)
	return p.typed(m, p.field.text())
}

// enter puts the name of an entry into the field.
func (p *filePicker) enter(e fileEntry) tea.Cmd {
	name := p.dir + e.name
	if e.folder {
		name += string(filepath.Separator)
	}
	p.field.setText(name)
	return p.list()
}

// toggle takes the file under the cursor, or not any more, and goes on to the next. A name typed whole makes room for
// the next one.
func (p *filePicker) toggle() tea.Cmd {
	e, ok := p.current()
	if !ok || e.folder {
		return nil
	}
	path := expandHome(p.dir + e.name)
	if i := slices.Index(p.taken, path); i >= 0 {
		p.taken = slices.Delete(p.taken, i, i+1)
	} else {
		p.taken = append(p.taken, path)
	}
	if p.field.text() == p.dir+e.name {
		p.field.setText(p.dir)
		return p.list()
	}
	p.at.move(p.at.cursor+1, len(p.shown))
	return nil
}

func (p *filePicker) paste(_ *model, s string) tea.Cmd {
	if paths := pathsIn(s); len(paths) == 1 {
		p.field.setText(paths[0])
	} else {
		p.field.insert(s, false)
	}
	return p.list()
}

func (p *filePicker) title() string { return "" }

// filesShown are the most files that stand below the path.
const filesShown = 10

func (p *filePicker) draw(l look, width, height int) ([]string, *tea.Position) {
	heading := safe.Line(p.heading)
	r := l.row(width).to(1).put(bold, heading).to(safe.Width(heading) + 3)
	t, x := p.field.drawLine(max(1, width-r.used-1))
	cursor := &tea.Position{X: min(r.used+x, width-1)}
	rows := []string{r.put(plain, t).String()}
	height = min(height-1, filesShown, len(p.shown))
	return append(rows, p.at.rows(len(p.shown), height, width, func(i int) string { return p.drawEntry(l, i, width) })...), cursor
}

func (p *filePicker) drawEntry(l look, i, width int) string {
	e, r := p.shown[i], l.row(width)
	if i == p.at.cursor {
		r.ground = l.selected
		r.put(l.accent, l.mark)
	}
	if r.to(1); slices.Contains(p.taken, expandHome(p.dir+e.name)) {
		r.put(l.accent, l.chosen)
	}
	note := safe.Line(size(e.size))
	if e.folder {
		e.name, note = e.name+string(filepath.Separator), ""
	}
	r.to(3).cell(plain, safe.Line(e.name), width-r.used-safe.Width(note)-3)
	return r.to(r.used+1).put(l.dim, note).String()
}

func (p *filePicker) hints() []hint {
	take := hint{"enter", lang.T("hint.choose")}
	if e, ok := p.current(); ok && e.folder && len(p.taken) == 0 {
		take.text = lang.T("hint.open")
	}
	if len(p.taken) > 0 {
		take.text = lang.T("hint.attach_taken", "Count", len(p.taken))
	}
	return []hint{take, {"esc", lang.T("hint.cancel")}, {p.more, lang.T("hint.take")}, {"↑ ↓", lang.T("hint.move_cursor")}, {"tab", lang.T("hint.complete")}}
}
