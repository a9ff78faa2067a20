package store

import (
	"database/sql"
	"slices"
	"strings"
	"time"

	"tmail/message"
)

// talk is what decides whether two messages of a topic belong together.
type talk struct {
	thread   ID
	loose    bool
	date     int64
	from, to []string
}

// belong reports whether two messages of the same topic belong together: one
// answers the other.
func belong(a, b talk) bool { return answers(a, b) || answers(b, a) }

// answers reports whether a answers b by its subject alone: it goes to whom b
// is from, not long afterwards.
func answers(a, b talk) bool {
	age := time.Duration(a.date-b.date) * time.Second
	return a.loose && age >= -clocksApart && age <= topicAge && share(b.from, a.to)
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(addr string) bool { return slices.Contains(b, addr) })
}

func addrs(list []message.Address) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		if a.Addr != "" {
			out = append(out, strings.ToLower(a.Addr))
		}
	}
	return out
}

// byTopics ties answers to nothing in particular to what they are about. Most
// topics have none, and are only looked up.
func (w *weaving) byTopics() error {
	of := map[int64][]int{} // messages of the batch, by topic
	var loose, topics []int64
	for i, th := range w.threads {
		if !th.topic.Valid {
			continue
		}
		if of[th.topic.V] == nil {
			topics = append(topics, th.topic.V)
		}
		of[th.topic.V] = append(of[th.topic.V], i)
		if th.loose {
			loose = append(loose, th.topic.V)
		}
	}
	slices.Sort(topics)
	there, err := w.looseAnswers(topics)
	if err != nil {
		return err
	}
	slices.Sort(loose)
	for _, topic := range slices.Compact(loose) {
		batch := w.talks(of[topic])
		if there[topic], err = w.spoken(topic, batch); err != nil {
			return err
		}
		w.tie(batch, batch)
	}
	for topic, others := range there {
		w.tie(w.talks(of[topic]), others)
	}
	return nil
}

// talks is what messages of the batch say of whom they go between.
func (w *weaving) talks(batch []int) []talk {
	list := make([]talk, len(batch))
	for k, i := range batch {
		e := &w.list[i].Envelope
		list[k] = talk{thread: w.threads[i].id, loose: w.threads[i].loose, date: listDate(w.list[i], w.t.d.now()).Unix(),
			from: addrs(e.From), to: addrs(slices.Concat(e.To, e.Cc))}
	}
	return list
}

// tie unites what belongs together of two lists.
func (w *weaving) tie(some, others []talk) {
	if len(some) > maxTopics || len(others) > maxTopics {
		return
	}
	for _, a := range some {
		for _, b := range others {
			if belong(a, b) {
				w.unite(a.thread, b.thread)
			}
		}
	}
}

const talkColumns = "SELECT m.topic, m.thread, m.loose, m.date, m.sender, m.recipients FROM "

// scanTalk reads a row of talkColumns.
func scanTalk(rows *sql.Rows) (topic int64, k talk, err error) {
	var from, to string
	err = rows.Scan(&topic, &k.thread, &k.loose, &k.date, &from, &to)
	k.from, k.to = addrs(splitAddresses(from)), addrs(splitAddresses(to))
	return topic, k, err
}

// looseAnswers reads those that are in the store, by topic.
func (w *weaving) looseAnswers(topics []int64) (map[int64][]talk, error) {
	found := map[int64][]talk{}
	_, err := all(w.t.query, func(rows *sql.Rows) (none struct{}, err error) {
		topic, k, err := scanTalk(rows)
		found[topic] = append(found[topic], k)
		return none, err
	}, talkColumns+"json_each(?) j CROSS JOIN message m INDEXED BY message_loose ON m.topic = j.value AND m.loose LIMIT 10000", idList(topics))
	return found, err
}

// spoken reads all messages of a topic near loose answers of the batch.
func (w *weaving) spoken(topic int64, batch []talk) ([]talk, error) {
	low, high := batch[0].date, batch[0].date
	for _, k := range batch {
		low, high = min(low, k.date), max(high, k.date)
	}
	age := int64(topicAge.Seconds())
	return all(w.t.query, func(rows *sql.Rows) (talk, error) {
		_, k, err := scanTalk(rows)
		return k, err
	}, talkColumns+"message m WHERE m.topic = ? AND m.date BETWEEN ? AND ? LIMIT ?", topic, low-age, high+age, maxTopics+1)
}
