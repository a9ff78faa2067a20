package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"tmail/account"
	"tmail/message"
)

// Conversation is what one row says of all the messages that belong together.
type Conversation struct {
	Count          int // messages
	Unread         int
	Flagged        bool // one of them is
	HasAttachments bool // one of them does
	Muted          bool
	People         []Person // who wrote, in the order they joined in
}

// Person is one who wrote in a conversation.
type Person struct {
	message.Address
	Unread bool // something of theirs is
}

// threadOf names the conversation of a row; what belongs to none is alone in one.
const threadOf = "coalesce(thread, -id) AS thread"

// Heads are the conversations of a list.
type Heads struct {
	IDs  []ID        // the newest message each has in the list, newest first
	Rest map[ID][]ID // by that: the others it has there, newest first
	More bool        // there are messages that were not looked at
}

// Conversations returns the conversations that have any message in a folder; of
// a large one, those of its newest limit messages (0: of all).
func (x *Index) Conversations(ctx context.Context, folder ID, limit int) (Heads, error) {
	list, err := x.heads(ctx, limit, "SELECT id, "+threadOf+" FROM message WHERE listed = ?1 ORDER BY date DESC, id DESC LIMIT ?2", folder)
	return list, x.d.explain("list conversations", err)
}

// ConversationsOfRole is Conversations over the folders that have a role, of
// all accounts together.
func (x *Index) ConversationsOfRole(ctx context.Context, role account.Role, limit int) (Heads, error) {
	list, err := x.heads(ctx, limit, "SELECT id, "+threadOf+" FROM message WHERE listed IN ("+shownFolders+"AND f.role = ?1) ORDER BY date DESC, id DESC LIMIT ?2", role)
	return list, x.d.explain("list conversations of all accounts", err)
}

// heads reads messages with their conversations, newest first: as two texts, a
// tenth of the cost of a row for each.
func (x *Index) heads(ctx context.Context, limit int, query string, of any) (Heads, error) {
	list := Heads{Rest: map[ID][]ID{}}
	if limit == 0 {
		limit = -1
	}
	var ids, threads sql.NullString
	_, err := one(x.d.reading(ctx), func(rows *sql.Rows) (none struct{}, err error) {
		err = rows.Scan(&ids, &threads)
		return none, err
	}, "SELECT group_concat(id), group_concat(thread) FROM ("+query+")", of, limit)
	if err != nil {
		return list, err
	}
	all := parseIDs(ids.String)
	list.More = len(all) == limit
	first, i := make(map[ID]ID, len(all)), 0
	eachNumber(threads.String, func(thread int64) {
		id := all[i]
		i++
		if head, ok := first[ID(thread)]; ok {
			list.Rest[head] = append(list.Rest[head], id)
			return
		}
		first[ID(thread)] = id
		list.IDs = append(list.IDs, id)
	})
	return list, nil
}

// What is thrown away does not count among a conversation, but where one looks
// at what was.
const inConversation = `m.listed IS NOT NULL AND (m.folder = ?2 OR NOT EXISTS (SELECT 1 FROM folder f WHERE f.id = m.folder AND f.role IN ('trash', 'junk')))`

// peopleKept is how many of those who wrote are told of one conversation.
const peopleKept = 20

// part is what a message adds to what is said of its conversation.
type part struct {
	likeness
	message     ID
	flags       message.Flags
	attachments bool
	muted       bool
}

// Summaries returns what rows of conversations show, seen from a folder, by the
// number of the conversation.
func (x *Index) Summaries(ctx context.Context, folder ID, threads []ID) (map[ID]*Conversation, error) {
	found, err := x.summaries(ctx, folder, threads)
	return found, x.d.explain("read conversations", err)
}

func (x *Index) summaries(ctx context.Context, folder ID, threads []ID) (map[ID]*Conversation, error) {
	parts := make(map[ID][]part, len(threads))
	_, err := all(x.d.reading(ctx), func(rows *sql.Rows) (none struct{}, err error) {
		var thread ID
		var p part
		err = rows.Scan(&thread, &p.message, &p.flags, &p.attachments, &p.muted, &p.id, &p.size, &p.date, &p.from, &p.folder)
		parts[thread] = append(parts[thread], p)
		return none, err
	}, `SELECT m.thread, m.id, m.flags, m.attachments, coalesce(t.muted, 0), m.message_id, m.size, m.date, m.sender, m.folder
		FROM json_each(?1) j CROSS JOIN message m ON m.thread = j.value LEFT JOIN thread t ON t.id = m.thread
		WHERE `+inConversation+` ORDER BY m.thread, m.date, m.id`, idList(threads), folder)
	if err != nil {
		return nil, err
	}
	if err := x.wordsOfCopies(ctx, parts); err != nil {
		return nil, err
	}
	found := make(map[ID]*Conversation, len(parts))
	for thread, list := range parts {
		c := &Conversation{Muted: list[0].muted}
		for _, p := range once(list, folder, func(p *part) likeness { return p.likeness }) {
			c.add(p.flags, p.attachments, p.from)
		}
		found[thread] = c
	}
	return found, nil
}

// wordsOfCopies reads by what words messages are the same: only where there are
// several of one Message-ID.
func (x *Index) wordsOfCopies(ctx context.Context, threads map[ID][]part) error {
	alike := map[ID]*part{}
	for _, list := range threads {
		first := make(map[string]*part, len(list))
		for i := range list {
			p := &list[i]
			if other := first[p.id]; other != nil && p.id != "" {
				alike[p.message], alike[other.message] = p, other
			}
			first[p.id] = p
		}
	}
	if len(alike) == 0 {
		return nil
	}
	_, err := all(x.d.reading(ctx), func(rows *sql.Rows) (none struct{}, err error) {
		var id ID
		var l likeness
		err = rows.Scan(&id, &l.subject, &l.preview, &l.sent, &l.account)
		p := alike[id]
		p.subject, p.preview, p.way = l.subject, l.preview, l.way
		return none, err
	}, `SELECT m.id, m.subject, m.preview, f.role = 'sent', f.account FROM json_each(?) j CROSS JOIN message m ON m.id = j.value
		JOIN folder f ON f.id = m.folder`, idList(slices.Collect(maps.Keys(alike))))
	return err
}

// add takes the next message of the conversation into account.
func (c *Conversation) add(flags message.Flags, attachments bool, from string) {
	c.Count++
	unread := !flags.Has(message.Seen)
	if unread {
		c.Unread++
	}
	c.Flagged = c.Flagged || flags.Has(message.Flagged)
	c.HasAttachments = c.HasAttachments || attachments
	for _, a := range splitAddresses(from) {
		i := slices.IndexFunc(c.People, func(p Person) bool { return p.Addr == a.Addr && (a.Addr != "" || p.Name == a.Name) })
		if i < 0 && len(c.People) < peopleKept {
			c.People = append(c.People, Person{Address: a})
			i = len(c.People) - 1
		}
		if i >= 0 {
			c.People[i].Unread = c.People[i].Unread || unread
		}
	}
}

// conversationKept is how many messages of one conversation are shown.
const conversationKept = 5000

// Conversation returns all messages of a conversation, oldest first, seen from
// a folder: what lies in several folders is there once, from that folder when
// it is in it. Of a very long one they are the newest.
func (x *Index) Conversation(ctx context.Context, folder, thread ID) ([]Row, error) {
	sent, err := x.sentFolders(ctx)
	if err != nil {
		return nil, x.d.explain("read conversation", err)
	}
	list, err := all(x.d.reading(ctx), x.d.scanRow, rowColumns+"FROM message m "+rowJoins+"WHERE "+ofThread+" AND "+inConversation+
		" ORDER BY m.date DESC, m.folder = ?2 DESC, m.id DESC LIMIT ?3", thread, folder, conversationKept)
	if err != nil {
		return nil, x.d.explain("read conversation", err)
	}
	rows := once(list, folder, func(r *Row) likeness {
		return likeness{exactly{r.MessageID, r.Size, r.Date.Unix(), joinAddresses(r.From), r.Subject}, way{r.Account, sent[r.Folder]}, r.Folder, r.Preview}
	})
	slices.Reverse(rows)
	return rows, nil
}

// ofThread finds the messages of conversation ?1; a negative one is a message alone.
const ofThread = "(m.thread = ?1 OR m.id = -?1 AND m.thread IS NULL)"
