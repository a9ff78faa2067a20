package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// finder answers one query out of the index: every condition is a set of
// messages, and sets are joined as the conditions are.
type finder struct {
	ctx   context.Context
	d     *database
	names *folderNames
	few   int              // up to how many messages are looked at one by one, rather than all there are
	scope string           // the folders searched, as JSON
	known map[string]idSet // what the database answered, by what it was asked
}

// finder begins to answer a query.
func (s *Search) finder(ctx context.Context, in Scope) (*finder, error) {
	names, err := s.folders(ctx, in)
	if err != nil {
		return nil, err
	}
	return &finder{ctx: ctx, d: s.d, names: names, few: s.few, scope: idList(names.ids()), known: map[string]idSet{}}, nil
}

// eval returns the messages that a condition holds for, as far as they are
// within a set; nil means that any may be.
func (f *finder) eval(n node, within idSet) (idSet, error) {
	switch n := n.(type) {
	case every:
		return f.evalEvery(n, within)
	case some:
		var found idSet
		for _, n := range n {
			s, err := f.eval(n, within)
			if err != nil {
				return nil, err
			}
			found = found.or(s)
		}
		return found, nil
	case except:
		not, err := f.eval(n.n, within)
		if err == nil && within == nil {
			within, err = f.all()
		}
		return within.without(not), err
	case *wanted:
		return f.words(n)
	}
	return f.property(n, within)
}

// evalEvery asks first what the index of words answers, then the properties of
// those messages only.
func (f *finder) evalEvery(list every, within idSet) (idSet, error) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b node) int { return expense(a) - expense(b) })
	for _, n := range list {
		s, err := f.eval(n, within)
		if err != nil {
			return nil, err
		}
		if within != nil {
			s = s.and(within)
		}
		if within = s; s.size() == 0 {
			return idSet{}, nil // nil would be any
		}
	}
	return within, nil
}

// What it costs to ask for all messages that meet a condition.
const (
	inIndex = iota // of words
	inList         // of the lists of folders, or soon found
	inRows
	inAll // all there are are asked for first
)

// expense orders conditions by what they cost.
func expense(n node) int {
	switch n := n.(type) {
	case *wanted:
		return inIndex
	case inFolder, fromAccount, dated:
		return inList
	case some:
		most := inIndex
		for _, n := range n {
			most = max(most, expense(n))
		}
		return most
	case every:
		least := inAll
		for _, n := range n {
			least = min(least, expense(n))
		}
		return least
	case except:
		return inAll
	}
	return inRows
}

// all returns all messages that are searched.
func (f *finder) all() (idSet, error) {
	return f.ask("SELECT group_concat(id) FROM message WHERE listed IN (SELECT value FROM json_each(?))", f.scope)
}

// set reads ids that a query gives as one text.
func (f *finder) set(query string, args ...any) (idSet, error) {
	list, err := f.text(query, args...)
	return setOf(list), err
}

// ask reads ids as set does, once for what is asked again.
func (f *finder) ask(query string, args ...any) (idSet, error) {
	key := fmt.Sprint(query, args)
	s, answered := f.known[key]
	if !answered {
		var err error
		if s, err = f.set(query, args...); err != nil {
			return nil, err
		}
		f.known[key] = s
	}
	return s, nil
}

func (f *finder) text(query string, args ...any) (string, error) {
	p, err := one(f.d.reading(f.ctx), value[*string], query, args...)
	if err != nil || p == nil {
		return "", err
	}
	return *p, nil
}

// words asks the index.
func (f *finder) words(w *wanted) (idSet, error) {
	var found idSet
	for _, part := range []struct {
		query   string
		all     fields
		columns []fields
		names   []string
	}{
		{"SELECT group_concat(rowid) FROM search_head WHERE search_head MATCH ?", inHeader,
			[]fields{inSubject, inFrom, inTo, inCc}, []string{"subject", "sender", "receiver", "copied"}},
		{"SELECT group_concat(rowid) FROM search_text WHERE search_text MATCH ?", inText,
			[]fields{inBody, inFiles}, []string{"body", "files"}},
	} {
		asked := w.fields & part.all
		if asked == 0 {
			continue
		}
		query, match := part.query, w.match()
		switch {
		case asked == inText && w.isInitial():
			query = "SELECT group_concat(rowid) FROM search_initial WHERE search_initial MATCH ?"
			match = `"` + w.phrase.words[0] + `"`
		case asked != part.all:
			var names []string
			for i, column := range part.columns {
				if asked&column != 0 {
					names = append(names, part.names[i])
				}
			}
			match = "{" + strings.Join(names, " ") + "} : " + match
		}
		s, err := f.ask(query, match)
		if err != nil {
			return nil, err
		}
		found = found.or(s)
	}
	return found, nil
}

// match is the phrase as FTS5 reads it. Words have neither quotes nor spaces.
func (p phrase) match() string {
	match := `"` + strings.Join(p.words, " ") + `"`
	if p.open {
		match += " *"
	}
	return match
}

// isInitial reports that the phrase is but the first letters of a word.
func (p phrase) isInitial() bool {
	return p.open && len(p.words) == 1 && utf8.RuneCountInString(p.words[0]) <= initialLetters
}

// property asks for what is not words: of a few messages, or of all.
func (f *finder) property(n node, within idSet) (idSet, error) {
	where, args, listed := "", []any(nil), false
	switch n := n.(type) {
	case inFolder:
		where, args, listed = "listed IN (SELECT value FROM json_each(?))", []any{idList(idsOf(f.names.called(n.name)))}, true
	case fromAccount:
		where, args, listed = "listed IN (SELECT value FROM json_each(?))", []any{idList(idsOf(f.names.of(n.name)))}, true
	case dated:
		from, to := n.moments()
		fromDay, toDay := n.days()
		where = "CASE WHEN sent IS NULL THEN date >= ? AND date < ? ELSE sent >= ? AND sent < ? END"
		args = []any{from, to, fromDay, toDay}
	case yearly:
		format, day := "%m", fmt.Sprintf("%02d", n.month)
		if n.day > 0 {
			format, day = "%m%d", fmt.Sprintf("%02d%02d", n.month, n.day)
		}
		where, args = "strftime(?, coalesce(sent, date + ?), 'unixepoch') = ?", []any{format, n.east(), day}
	case hasFlag:
		where, args = "flags & ? <> 0", []any{int64(n.flag)}
	case hasFiles:
		where = "attachments"
	case larger:
		where, args = "size > ?", []any{n.than}
	case smaller:
		where, args = "size < ?", []any{n.than}
	default:
		return f.all()
	}
	if within != nil && within.size() <= max(f.few, f.total()/10) {
		return f.set("SELECT group_concat(id) FROM message WHERE id IN (SELECT value FROM json_each(?)) AND "+where,
			append([]any{idList(within.ids())}, args...)...)
	}
	from := "message"
	if most, err := f.most(); err != nil {
		return nil, err
	} else if most && !listed {
		from = "message NOT INDEXED"
	}
	return f.ask("SELECT group_concat(id) FROM "+from+" WHERE "+where+" AND listed IN (SELECT value FROM json_each(?))",
		append(args, f.scope)...)
}

// most reports whether so many of all messages are searched that going through
// all of them is faster than picking out those that are listed.
func (f *finder) most() (bool, error) {
	last, err := one(f.d.reading(f.ctx), value[int], "SELECT coalesce(max(id), 0) FROM message")
	return f.total() > last/4, err
}

// total is how many messages are searched.
func (f *finder) total() (n int) {
	for _, folder := range f.names.list {
		n += folder.Total
	}
	return n
}

func idsOf(set map[ID]bool) []ID {
	ids := make([]ID, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	return ids
}
