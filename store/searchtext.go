package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"tmail/message"
)

// content is what a message says: its text as the screen shows it, and the names
// of what is attached.
type content struct{ body, files string }

// textOf reads the text of a message. What cannot be read has none.
func (s *Search) textOf(ctx context.Context, m stored) content {
	if m.blob == 0 {
		return content{}
	}
	raw, err := s.bodies.openBlob(ctx, m.blob)
	if err != nil {
		return content{}
	}
	defer raw.Close()
	parsed, err := message.ReadText(raw)
	if err != nil {
		return content{}
	}
	parsed.Zone = time.Local
	var files []string
	for _, part := range parsed.Attachments {
		if part.Name != "" {
			files = append(files, part.Name)
		}
	}
	return content{parsed.Document(false).Text(), strings.Join(files, "\n")}
}

// draftText is the text of a draft as it is being written.
func (s *Search) draftText(ctx context.Context, id ID) (content, error) {
	d, err := getDraft(s.d.reading(ctx), id)
	if err != nil {
		return content{}, ignoreNoSuch(err)
	}
	var files []string
	for _, f := range d.Files {
		files = append(files, f.Name)
	}
	return content{d.Body, strings.Join(files, "\n")}, nil
}

// The part of a text that is shown around what was found, in characters.
const (
	beforeFound = 30
	snippetSize = 160
)

// Snippet returns the place of the text of a message where words of the query
// stand, on one line; "" when they stand elsewhere, or the text is not stored.
// It is not safe for the screen.
func (s *Search) Snippet(ctx context.Context, id ID, q Query) (string, error) {
	t, err := s.textNow(ctx, id)
	if err != nil {
		return "", s.d.explain("read message "+id.String(), err)
	}
	spots := q.Spots(WordsInBody, t.body)
	if len(spots) == 0 {
		return "", nil
	}
	at := spots[0][0]
	before, behind := []rune(t.body[:at]), []rune(clipTo(t.body[at:], 4*snippetSize))
	if over := len(before) - beforeFound; over > 0 {
		before = before[over:]
		for i, r := range before { // not in the middle of a word
			if r == ' ' || r == '\n' {
				before = before[i:]
				break
			}
		}
	}
	line := string(before) + string(behind[:min(len(behind), snippetSize)])
	return strings.Join(strings.Fields(line), " "), nil
}

func clipTo(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

// textNow is the text of a message or draft.
func (s *Search) textNow(ctx context.Context, id ID) (content, error) {
	m, err := one(s.d.reading(ctx), scanStored, "SELECT id, coalesce(blob, 0) FROM message WHERE id = ?", id)
	if errors.Is(err, ErrNoSuch) {
		return content{}, nil
	}
	if err != nil {
		return content{}, err
	}
	if t, err := s.draftText(ctx, id); err != nil || t != (content{}) {
		return t, err
	}
	return s.textOf(ctx, m), nil
}
