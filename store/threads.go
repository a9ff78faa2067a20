package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"slices"
	"time"

	"tmail/message"
)

// Every message belongs to a conversation, named by the number in its column
// thread. Messages belong together when they share a link (see
// message.Envelope.Links), through any number of others: conversations are
// the connected parts of a graph, so that the order in which messages come does
// not matter. An answer that links to nothing is tied to the messages of the
// same topic, within topicAge, from those it goes to; that, too, is a matter of
// two messages, whichever came first.
//
// reference knows the conversation of every link ever seen, also of messages
// that are not here. When two conversations turn out to be one, thread says
// that the one joined the other, and its messages are renumbered.
//
// All accounts share their conversations: an answer written from another
// account belongs to what it answers.

const (
	topicAge    = 6 * 24 * time.Hour // less than a week: answers to what is reported weekly do not tie the weeks together
	clocksApart = time.Hour          // by which an answer may seem to be from before what it answers
	maxTopics   = 200                // of more messages alike by their subject, it says nothing
)

const schemaThreads = `
ALTER TABLE message ADD COLUMN thread INTEGER;           -- NULL: not looked at yet, or a draft that answers nothing
ALTER TABLE message ADD COLUMN topic INTEGER;            -- hash; NULL: none
ALTER TABLE message ADD COLUMN loose INTEGER NOT NULL DEFAULT 0; -- an answer that only the topic ties to others

CREATE TABLE reference (
	link INTEGER PRIMARY KEY,            -- hash
	thread INTEGER NOT NULL              -- as it was when the link was seen first
);
CREATE TABLE thread (
	id INTEGER PRIMARY KEY,
	joined INTEGER,                      -- the one it turned out to be
	muted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX thread_joined ON thread(joined) WHERE joined IS NOT NULL;
CREATE INDEX thread_muted ON thread(id) WHERE muted AND joined IS NULL;
CREATE TABLE last_thread (id INTEGER NOT NULL);

INSERT INTO last_thread VALUES (0);

CREATE INDEX message_thread ON message(thread) WHERE thread IS NOT NULL;
CREATE INDEX message_topic ON message(topic, date) WHERE topic IS NOT NULL;
CREATE INDEX message_loose ON message(topic) WHERE loose;
DROP INDEX message_list;
CREATE INDEX message_list ON message(listed, date DESC, id DESC, thread) WHERE listed IS NOT NULL;
`

// thread is what ties a message to others, and the conversation found for it.
type thread struct {
	id    ID
	topic sql.Null[int64]
	loose bool
	muted bool
}

// topicValue is what is stored of the topic.
func (th *thread) topicValue() any {
	if !th.topic.Valid {
		return nil
	}
	return th.topic.V
}

// weaving ties a batch of messages to conversations before their rows are
// written.
type weaving struct {
	t        *tx
	list     []NewMessage
	hashes   []int64 // what the links of all messages are, in order
	links    [][]int64
	threads  []thread
	known    map[int64]ID // the conversation of each link
	fresh    []int64      // links that were not known
	into     map[ID]ID    // what turned out to be the same as another
	existing ID           // conversations up to this number were there before
	last     ID
}

// newWeaving reads off what ties the messages. It asks nobody, so that nobody
// need wait for it.
func newWeaving(list []NewMessage) *weaving {
	w := &weaving{list: list, links: make([][]int64, len(list)), threads: make([]thread, len(list)), into: map[ID]ID{}}
	var links []int64 // of all messages, one behind the other
	for i := range list {
		e := &list[i].Envelope
		from := len(links)
		for _, link := range e.Links() {
			links = append(links, hashOf(clip(link)))
		}
		w.links[i] = links[from:]
		if topic, loose := e.Topic(); topic != "" {
			w.threads[i].topic = sql.Null[int64]{V: hashOf(topic), Valid: true}
			w.threads[i].loose = loose
		}
	}
	w.hashes = slices.Clone(links)
	slices.Sort(w.hashes) // as they lie in the table
	w.hashes = slices.Compact(w.hashes)
	return w
}

// weave finds the conversation of each message. Rows are still to be written.
func (t *tx) weave(w *weaving) ([]thread, error) {
	last, err := one(t.query, value[ID], "SELECT id FROM last_thread")
	if err != nil {
		return nil, err
	}
	w.t, w.existing, w.last = t, last, last
	for _, step := range []func() error{w.lookUp, w.byLinks, w.byTopics, w.join, w.writeLinks, w.readMuted} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	_, err = t.exec("UPDATE last_thread SET id = ?", w.last)
	return w.threads, err
}

// lookUp reads what is known of the links.
func (w *weaving) lookUp() error {
	w.known = make(map[int64]ID, len(w.hashes))
	_, err := all(w.t.query, func(rows *sql.Rows) (none struct{}, err error) {
		var link int64
		var id ID
		err = rows.Scan(&link, &id)
		w.known[link] = id
		return none, err
	}, `SELECT r.link, coalesce(t.joined, r.thread) FROM json_each(?) j CROSS JOIN reference r ON r.link = j.value
		LEFT JOIN thread t ON t.id = r.thread`, idList(w.hashes))
	for _, link := range w.hashes {
		if w.known[link] == 0 {
			w.fresh = append(w.fresh, link)
		}
	}
	return err
}

// hashOf is what stands for an identifier or a topic in the database.
func hashOf(s string) int64 {
	sum := sha256.Sum256([]byte(s))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// now is the conversation that one has become.
func (w *weaving) now(id ID) ID {
	for {
		next, joined := w.into[id]
		if !joined {
			return id
		}
		id = next
	}
}

// unite makes two conversations one: the older number stays.
func (w *weaving) unite(a, b ID) {
	if a, b = w.now(a), w.now(b); a != b {
		w.into[max(a, b)] = min(a, b)
	}
}

// byLinks gives each message the conversation of its links, or a new one.
func (w *weaving) byLinks() error {
	for i, links := range w.links {
		id := ID(0)
		for _, link := range links {
			switch known := w.known[link]; {
			case known == 0:
			case id == 0:
				id = known
			default:
				w.unite(id, known)
			}
		}
		if id == 0 {
			w.last++
			id = w.last
		}
		for _, link := range links {
			if w.known[link] == 0 {
				w.known[link] = id
			}
		}
		w.threads[i].id = id
	}
	return nil
}

// join writes down which conversations turned out to be one.
func (w *weaving) join() error {
	for i := range w.threads {
		w.threads[i].id = w.now(w.threads[i].id)
	}
	for old := range w.into {
		if old > w.existing {
			continue // nothing was written of it yet
		}
		into := w.now(old)
		for _, query := range []string{
			"INSERT OR IGNORE INTO thread (id) VALUES (?1), (?2)",
			"UPDATE thread SET joined = ?1 WHERE id = ?2 OR joined = ?2",
			"UPDATE thread SET muted = 1 WHERE id = ?1 AND (SELECT muted FROM thread WHERE id = ?2)",
			"UPDATE message SET thread = ?1 WHERE thread = ?2",
		} {
			if _, err := w.t.exec(query, into, old); err != nil {
				return err
			}
		}
	}
	return nil
}

var newLinks = insertionInto("reference", nil, "link", "thread")

// writeLinks writes down what was not known before.
func (w *weaving) writeLinks() error {
	_, err := w.t.insertMany(newLinks, nil, len(w.fresh), func(n int, values []any) []any {
		return append(values, w.fresh[n], int64(w.now(w.known[w.fresh[n]])))
	})
	return err
}

// readMuted finds out who wants to hear no more of a conversation.
func (w *weaving) readMuted() error {
	muted, err := all(w.t.query, value[ID], "SELECT id FROM thread WHERE muted AND joined IS NULL")
	for i := range w.threads {
		w.threads[i].muted = slices.Contains(muted, w.threads[i].id)
	}
	return err
}

// weaveDraft ties a message being written to the conversation it answers.
func (t *tx) weaveDraft(d *Draft) error {
	m := NewMessage{Date: d.Updated, Envelope: message.Envelope{MessageID: d.MessageID, Subject: d.Subject, From: d.From,
		To: slices.Concat(d.To, d.Cc), References: d.References}}
	if d.InReplyTo != "" {
		m.Envelope.InReplyTo = []string{d.InReplyTo}
	}
	if len(m.Envelope.Links()) == 0 {
		return nil
	}
	threads, err := t.weave(newWeaving([]NewMessage{m}))
	if err != nil {
		return err
	}
	th := threads[0]
	_, err = t.exec("UPDATE message SET thread = ?1, topic = ?2, loose = ?3 WHERE id = ?4 AND (thread IS NOT ?1 OR topic IS NOT ?2 OR loose <> ?3)",
		int64(th.id), th.topic, th.loose, d.ID)
	return err
}

// Mute lets a conversation go on unheard, or heard again: what arrives in it is
// read from the start, and no news. The number is that of [Row.Thread].
func (c *Changes) Mute(ctx context.Context, conversation ID, on bool) (Step, error) {
	step := Step{Kind: StepMute, muted: conversation, mute: on}
	err := c.d.update(ctx, precious, "mute conversation", func(t *tx) (err error) {
		step.Count, err = t.mute(conversation, on)
		return err
	})
	return step, err
}

// mute returns how many conversations it changed.
func (t *tx) mute(conversation ID, on bool) (int, error) {
	if conversation <= 0 {
		return 0, nil
	}
	if _, err := t.exec("INSERT OR IGNORE INTO thread (id) VALUES (?)", conversation); err != nil {
		return 0, err
	}
	n, err := t.count("UPDATE thread SET muted = ?1 WHERE id = (SELECT coalesce(joined, id) FROM thread WHERE id = ?2) AND muted <> ?1", on, conversation)
	if err != nil || n == 0 {
		return n, err
	}
	_, err = t.exec("UPDATE folder SET version = version + 1 WHERE id IN (SELECT listed FROM message WHERE thread = ?)", conversation)
	return n, err
}
