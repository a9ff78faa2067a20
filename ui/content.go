package ui

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/message"
	"tmail/store"
)

// content is a message that was read: what it says, laid out, without its attachments.
type content struct {
	id       store.ID
	part     string // the message attached to that one which this is, see rawPart; "" for that one itself
	charset  string // chosen by hand
	msg      *message.Message
	doc      *message.Document // the form shown first
	whole    bool              // doc is all of it, not its beginning
	verdict  message.Verdict
	warnings []message.Warning
}

// viewpoint is who reads: where they are, and which domains are their own.
type viewpoint struct {
	zone *time.Location
	own  []string
}

func (m *model) viewpoint() viewpoint {
	v := viewpoint{zone: m.Now().Location()}
	for _, a := range m.Config.Accounts {
		v.own = append(v.own, a.Incoming.Host)
		for _, i := range a.Identities {
			v.own = append(v.own, i.Email[strings.LastIndexByte(i.Email, '@')+1:])
		}
	}
	return v
}

func (v viewpoint) content(id store.ID, part string, msg *message.Message) *content {
	msg.Zone = v.zone
	doc, whole := msg.Beginning(false)
	return &content{id: id, part: part, msg: msg, doc: doc, whole: whole, verdict: msg.Verdict(v.own...), warnings: msg.Warnings(doc, v.own...)}
}

// contents keeps the messages read last, so that going back and forth costs nothing, and what waits for messages
// that are still to be fetched.
type contents struct {
	recent  []*content // newest last
	loading map[store.ID][]func(*model, *content) tea.Cmd
	missing map[store.ID]*missing
}

// missing is a message that the engine was asked for. It is looked for again when the store changes.
type missing struct {
	looking bool           // just now
	again   bool           // the store changed meanwhile
	denied  *store.Problem // why the server does not give it; nil: it may
	excerpt excerpt        // what is here of it
}

const (
	contentsKept      = 12
	contentsKeptBytes = 16 << 20 // of text; what is laid out takes about ten times as much
)

func newContents() contents {
	return contents{loading: map[store.ID][]func(*model, *content) tea.Cmd{}, missing: map[store.ID]*missing{}}
}

func (c *contents) find(id store.ID) *content {
	i := slices.IndexFunc(c.recent, func(x *content) bool { return x.id == id })
	if i < 0 {
		return nil
	}
	found := c.recent[i]
	c.recent = append(slices.Delete(c.recent, i, i+1), found)
	return found
}

func (c *contents) keep(x *content) {
	c.recent = append(c.recent, x)
	size := 0
	for i := len(c.recent) - 1; i >= 0; i-- {
		if size += len(c.recent[i].msg.HTML) + len(c.recent[i].msg.Plain); size > contentsKeptBytes || len(c.recent)-i > contentsKept {
			c.recent = slices.Clone(c.recent[min(i+1, len(c.recent)-1):]) // the one just read stays
			return
		}
	}
}

// withContent runs then once the message is read, at once when it was read before. One that is not stored is
// fetched first; then must see for itself whether it is still wanted.
func (m *model) withContent(id store.ID, then func(*model, *content) tea.Cmd) tea.Cmd {
	if c := m.contents.find(id); c != nil {
		return then(m, c)
	}
	waiting, asked := m.contents.loading[id]
	m.contents.loading[id] = append(waiting, then)
	if asked {
		return nil
	}
	return m.readContent(id)
}

type contentRead struct {
	id      store.ID
	content *content
	denied  *store.Problem // why it cannot be had
	excerpt excerpt        // what can be had of it
	err     error
}

func (m *model) readContent(id store.ID) tea.Cmd {
	ctx, st, v, known := m.ctx, m.Store, m.viewpoint(), m.excerptOf(id).content
	return func() tea.Msg {
		c, err := readContent(ctx, st, id, "", "", v)
		read := contentRead{id: id, content: c, err: err}
		if errors.Is(err, store.ErrNotStored) { // what fails here fails where it is read again
			read.denied, _ = st.Bodies.Denied(ctx, id)
			read.excerpt, _ = readExcerpt(ctx, st, id, known, v)
		}
		return read
	}
}

// readContent reads a stored message, or one attached to it, in the charset chosen by hand or as it says.
func readContent(ctx context.Context, st *store.Store, id store.ID, part, charset string, v viewpoint) (*content, error) {
	r, err := rawPart(ctx, st, id, part)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var msg *message.Message
	if charset == "" {
		msg, err = message.Read(r)
	} else {
		msg, err = message.ReadAs(r, charset)
	}
	if err != nil {
		return nil, err
	}
	c := v.content(id, part, msg)
	c.charset = charset
	return c, nil
}

func (f contentRead) apply(m *model) tea.Cmd {
	if errors.Is(f.err, store.ErrNotStored) {
		return tea.Batch(m.miss(f), m.opened(f.id))
	}
	then := m.contents.loading[f.id]
	delete(m.contents.loading, f.id)
	delete(m.contents.missing, f.id)
	if f.err != nil {
		if m.reader.id == f.id && !errors.Is(f.err, store.ErrNoSuch) {
			m.fail(f.err)
		}
		return m.opened(f.id)
	}
	m.contents.keep(f.content)
	var cmds []tea.Cmd
	for _, fn := range then {
		cmds = append(cmds, fn(m, f.content))
	}
	return tea.Batch(append(cmds, m.opened(f.id))...)
}

// miss asks the engine for the text of a message, once, and shows what is here of it or what the server said.
func (m *model) miss(f contentRead) tea.Cmd {
	it := m.contents.missing[f.id]
	if it == nil {
		it = &missing{}
		m.contents.missing[f.id] = it
		m.Engine.WantText(f.id)
	}
	it.looking = false
	if it.denied != nil || f.denied != nil || it.excerpt != f.excerpt {
		it.denied, it.excerpt = f.denied, f.excerpt
		if m.reader.shows(f.id) {
			m.layOut()
		}
	}
	if it.again {
		return m.readMissing(f.id, it)
	}
	return nil
}

// readMissing reads a message that was missing, unless that is under way.
func (m *model) readMissing(id store.ID, it *missing) tea.Cmd {
	it.again = it.looking
	if it.looking {
		return nil
	}
	it.looking = true
	return m.readContent(id)
}

// lookForMissing tries again what had to be fetched.
func (m *model) lookForMissing() tea.Cmd {
	var cmds []tea.Cmd
	for id, it := range m.contents.missing {
		if it.excerpt.left && !m.reader.shows(id) { // nothing more of it will come
			delete(m.contents.missing, id)
			delete(m.contents.loading, id)
			continue
		}
		cmds = append(cmds, m.readMissing(id, it))
	}
	return tea.Batch(cmds...)
}

// wantDenied asks again for what the server did not give of the messages shown.
func (m *model) wantDenied() {
	for _, p := range m.reader.posts {
		if m.denied(p) != nil {
			m.contents.missing[p.id].denied = nil
			m.Engine.WantText(p.id)
			m.layOut()
		}
	}
}

// denied is why the server does not give a message; nil when it did, or may.
func (m *model) denied(p *post) *store.Problem {
	if it := m.contents.missing[p.id]; it != nil {
		return it.denied
	}
	return nil
}

// prefetch reads the neighbours of the message shown, so that n and p are instant.
func (m *model) prefetch() tea.Cmd {
	var cmds []tea.Cmd
	for _, i := range []int{m.list.at.cursor + 1, m.list.at.cursor - 1} {
		if i < 0 || i >= len(m.list.ids) {
			continue
		}
		id := m.list.ids[i]
		if _, asked := m.contents.loading[id]; !asked && m.contents.find(id) == nil {
			m.contents.loading[id] = nil
			cmds = append(cmds, m.readContent(id))
		}
	}
	return tea.Batch(cmds...)
}

// rawMessage opens the bytes of a message as they were received.
func rawMessage(ctx context.Context, st *store.Store, id store.ID) (io.ReadCloser, error) {
	r, _, err := st.Bodies.Open(ctx, id)
	return r, err
}

// rawPart opens a part of a message, decoded; all of it for "". Parts of an attached message have its own number in
// front: "3/1.2" is part 1.2 of the message that is part 3.
func rawPart(ctx context.Context, st *store.Store, id store.ID, part string) (io.ReadCloser, error) {
	r, err := rawMessage(ctx, st, id)
	for rest := part; rest != "" && err == nil; {
		var number string
		number, rest, _ = strings.Cut(rest, "/")
		r = partOf(r, number)
	}
	return r, err
}

// partOf streams a part out of a message, which it closes in the end.
func partOf(raw io.ReadCloser, number string) io.ReadCloser {
	r, w := io.Pipe()
	guard(func() {
		defer raw.Close()
		w.CloseWithError(message.CopyPart(w, raw, number))
	}, func(err error) { w.CloseWithError(err) })
	return r
}

// within is the name rawPart has for a part of this message.
func (c *content) within(part string) string {
	if c.part == "" {
		return part
	}
	return c.part + "/" + part
}
