package store

import (
	"cmp"
	"database/sql"
	"slices"
)

// How what was found is put in order. Few messages are asked for their dates;
// of many, the lists of the folders are gone through, newest first, for as
// long as more are wanted.

// entry is what the list of a folder says of a message: what it is ordered by,
// and where it is.
type entry struct {
	id     ID
	date   int64
	thread int64 // 0: not known
	folder ID
}

func newerFirst(a, b entry) int { return cmp.Or(cmp.Compare(b.date, a.date), cmp.Compare(b.id, a.id)) }

// ordered gives what was found newest first, for as long as take wants more.
func (f *finder) ordered(a *answer, take func([]entry) (more bool, err error)) error {
	if len(a.rest) > 0 && (a.among == nil || a.among.size() > f.few) {
		if done, err := f.tryOut(a, take); done || err != nil {
			return err
		}
	}
	if err := f.settle(a); err != nil {
		return err
	}
	if a.among == nil || a.set().size() > f.few {
		return f.walk(a.may, take)
	}
	list, err := all(f.d.reading(f.ctx), func(rows *sql.Rows) (e entry, err error) {
		err = rows.Scan(&e.id, &e.date, &e.thread, &e.folder)
		return e, err
	}, `SELECT id, date, coalesce(thread, 0), listed FROM message WHERE id IN (SELECT value FROM json_each(?))
		AND listed IN (SELECT value FROM json_each(?)) ORDER BY date DESC, id DESC LIMIT -1`, idList(a.set().ids()), f.scope)
	if err != nil {
		return err
	}
	_, err = take(list)
	return err
}

// rare is how many messages there are to one that is found when it is faster to
// ask all there are at once.
const rare = 32

// tryOut asks the newest messages one by one for what has still to hold. It is
// done when take wants no more. Else, what is sought is rare, and all messages
// are asked at once.
func (f *finder) tryOut(a *answer, take func([]entry) (more bool, err error)) (done bool, err error) {
	var tried idSet
	found := 0
	err = f.walk(a.may, func(page []entry) (bool, error) {
		var asked idSet
		for _, e := range page {
			asked = asked.add(e.id)
		}
		holds, err := f.evalEvery(a.rest, asked)
		if err != nil {
			return false, err
		}
		tried = tried.or(asked)
		page = slices.DeleteFunc(page, func(e entry) bool { return !holds.has(e.id) && !a.held.has(e.id) })
		found += len(page)
		more, err := take(page)
		done = !more
		return more && (tried.size() < f.few || found*rare > tried.size()), err
	})
	if err != nil || done {
		return done, err
	}
	a.compared, a.held = a.compared.or(tried), a.held.without(tried)
	return false, nil
}

// How many messages of a folder are read at once, at first and later.
const (
	shortPage = 256
	longPage  = 8192
)

// walk goes through the lists of all folders at once, newest first, and gives
// what is wanted in pages.
func (f *finder) walk(wanted func(ID) bool, take func([]entry) (more bool, err error)) error {
	lists := make([]*folderWalk, len(f.names.list))
	for i, folder := range f.names.list {
		lists[i] = &folderWalk{folder: folder.ID, more: true, size: f.page()}
	}
	for {
		var page []entry
		for len(page) < f.page() {
			newest, err := f.newest(lists)
			if err != nil {
				return err
			}
			if newest == nil {
				_, err := take(page)
				return err
			}
			if e := newest.next(); wanted(e.id) {
				page = append(page, e)
			}
		}
		if more, err := take(page); err != nil || !more {
			return err
		}
	}
}

// page is how many messages are looked at first.
func (f *finder) page() int { return min(f.few, shortPage) }

// folderWalk goes through the list of a folder.
type folderWalk struct {
	folder ID
	rows   []entry
	last   entry
	more   bool
	size   int
}

func (w *folderWalk) next() entry {
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
		before = entry{id: maxID, date: maxDate}
	}
	var ids, dates, threads *string
	_, err := one(f.d.reading(f.ctx), func(rows *sql.Rows) (none struct{}, err error) {
		err = rows.Scan(&ids, &dates, &threads)
		return none, err
	}, `SELECT group_concat(id), group_concat(date), group_concat(coalesce(thread, 0)) FROM (SELECT id, date, thread FROM message
		WHERE listed = ?1 AND date <= ?2 AND (date < ?2 OR id < ?3) ORDER BY date DESC, id DESC LIMIT ?4)`,
		w.folder, before.date, before.id, w.size)
	if err != nil {
		return err
	}
	w.rows = w.rows[:0]
	if ids != nil {
		eachNumber(*ids, func(n int64) { w.rows = append(w.rows, entry{id: ID(n), folder: w.folder}) })
		i, j := 0, 0
		eachNumber(*dates, func(n int64) { w.rows[i].date = n; i++ })
		eachNumber(*threads, func(n int64) { w.rows[j].thread = n; j++ })
	}
	w.more, w.size = len(w.rows) == w.size, longPage
	return nil
}

// maxID is behind all there are.
const maxID ID = 1<<63 - 1

// collect takes what was found in order up to a limit (0: all), the same
// message of several folders once.
func (f *finder) collect(a *answer, seen *copies, limit int) (result Found, err error) {
	err = f.ordered(a, func(page []entry) (bool, error) {
		page, err := f.once(seen, page)
		if err != nil {
			return false, err
		}
		if limit > 0 && len(result.IDs)+len(page) > limit {
			page, result.More = page[:limit-len(result.IDs)], true
		}
		for _, e := range page {
			result.IDs = append(result.IDs, e.id)
		}
		return !result.More, nil
	})
	return result, err
}
