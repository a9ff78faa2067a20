package store

import "database/sql"

// The same message in several folders of an account (Gmail has all mail in one
// more) is found once. Copies belong to the same conversation: only where one
// has messages in several folders do their names have to be read.

// copies are the messages given before.
type copies struct {
	threads map[int64]*sameThread
	from    map[string]ID // the folder a message was given from, by its name
}

// sameThread are the messages given of a conversation.
type sameThread struct {
	folder ID   // they are all in; 0: in several
	ids    []ID // nil when they are in several: their names are known
}

// seeCopies returns nil where there can be none: in a single folder.
func (f *finder) seeCopies() *copies {
	filled := 0
	for _, folder := range f.names.list {
		if folder.Total > 0 {
			filled++
		}
	}
	if filled <= 1 {
		return nil
	}
	return &copies{threads: map[int64]*sameThread{0: {}}, from: map[string]ID{}}
}

// once leaves out of a page what was given from another folder before.
func (f *finder) once(seen *copies, page []entry) ([]entry, error) {
	if seen == nil {
		return page, nil
	}
	unsure, given := idSet{}, map[ID]ID{}
	for _, e := range page {
		t := seen.threads[e.thread]
		switch {
		case t == nil:
			seen.threads[e.thread] = &sameThread{e.folder, []ID{e.id}}
		case t.folder == e.folder:
			t.ids = append(t.ids, e.id)
		default:
			unsure = unsure.add(e.id)
			for _, id := range t.ids {
				unsure = unsure.add(id)
				given[id] = t.folder
			}
			*t = sameThread{}
		}
	}
	names, err := f.messageNames(unsure)
	if err != nil || len(names) == 0 {
		return page, err
	}
	for id, folder := range given {
		if name, named := names[id]; named {
			seen.from[name] = folder
		}
	}
	rest := page[:0]
	for _, e := range page {
		if name, named := names[e.id]; named && given[e.id] == 0 {
			if from, known := seen.from[name]; !known {
				seen.from[name] = e.folder
			} else if from != e.folder {
				continue
			}
		}
		rest = append(rest, e)
	}
	return rest, nil
}

// messageNames reads what tells the messages of an account apart, of those that
// have a name. Those of one Message-ID may be different ones: see same.go.
func (f *finder) messageNames(of idSet) (map[ID]string, error) {
	names := map[ID]string{}
	if of.size() == 0 {
		return names, nil
	}
	_, err := all(f.d.reading(f.ctx), func(rows *sql.Rows) (none struct{}, err error) {
		var id ID
		var name string
		err = rows.Scan(&id, &name)
		names[id] = name
		return none, err
	}, `SELECT id, account || ' ' || size || ' ' || date || ' ' || message_id FROM message WHERE id IN (SELECT value FROM json_each(?)) AND message_id <> ''`, idList(of.ids()))
	return names, err
}
