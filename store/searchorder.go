package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
)

// How what was found is put in order. Few messages are asked for their dates;
// of many, the lists of the folders are gone through, newest first, for as
// long as more are wanted.

// dateOf is a message with the date it is ordered by.
type dateOf struct {
	id   ID
	date int64
}

func newerFirst(a, b dateOf) int { return cmp.Or(cmp.Compare(b.date, a.date), cmp.Compare(b.id, a.id)) }

// ordered gives what was found newest first, for as long as take wants more.
func (f *finder) ordered(found idSet, take func([]ID) (more bool, err error)) error {
	if found.size() <= fewMessages {
		list, err := f.text(`SELECT group_concat(id) FROM (SELECT id FROM message WHERE id IN (SELECT value FROM json_each(?))
			AND listed IN (SELECT value FROM json_each(?)) ORDER BY date DESC, id DESC LIMIT -1)`, idList(found.ids()), f.scope)
		if err != nil {
			return err
		}
		_, err = take(parseIDs(list))
		return err
	}
	lists := make([]*folderWalk, len(f.names.list))
	for i, folder := range f.names.list {
		lists[i] = &folderWalk{folder: folder.ID, more: true, size: shortPage}
	}
	for {
		var page []ID
		for len(page) < shortPage {
			newest, err := f.newest(lists)
			if err != nil {
				return err
			}
			if newest == nil {
				_, err := take(page)
				return err
			}
			if m := newest.next(); found.has(m.id) {
				page = append(page, m.id)
			}
		}
		if more, err := take(page); err != nil || !more {
			return err
		}
	}
}

// How many messages of a folder are read at once, at first and later.
const (
	shortPage = 256
	longPage  = 8192
)

// folderWalk goes through the list of a folder.
type folderWalk struct {
	folder ID
	rows   []dateOf
	last   dateOf
	more   bool
	size   int
}

func (w *folderWalk) next() dateOf {
	w.last, w.rows = w.rows[0], w.rows[1:]
	return w.last
}

// newest returns the list with the newest message, nil at the end of all.
func (f *finder) newest(lists []*folderWalk) (newest *folderWalk, err error) {
	for _, w := range lists {
		if len(w.rows) == 0 && w.more {
			if err := f.fill(w); err != nil {
				return nil, err
			}
		}
		if len(w.rows) > 0 && (newest == nil || newerFirst(w.rows[0], newest.rows[0]) < 0) {
			newest = w
		}
	}
	return newest, nil
}

// fill reads the next page of a folder.
func (f *finder) fill(w *folderWalk) error {
	before := w.last
	if before.id == 0 {
		before = dateOf{maxID, maxDate}
	}
	var ids, dates *string
	_, err := one(f.d.reading(f.ctx), func(rows *sql.Rows) (none struct{}, err error) {
		err = rows.Scan(&ids, &dates)
		return none, err
	}, `SELECT group_concat(id), group_concat(date) FROM (SELECT id, date FROM message
		WHERE listed = ?1 AND date <= ?2 AND (date < ?2 OR id < ?3) ORDER BY date DESC, id DESC LIMIT ?4)`,
		w.folder, before.date, before.id, w.size)
	if err != nil {
		return err
	}
	w.rows = w.rows[:0]
	if ids != nil {
		for _, id := range parseIDs(*ids) {
			w.rows = append(w.rows, dateOf{id: id})
		}
		i := 0
		eachNumber(*dates, func(n int64) { w.rows[i].date = n; i++ })
	}
	w.more, w.size = len(w.rows) == w.size, longPage
	return nil
}

// maxID is behind all there are.
const maxID ID = 1<<63 - 1

// collect takes ordered ids up to a limit (0: all), the same message of an
// account once.
func (f *finder) collect(found idSet, limit int) (result Found, err error) {
	known := map[string]bool{}
	err = f.ordered(found, func(page []ID) (bool, error) {
		if len(f.names.list) > 1 {
			if page, err = f.distinct(page, known); err != nil {
				return false, err
			}
		}
		if limit > 0 && len(result.IDs)+len(page) > limit {
			page, result.More = page[:limit-len(result.IDs)], true
		}
		result.IDs = append(result.IDs, page...)
		return !result.More, nil
	})
	return result, err
}

// distinct leaves out messages that are known from another folder.
func (f *finder) distinct(page []ID, known map[string]bool) ([]ID, error) {
	keys := make(map[ID]string, len(page))
	_, err := all(f.d.reading(f.ctx), func(rows *sql.Rows) (none struct{}, err error) {
		var id ID
		var key string
		err = rows.Scan(&id, &key)
		keys[id] = key
		return none, err
	}, `SELECT id, account || ' ' || message_id FROM message WHERE id IN (SELECT value FROM json_each(?)) AND message_id <> ''`, idList(page))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(page, func(id ID) bool {
		key, named := keys[id]
		again := known[key]
		if named {
			known[key] = true
		}
		return named && again
	}), nil
}

// best orders by where the words stand: in the subject, as whole words, then in
// addresses, then in texts; equals stay newest first.
func (f *finder) best(q Query, ids []ID) error {
	score := make(map[ID]int, len(ids))
	var err error
	eachWanted(q.root, func(w *wanted) {
		for _, place := range []struct {
			fields fields
			whole  bool
			worth  int
		}{{inSubject, false, 4}, {inSubject, true, 3}, {inFrom | inTo | inCc, false, 2}, {inText, true, 1}} {
			asked := *w
			asked.fields &= place.fields
			asked.open = w.open && !place.whole
			if asked.fields == 0 || err != nil {
				continue
			}
			var found idSet
			if found, err = f.words(&asked); err != nil {
				return
			}
			for _, id := range ids {
				if found.has(id) {
					score[id] += place.worth
				}
			}
		}
	})
	slices.SortStableFunc(ids, func(a, b ID) int { return score[b] - score[a] })
	return err
}

// mostBest is how many of the newest are put in order by how well they fit.
const mostBest = 10000

// results returns what was found in the order the query wants.
func (f *finder) results(ctx context.Context, q Query, found idSet, limit int) (Found, error) {
	if !q.best {
		return f.collect(found, limit)
	}
	most := max(limit, mostBest)
	if limit == 0 {
		most = 0
	}
	result, err := f.collect(found, most)
	if err == nil {
		err = f.best(q, result.IDs)
	}
	if limit > 0 && len(result.IDs) > limit {
		result.IDs, result.More = result.IDs[:limit], true
	}
	return result, err
}
