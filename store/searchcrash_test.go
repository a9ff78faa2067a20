package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// indexDir tells a copy of the test program that it is to index until it is killed.
const indexDir = "TMAIL_TEST_INDEX_DIR"

// indexUntilKilled takes small batches into the index, and brings mail when all is in it.
func indexUntilKilled(dir string) error {
	ctx := context.Background()
	s, err := Open(ctx, dir, time.Now)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	inbox, err := s.Index.FolderByRole(ctx, "work", "inbox")
	if err != nil {
		return err
	}
	for {
		fmt.Println("goes on")
		left, err := s.Search.Index(ctx, 1+r.IntN(5))
		if err != nil {
			return err
		}
		if left > 0 {
			continue
		}
		st, err := s.Remote.State(ctx, inbox.ID)
		if err != nil {
			return err
		}
		var list []NewMessage
		for n := range 20 {
			m := mail(n, uint32(st.Count+n+1), 0)
			m.Envelope.Subject, m.Envelope.MessageID = randomText(r, 3), ""
			list = append(list, m)
		}
		ids, err := s.Remote.Add(ctx, inbox.ID, list)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.Bodies.Put(ctx, []Body{{ID: id, Raw: rawText(randomText(r, 10), "plan")}}); err != nil {
				return err
			}
		}
	}
}

// Whenever the program is killed while it indexes, what is indexed afterwards finds the same as reading everything.
func TestKilledWhileIndexing(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, time.Now)
	must(t, err)
	setUp(t, s)
	must(t, s.Close())
	r := rand.New(rand.NewPCG(8, 8))
	for range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), indexDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for range 1 + r.IntN(12) {
			if !lines.Scan() {
				t.Fatal("the program ended by itself")
			}
		}
		must(t, cmd.Process.Kill())
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) {
			t.Fatal(err)
		}
	}
	s, err = Open(t.Context(), dir, time.Now)
	must(t, err)
	defer s.Close()
	for left := 1; left > 0; {
		left, err = s.Search.Index(t.Context(), 0)
		must(t, err)
	}
	for _, text := range []string{"", "plan", "预算", "a", "-plan", "body:büdget", "subject:会", "file:plan", `"ann example"`} {
		q, err := ParseQuery(text, clock)
		must(t, err)
		found, err := s.Search.Find(t.Context(), q, Scope{}, 0)
		must(t, err)
		if want := naive(t, s, q, Scope{}); !slices.Equal(found.IDs, want) || found.Unindexed > 0 {
			t.Errorf("%q: %d found, %d are there", text, len(found.IDs), len(want))
		}
	}
}
