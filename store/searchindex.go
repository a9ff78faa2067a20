package store

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"unicode/utf8"
)

// How much one batch takes into the index: so little that who wants to write
// waits no longer than a frame.
const (
	maxHeads     = 1000
	maxTexts     = 200
	maxTextBytes = 2 << 20
)

// Index takes one batch into the index, at most limit messages (0: as many as
// a batch should have), and returns how many are left. A batch is done or not,
// whenever the program ends, and keeps nobody from writing for longer than one
// would notice. Headers are taken before texts.
func (s *Search) Index(ctx context.Context, limit int) (left int, err error) {
	if limit <= 0 {
		limit = maxHeads
	}
	left, err = s.unindexed(ctx)
	if err != nil || left == 0 {
		return 0, s.d.explain("index", err)
	}
	mark, err := one(s.d.reading(ctx), value[ID], "SELECT head FROM search_mark")
	if err != nil {
		return left, s.d.explain("index", err)
	}
	h := s.readHeads(ctx, mark, min(limit, maxHeads))
	if err = h.err; err == nil {
		_, err = s.indexHeads(ctx, h)
	}
	if err != nil {
		return left, s.d.explain("index", err)
	}
	if err := s.indexTexts(ctx, min(limit, maxTexts)); err != nil {
		return left, s.d.explain("index", err)
	}
	left, err = s.unindexed(ctx)
	return left, s.d.explain("index", err)
}

// unindexed says how much Index has still to do: zero when there is nothing.
// It takes the distance to the marks for the number of messages behind them,
// which it is but for those deleted since: to count them after each batch would
// take longer than the batch.
func (s *Search) unindexed(ctx context.Context) (int, error) {
	return one(s.d.reading(ctx), value[int], `SELECT max(0, (SELECT coalesce(max(id), 0) FROM message) - k.head)
		+ max(0, (SELECT coalesce(max(blob), 0) FROM message WHERE blob IS NOT NULL) - k.blob)
		+ (SELECT count(*) FROM search_todo) + (SELECT count(*) FROM search_gone) FROM search_mark k`)
}

// unindex takes messages out of the index, and off the list they stood on.
func (t *tx) unindex(ids []ID, list string) error {
	if len(ids) == 0 {
		return nil
	}
	for _, table := range []string{"search_head WHERE rowid", "search_text WHERE rowid", "search_initial WHERE rowid", list + " WHERE message"} {
		if _, err := t.exec("DELETE FROM "+table+" IN (SELECT value FROM json_each(?))", idList(ids)); err != nil {
			return err
		}
	}
	return nil
}

// stored is a message whose text is to be read.
type stored struct{ id, blob ID }

func scanStored(rows *sql.Rows) (m stored, err error) {
	err = rows.Scan(&m.id, &m.blob)
	return m, err
}

// indexTexts takes texts behind the mark, and those of messages that changed.
func (s *Search) indexTexts(ctx context.Context, limit int) error {
	changed, err := all(s.d.reading(ctx), scanStored, `SELECT t.message, coalesce(m.blob, 0) FROM search_todo t
		LEFT JOIN message m ON m.id = t.message LIMIT ?`, limit)
	if err != nil {
		return err
	}
	// All messages of a blob together: the mark passes them at once.
	behind, err := all(s.d.reading(ctx), scanStored, `SELECT id, blob FROM message WHERE blob IN (
		SELECT DISTINCT blob FROM message WHERE blob > (SELECT blob FROM search_mark) ORDER BY blob LIMIT ?) ORDER BY blob`, limit-len(changed))
	if err != nil || len(changed)+len(behind) == 0 {
		return err
	}
	list := slices.Concat(changed, behind)
	texts, read := s.read(ctx, list)
	if read == 0 {
		return ctx.Err()
	}
	changed, behind = list[:min(read, len(changed))], list[min(read, len(changed)):read]
	return s.d.update(ctx, retold, "index", func(t *tx) error {
		for i, m := range changed {
			if err := t.reindex(m, texts[i]); err != nil {
				return err
			}
		}
		for i, m := range behind {
			if err := t.addText(m, texts[len(changed)+i]); err != nil {
				return err
			}
		}
		if len(behind) == 0 {
			return nil
		}
		_, err := t.exec("UPDATE search_mark SET blob = max(blob, ?)", behind[len(behind)-1].blob)
		return err
	})
}

// read returns the texts of as many messages as a batch may have.
func (s *Search) read(ctx context.Context, list []stored) (texts []content, n int) {
	size := 0
	for n < len(list) && ctx.Err() == nil && (size < maxTextBytes || list[n].blob == list[n-1].blob) {
		t := s.textOf(ctx, list[n])
		texts = append(texts, t)
		size += len(t.body) + len(t.files)
		n++
	}
	return texts, n
}

// addText takes a text, unless the message has other bytes meanwhile, is not
// taken itself yet, or is a draft.
func (t *tx) addText(m stored, words content) error {
	due, err := one(t.query, value[bool], `SELECT EXISTS (SELECT 1 FROM message WHERE id = ?1 AND blob = ?2 AND id <= (SELECT head FROM search_mark))
		AND NOT EXISTS (SELECT 1 FROM draft WHERE message = ?1)`, m.id, m.blob)
	if err != nil || !due {
		return err
	}
	// It may have had other bytes before.
	body, files := appendWords(nil, words.body), appendWords(nil, words.files)
	for _, table := range []string{"search_text", "search_initial"} {
		if _, err := t.exec("DELETE FROM "+table+" WHERE rowid = ?", m.id); err != nil {
			return err
		}
	}
	if _, err := t.exec("INSERT INTO search_text (rowid, body, files) VALUES (?, ?, ?)", m.id, string(body), string(files)); err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO search_initial (rowid, initials) VALUES (?, ?)", m.id, initials(body, files))
	return err
}

// reindex takes a message anew; next time, when it has other bytes meanwhile.
func (t *tx) reindex(m stored, words content) error {
	blob, err := one(t.query, value[ID], "SELECT coalesce(blob, 0) FROM message WHERE id = ?", m.id)
	if ignoreNoSuch(err) != nil || err == nil && blob != m.blob {
		return ignoreNoSuch(err)
	}
	if err := t.unindex([]ID{m.id}, "search_todo"); err != nil {
		return err
	}
	rows, err := t.query(`SELECT subject, sender, recipients FROM message WHERE id = ?
		AND id <= (SELECT head FROM search_mark) AND id NOT IN (SELECT message FROM draft)`, m.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var subject, sender, recipients string
	if err := rows.Scan(&subject, &sender, &recipients); err != nil {
		return err
	}
	if err := t.insertHeads([]head{headOf(m.id, subject, sender, recipients)}); err != nil || m.blob == 0 {
		return err
	}
	return t.addText(m, words)
}

// initialLetters is how many letters of a word search_initial knows.
const initialLetters = 2

// initials are the letters with which words begin: the first one and the first
// two of each.
func initials(lists ...[]byte) string {
	seen := map[string]bool{}
	var out []byte
	for _, words := range lists {
		for word := range bytes.SplitSeq(words, []byte{' '}) {
			if r, _ := utf8.DecodeRune(word); standsAlone(r) {
				continue
			}
			end := 0
			for n := 0; n < initialLetters && end < len(word); n++ {
				_, size := utf8.DecodeRune(word[end:])
				end += size
				if begin := word[:end]; !seen[string(begin)] {
					seen[string(begin)] = true
					out = append(append(out, begin...), ' ')
				}
			}
		}
	}
	return string(out)
}
