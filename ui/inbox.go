package ui

import (
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// listPane shows the messages of a folder. It knows the id of every message and the rows of those near the window;
// its place is an id, so that what arrives or goes above does not move what one looks at.
type listPane struct {
	folder store.Folder
	search *search // what is searched for; nil shows the whole folder
	order  store.Order
	flat   bool // each message by itself
	gathered
	load  load
	again bool
	ready bool // ids are those of folder
	part  bool // they are its newest, the others are being read

	ids      []store.ID
	rows     map[store.ID]store.Row
	low, top int // rows low..top of ids are as the store last had them
	at       scroll
	chosen   selection
	seek     store.ID          // put the cursor here when it appears
	fromTop  bool              // what is loading is another list: start at its top
	height   int               // rows shown
	held     []tea.KeyPressMsg // for the list that comes
}

const (
	rowMargin = 100  // rows read beyond the window, on either side
	rowCache  = 4000 // rows kept at most
)

type listLoaded struct {
	gen int
	store.Found
	gathered
	low  int
	rows []store.Row
	err  error
}

// openFolder shows another folder from its newest message on.
func (m *model) openFolder(f store.Folder) tea.Cmd {
	l := &m.list
	l.load.drop()
	*l = listPane{folder: f, fromTop: true, load: l.load, height: l.height, order: m.orders[f.ID], flat: m.flat,
		rows: map[store.ID]store.Row{}, chosen: selection{}, search: m.savedSearch(f)}
	if !isUnified(f) {
		m.account = f.Account
	}
	m.folders.choose(f.ID)
	m.reader.leave()
	if f.ID == 0 {
		return nil
	}
	if !isUnified(f) {
		m.Engine.Look(f.ID)
	}
	return m.loadList()
}

// openAccount shows the Inbox of an account, or the first folder it has.
func (m *model) openAccount(name string) tea.Cmd {
	m.account = name
	f := m.folders.byRole(name, account.RoleInbox)
	for _, other := range m.folders.all {
		if f.ID == 0 && other.Account == name && !other.NoSelect && other.Role != account.RoleOutbox {
			f = other
		}
	}
	if m.focus == onMessage {
		m.focus = onList
	}
	if f.ID == 0 {
		f.Account = name // not synchronised yet: its inbox opens as soon as it is there
	}
	return m.openFolder(f)
}

// loadList reads the ids of the folder and the rows around the cursor.
func (m *model) loadList() tea.Cmd {
	l := &m.list
	if l.load.waiting() || m.busy() {
		l.again = true
		return nil
	}
	l.again = false
	ctx, gen := l.load.begin(m.ctx)
	st, what := m.Store, l.listing()
	cursor, at, old := l.current(), l.at, l.ids
	height := l.height
	if l.fromTop {
		cursor, at, old = 0, scroll{}, nil
	}
	return func() tea.Msg {
		out := listLoaded{gen: gen}
		if out.Found, out.rest, out.err = what.read(ctx, st); out.err != nil {
			return out
		}
		place := keepPlace(old, out.IDs, out.rest, cursor, at.cursor)
		out.low = max(0, place-(at.cursor-at.top)-rowMargin)
		high := min(len(out.IDs), place+height+rowMargin)
		out.rows, out.talks, out.err = what.rows(ctx, st, out.IDs[out.low:high])
		return out
	}
}

// outdate gives up what is being read, because the store is about to change: what it said before is not shown after.
func (l *listPane) outdate() {
	if l.load.waiting() {
		l.load.drop()
		l.again = true
	}
}

// keepPlace is where the cursor belongs in fresh ids: on the same message, else on the next older one of the old
// ids that is still there.
func keepPlace(old, fresh []store.ID, rest map[store.ID][]store.ID, cursor store.ID, index int) int {
	if i := slices.Index(fresh, cursor); cursor != 0 && i >= 0 {
		return i
	}
	still := make(map[store.ID]int, len(fresh))
	for i, id := range fresh {
		still[id] = i
		for _, other := range rest[id] {
			still[other] = i
		}
	}
	if i, ok := still[cursor]; ok { // its conversation got something newer
		return i
	}
	for _, id := range old[min(index, len(old)):] {
		if i, ok := still[id]; ok {
			return i
		}
	}
	return max(0, min(index, len(fresh)-1))
}

func (f listLoaded) apply(m *model) tea.Cmd {
	l := &m.list
	if !l.load.end(f.gen) {
		return nil
	}
	if f.err != nil {
		l.held = nil
		m.fail(f.err)
		return nil
	}
	if m.busy() { // it may be from before what the screen already shows
		l.again = true
		return nil
	}
	sought := l.take(f)
	var opened, again tea.Cmd
	if sought && m.focus == onMessage && l.current() != m.reader.opened { // the message shown is the one under the cursor
		opened = m.read(l.current())
	}
	if l.again {
		again = m.loadList()
	}
	return tea.Batch(m.drawnSoon(), opened, again, m.loadSnippets(), m.loadConversation(), m.looked(), m.handOver())
}

// take shows what was read, with the cursor where it belongs. It reports whether that is the message it was to go to.
func (l *listPane) take(f listLoaded) (sought bool) {
	place := 0
	if !l.fromTop {
		place = keepPlace(l.ids, f.IDs, f.rest, l.current(), l.at.cursor)
	}
	l.fromTop = false
	if row := rowOf(f.IDs, f.rest, l.seek); l.seek != 0 && row >= 0 {
		place, sought = row, true
	}
	if sought || !f.More {
		l.seek = 0
	}
	l.at.top += place - l.at.cursor
	l.at.cursor = place
	l.ids, l.ready = f.IDs, true
	if l.part = l.search == nil && f.More; l.part {
		l.again = true
	}
	l.rest = f.rest
	l.keep(f.low, f.rows, f.talks)
	l.chosen.keepOnly(l.ids)
	if l.search != nil {
		l.search.listed(l, f.Found)
	}
	return sought
}

// drawnSoon tells whoever waits for it that the first rows are on the screen, when they are.
func (m *model) drawnSoon() tea.Cmd {
	tell := m.Listed
	if m.Listed = nil; tell == nil {
		return nil
	}
	return tea.Tick(2*time.Second/framesPerSecond, func(time.Time) tea.Msg {
		tell()
		return nil
	})
}

func (l *listPane) keep(low int, rows []store.Row, talks map[store.ID]*store.Conversation) {
	if len(l.rows) > rowCache {
		clear(l.rows)
		clear(l.talks)
	}
	if l.talks == nil || talks == nil {
		l.talks = map[store.ID]*store.Conversation{}
	}
	maps.Copy(l.talks, talks)
	for _, r := range rows {
		l.rows[r.ID] = r
	}
	l.low, l.top = low, low+len(rows)
}

type rowsLoaded struct {
	gen   int
	low   int
	rows  []store.Row
	talks map[store.ID]*store.Conversation
	err   error
}

// loadRows reads the rows about to be shown, when they are not at hand.
func (m *model) loadRows() tea.Cmd { return tea.Batch(m.loadRowsNear(), m.loadSnippets()) }

func (m *model) loadRowsNear() tea.Cmd {
	l := &m.list
	l.at.fit(len(l.ids), l.height)
	first, last := l.at.top, min(len(l.ids), l.at.top+l.height)
	if l.load.waiting() || first >= l.low && last <= l.top {
		return nil
	}
	ctx, gen := l.load.begin(m.ctx)
	low := max(0, first-rowMargin)
	ids := slices.Clone(l.ids[low:min(len(l.ids), last+rowMargin)])
	st, what := m.Store, l.listing()
	return func() tea.Msg {
		rows, talks, err := what.rows(ctx, st, ids)
		return rowsLoaded{gen, low, rows, talks, err}
	}
}

func (f rowsLoaded) apply(m *model) tea.Cmd {
	l := &m.list
	if !l.load.end(f.gen) {
		return nil
	}
	if f.err != nil {
		m.fail(f.err)
		return nil
	}
	l.keep(f.low, f.rows, f.talks)
	if l.again {
		return m.loadList()
	}
	return tea.Batch(m.loadRows(), m.looked())
}

// current is the message under the cursor, 0 when there is none.
func (l *listPane) current() store.ID {
	if l.at.cursor < len(l.ids) {
		return l.ids[l.at.cursor]
	}
	return 0
}

// remove takes messages off the list before the store has done so; the cursor goes to the next older one.
func (l *listPane) remove(ids []store.ID) {
	if l.search != nil {
		l.search.before.remove(ids)
	}
	gone := make(map[store.ID]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
		delete(l.chosen, id)
	}
	kept := make([]store.ID, 0, len(l.ids))
	cursor := l.at.cursor
	for i, id := range l.ids {
		if !gone[id] {
			kept = append(kept, id)
		} else if i < l.at.cursor {
			cursor--
		}
	}
	l.top = max(l.low, l.top-(len(l.ids)-len(kept)))
	l.ids = kept
	l.at.move(cursor, len(kept))
}

// pass leaves messages behind that stay in the list: the cursor goes to the next older one.
func (l *listPane) pass(ids []store.ID) {
	done := selection{}
	done.add(ids)
	l.chosen.drop(ids)
	for i := l.at.cursor; i < len(l.ids); i++ {
		if !done[l.ids[i]] {
			l.at.move(i, len(l.ids))
			return
		}
	}
}

// rehome shows messages in other folders before the store has moved them.
func (l *listPane) rehome(ids []store.ID, to func(store.Row) store.ID) {
	for _, id := range ids {
		if r, ok := l.rows[id]; ok {
			r.Folder = to(r)
			l.rows[id] = r
		}
	}
}

// mark changes flags on the screen before the store has done so.
func (l *listPane) mark(ids []store.ID, add, remove message.Flags) {
	for _, id := range ids {
		if r, ok := l.rows[id]; ok {
			r.Flags = r.Flags&^remove | add
			l.rows[id] = r
		}
	}
	l.markTalks(ids, add, remove)
}

// moveTo puts the cursor on row i.
func (m *model) moveTo(i int) tea.Cmd {
	m.list.at.move(i, len(m.list.ids))
	return tea.Batch(m.loadRows(), m.looked())
}
