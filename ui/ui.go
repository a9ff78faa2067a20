// Package ui is the screen: what people see and the keys they press.
//
// Everything it shows it reads from the store, and everything it does it does to the store; the engine makes the
// servers agree. It must not know of protocols, connections or SQL. Update and View do no I/O: what takes time is a
// command that captures values and returns a result with the generation it was asked for, and a result that is past
// is dropped.
//
//	model.go      the root: routes terminal, overlays, keys and results
//	work.go       changes of the store in order, and undo; status.go, the last outcome
//	view.go       the whole screen; header.go and footer.go, its first and last line
//	theme.go      colours, signs and rows; terminallook.go, what the terminal says of itself
//	bindings.go   the one table of keys; keys.go and keytable.go, finding and listing them; mouse.go, clicks and the wheel
//	folders.go, inbox.go, message.go, compose.go   the panes; *view.go draws them
//
//	foldertree.go the rows of the folder pane; folderkeys.go, what its keys do
//	unified.go    the folders that show the mail of all accounts
//	listing.go    what the list shows, and in which order; listahead.go, keys for a list that is still to come
//	threads.go    the list with a row for each conversation
//	selection.go, together.go   the messages chosen to be acted on together
//	search*.go    the search line, its results, and what servers find besides
//
//	content.go    messages read from the store; excerpt.go, large ones of which only the text is here
//	body.go       their text, laid out for the pager
//	conversation*.go   a conversation in the message pane
//	find.go, foundwords.go, marking.go   words looked for in a message, lines of it marked
//	attached.go, open.go, save.go, share.go   attachments and links; picture.go, gallery.go, kitty.go, sixel.go, pictures
//	trust.go, unsubscribe.go   what to think of the sender, and leaving a list
//
//	actions.go    what keys do to mail; outgoing.go, to mail on its way out
//	moving.go     mail on its way to other folders; usual.go, where it usually goes
//	reply.go, resend.go, drafts.go, template.go   what a message begins with; send.go, how it leaves
//	composekeys.go, attach.go, exteditor.go   writing it; completion.go and addressbook.go, to whom
//	typeahead.go  keys for an editor that is still to come
//
//	overlay.go    what lies over the panes: questions, and in picker.go, filepicker.go, prompt.go and page.go the others
//	scroll.go, pager.go, editor.go   the widgets
//	setup*.go     the screen that adds an account, a program of its own
//	reload.go     the configuration as it changes
//	news.go       new mail; tell.go, the ways it is told of
package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/mailsync"
	"tmail/message"
	"tmail/store"
)

// Engine is what the screen asks of the worker that keeps store and servers in step; *mailsync.Engine is one, the
// recorder of the tests another.
type Engine interface {
	Want(ids ...store.ID) // bodies the screen wants, before all others; returns at once
	// WantText is Want for what is to be read: of a large message only the beginning comes.
	WantText(ids ...store.ID)
	Look(folder store.ID)   // the folder on the screen
	Refresh(account string) // fetch now; "" is every account

	// Search asks the server of an account what it finds, in a folder or, with 0, everywhere: messages that are listed
	// here, but whose words may not be stored, and how many are not here. It waits for the answer.
	Search(ctx context.Context, account string, folder store.ID, q store.Query) (mailsync.Found, error)
	// FetchFound waits until those come, and returns what it finds of them.
	FetchFound(ctx context.Context, account string, q store.Query, missing []mailsync.Finds) (mailsync.Found, error)
}

// Options are what the screen needs. Those from Demo on may be left out.
type Options struct {
	Store   *store.Store
	Engine  Engine
	Config  *account.Config
	Now     func() time.Time
	Random  io.Reader      // for message identifiers
	Dir     string         // private directory for files on their way to other programs
	Demo    bool           // says in the header that this is the demo
	Compose *message.Draft // begin by writing this message
	Account string         // begin with this account; "" is the first
	Note    string         // say this at the beginning
	Reloads <-chan Reload  // the configuration as it changes; nil: it does not
	Listed  func()         // called once, when the first list has been drawn, or there is none

	Input  io.Reader // nil: standard input
	Output io.Writer // nil: standard output
}

// watchPause is the least time between two reads of a store that keeps changing.
const watchPause = 100 * time.Millisecond

// flushLimit is how long the last write of a draft may take when the program ends in a way of its own.
const flushLimit = 5 * time.Second

// Run shows the screen until the person leaves, a signal comes or ctx ends. The draft being written is on disk when
// it returns, also after a panic. What is wrong with the keys in the configuration is returned before anything is
// shown.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m, err := newModel(ctx, o)
	if err != nil {
		return err
	}
	m.flat = recall(o.Dir).Flat
	if o.Account != "" {
		m.account = o.Account
	}
	if o.Note != "" {
		m.say(o.Note)
	}
	out := o.Output
	if out == nil {
		out = os.Stdout
	}
	io.WriteString(out, pushTitle)
	defer io.WriteString(out, popTitle)
	return m.run(ctx, tea.NewProgram(m, programOptions(o)...))
}

// The title of the window is the terminal's to keep meanwhile (xterm's XTWINOPS).
const (
	pushTitle = "\x1b[22;2t"
	popTitle  = "\x1b[23;2t"
)

// run runs the program with what feeds it, and keeps the draft however it ends.
func (m *model) run(ctx context.Context, p *tea.Program) error {
	over := make(chan struct{})
	crash := make(chan error, 1)
	broke := func(err error) {
		select {
		case crash <- err:
		default:
		}
		p.Quit()
	}
	wake := m.Store.Watch(ctx) // from before the first read on, so that nothing is missed
	guard(func() { watch(ctx, wake, p) }, broke)
	guard(func() { obey(ctx, p, over) }, broke)
	guard(func() { passReloads(ctx, m.Reloads, p) }, broke)
	_, err := p.Run()
	close(over)
	return errors.Join(err, ended(crash), flushAtEnd(m))
}

// framesPerSecond are as many as Bubble Tea draws: a key is answered by the next one.
const framesPerSecond = 120

func programOptions(o Options) []tea.ProgramOption {
	options := []tea.ProgramOption{tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond)}
	if o.Input != nil {
		options = append(options, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		return append(options, tea.WithOutput(o.Output))
	}
	return append(options, tea.WithOutput(terminal{os.Stdout}))
}

// ended is the panic of a goroutine, if that is what ended the program.
func ended(crash <-chan error) error {
	select {
	case err := <-crash:
		return err
	default:
		return nil
	}
}

func flushAtEnd(m *model) error {
	ctx, cancel := context.WithTimeout(context.Background(), flushLimit)
	defer cancel()
	if err := m.flush(ctx); err != nil {
		return fmt.Errorf("keep the draft: %w", err)
	}
	return nil
}

// watch tells the screen that the store has changed, at most ten times a second.
func watch(ctx context.Context, wake <-chan struct{}, p *tea.Program) {
	pause := time.NewTicker(watchPause)
	defer pause.Stop()
	for range wake {
		p.Send(changedStore{})
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
	}
}

// obey turns the signals that end programs, and the end of ctx, into leaving properly: what was written is kept.
// A screen that does not answer in time is ended.
func obey(ctx context.Context, p *tea.Program, over <-chan struct{}) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	select {
	case <-signals:
	case <-ctx.Done():
	case <-over:
		return
	}
	guard(func() { p.Send(leave{}) }, func(error) {})
	select {
	case <-time.After(flushLimit):
		p.Kill()
	case <-over:
	}
}

// guard runs f in a goroutine of its own. A panic there does not take the terminal with it: broke is told.
func guard(f func(), broke func(error)) {
	go func() {
		defer func() {
			if r := recover(); r != nil {
				broke(fmt.Errorf("internal error: %v\n%s", r, debug.Stack()))
			}
		}()
		f()
	}()
}
