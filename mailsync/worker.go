package mailsync

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"tmail/account"
	"tmail/store"
	"tmail/transport"
)

// farSide is the server of an account as its worker sees it. IMAP and POP3 stand behind it.
type farSide interface {
	// push tells the server all that waits, and settles first what was under way when a connection died.
	push(ctx context.Context) error
	// list takes over which folders there are.
	list(ctx context.Context) error
	// pull takes over what changed on the server.
	pull(ctx context.Context, what scope) error
	// bodies fetches a few missing bodies: those the person asked for, or with background those that the policy of the
	// account wants. It reports whether there may be more.
	bodies(ctx context.Context, background bool) (more bool, err error)
	// alive fails when the connection there is has died without a word.
	alive(ctx context.Context) error
	// watch asks for what the server says that changed to be looked at, until ctx ends.
	watch(ctx context.Context)
	// done is closed when the connection ended by itself; nil when there is nothing to end.
	done() <-chan struct{}
	close()
}

// worker keeps one account and its server in step. All its fields belong to the goroutine that holds the account's
// lock; others reach it through todo.
type worker struct {
	account account.Account
	store   *store.Store
	now     func() time.Time
	log     *slog.Logger
	dialer  transport.Dialer
	meter   *transport.Meter
	engine  *Engine

	lock     *lock
	todo     *todo
	sender   *sender
	counts   counts
	progress func(Progress)  // told by SyncOnce; nil: nobody looks
	status   store.Status    // as last told to the store
	alert    string          // what the server last had to say to the person
	refused  map[string]bool // what the server does not give, as the person was told: messages by their UIDL, folders by name
	waits    error           // why the server has yet to be told of a change, in the present SyncOnce
}

// counts is what a Report counts.
type counts struct{ new, changed, removed, pushed, sent int }

func newWorker(e *Engine, a account.Account) *worker {
	w := &worker{
		account: a, store: e.store, now: e.opts.Now, log: e.opts.Log.With("account", a.Name), engine: e,
		lock: newLock(e.opts.Dir, a.Name), todo: newTodo(), meter: &transport.Meter{}, refused: map[string]bool{},
	}
	w.dialer = transport.Dialer{Timeout: e.opts.Timeout, Trace: e.opts.Trace, Now: e.opts.Now, Meter: w.meter}
	w.sender = &sender{worker: w}
	return w
}

// run waits for the account to be free and owns it until ctx ends.
func (w *worker) run(ctx context.Context) {
	for ctx.Err() == nil {
		unlock, err := w.lock.wait(ctx)
		if err != nil {
			if ctx.Err() == nil {
				w.fail(ctx, err)
				w.sleep(ctx, time.Minute)
			}
			continue
		}
		w.own(ctx)
		unlock()
	}
}

// own sends in one goroutine and synchronises in this one: a slow upload keeps nobody from reading.
func (w *worker) own(ctx context.Context) {
	if err := w.store.Outbox.Recover(ctx, w.account.Name); err != nil && ctx.Err() == nil {
		w.log.Error("recover the outbox", "error", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var sending sync.WaitGroup
	w.engine.start(&sending, w.account.Name+" sender", func() { w.sender.run(ctx) })
	defer sending.Wait()
	defer cancel()

	changed := w.store.Watch(ctx)
	var retry backoff
	for ctx.Err() == nil {
		began := time.Now()
		err := w.session(ctx, changed)
		retry.lasted(time.Since(began))
		if ctx.Err() != nil {
			return
		}
		problem := w.fail(ctx, err)
		w.answerAsked(ctx, problem)
		w.todo.take() // what the next session does anyway is no reason to begin it without a pause
		person := needsPerson(problem.Kind)
		w.idleUntil(ctx, changed, retry.next(person), person)
	}
}

// session connects, makes both sides agree, and keeps them so until the connection fails.
func (w *worker) session(ctx context.Context, changed <-chan struct{}) error {
	w.tell(ctx, store.Status{Phase: store.PhaseConnecting})
	side, err := w.connect(ctx)
	if err != nil {
		return err
	}
	defer side.close()
	if err := w.pass(ctx, side, scope{all: true}); err != nil {
		return err
	}

	watching, stop := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	w.engine.start(&watcher, w.account.Name+" watcher", func() { side.watch(watching) })
	defer watcher.Wait()
	defer stop()
	return w.serve(ctx, side, changed)
}

// lookEvery is how often the folder on the screen is asked after.
const lookEvery = time.Minute

// serve does what there is to do, the person's wishes first, and sleeps until there is more: the store changed, for one.
func (w *worker) serve(ctx context.Context, side farSide, changed <-chan struct{}) error {
	poll, look := time.NewTicker(w.account.Poll), time.NewTicker(lookEvery)
	defer poll.Stop()
	defer look.Stop()
	background := true
	for {
		if err := w.urgent(ctx, side); err != nil {
			return err
		}
		if what := w.todo.take(); !what.empty() {
			if what.online {
				if err := side.alive(ctx); err != nil {
					return err
				}
			}
			if err := w.pass(ctx, side, what); err != nil {
				return err
			}
			background = true
			continue
		}
		if background {
			more, err := side.bodies(ctx, true)
			if err != nil {
				return err
			}
			background = more
			if more {
				continue
			}
		}
		w.tell(ctx, store.Status{Phase: store.PhaseSynced})
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-side.done():
			return &transport.Error{Kind: transport.KindNetwork, Op: "wait for news", Words: "the server ended the connection"}
		case <-changed:
		case <-w.todo.waiting:
		case <-poll.C:
			w.todo.refresh()
		case <-look.C:
			w.todo.lookAgain()
		}
	}
}

// urgent does what the person waits for: bodies asked for, changes made here, and the wishes of other processes.
func (w *worker) urgent(ctx context.Context, side farSide) error {
	for more := true; more; {
		var err error
		if more, err = side.bodies(ctx, false); err != nil {
			return err
		}
	}
	if err := side.push(ctx); err != nil {
		return err
	}
	if ticket, err := w.store.Accounts.SyncAsked(ctx, w.account.Name); err == nil && ticket != 0 {
		w.todo.refresh()
	}
	return nil
}

// pass pushes and pulls once. Who asked for it, in this process or another, is answered when all was looked at.
func (w *worker) pass(ctx context.Context, side farSide, what scope) error {
	ticket, err := w.store.Accounts.SyncAsked(ctx, w.account.Name)
	if err != nil {
		return err
	}
	w.tell(ctx, store.Status{Phase: store.PhaseSyncing})
	if what.all {
		if err := w.store.Outbox.Reconnected(ctx, w.account.Name); err != nil {
			return err
		}
	}
	if err := side.push(ctx); err != nil {
		return err
	}
	if err := side.pull(ctx, what); err != nil {
		return err
	}
	w.tell(ctx, store.Status{Phase: store.PhaseSynced})
	if what.all && ticket != 0 {
		return w.store.Accounts.AnswerSync(ctx, w.account.Name, ticket, nil)
	}
	return nil
}

// answerAsked tells other processes that asked for a synchronisation why there is none.
func (w *worker) answerAsked(ctx context.Context, p *store.Problem) {
	ticket, err := w.store.Accounts.SyncAsked(ctx, w.account.Name)
	if err == nil && ticket != 0 {
		err = w.store.Accounts.AnswerSync(ctx, w.account.Name, ticket, p)
	}
	if err != nil && ctx.Err() == nil {
		w.log.Error("answer who asked to synchronise", "error", err)
	}
}

// idleUntil waits for d to pass, for the person to ask again, or for another process to ask; and, unless a person has
// to mend something first, for the network to come back.
func (w *worker) idleUntil(ctx context.Context, changed <-chan struct{}, d time.Duration, person bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-w.todo.waiting:
			if what := w.todo.take(); what.all && !(what.online && person) {
				return
			}
		case <-changed:
			if ticket, err := w.store.Accounts.SyncAsked(ctx, w.account.Name); err == nil && ticket != 0 {
				return
			}
		}
	}
}

// once is one synchronisation for SyncOnce: send, push, pull, fetch the bodies that the policy wants.
func (w *worker) once(ctx context.Context) error {
	w.counts, w.sender.sent, w.waits = counts{}, 0, nil
	if err := w.store.Outbox.Recover(ctx, w.account.Name); err != nil {
		return err
	}
	sendErr := w.sender.sendDue(ctx)
	_, draftsErr := w.sender.publishDrafts(ctx, true)
	err := w.onceWithServer(ctx)
	w.counts.sent = w.sender.sent
	if err == nil {
		err = cmp.Or(sendErr, draftsErr)
	}
	if err != nil && ctx.Err() == nil {
		w.fail(ctx, err)
	}
	return err
}

func (w *worker) onceWithServer(ctx context.Context) error {
	w.tell(ctx, store.Status{Phase: store.PhaseConnecting})
	side, err := w.connect(ctx)
	if err != nil {
		return err
	}
	defer side.close()
	if err := w.pass(ctx, side, scope{all: true}); err != nil {
		return err
	}
	if err := w.fileAccepted(ctx, side); err != nil {
		return err
	}
	for more := true; more; {
		if more, err = side.bodies(ctx, true); err != nil {
			return err
		}
	}
	w.tell(ctx, store.Status{Phase: store.PhaseSynced})
	return w.waits
}

// fileAccepted files what could not be before the folders were known, and gives the server the copies.
func (w *worker) fileAccepted(ctx context.Context, side farSide) error {
	before := w.sender.sent
	if err := w.sender.fileAccepted(ctx); err != nil || w.sender.sent == before {
		return err
	}
	return side.push(ctx)
}

// afterSending files a message that was sent and gives the server its copy, for a process that ends right afterwards;
// what fails stays for the next one.
func (w *worker) afterSending(ctx context.Context, id store.ID) {
	_, err := w.store.Outbox.Get(ctx, id)
	unfiled := err == nil
	waiting, err := w.store.Changes.Waiting(ctx, w.account.Name)
	if err != nil || waiting == 0 && !unfiled {
		return
	}
	side, err := w.connect(ctx)
	if err == nil {
		if unfiled {
			err = side.list(ctx)
		}
		if err == nil {
			err = w.sender.fileAccepted(ctx)
		}
		if err == nil {
			err = side.push(ctx)
		}
		side.close()
	}
	if err != nil && ctx.Err() == nil {
		w.log.Warn("file what was sent", "error", err)
	}
}

func (w *worker) connect(ctx context.Context) (farSide, error) {
	if w.account.Incoming.Protocol == account.ProtocolPOP3 {
		return newPOP3Side(w), nil
	}
	return dialIMAP(ctx, w)
}

// tell writes down what the worker is doing, when that is new. The store is told of progress within a phase ten
// times a second at most by its callers.
func (w *worker) tell(ctx context.Context, st store.Status) {
	if w.progress != nil {
		w.progress(Progress{Phase: st.Phase, Done: st.Done, Total: st.Total})
	}
	same := st.Phase == w.status.Phase && st.Done == w.status.Done && st.Total == w.status.Total && w.status.Problem == nil
	if same && st.Phase != store.PhaseSynced || same && w.now().Sub(w.status.At) < 10*time.Second {
		return
	}
	st.At = w.now()
	w.status = st
	if err := w.store.Accounts.SetStatus(ctx, w.account.Name, st); err != nil && ctx.Err() == nil {
		w.log.Error("note what the account is doing", "error", err)
	}
}

// fail writes down why the account is not in step and returns it as a Problem.
func (w *worker) fail(ctx context.Context, err error) *store.Problem {
	problem := problemOf(err, w.account, w.now())
	w.log.Warn("not in step", "error", err)
	phase := store.PhaseOffline
	if needsPerson(problem.Kind) || problem.Kind == store.ProblemDisk || problem.Kind == store.ProblemInternal {
		phase = store.PhaseFailed
	}
	w.status = store.Status{Phase: phase, Problem: problem, At: w.now()}
	if err := w.store.Accounts.SetStatus(ctx, w.account.Name, w.status); err != nil && !errors.Is(err, context.Canceled) {
		w.log.Error("note why the account failed", "error", err)
	}
	return problem
}

func (w *worker) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// policy says which bodies the account keeps at hand.
func (w *worker) policy() store.BodyPolicy {
	switch w.account.Offline {
	case account.OfflineHeaders:
		return store.BodyPolicy{}
	case account.OfflineAll:
		return store.BodyPolicy{All: true}
	}
	return store.BodyPolicy{MaxAge: 90 * 24 * time.Hour, MaxSize: 1 << 20}
}
