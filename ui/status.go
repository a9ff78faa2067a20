package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// status is the last outcome, at the right of the footer.
type status struct {
	text    string
	details string // the words behind it; "" none
	failed  bool
	undo    bool // u takes it back
	at      time.Time

	leaves   time.Time // a message leaves then, unless it is taken back; stands instead of text
	fetching bool      // it stands until the account says how it went
}

// statusTime is how long an outcome that is no failure stands there.
const statusTime = 12 * time.Second

func (m *model) say(text string) { m.status = status{text: text, at: m.Now()} }

func (m *model) sayUndoable(text string) { m.status = status{text: text, undo: true, at: m.Now()} }

// sayLeaving counts down to when a message leaves.
func (m *model) sayLeaving(at time.Time) tea.Cmd {
	m.sayUndoable(lang.T("done.queued", "Seconds", m.secondsTo(at)))
	m.status.leaves = at
	return countDown{at}.next()
}

// countDown draws the time left anew.
type countDown struct{ to time.Time }

func (c countDown) next() tea.Cmd { return tea.Tick(time.Second, func(time.Time) tea.Msg { return c }) }

func (c countDown) apply(m *model) tea.Cmd {
	switch {
	case !m.status.leaves.Equal(c.to):
		return nil
	case m.Now().Before(c.to):
		return c.next()
	}
	m.status = status{} // what becomes of it is said when it is known
	return nil
}

func (m *model) secondsTo(at time.Time) int {
	return int(math.Ceil(max(0, at.Sub(m.Now()).Seconds())))
}

// noticed drops an outcome that was there when a key was pressed. What went wrong stays.
func (m *model) noticed() {
	m.seen = ""
	if text, key, _ := m.statusText(); m.status.text != "" && safe.Width(text+key) > m.statusRoom(m.hints()) {
		m.seen = m.status.text
	}
	if !m.status.failed {
		m.status = status{}
	}
	if m.Now().Sub(m.news.at) > newsTime {
		m.news.line = ""
	}
}

// sayFetching says so until the account is synchronised, or cannot be.
func (m *model) sayFetching() {
	m.say(lang.T("sync.asked"))
	m.status.fetching = true
}

func (m *model) fetched() {
	switch m.statuses[m.account].Phase {
	case store.PhaseSynced, store.PhaseOffline, store.PhaseFailed:
		if m.status.fetching {
			m.status = status{}
		}
	}
}

// failWith says in a sentence what went wrong; details are one key away.
func (m *model) failWith(text, details string) {
	m.status = status{text: text, details: details, failed: true, at: m.Now()}
}

// fail says what an error of the store means.
func (m *model) fail(err error) { m.failWith(sentence(err), err.Error()) }

// sentence is what an error of the store or of the system means to a person.
func sentence(err error) string {
	for _, e := range []struct {
		is error
		id string
	}{
		{store.ErrDiskFull, "error.disk_full"}, {store.ErrIO, "error.disk"}, {store.ErrDamaged, "error.damaged"},
		{store.ErrBusy, "error.busy"}, {store.ErrNewer, "error.newer"}, {store.ErrExists, "error.exists"}, {store.ErrNotPossible, "error.not_possible"},
		{store.ErrNoSuch, "error.gone"}, {store.ErrNotStored, "error.not_stored"},
		{fs.ErrNotExist, "error.no_file"}, {fs.ErrPermission, "error.permission"},
	} {
		if errors.Is(err, e.is) {
			return lang.T(e.id)
		}
	}
	if said := lang.Sentence(err); said != err.Error() {
		return said
	}
	return lang.T("error.unknown", "Words", err.Error())
}

// ProblemText is what a problem means to a person, in the language chosen.
func ProblemText(p *store.Problem) string {
	if p.Says != "" {
		return lang.Say(p)
	}
	return lang.Problem(string(p.Kind), p.Op, p.Host, p.Words)
}

// showNotices says what the store has to tell once: the newest in the status line, all of them behind it.
func (m *model) showNotices(notices []store.Notice) tea.Cmd {
	if len(notices) == 0 {
		return nil
	}
	last := len(notices) - 1
	text, details, ids := noticeText(notices[last]), notices[last].Problem.Words, []int64{notices[last].ID}
	for _, n := range slices.Backward(notices[:last]) {
		details += "\n\n" + noticeText(n) + "\n" + n.Problem.Words
		ids = append(ids, n.ID)
	}
	if last > 0 {
		text += fmt.Sprintf(" (+%d)", last)
	}
	m.failWith(text, details)
	ctx, st := m.ctx, m.Store
	return func() tea.Msg {
		if err := st.Dismiss(ctx, ids...); err != nil {
			return failure{err}
		}
		return nil
	}
}

func noticeText(n store.Notice) string {
	text := ProblemText(&n.Problem)
	if n.Subject != "" {
		text = lang.T("notice.about", "Subject", n.Subject, "Text", text)
	}
	return text
}

// failure is an error that belongs to no pane.
type failure struct{ err error }

func (f failure) apply(m *model) tea.Cmd {
	m.fail(f.err)
	return nil
}

// wrong is what is wrong now, in the server's words: of the last outcome, of the message under the cursor, else of
// the account.
func (m *model) wrong() (sentence, words string) {
	if m.status.failed {
		return m.status.text, m.status.details
	}
	if m.focus == onMessage && m.denied(m.reader.post) != nil {
		p := m.denied(m.reader.post)
		return ProblemText(p), p.Words
	}
	if r, ok := m.row(m.actedOn()); ok && r.Problem != nil {
		return ProblemText(r.Problem), r.Problem.Words
	}
	if p := m.statuses[m.account].Problem; p != nil {
		return ProblemText(p), p.Words
	}
	for _, a := range m.Config.Accounts {
		if a.Err != nil && (a.Name == m.account || len(m.Config.Accounts) == 1) {
			return lang.T("account.switched_off", "Account", a.Name), lang.Sentence(a.Err)
		}
	}
	return "", ""
}

// sayDisabled says which account the configuration is wrong about, whichever is shown.
func (m *model) sayDisabled() {
	for _, a := range m.Config.Accounts {
		if a.Err != nil {
			m.failWith(lang.T("account.switched_off", "Account", a.Name), lang.Sentence(a.Err))
			return
		}
	}
}

func (m *model) hasDetails() bool {
	text, _ := m.wrong()
	return text != "" || m.seen != ""
}

// showDetails opens what is behind the status line; an outcome that did not fit there, whole.
func (m *model) showDetails() tea.Cmd {
	text, words := m.wrong()
	if m.seen != "" && !m.status.failed {
		text, words = m.seen, ""
	}
	if text == "" {
		return nil
	}
	chunks := []chunk{textChunk(bold, text)}
	if words != "" {
		chunks = append(chunks, textChunk(plain, "\n"+lang.T("details.words")+"\n"), textChunk(m.look.dim, words))
	}
	m.open(newPage(lang.T("details.title"), chunks))
	return nil
}

// accountStatus is what the account shown is doing, for the header.
func (m *model) accountStatus() (safe.Text, style) {
	for _, a := range m.Config.Accounts {
		if a.Name == m.account && a.Err != nil {
			return m.look.warn + " " + safe.Line(lang.T("account.disabled", "Account", a.Name)), bold
		}
	}
	s, waiting := m.statuses[m.account], m.unpushed[m.account]
	dim := m.look.dim
	switch s.Phase {
	case store.PhaseConnecting:
		return safe.Line(lang.T("sync.connecting")), dim
	case store.PhaseSyncing, store.PhaseBodies:
		if s.Total > 0 {
			return safe.Line(lang.T("sync.progress", "Done", lang.Number(s.Done), "Total", lang.Number(s.Total))), dim
		}
		return safe.Line(lang.T("sync.syncing")), dim
	case store.PhaseSending:
		return safe.Line(lang.T("sync.sending")), dim
	case store.PhaseOffline:
		text := lang.T("sync.offline")
		if waiting > 0 {
			text = lang.T("sync.offline_waiting", "Count", waiting)
		}
		return m.look.warn + " " + safe.Line(text), plain
	case store.PhaseFailed:
		text := lang.T("sync.failed")
		if s.Problem != nil {
			text = ProblemText(s.Problem)
		}
		return m.look.warn + " " + safe.Line(text), bold
	case store.PhaseSynced:
		if waiting > 0 {
			return safe.Line(lang.T("sync.waiting", "Count", waiting)), dim
		}
		return m.look.ok + " " + safe.Line(lang.T("sync.synced", "Ago", ago(s.Synced, m.Now()))), dim
	}
	return "", dim
}
