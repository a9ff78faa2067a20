package store

import (
	"context"
	"database/sql"
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
const threadOf = "coalesce(thread, -id)"

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

// heads reads messages with their conversations, newest first.
func (x *Index) heads(ctx context.Context, limit int, query string, of any) (Heads, error) {
	list := Heads{Rest: map[ID][]ID{}}
	if limit == 0 {
		limit = -1
	}
	rows, err := x.d.read(ctx, query, of, limit)
	if err != nil {
		return list, err
	}
	defer rows.Close()
	first := map[ID]ID{}
	for n := 1; rows.Next(); n++ {
		list.More = n == limit
		var id, thread ID
		if err := rows.Scan(&id, &thread); err != nil {
			return list, err
		}
		if head, ok := first[thread]; ok {
			list.Rest[head] = append(list.Rest[head], id)
			continue
		}
		first[thread] = id
		list.IDs = append(list.IDs, id)
	}
	return list, rows.Err()
}

// What is thrown away does not count among a conversation, but where one looks
// at what was.
const inConversation = `m.listed IS NOT NULL AND (m.folder = ?2 OR NOT EXISTS (SELECT 1 FROM folder f WHERE f.id = m.folder AND f.role IN ('trash', 'junk')))`

// peopleKept is how many of those who wrote are told of one conversation.
const peopleKept = 20

// Summaries returns what rows of conversations show, seen from a folder, by the
// number of the conversation.
func (x *Index) Summaries(ctx context.Context, folder ID, threads []ID) (map[ID]*Conversation, error) {
	found := make(map[ID]*Conversation, len(threads))
	ids := map[ID]map[string]bool{} // what lies in several folders is one message
	_, err := all(x.d.reading(ctx), func(rows *sql.Rows) (none struct{}, err error) {
		var thread ID
		var flags message.Flags
		var attachments, muted bool
		var from, messageID string
		if err := rows.Scan(&thread, &flags, &attachments, &from, &messageID, &muted); err != nil {
			return none, err
		}
		c := found[thread]
		if c == nil {
			c = &Conversation{}
			found[thread], ids[thread] = c, map[string]bool{}
		}
		if messageID != "" && ids[thread][messageID] {
			return none, nil
		}
		ids[thread][messageID] = true
		c.add(flags, attachments, from)
		c.Muted = muted
		return none, nil
	}, `SELECT m.thread, m.flags, m.attachments, m.sender, m.message_id, coalesce(t.muted, 0)
		FROM json_each(?1) j CROSS JOIN message m ON m.thread = j.value LEFT JOIN thread t ON t.id = m.thread
		WHERE `+inConversation+` ORDER BY m.thread, m.date, m.id`, idList(threads), folder)
	return found, x.d.explain("read conversations", err)
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
	list, err := all(x.d.reading(ctx), x.d.scanRow, rowColumns+"FROM message m "+rowJoins+"WHERE "+ofThread+" AND "+inConversation+
		" ORDER BY m.date DESC, m.folder = ?2 DESC, m.id DESC LIMIT ?3", thread, folder, conversationKept)
	if err != nil {
		return nil, x.d.explain("read conversation", err)
	}
	at := map[string]int{}
	var rows []Row
	for _, r := range list {
		if i, twice := at[r.MessageID]; twice && r.MessageID != "" {
			if r.Folder == folder && rows[i].Folder != folder {
				rows[i] = r
			}
			continue
		}
		at[r.MessageID] = len(rows)
		rows = append(rows, r)
	}
	slices.Reverse(rows)
	return rows, nil
}

// ofThread finds the messages of conversation ?1; a negative one is a message alone.
const ofThread = "(m.thread = ?1 OR m.id = -?1 AND m.thread IS NULL)"
