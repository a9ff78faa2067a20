package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tmail/account"
	"tmail/mailtest"
	"tmail/message"
	"tmail/store"
)

// recorder is an SMTP server that remembers what it accepted, which it does as soon as it has heard the final dot.
type recorder struct {
	port int

	mu       sync.Mutex
	accepted map[string]int // by Message-ID
	moments  int            // until strike is called: each line heard or said is one
	strike   func()
}

func newRecorder(t *testing.T) *recorder {
	r := &recorder{accepted: map[string]int{}}
	r.port = mailtest.Script(t, r.talk).Port
	return r
}

func (r *recorder) talk(c *mailtest.Conversation) {
	say := func(line string) { c.Say(line); r.moment() }
	say("220 recorder")
	for {
		line, ok := c.Hear()
		if !ok {
			return
		}
		r.moment()
		switch {
		case line == "QUIT":
			say("221 bye")
			return
		case strings.HasPrefix(line, "EHLO"):
			c.Say("250-recorder")
			say("250 AUTH PLAIN")
		case strings.HasPrefix(line, "AUTH"):
			say("235 welcome")
		case line != "DATA":
			say("250 ok")
		}
		if line != "DATA" {
			continue
		}
		say("354 go on")
		id := ""
		for line != "." {
			if line, ok = c.Hear(); !ok {
				return // not handed over
			}
			if value, found := strings.CutPrefix(line, "Message-ID: "); found {
				id = value
			}
			if line == "." {
				r.mu.Lock()
				r.accepted[strings.Trim(id, "<>")]++
				r.mu.Unlock()
			}
			r.moment()
		}
		say("250 taken")
	}
}

func (r *recorder) moment() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.moments--; r.moments == 0 && r.strike != nil {
		r.strike()
	}
}

// strikeAt has f called after so many lines heard or said; 0: never.
func (r *recorder) strikeAt(moments int, f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.moments, r.strike = moments, f
}

// writer is somebody whose messages wait in the Outbox, for a recorder. No incoming server answers.
type writer struct {
	t      *testing.T
	config string
	data   string
	server *recorder
	ids    []string // Message-IDs of what was written
}

func newWriter(t *testing.T) *writer {
	t.Helper()
	dir := t.TempDir()
	w := &writer{t: t, config: filepath.Join(dir, "config.toml"), data: filepath.Join(dir, "data"), server: newRecorder(t)}
	text := fmt.Sprintf(`
[[account]]
name = "work"
email = "ann@example.test"
[account.incoming]
protocol = "pop3"
host = "127.0.0.1"
port = 1
security = "none"
password = "pw"
[account.outgoing]
protocol = "smtp"
host = "127.0.0.1"
port = %d
security = "none"
`, w.server.port)
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// with runs f on the store, which no process has open meanwhile.
func (w *writer) with(f func(ctx context.Context, st *store.Store) error) {
	w.t.Helper()
	inStore(w.t, w.config, w.data, func(ctx context.Context, st *store.Store) {
		if err := f(ctx, st); err != nil {
			w.t.Fatal(err)
		}
	})
}

// write puts n messages into the Outbox.
func (w *writer) write(n int) {
	w.t.Helper()
	w.with(func(ctx context.Context, st *store.Store) error {
		for range n {
			d := &store.Draft{Account: "work", From: []message.Address{{Addr: "ann@example.test"}}, To: []message.Address{{Addr: "bob@example.test"}},
				Subject: fmt.Sprint("message ", len(w.ids)), Body: "Hello.\n", Date: time.Now(), MessageID: fmt.Sprintf("%d@example.test", len(w.ids))}
			if err := st.Drafts.Save(ctx, d); err != nil {
				return err
			}
			out := st.Drafts.Message(ctx, d)
			if err := st.Outbox.Queue(ctx, d.ID, out, store.Envelope{From: out.ReturnPath(), To: []string{"bob@example.test"}}, time.Now()); err != nil {
				return err
			}
			w.ids = append(w.ids, d.MessageID)
		}
		return nil
	})
}

// sync is `tmail sync`, which sends what is due.
func (w *writer) sync() *exec.Cmd { return w.command("sync") }

// command is tmail with this configuration and data.
func (w *writer) command(args ...string) *exec.Cmd {
	w.t.Helper()
	path, err := built()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"--config", w.config, "--data", w.data}, args...)...)
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "HOME="+filepath.Dir(w.config))
	return cmd
}

// finish sends what is left, undisturbed.
func (w *writer) finish() {
	w.t.Helper()
	w.server.strikeAt(0, nil)
	var exit *exec.ExitError
	if err := w.sync().Run(); err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
}

// waiting counts what the Outbox is still to send by itself.
func (w *writer) waiting() (n int) {
	w.t.Helper()
	w.with(func(ctx context.Context, st *store.Store) error {
		list, err := st.Outbox.List(ctx, "")
		for _, out := range list {
			if out.Status == store.OutDue || out.Status == store.OutSending {
				n++
			}
		}
		return err
	})
	return n
}

// check makes sure that every message is in Sent and was accepted once, or is unconfirmed and was accepted once or
// not at all. It returns how many are unconfirmed, and how many of them the server has.
func (w *writer) check() (unconfirmed, accepted int) {
	w.t.Helper()
	sent, doubtful := map[string]int{}, map[string]int{}
	w.with(func(ctx context.Context, st *store.Store) error {
		folder, err := st.Index.FolderByRole(ctx, "work", account.RoleSent)
		if err != nil {
			return err
		}
		rows, err := st.Index.Newest(ctx, folder.ID, len(w.ids)+10)
		if err != nil {
			return err
		}
		for _, r := range rows {
			sent[r.MessageID]++
		}
		list, err := st.Outbox.List(ctx, "")
		for _, out := range list {
			doubtful[out.MessageID]++
			if out.Status != store.OutUnconfirmed || out.Problem == nil || out.Problem.Kind != store.ProblemUnconfirmed {
				w.t.Errorf("message %s is %s (%+v)", out.MessageID, out.Status, out.Problem)
			}
		}
		return err
	})
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	for _, id := range w.ids {
		got := w.server.accepted[id]
		switch {
		case sent[id]+doubtful[id] != 1:
			w.t.Errorf("message %s is %d times in Sent and %d times in the Outbox", id, sent[id], doubtful[id])
		case got > 1:
			w.t.Errorf("message %s was sent %d times", id, got)
		case sent[id] == 1 && got == 0:
			w.t.Errorf("message %s is in Sent, and the server never had it", id)
		}
		unconfirmed += doubtful[id]
		accepted += doubtful[id] * got
	}
	for id := range w.server.accepted {
		if sent[id]+doubtful[id] == 0 {
			w.t.Errorf("the server has %s, which nobody wrote", id)
		}
	}
	return unconfirmed, accepted
}

// SIGKILL at random moments, of the talk with the server and of the clock: nothing is lost, nothing is sent twice.
func TestKilledWhileSending(t *testing.T) {
	messages, kills := 10, 20
	if mailtest.Long() {
		messages, kills = 100, 200
	}
	w := newWriter(t)
	w.write(messages)
	for n := range kills {
		if w.waiting() == 0 {
			w.write(1)
		}
		cmd := w.sync()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if n%3 == 0 {
			timer := time.AfterFunc(rand.N(100*time.Millisecond), func() { cmd.Process.Kill() })
			defer timer.Stop()
		} else {
			w.server.strikeAt(1+rand.IntN(35), func() { cmd.Process.Kill() })
		}
		cmd.Wait()
	}
	w.finish()
	unconfirmed, accepted := w.check()
	t.Logf("%d messages, %d kills: %d unconfirmed, of which the server has %d", len(w.ids), kills, unconfirmed, accepted)
}

// Several tmails send from one Outbox at once, and are killed: nothing is sent twice.
func TestSharedOutbox(t *testing.T) {
	pairs, messages := 2, 10
	if mailtest.Long() {
		pairs, messages = 50, 100
	}
	w := newWriter(t)
	for pair := range pairs {
		w.write(messages)
		first, second := w.sync(), w.sync()
		for _, cmd := range []*exec.Cmd{first, second} {
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
		}
		if pair%2 == 1 {
			w.server.strikeAt(1+rand.IntN(100), func() { first.Process.Kill() })
		}
		first.Wait()
		second.Wait()
	}
	w.finish()
	unconfirmed, _ := w.check()
	t.Logf("%d pairs, %d messages: %d unconfirmed", pairs, len(w.ids), unconfirmed)
	if unconfirmed > pairs/2 {
		t.Errorf("%d messages are unconfirmed after %d kills", unconfirmed, pairs/2)
	}
}
