package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tmail/mailtest"
	"tmail/store"
)

// maxLost is how much typing a kill may take with it, where the machine itself does not stand still.
const maxLost = 2 * time.Second

// SIGKILL at random moments while somebody types into a letter: what was typed two seconds before is in the draft, and
// the rest of the letter is there to its end.
func TestKilledWhileTyping(t *testing.T) {
	kills, most := 5, 3*time.Second
	if mailtest.Long() {
		kills, most = 200, 4*time.Second
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var rest strings.Builder
	for n := range 500 {
		fmt.Fprintf(&rest, "Line %d of the letter, 第%d行.\n", n, n)
	}
	rest.WriteString("Its end.")
	for n := range kills {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(n)))
			w := newWriter(t)
			subject := fmt.Sprint("letter ", n)
			link := "mailto:bob@example.test?subject=" + url.PathEscape(subject) + "&body=" + url.PathEscape(rest.String())
			cmd := w.command(link)
			tmail := mailtest.RunInTerminal(t, 100, 30, cmd).Shows("Line 0 of the letter")
			stoodStill := watchMachine(t)
			var typed strings.Builder
			var times []time.Time // of each byte typed
			begun, end := time.Now(), time.Duration(random.Int64N(int64(most)))
			for word := 0; time.Since(begun) < end; word++ {
				text := fmt.Sprintf("%d字 ", word)
				if word%20 == 19 {
					text += "\r"
				}
				tmail.Type(text)
				for range len(text) {
					times = append(times, time.Now())
				}
				typed.WriteString(strings.ReplaceAll(text, "\r", "\n"))
				time.Sleep(time.Duration(random.Int64N(int64(30 * time.Millisecond)))) // as fast as a good typist
			}
			killed := time.Now()
			tmail.Signal(syscall.SIGKILL).Ends()
			still := stoodStill()
			body := w.draft()
			whole := typed.String()
			kept := len(body) - rest.Len()
			switch {
			case body == "" && killed.Sub(begun) < maxLost+still: // nothing was due to be written down yet
				return
			case kept < 0 || kept > len(whole) || body[:kept] != whole[:kept]:
				t.Errorf("%d bytes typed, the draft begins %.200q", len(whole), body)
			case !strings.HasSuffix(body, rest.String()):
				t.Errorf("the letter ends %q", body[max(0, len(body)-200):])
			case kept < len(whole):
				lost := killed.Sub(times[kept])
				t.Logf("%v of typing are lost; the machine stood still for up to %v", lost, still)
				if lost > maxLost+still {
					t.Errorf("too much: %q", whole[kept:])
				}
			}
		})
	}
}

// watchMachine tells how long the machine has kept this process from writing a byte to the disk, at the worst.
func watchMachine(t *testing.T) (longest func() time.Duration) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "pulse"))
	if err != nil {
		t.Fatal(err)
	}
	var most atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer f.Close()
		for ctx.Err() == nil {
			began := time.Now()
			f.Write([]byte{0})
			f.Sync()
			time.Sleep(20 * time.Millisecond)
			most.Store(max(most.Load(), int64(time.Since(began))))
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	return func() time.Duration { return time.Duration(most.Load()) }
}

// draft is the text of the one draft there is; "" when there is none.
func (w *writer) draft() (body string) {
	w.t.Helper()
	w.with(func(ctx context.Context, st *store.Store) error {
		list, err := st.Drafts.List(ctx, "work")
		if len(list) > 1 {
			w.t.Errorf("there are %d drafts", len(list))
		}
		if len(list) > 0 {
			body = list[0].Body
		}
		return err
	})
	return body
}
