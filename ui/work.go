package ui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/store"
)

// result is what a Cmd brings back. It knows the pane and the generation it was asked for by, and does nothing when
// that is past: its error included.
type result interface {
	apply(m *model) tea.Cmd
}

// load is the one thing a pane waits for. Asking again cancels what was asked before.
type load struct {
	gen    int
	cancel context.CancelFunc
}

func (l *load) begin(ctx context.Context) (context.Context, int) {
	l.stop()
	ctx, l.cancel = context.WithCancel(ctx)
	l.gen++
	return ctx, l.gen
}

func (l *load) stop() {
	if l.cancel != nil {
		l.cancel()
		l.cancel = nil
	}
}

// drop waits no longer: what was asked for counts for nothing when it comes.
func (l *load) drop() {
	l.stop()
	l.gen++
}

func (l *load) waiting() bool { return l.cancel != nil }

// end reports whether gen is the one waited for, and if so waits no longer.
func (l *load) end(gen int) bool {
	if gen != l.gen {
		return false
	}
	l.stop()
	return true
}

// jobs are changes of the store. They run one after another in the order of the keys, each against what the one
// before it left: undo straight after delete undoes that delete.
type jobs struct {
	waiting []func() tea.Cmd // each starts a job in Update; nil: there was nothing to do
	running bool
}

// jobLimit is how long a change may take before it is given up; the disk is in trouble then.
const jobLimit = 30 * time.Second

type jobDone struct {
	err  error
	done func(error) tea.Cmd
}

// do runs a change of the store when its turn comes, and done, with its outcome, in Update. Changes are not
// cancelled by leaving: what was asked for is written down.
func (m *model) do(run func(context.Context) error, done func(error) tea.Cmd) tea.Cmd {
	return m.later(func() tea.Cmd { return m.job(run, done) })
}

// carryOut is do for a change of which a failure is said and nothing else: then runs when it went well.
func (m *model) carryOut(run func(context.Context) error, then func() tea.Cmd) tea.Cmd {
	return m.do(run, func(err error) tea.Cmd {
		if err != nil {
			m.fail(err)
			return nil
		}
		return then()
	})
}

// later lets start decide what to do when its turn comes.
func (m *model) later(start func() tea.Cmd) tea.Cmd {
	m.jobs.waiting = append(m.jobs.waiting, start)
	return m.nextJob()
}

func (m *model) job(run func(context.Context) error, done func(error) tea.Cmd) tea.Cmd {
	ctx := context.WithoutCancel(m.ctx)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, jobLimit)
		defer cancel()
		return jobDone{run(ctx), done}
	}
}

func (m *model) nextJob() tea.Cmd {
	for !m.jobs.running && len(m.jobs.waiting) > 0 {
		start := m.jobs.waiting[0]
		m.jobs.waiting = m.jobs.waiting[1:]
		if cmd := start(); cmd != nil {
			m.jobs.running = true
			m.list.outdate()
			return cmd
		}
	}
	if !m.jobs.running && m.leaving && m.copies == 0 {
		return tea.Quit
	}
	return nil
}

func (j jobDone) apply(m *model) tea.Cmd {
	m.jobs.running = false
	if j.err != nil { // the screen shows already what the store could not do
		m.list.again = true
	}
	after := j.done(j.err)
	next := m.nextJob()
	return tea.Batch(after, next, m.refresh())
}

// busy reports whether changes are under way that the screen shows already.
func (m *model) busy() bool { return m.jobs.running || len(m.jobs.waiting) > 0 }

// underWay is what was asked for in this run and is not all done yet, or can be taken back.
type underWay struct {
	jobs    jobs
	undos   []undoable
	sends   []outgoing  // queued, of which the outcome is not known yet
	unkept  []*composer // could not be written down when that was tried last
	copies  int         // times files are being copied into the store
	leaving bool        // the program ends when all is written down
	insists bool        // on leaving, although a message cannot be written down
}

// undoable is something done in this run that u takes back.
type undoable struct {
	undone string // what to say when it was taken back
	final  string // what to say because it cannot be taken back; "" it can
	back   func(context.Context) error
	show   store.ID // the message to put the cursor on afterwards; 0 none
	after  func(m *model) tea.Cmd
	// outgoing is the message a send put into the Outbox; 0 for all else. Once it has left, it is not tried again.
	outgoing store.ID
}

func (m *model) remember(u undoable) { m.undos = append(m.undos, u) }

// did says what was done, and remembers how it is taken back.
func (m *model) did(said string, u undoable) {
	m.sayUndoable(said)
	m.remember(u)
}

// undo takes back the last thing done, when all keys before it have had their effect.
func (m *model) undo() tea.Cmd {
	return m.later(func() tea.Cmd {
		n := len(m.undos)
		if n == 0 {
			m.say(lang.T("undo.nothing"))
			return nil
		}
		u := m.undos[n-1]
		m.undos = m.undos[:n-1]
		if u.final != "" {
			m.say(u.final)
			return nil
		}
		return m.job(u.back, func(err error) tea.Cmd {
			if err != nil {
				return m.undoFailed(u, err)
			}
			if u.outgoing != 0 {
				m.forgetSend(u.outgoing)
			}
			m.say(u.undone)
			m.list.seek = u.show
			if u.after != nil {
				return u.after(m)
			}
			return nil
		})
	})
}

func (m *model) undoFailed(u undoable, err error) tea.Cmd {
	if u.outgoing != 0 && (errors.Is(err, store.ErrNotPossible) || errors.Is(err, store.ErrNoSuch)) {
		m.forgetSend(u.outgoing)
		m.say(lang.T("undo.left_already"))
		return nil
	}
	if errors.Is(err, store.ErrNoSuch) { // it never will be: what was done before can still be taken back
		m.say(lang.T("undo.gone"))
		return nil
	}
	m.undos = append(m.undos, u)
	m.fail(err)
	return nil
}

// outgoing is a message that was sent in this run.
type outgoing struct {
	id      store.ID
	subject string
}

// follow has said what becomes of a message that was let go, from what the Outbox holds from now on: what is being read
// may be from before.
func (m *model) follow(id store.ID, subject string) tea.Cmd {
	m.sends = append(slices.DeleteFunc(m.sends, func(o outgoing) bool { return o.id == id }), outgoing{id, subject})
	return m.loadFolders()
}

// followSends says what became of the messages sent in this run, from what is still in the Outbox.
func (m *model) followSends(list []*store.Outgoing) {
	if m.busy() {
		return // the list may be from before a message was queued
	}
	for _, s := range slices.Clone(m.sends) {
		i := slices.IndexFunc(list, func(o *store.Outgoing) bool { return o.ID == s.id })
		switch {
		case i < 0 || list[i].Step == store.SendAccepted:
			m.say(lang.T("done.sent", "Subject", cmp.Or(s.subject, lang.T("list.no_subject"))))
			m.forgetSend(s.id)
		case list[i].Status == store.OutFailed || list[i].Status == store.OutUnconfirmed:
			if p := list[i].Problem; p != nil {
				m.failWith(ProblemText(p), p.Words)
			}
			m.forgetSend(s.id)
		}
	}
}

// forgetSend drops a message that has left or was taken back: its outcome is known, and u does not go for it.
func (m *model) forgetSend(id store.ID) {
	m.undos = slices.DeleteFunc(m.undos, func(u undoable) bool { return u.outgoing == id })
	m.sends = slices.DeleteFunc(m.sends, func(o outgoing) bool { return o.id == id })
}
