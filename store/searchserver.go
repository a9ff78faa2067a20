package store

import "context"

// Credible returns those of a server's finds in a folder, given by UID, that
// may be true and are news: messages whose text is not stored here, and that do
// not contradict what is known of them; and the finds that are not here at all.
// Nothing is believed of a server that finds what it should not among the
// messages that are stored, or that finds nearly all there are: some answer
// every search with everything.
func (s *Search) Credible(ctx context.Context, q Query, folder ID, uids []uint32) (news []ID, missing []uint32, err error) {
	news, err = s.credible(ctx, q, folder, uids)
	if err == nil && news != nil {
		missing, err = s.missing(ctx, folder, uids)
	}
	return news, missing, s.d.explain("check what the server found", err)
}

// Missing returns the UIDs of a folder of which no message is here.
func (s *Search) Missing(ctx context.Context, folder ID, uids []uint32) ([]uint32, error) {
	missing, err := s.missing(ctx, folder, uids)
	return missing, s.d.explain("look for what the server found", err)
}

func (s *Search) missing(ctx context.Context, folder ID, uids []uint32) ([]uint32, error) {
	return all(s.d.reading(ctx), value[uint32], `SELECT value FROM json_each(?2)
		WHERE NOT EXISTS (SELECT 1 FROM message WHERE server_folder = ?1 AND uid = value)`, folder, idList(uids))
}

// credible returns nil when nothing is believed.
func (s *Search) credible(ctx context.Context, q Query, folder ID, uids []uint32) ([]ID, error) {
	f, err := s.finder(ctx, Scope{})
	if err != nil || q.root == nil {
		return nil, err
	}
	list, err := all(s.d.reading(ctx), scanCandidate, `SELECT id, listed, date, sent, size, flags, attachments, subject, sender, recipients, coalesce(blob, 0),
		EXISTS (SELECT 1 FROM draft WHERE message = m.id), 1 FROM message m
		WHERE server_folder = ? AND listed IS NOT NULL AND uid IN (SELECT value FROM json_each(?)) ORDER BY date DESC, id DESC`, folder, idList(uids))
	if err != nil {
		return nil, err
	}
	total, err := one(s.d.reading(ctx), value[int], "SELECT count(*) FROM message WHERE server_folder = ? AND uid IS NOT NULL", folder)
	if err != nil {
		return nil, err
	}
	here, err := f.eval(q.root, nil)
	if err != nil {
		return nil, err
	}
	told, err := f.told(q.root)
	if err != nil {
		return nil, err
	}
	news := []ID{}
	known, right := 0, 0
	for _, c := range list {
		c.names = f.names
		switch {
		case c.blob != 0 || c.draft:
			known++
			if told == nil || told.has(c.id) {
				right++
			}
		case !here.has(c.id) && mayHold(q.root, c, true):
			news = append(news, c.id)
		}
	}
	nonsense := known > nonsenseOf && right*4 < known || total > nonsenseOf && len(uids)*10 > total*9 && right*2 < known+1
	if nonsense {
		return nil, nil
	}
	return news, nil
}

// told are the messages here that a server would tell of, if it was right: more
// than those found, where it cannot be asked for all of the query. nil: any.
func (f *finder) told(root node) (idSet, error) {
	n, _ := tellable(root)
	if n == nil {
		return nil, nil
	}
	return f.eval(n, nil)
}

// tellable is a condition as far as a server can be asked for it, which is never
// less; nil when it cannot at all. It is exact when it is just the same.
func tellable(n node) (asked node, exact bool) {
	switch n := n.(type) {
	case every:
		var parts every
		exact = true
		for _, n := range n {
			part, same := tellable(n)
			if exact = exact && same; part != nil {
				parts = append(parts, part)
			}
		}
		return joined(parts), exact
	case some:
		var parts some
		exact = true
		for _, n := range n {
			part, same := tellable(n)
			if part == nil {
				return nil, false
			}
			exact = exact && same
			parts = append(parts, part)
		}
		return parts, exact
	case except:
		if part, same := tellable(n.n); same {
			return except{part}, true
		}
		return nil, false
	case *wanted, hasFlag:
		return n, true
	case larger, smaller:
		return n, false
	case yearly:
		part, _ := tellable(n.lately())
		return part, false
	case dated: // days of other clocks
		if !n.from.IsZero() {
			n.from = n.from.AddDate(0, 0, -1)
		}
		if !n.to.IsZero() {
			n.to = n.to.AddDate(0, 0, 2)
		}
		return n, false
	}
	return nil, false
}

// nonsenseOf is how many finds are too few to judge a server by.
const nonsenseOf = 20

// mayHold reports whether a condition may be as wished for a message whose text
// is not known.
func mayHold(n node, c *candidate, wish bool) bool {
	switch n := n.(type) {
	case every:
		return may(n, c, wish, !wish)
	case some:
		return may(n, c, wish, wish)
	case except:
		return mayHold(n.n, c, !wish)
	case *wanted:
		if n.fields&inText != 0 && !n.holds(c) {
			return true
		}
	case hasFiles:
		return true // a guess, until the text is here
	}
	return n.holds(c) == wish
}

// may reports whether any of the conditions may be as wished, or all of them.
func may(list []node, c *candidate, wish, any bool) bool {
	for _, n := range list {
		if mayHold(n, c, wish) == any {
			return any
		}
	}
	return !any
}

// Lacks reports whether a folder has messages whose text is not stored here.
func (s *Search) Lacks(ctx context.Context, folder ID) (bool, error) {
	lacks, err := one(s.d.reading(ctx), value[bool], `SELECT EXISTS (SELECT 1 FROM message
		WHERE server_folder = ? AND uid IS NOT NULL AND blob IS NULL)`, folder)
	return lacks, s.d.explain("look for texts that are not stored", err)
}

// Lacking counts the messages searched of which the text is not stored here:
// words in it are not found.
func (s *Search) Lacking(ctx context.Context, in Scope) (int, error) {
	f, err := s.finder(ctx, in)
	if err != nil {
		return 0, s.d.explain("look for texts that are not stored", err)
	}
	n, err := one(s.d.reading(ctx), value[int], `SELECT count(*) FROM message
		WHERE listed IN (SELECT value FROM json_each(?)) AND uid IS NOT NULL AND blob IS NULL`, f.scope)
	return n, s.d.explain("look for texts that are not stored", err)
}
