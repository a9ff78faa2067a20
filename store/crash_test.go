package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tmail/message"
)

// crashDir tells a copy of the test program that it is the one to be killed.
const crashDir = "TMAIL_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := workUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if dir := os.Getenv(indexDir); dir != "" {
		if err := indexUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// workUntilKilled does a bit of everything, and says a line of each thing that
// must be there from then on.
func workUntilKilled(dir string) error {
	ctx := context.Background()
	s, err := Open(ctx, dir, time.Now)
	if err != nil {
		return err
	}
	archive, err := s.Index.FolderByRole(ctx, "work", "archive")
	if err != nil {
		return err
	}
	inbox, err := s.Index.FolderByRole(ctx, "work", "inbox")
	if err != nil {
		return err
	}
	st, err := s.Remote.State(ctx, inbox.ID)
	if err != nil {
		return err
	}
	for n := int(st.UIDNext) + 1; ; n += 3 {
		ids, err := s.Remote.Add(ctx, inbox.ID, []NewMessage{mail(n, uint32(n), 0), mail(n+1, uint32(n+1), 0), mail(n+2, uint32(n+2), 0)})
		if err != nil {
			return err
		}
		if err := s.Remote.SetState(ctx, inbox.ID, RemoteState{UIDValidity: 7, UIDNext: uint32(n + 3)}); err != nil {
			return err
		}
		if _, err := s.Changes.Move(ctx, ids[:1], archive.ID); err != nil {
			return err
		}
		fmt.Println("moved", ids[0])
		if _, err := s.Changes.Flag(ctx, ids[1:2], message.Flagged, 0); err != nil {
			return err
		}
		fmt.Println("flagged", ids[1])
		a, err := s.Drafts.Attach(ctx, "f", "text/plain", bytes.NewReader(make([]byte, 3*pieceSize)))
		if err != nil {
			return err
		}
		d := &Draft{Account: "work", Body: "words", Files: []Attachment{a}}
		if err := s.Drafts.Save(ctx, d); err != nil {
			return err
		}
		fmt.Println("draft", d.ID)
		if n%2 == 0 {
			if err := s.Outbox.Queue(ctx, d.ID, text("raw"), Envelope{From: "a@b", To: []string{"c@d"}}, time.Now()); err != nil {
				return err
			}
			fmt.Println("queued", d.ID)
		}
		w, err := s.Bodies.Create(ctx)
		if err != nil {
			return err
		}
		if _, err := w.Write(make([]byte, 5*pieceSize)); err != nil {
			return err
		}
		if err := w.Commit(ctx, ids[2], "p", false); err != nil {
			return err
		}
		fmt.Println("stored", ids[2])
		ch, err := s.Changes.Next(ctx, "work")
		if err != nil {
			return err
		}
		if err := s.Changes.Begin(ctx, ch); err != nil {
			return err
		}
		fmt.Println("begun", ch.Items[0].ID)
	}
}

func TestKilledAtAnyPoint(t *testing.T) {
	runs := 20
	if os.Getenv("TMAIL_TEST_LONG") != "" {
		runs = 200
	}
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, time.Now)
	must(t, err)
	setUp(t, s)
	must(t, s.Close())
	rnd := rand.New(rand.NewPCG(5, 6))
	said := map[string][]ID{}
	for range runs {
		runAndKill(t, dir, 1+rnd.IntN(40), said)
		s, err := Open(t.Context(), dir, time.Now)
		must(t, err)
		checkSound(t, s)
		checkSaid(t, s, said)
		must(t, s.Close())
		if t.Failed() {
			return
		}
	}
}

// runAndKill runs the program until it has said so many lines, and a moment
// longer.
func runAndKill(t *testing.T, dir string, lines int, said map[string][]ID) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	scanner := bufio.NewScanner(out)
	note := func() {
		what, which, _ := strings.Cut(scanner.Text(), " ")
		if id, err := ParseID(which); err == nil {
			said[what] = append(said[what], id)
		}
	}
	for range lines {
		if !scanner.Scan() {
			t.Fatalf("the program ended by itself: %s", complaint.String())
		}
		note()
	}
	must(t, cmd.Process.Kill())
	for scanner.Scan() { // what it said before it died counts
		note()
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || complaint.Len() > 0 {
		t.Fatalf("ended with %v: %s", err, complaint.String())
	}
}

func checkSaid(t *testing.T, s *Store, said map[string][]ID) {
	t.Helper()
	ctx := t.Context()
	archive, err := s.Index.FolderByRole(ctx, "work", "archive")
	must(t, err)
	for _, id := range said["moved"] {
		if r := row(t, s, id); r.Folder != archive.ID || !r.Pending {
			t.Errorf("moved: %+v", r)
		}
	}
	for _, id := range said["flagged"] {
		if r := row(t, s, id); !r.Flags.Has(message.Flagged) || !r.Pending {
			t.Errorf("flagged: %+v", r)
		}
	}
	for _, id := range said["draft"] {
		d, err := s.Drafts.Get(ctx, id)
		must(t, err)
		f, err := s.Drafts.OpenFile(ctx, d.Files[0])
		must(t, err)
		must(t, f.Close())
	}
	for _, id := range said["queued"] {
		o, err := s.Outbox.Get(ctx, id)
		must(t, err)
		if o.Status != OutDue || o.Size != 3 {
			t.Errorf("queued: %+v", o)
		}
	}
	for _, id := range said["stored"] {
		r, size, err := s.Bodies.Open(ctx, id)
		must(t, err)
		must(t, r.Close())
		if size != 5*pieceSize {
			t.Errorf("stored: %d bytes", size)
		}
	}
	list, err := s.Changes.InFlight(ctx, "work")
	must(t, err)
	flying := map[ID]bool{}
	for _, ch := range list {
		for _, it := range ch.Items {
			flying[it.ID] = true
		}
	}
	for _, id := range said["begun"] {
		if !flying[id] {
			t.Errorf("change to %s was begun and is not in flight", id)
		}
	}
}
