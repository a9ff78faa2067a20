// Package mailsync makes store and servers agree: one worker for each account fetches what is new, tells the server
// what was changed here, keeps bodies at hand and sends what is due. It owns every state machine that touches both
// sides and writes what it learns into the store, where the screen finds it.
//
//	server → transport (bytes) → mailsync → store → ui
//	ui (intent) → store (effect and pending change) → mailsync → transport → server
//
// It knows no screen and no words for people: what goes wrong is kept as a store.Problem.
//
//	engine.go, worker.go    all accounts, and one: its session, what it does next, how it waits (todo.go, backoff.go)
//	lock.go, once.go        who owns an account, and asking the owner
//	imap.go, pop3.go        the two far sides
//	pull.go, headers.go     what a server has: compared, and read (conveyor.go, room.go)
//	push.go, settle.go      what it has to be told, and what became of that when a connection died
//	bodies.go, missing.go   fetching bodies; large.go, of which only the text comes at first
//	sender.go, filing.go, unconfirmed.go, drafts.go   sending, the copy in Sent, what may have been sent, drafts
//	search.go               asking servers for what is not stored here
//	watch.go, online.go     noticing news, and that the network is back
//	background.go           indexing and the like
//	check.go, clock.go      the live check
package mailsync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"tmail/account"
	"tmail/store"
)

// errUnknownAccount says that no account of that name is configured, or that its configuration is wrong.
var errUnknownAccount = errors.New("no such account")

// Options are what an Engine needs besides the store and the accounts.
type Options struct {
	Dir     string           // where the lock files of the accounts lie: the data directory
	Timeout time.Duration    // how long a server may be silent; 0: the transport's default
	Trace   io.Writer        // gets the whole talk with all servers, secrets redacted; nil: none
	Now     func() time.Time // the clock; nil: time.Now
	Log     *slog.Logger     // nil: nothing is logged
	// Online has a token when the machine resumed or the network came back: workers that wait then try at once, the
	// others make sure that their server still hears them. See Online; nil: they find out by themselves.
	Online <-chan struct{}
}

// Engine runs the workers of all accounts. Its methods may be called from anywhere and do not wait for a server,
// except SyncOnce, Deliver and Search.
type Engine struct {
	store   *store.Store
	opts    Options
	workers map[string]*worker // by account name; those that can work only
	order   []string
	crashed chan error // the first panic of a goroutine
	halt    func()     // ends Run; nil before it

	mu     sync.Mutex
	wanted []store.ID
	texts  []store.ID
	want   chan struct{} // wakes the goroutine that writes wanted down
}

// maxWanted bounds the bodies asked for and not yet written down; the newest wishes are kept.
const maxWanted = 200

// New returns an Engine for the accounts that are configured right; the others are left alone. The accounts must have
// been registered with the store.
func New(st *store.Store, accounts []account.Account, o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	e := &Engine{
		store: st, opts: o, workers: map[string]*worker{},
		crashed: make(chan error, 1), want: make(chan struct{}, 1),
	}
	for _, a := range accounts {
		if a.Err != nil {
			continue
		}
		e.workers[a.Name] = newWorker(e, a)
		e.order = append(e.order, a.Name)
	}
	return e
}

// Run keeps all accounts in step until ctx ends, and returns when every worker has stopped. It returns nil then, and
// an error only when a worker panicked: all have been stopped by that time.
func (e *Engine) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e.halt = cancel
	var all sync.WaitGroup
	e.start(&all, "wishes", func() { e.writeWishes(ctx) })
	e.start(&all, "index", func() { e.index(ctx) })
	e.start(&all, "older", func() { e.tieOlder(ctx) })
	for _, w := range e.workers {
		e.start(&all, w.account.Name, func() { w.run(ctx) })
	}
	if e.opts.Online != nil {
		e.start(&all, "online", func() { e.passOnline(ctx) })
	}
	all.Wait()
	select {
	case err := <-e.crashed:
		return err
	default:
		return nil
	}
}

// start runs f in a goroutine of its own. A panic ends the engine instead of the program, so that the screen can be
// restored and drafts saved; Run returns it. all counts the goroutine.
func (e *Engine) start(all *sync.WaitGroup, name string, f func()) {
	all.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				err := fmt.Errorf("mail worker %s failed: %v", name, p)
				e.opts.Log.Error("panic", "worker", name, "panic", p, "stack", string(debug.Stack()))
				select {
				case e.crashed <- err:
				default:
				}
				e.halt()
			}
		}()
		f()
	})
}

// Want asks for the bodies of messages before everything else. The screen learns of their arrival from store.Watch.
func (e *Engine) Want(ids ...store.ID) {
	e.wish(&e.wanted, ids)
}

// WantText is Want for what is to be read: of a large message only the beginning comes.
func (e *Engine) WantText(ids ...store.ID) {
	e.wish(&e.texts, ids)
}

func (e *Engine) wish(list *[]store.ID, ids []store.ID) {
	e.mu.Lock()
	*list = append(*list, ids...)
	if over := len(*list) - maxWanted; over > 0 {
		*list = append([]store.ID(nil), (*list)[over:]...)
	}
	e.mu.Unlock()
	wake(e.want)
}

// Look says which folder is on the screen: it is kept fresh like an inbox.
func (e *Engine) Look(folder store.ID) {
	for _, w := range e.workers {
		w.todo.look(folder)
	}
}

// Refresh fetches now: one account, or all when name is empty.
func (e *Engine) Refresh(name string) {
	for _, w := range e.workers {
		if name == "" || w.account.Name == name {
			w.todo.refresh()
		}
	}
}

// writeWishes passes on to the store which bodies are wanted, so that whichever process talks to the server sees it.
func (e *Engine) writeWishes(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.want:
		}
		e.mu.Lock()
		ids, texts := e.wanted, e.texts
		e.wanted, e.texts = nil, nil
		e.mu.Unlock()
		if err := errors.Join(e.store.Bodies.WantText(ctx, texts...), e.store.Bodies.Want(ctx, ids...)); err != nil && ctx.Err() == nil {
			e.opts.Log.Error("want bodies", "error", err)
		}
	}
}

// wake puts a token into a channel of capacity one, unless one is there.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
