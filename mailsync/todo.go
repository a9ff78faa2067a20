package mailsync

import (
	"sync"

	"tmail/store"
)

// scope says which folders a pull looks at.
type scope struct {
	all    bool
	inbox  bool
	folder store.ID // the one on the screen; 0: none
	online bool     // because the network came back: what is connected may be dead
}

func (s scope) empty() bool { return !s.all && !s.inbox && s.folder == 0 }

// todo collects what a worker is asked for while it is busy. Wishes of one kind are one wish.
type todo struct {
	waiting chan struct{} // has a token while there is something to take

	mu     sync.Mutex
	next   scope
	looked store.ID // the folder on the screen
}

func newTodo() *todo { return &todo{waiting: make(chan struct{}, 1)} }

func (t *todo) ask(change func(*scope)) {
	t.mu.Lock()
	change(&t.next)
	t.mu.Unlock()
	wake(t.waiting)
}

// take returns what was asked for since the last time.
func (t *todo) take() scope {
	t.mu.Lock()
	defer t.mu.Unlock()
	what := t.next
	t.next = scope{}
	return what
}

// asked says whether there is something to take.
func (t *todo) asked() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.next.empty()
}

func (t *todo) refresh()      { t.ask(func(s *scope) { s.all = true }) }
func (t *todo) cameOnline()   { t.ask(func(s *scope) { s.all, s.online = true, true }) }
func (t *todo) inboxChanged() { t.ask(func(s *scope) { s.inbox = true }) }

// look notes which folder is on the screen and asks for it to be looked at.
func (t *todo) look(folder store.ID) {
	t.mu.Lock()
	same := t.looked == folder
	t.looked = folder
	t.mu.Unlock()
	if !same {
		t.lookAgain()
	}
}

func (t *todo) lookAgain() {
	t.mu.Lock()
	folder := t.looked
	t.mu.Unlock()
	if folder != 0 {
		t.ask(func(s *scope) { s.folder = folder })
	}
}

// onScreen is the folder on the screen, 0 when none of the account is.
func (t *todo) onScreen() store.ID {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.looked
}
