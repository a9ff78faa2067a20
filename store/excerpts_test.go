package store

import "testing"

// What waits for a message in another account gets all of it, however little of
// it the person wants to read, and whether they stop waiting.
func TestCopyWaitsForWholeMessage(t *testing.T) {
	ctx := t.Context()
	for name, wish := range map[string]func(s *Store, id ID, copying func()){
		"text before": func(s *Store, id ID, copying func()) {
			must(t, s.Bodies.WantText(ctx, id))
			copying()
			must(t, s.Bodies.PutExcerpt(ctx, id, []byte("Subject: x\r\n")))
		},
		"text after": func(s *Store, id ID, copying func()) {
			copying()
			must(t, s.Bodies.WantText(ctx, id))
			must(t, s.Bodies.PutExcerpt(ctx, id, []byte("Subject: x\r\n")))
		},
		"denied before": func(s *Store, id ID, copying func()) {
			must(t, s.Bodies.Want(ctx, id))
			must(t, s.Bodies.Deny(ctx, Problem{Kind: ProblemRefused}, id))
			copying()
		},
		"no more wanted": func(s *Store, id ID, copying func()) {
			copying()
			must(t, s.Bodies.Want(ctx, id))
			must(t, s.Bodies.Unwant(ctx, id))
		},
	} {
		s := newStore(t)
		id := put(t, s, 1, "ann@example.com", "")
		wish(s, id, func() {
			_, err := s.Changes.Copy(ctx, []ID{id}, folderNamed(t, s, "other", "INBOX"))
			must(t, err)
		})
		wants, err := s.Remote.MissingBodies(ctx, "work", BodyPolicy{}, 10)
		must(t, err)
		if len(wants) != 1 || wants[0].ID != id || !wants[0].Whole {
			t.Errorf("%s: asked for are %v", name, wants)
		}
	}
}

// The beginning of a message is dropped when all of it is here, whoever asked for that.
func TestExcerptIsDropped(t *testing.T) {
	ctx := t.Context()
	for name, want := range map[string]bool{"asked for": true, "by the policy": false} {
		s := newStore(t)
		id := put(t, s, 1, "ann@example.com", "")
		must(t, s.Bodies.WantText(ctx, id))
		must(t, s.Bodies.PutExcerpt(ctx, id, []byte("Subject: x\r\n")))
		if want {
			must(t, s.Bodies.Want(ctx, id))
		}
		must(t, s.Bodies.Put(ctx, []Body{{ID: id, Raw: []byte("Subject: x\r\n\r\ntext\r\n")}}))
		x, err := s.Bodies.Excerpt(ctx, id)
		must(t, err)
		if x.Raw != nil {
			t.Errorf("%s: the beginning %q is left", name, x.Raw)
		}
	}
}
