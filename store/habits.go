package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
)

// Habits knows where a person usually puts mail like some other: learnt from
// their own moves, one lesson for each thing the messages of a move have in
// common. It never leaves this machine, is bounded, and forgets a folder with
// the folder.
type Habits struct{ d *database }

// Why is the reason a folder is suggested.
type Why string

// The reasons, the strongest first.
const (
	WhyConversation Why = "conversation" // the rest of the conversation lies there
	WhyList         Why = "list"         // mail of this mailing list goes there
	WhySender       Why = "sender"       // mail of this sender goes there
	WhyLast         Why = "last"         // the last move went there
)

// Suggestion is a folder that mail may be meant for.
type Suggestion struct {
	Folder ID
	Why    Why
}

const (
	habitsKept  = 5000 // lessons; what was of no use for the longest time goes first
	habitsAMove = 50   // at most, for a move of many messages
	lessonAdds  = 100  // to the weight of a folder
	weightMost  = 400  // so that a new habit needs three moves to beat the oldest
	lastMoves   = 3
)

// lesson is what was known of one key before a move, so that undo can set it back.
type lesson struct {
	account int64
	key     string
	before  []habit
}

type habit struct {
	folder       ID
	weight, last int64
}

// everyMove is the key that all moves have in common.
const everyMove = ""

// learn takes a move into a folder of the person's own for a lesson. Folders
// with a role have keys of their own, and are no news to anybody.
func (t *tx) learn(list []seat, to place) ([]lesson, error) {
	ordinary, err := one(t.query, value[bool], "SELECT role = '' FROM folder WHERE id = ?", to.id)
	if err != nil || !ordinary || len(list) == 0 {
		return nil, err
	}
	keys, err := habitKeys(t.query, seatIDs(list), habitsAMove)
	if err != nil {
		return nil, err
	}
	lessons := []lesson{{key: everyMove}}
	for _, k := range keys {
		lessons = append(lessons, lesson{account: k.account, key: k.key})
	}
	for i := range lessons {
		if err := t.learnOne(&lessons[i], to.id); err != nil {
			return nil, err
		}
	}
	_, err = t.exec("DELETE FROM habit WHERE id IN (SELECT id FROM habit ORDER BY last DESC LIMIT -1 OFFSET ?)", habitsKept)
	return lessons, err
}

// learnOne makes a folder weigh more, and the others of the key less.
func (t *tx) learnOne(l *lesson, folder ID) (err error) {
	l.before, err = all(t.query, func(rows *sql.Rows) (h habit, err error) {
		err = rows.Scan(&h.folder, &h.weight, &h.last)
		return h, err
	}, "SELECT folder, weight, last FROM habit WHERE account = ? AND key = ?", l.account, l.key)
	if err != nil {
		return err
	}
	if _, err := t.exec("UPDATE habit SET weight = weight * 3 / 4 WHERE account = ? AND key = ? AND folder <> ?", l.account, l.key, folder); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO habit (account, key, folder, weight, last) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (account, key, folder) DO UPDATE SET weight = min(weight + ?4, ?6), last = ?5`,
		l.account, l.key, folder, lessonAdds, t.d.now().UnixMilli(), weightMost)
	return err
}

// unlearn sets back what was known before a move.
func (t *tx) unlearn(lessons []lesson) error {
	for _, l := range lessons {
		if _, err := t.exec("DELETE FROM habit WHERE account = ? AND key = ?", l.account, l.key); err != nil {
			return err
		}
		for _, h := range l.before {
			_, err := t.exec(`INSERT INTO habit (account, key, folder, weight, last)
				SELECT ?, ?, id, ?, ? FROM folder WHERE id = ? AND wanted`, l.account, l.key, h.weight, h.last, h.folder)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// habitKey is something mail of an account has in common.
type habitKey struct {
	account int64
	key     string
}

func (k habitKey) why() Why {
	if strings.HasPrefix(k.key, listPrefix) {
		return WhyList
	}
	return WhySender
}

const (
	listPrefix   = "list:"
	senderPrefix = "from:"
)

// habitKeys are the lists and senders of messages, the most frequent first.
func habitKeys(q querier, ids []ID, limit int) ([]habitKey, error) {
	times := map[habitKey]int{}
	_, err := all(q, func(rows *sql.Rows) (none struct{}, err error) {
		var account int64
		var sender, list string
		var n int
		if err := rows.Scan(&account, &sender, &list, &n); err != nil {
			return none, err
		}
		if from := splitAddresses(sender); len(from) > 0 && from[0].Addr != "" {
			times[habitKey{account, senderPrefix + strings.ToLower(from[0].Addr)}] += n
		}
		if list != "" {
			times[habitKey{account, listPrefix + strings.ToLower(list)}] += n
		}
		return none, nil
	}, `SELECT m.account, m.sender, m.list_id, count(*) FROM json_each(?) j CROSS JOIN message m ON m.id = j.value
		GROUP BY m.account, m.sender, m.list_id`, idList(ids))
	keys := make([]habitKey, 0, len(times))
	for k := range times {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b habitKey) int {
		return cmp.Or(times[b]-times[a], cmp.Compare(a.key, b.key), cmp.Compare(a.account, b.account))
	})
	return keys[:min(len(keys), limit)], err
}

// Suggest returns the folders that messages are usually put into, best first,
// each once: where others of their conversations lie, where the habits of their
// lists and senders point, then those moved to last.
func (h *Habits) Suggest(ctx context.Context, ids []ID) ([]Suggestion, error) {
	q := h.d.reading(ctx)
	keys, err := habitKeys(q, ids, habitsAMove)
	if err != nil {
		return nil, h.d.explain("suggest a folder", err)
	}
	weights := map[Why]map[ID]int64{WhyList: {}, WhySender: {}}
	for _, k := range keys {
		found, err := habitsOf(q, k, -1)
		if err != nil {
			return nil, h.d.explain("suggest a folder", err)
		}
		for _, f := range found {
			weights[k.why()][f.folder] += f.weight
		}
	}
	last, err := habitsOf(q, habitKey{key: everyMove}, lastMoves)
	if err != nil {
		return nil, h.d.explain("suggest a folder", err)
	}
	conversations, err := foldersOfConversations(q, ids)
	if err != nil {
		return nil, h.d.explain("suggest a folder", err)
	}
	var list []Suggestion
	add := func(folder ID, why Why) {
		if !slices.ContainsFunc(list, func(s Suggestion) bool { return s.Folder == folder }) {
			list = append(list, Suggestion{folder, why})
		}
	}
	for _, folder := range conversations {
		add(folder, WhyConversation)
	}
	for _, why := range []Why{WhyList, WhySender} {
		if folder := heaviest(weights[why]); folder != 0 {
			add(folder, why)
		}
	}
	for _, f := range last {
		add(f.folder, WhyLast)
	}
	return list, nil
}

// foldersOfConversations are the folders of a person's own that most of the
// other messages in the conversations of these lie in.
func foldersOfConversations(q querier, ids []ID) ([]ID, error) {
	return all(q, value[ID], `SELECT o.listed FROM (SELECT DISTINCT m.thread, m.account FROM json_each(?1) j CROSS JOIN message m ON m.id = j.value
			WHERE m.thread IS NOT NULL LIMIT ?2) c
		CROSS JOIN message o ON o.thread = c.thread AND o.account = c.account JOIN folder f ON f.id = o.listed
		WHERE f.role = '' AND f.wanted AND NOT f.noselect AND o.id NOT IN (SELECT value FROM json_each(?1))
		GROUP BY o.listed ORDER BY count(*) DESC, max(o.date) DESC LIMIT 2`, idList(ids), habitsAMove)
}

// habitsOf reads what is known of a key, the last used first.
func habitsOf(q querier, k habitKey, limit int) ([]habit, error) {
	return all(q, func(rows *sql.Rows) (h habit, err error) {
		err = rows.Scan(&h.folder, &h.weight, &h.last)
		return h, err
	}, `SELECT h.folder, h.weight, h.last FROM habit h JOIN folder f ON f.id = h.folder JOIN account a ON a.id = f.account
		WHERE h.account = ? AND h.key = ? AND f.wanted AND NOT f.noselect AND a.position IS NOT NULL ORDER BY h.last DESC, h.id DESC LIMIT ?`,
		k.account, k.key, limit)
}

func heaviest(weights map[ID]int64) (best ID) {
	for id, w := range weights {
		if best == 0 || w > weights[best] || w == weights[best] && id < best {
			best = id
		}
	}
	return best
}
