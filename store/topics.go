package store

import (
	"cmp"
	"database/sql"
	"math"
	"slices"
	"strings"
	"time"

	"tmail/message"
)

// What a topic ties together lies within topicAge, so that messages are looked
// up by their topic and the week they are from. The messages of a week lie
// together in the index: what comes in great numbers comes in the order of
// time, and changes few of its pages. A week is 2^19 seconds, longer than
// topicAge and clocksApart together: what answers the message of a week, or is
// answered by it, is from that week or one of those beside it.
const schemaWeeks = `
DROP INDEX message_topic;
CREATE INDEX message_topic ON message(date >> 19, topic) WHERE topic IS NOT NULL;
DROP INDEX message_loose;
CREATE INDEX message_loose ON message(topic, date) WHERE loose;
`

func weekOf(date int64) int64 { return date >> 19 }

// talk is what decides whether two messages of a topic belong together.
type talk struct {
	thread   ID
	loose    bool
	date     int64
	from, to []string
}

// answered returns when that was written which a loose answer may be to.
func answered(date int64) (first, last int64) {
	return date - int64(topicAge/time.Second), date + int64(clocksApart/time.Second)
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

// said is a message of the batch that has a topic.
type said struct {
	topic int64
	date  int64
	at    int // in the batch
}

// byTopics ties answers to nothing in particular to what they are about. Most
// topics have none, and are only looked up.
func (w *weaving) byTopics() error {
	list := w.said()
	topics := make([]int64, 0, len(list))
	for _, s := range list {
		topics = append(topics, s.topic)
	}
	there, err := w.looseAnswers(slices.Compact(topics), list)
	if err != nil {
		return err
	}
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].topic == list[0].topic {
			n++
		}
		if err := w.byTopic(list[:n], there[list[0].topic]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// said lists the messages of the batch by topic and date.
func (w *weaving) said() []said {
	list := make([]said, 0, len(w.list))
	now := w.t.d.now()
	for i, th := range w.threads {
		if th.topic.Valid {
			list = append(list, said{th.topic.V, listDate(&w.list[i], now).Unix(), i})
		}
	}
	slices.SortFunc(list, func(a, b said) int { return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.date, b.date)) })
	return list
}

// byTopic ties the messages of one topic: to the answers that are in the store,
// and the answers among them to each other and to what is in the store.
func (w *weaving) byTopic(list []said, there []talk) error {
	if len(there) == 0 && !slices.ContainsFunc(list, func(s said) bool { return w.threads[s.at].loose }) {
		return nil
	}
	batch := make([]talk, len(list))
	for k, s := range list {
		e := &w.list[s.at].Envelope
		batch[k] = talk{thread: w.threads[s.at].id, loose: w.threads[s.at].loose, date: s.date,
			from: addrs(e.From), to: addrs(slices.Concat(e.To, e.Cc))}
	}
	for _, a := range there {
		w.tie(a, batch)
	}
	var near []talk
	week := int64(math.MinInt64) // none
	for k, a := range batch {
		if !a.loose {
			continue
		}
		if now := weekOf(a.date); now != week {
			var err error
			if near, err = w.spoken(list[k].topic, now); err != nil {
				return err
			}
			week = now
		}
		w.tie(a, batch)
		w.tie(a, near)
	}
	return nil
}

// tie unites a loose answer with those it answers, of a list by date: they are
// from somebody it goes to.
func (w *weaving) tie(a talk, list []talk) {
	first, last := answered(a.date)
	byDate := func(t talk, date int64) int { return cmp.Compare(t.date, date) }
	from, _ := slices.BinarySearchFunc(list, first, byDate)
	to, _ := slices.BinarySearchFunc(list, last+1, byDate)
	if to-from > maxTopics {
		return
	}
	for _, b := range list[from:to] {
		if share(b.from, a.to) {
			w.unite(a.thread, b.thread)
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

// looseAnswers reads those that are in the store from the time of the batch, by topic.
func (w *weaving) looseAnswers(topics []int64, batch []said) (map[int64][]talk, error) {
	found := map[int64][]talk{}
	if len(batch) == 0 {
		return found, nil
	}
	low, high := batch[0].date, batch[0].date
	for _, s := range batch {
		low, high = min(low, s.date), max(high, s.date)
	}
	_, err := all(w.t.query, func(rows *sql.Rows) (none struct{}, err error) {
		topic, k, err := scanTalk(rows)
		found[topic] = append(found[topic], k)
		return none, err
	}, talkColumns+`json_each(?1) j CROSS JOIN message m INDEXED BY message_loose ON m.topic = j.value AND m.loose
		AND m.date BETWEEN ?2 AND ?3 LIMIT 10000`, idList(topics), low-int64(clocksApart/time.Second), high+int64(topicAge/time.Second))
	return found, err
}

// spoken reads what is in the store of a topic from about a week, by date:
// nothing where there is too much of it.
func (w *weaving) spoken(topic, week int64) ([]talk, error) {
	const most = 5 * maxTopics
	list, err := all(w.t.query, func(rows *sql.Rows) (talk, error) {
		_, k, err := scanTalk(rows)
		return k, err
	}, talkColumns+"message m INDEXED BY message_topic WHERE m.date >> 19 IN (?2 - 1, ?2, ?2 + 1) AND m.topic = ?1 LIMIT ?3", topic, week, most)
	if len(list) == most {
		return nil, err
	}
	slices.SortFunc(list, func(a, b talk) int { return cmp.Compare(a.date, b.date) })
	return list, err
}
