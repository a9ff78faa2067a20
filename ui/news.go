package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// New mail shows itself: in the status line, in the title of the window, and in the ways the configuration says.

// news is the mail that came while the screen is open.
type news struct {
	load    load
	again   bool // asked for again while a load was under way
	begun   bool // after is known
	after   store.ID
	rows    []store.Row // came, and not told of yet
	line    string      // the last of it, for the status line
	at      time.Time   // when that was
	focused bool        // the terminal says that the person looks at it
}

const (
	newsPause = time.Second     // gathers what comes together into one notice
	newsTime  = 2 * time.Second // what stood this long in the status line was seen, when a key is pressed
)

type newsLoaded struct {
	gen   int
	rows  []store.Row
	after store.ID
	err   error
}

// lookForNews asks the store what came since the last time.
func (m *model) lookForNews() tea.Cmd {
	n := &m.news
	if n.load.waiting() {
		n.again = true
		return nil
	}
	n.again = false
	ctx, gen := n.load.begin(m.ctx)
	st, after := m.Store, n.after
	if !n.begun {
		after = -1
	}
	return func() tea.Msg {
		rows, next, err := st.Index.Arrived(ctx, after)
		return newsLoaded{gen, rows, next, err}
	}
}

func (f newsLoaded) apply(m *model) tea.Cmd {
	n := &m.news
	if !n.load.end(f.gen) {
		return nil
	}
	if f.err != nil {
		m.fail(f.err)
		return nil
	}
	n.begun, n.after = true, f.after
	waits := len(n.rows) > 0
	for _, r := range f.rows {
		if role := m.folders.byID(r.Folder).Role; role == account.RoleInbox || len(m.waysFor(r)) > 0 {
			n.rows = append(n.rows, r)
		}
	}
	var due, again tea.Cmd
	if !waits && len(n.rows) > 0 {
		due = tea.Tick(newsPause, func(time.Time) tea.Msg { return newsDue{} })
	}
	if n.again {
		again = m.lookForNews()
	}
	return tea.Batch(due, again)
}

func (m *model) waysFor(r store.Row) []account.Way {
	f := m.folders.byID(r.Folder)
	return m.Config.WaysFor(r.Account, f.Name, f.Role)
}

type newsDue struct{}

// apply reads again what came, so that nobody is told of what was read or thrown away meanwhile.
func (newsDue) apply(m *model) tea.Cmd {
	ids := make([]store.ID, len(m.news.rows))
	for i, r := range m.news.rows {
		ids[i] = r.ID
	}
	m.news.rows = nil
	ctx, st := m.ctx, m.Store
	return func() tea.Msg {
		rows, err := st.Index.Rows(ctx, ids)
		return newsReady{rows, err}
	}
}

type newsReady struct {
	rows []store.Row
	err  error
}

func (f newsReady) apply(m *model) tea.Cmd {
	if f.err != nil {
		m.fail(f.err)
		return nil
	}
	unread := slices.DeleteFunc(f.rows, func(r store.Row) bool { return r.Flags.Has(message.Seen) })
	slices.SortStableFunc(unread, func(a, b store.Row) int { return a.Date.Compare(b.Date) })
	return m.announce(unread)
}

// announce tells of messages, once in each way, however many they are.
func (m *model) announce(rows []store.Row) tea.Cmd {
	if len(rows) == 0 {
		return nil
	}
	all := newNotice(rows)
	m.news.line, m.news.at = all.text(), m.Now()
	var cmds []tea.Cmd
	for _, way := range []account.Way{account.WayBell, account.WayTerminal, account.WayDesktop, account.WayCommand} {
		of := slices.DeleteFunc(slices.Clone(rows), func(r store.Row) bool { return !slices.Contains(m.waysFor(r), way) })
		if len(of) > 0 {
			cmds = append(cmds, m.tell(way, newNotice(of), m.folders.byID(of[len(of)-1].Folder)))
		}
	}
	return tea.Batch(cmds...)
}

// notice is what is said of new messages; it is safe for terminals, programs and their environment.
type notice struct {
	count       int
	title, body string
	newest      store.Row
}

// noticeWidth is enough for a sender or a subject, in columns.
const noticeWidth = 100

func newNotice(rows []store.Row) notice {
	n := notice{count: len(rows), newest: rows[len(rows)-1]}
	var people safe.Text
	seen := map[safe.Text]bool{}
	for _, r := range slices.Backward(rows) {
		who := names(r.From)
		if !seen[who] && who != "" {
			if people != "" {
				people += ", "
			}
			people += who
		}
		seen[who] = true
	}
	people = safe.Truncate(people, noticeWidth, "…")
	n.title, n.body = lang.T("news.several", "Count", len(rows)), string(people)
	if len(rows) == 1 {
		subject := safe.Line(n.newest.Subject)
		if subject == "" {
			subject = safe.Line(lang.T("list.no_subject"))
		}
		n.title, n.body = lang.T("news.from", "From", string(people)), string(safe.Truncate(subject, noticeWidth, "…"))
	}
	return n
}

func (n notice) text() string {
	if n.body == "" {
		return n.title
	}
	return n.title + ": " + n.body
}

// unread is how many messages in all inboxes are.
func (m *model) unread() (n int) {
	for _, f := range m.folders.stored {
		if f.Role == account.RoleInbox {
			n += f.Unread
		}
	}
	return n
}
