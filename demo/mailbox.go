package demo

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
)

// inbox is the one mailbox every maildrop has, under the name IMAP gives it.
const inbox = "INBOX"

// delimiter separates the levels of a mailbox name.
const delimiter = '/'

// message is one message on the server. Raw and Date never change; Flags is
// replaced, never written into, so that a copy of the struct stays true.
type message struct {
	UID   imap.UID
	Raw   []byte // with CRLF line ends, as it goes over the wire
	Date  time.Time
	Flags []imap.Flag

	version uint64 // of the flags, see mailbox.version
}

func (m *message) has(flag imap.Flag) bool { return hasFlag(m.Flags, flag) }

// mailbox is a folder of messages in ascending UID order. It is guarded by the
// lock of its maildrop.
type mailbox struct {
	Name       string
	Use        imap.MailboxAttr // what it is for (RFC 6154), or ""
	Subscribed bool
	Validity   uint32
	Next       imap.UID
	Messages   []*message

	version uint64        // counts the changes of flags
	changed chan struct{} // closed at the next change of any kind
}

// add files a message at the end, under the next UID.
func (b *mailbox) add(raw []byte, date time.Time, flags []imap.Flag) *message {
	b.version++
	m := &message{UID: b.Next, Raw: raw, Date: date, Flags: canonicalFlags(flags), version: b.version}
	b.Next++
	b.Messages = append(b.Messages, m)
	b.wake()
	return m
}

// remove takes the messages that gone chooses away for ever.
func (b *mailbox) remove(gone func(*message) bool) {
	b.Messages = slices.DeleteFunc(b.Messages, gone)
	b.wake()
}

func (b *mailbox) setFlags(m *message, flags []imap.Flag) {
	b.version++
	m.Flags, m.version = flags, b.version
	b.wake()
}

// wake tells everybody who waits for a change.
func (b *mailbox) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// find returns the message with this UID, nil when there is none.
func (b *mailbox) find(uid imap.UID) *message {
	i, ok := slices.BinarySearchFunc(b.Messages, uid, func(m *message, uid imap.UID) int { return cmp.Compare(m.UID, uid) })
	if !ok {
		return nil
	}
	return b.Messages[i]
}

// count returns how many messages have the flag, and their size in bytes.
func (b *mailbox) count(flag imap.Flag) (n uint32, size int64) {
	for _, m := range b.Messages {
		if m.has(flag) {
			n++
			size += int64(len(m.Raw))
		}
	}
	return n, size
}

// maildrop is all the mail of one person, behind one lock: so that a message
// can move between two mailboxes in one step, seen by nobody half-way.
type maildrop struct {
	mu        sync.Mutex
	Mailboxes map[string]*mailbox
	Validity  uint32 // the UIDVALIDITY of the next mailbox; never used twice
}

func newMaildrop(validity uint32) *maildrop {
	d := &maildrop{Mailboxes: make(map[string]*mailbox), Validity: validity}
	d.create(inbox, "")
	return d
}

// create makes a mailbox and those above it. The caller has made sure that it
// does not exist.
func (d *maildrop) create(name string, use imap.MailboxAttr) *mailbox {
	d.createAbove(name)
	b := &mailbox{Name: name, Use: use, Subscribed: true, Validity: d.Validity, Next: 1, changed: make(chan struct{})}
	d.Validity++
	d.Mailboxes[name] = b
	return b
}

// createAbove makes the mailboxes that are missing above a name.
func (d *maildrop) createAbove(name string) {
	if above := parent(name); above != "" && d.Mailboxes[above] == nil {
		d.create(above, "")
	}
}

// deliver files an arriving message in the inbox.
func (d *maildrop) deliver(raw []byte, date time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Mailboxes[inbox].add(raw, date, nil)
}

// sorted returns the mailboxes by name, the inbox first.
func (d *maildrop) sorted() []*mailbox {
	key := func(b *mailbox) string {
		if b.Name == inbox {
			return ""
		}
		return b.Name
	}
	return slices.SortedFunc(maps.Values(d.Mailboxes), func(a, b *mailbox) int { return strings.Compare(key(a), key(b)) })
}

// hasChildren says whether there are mailboxes below this one.
func (d *maildrop) hasChildren(name string) bool {
	for other := range d.Mailboxes {
		if strings.HasPrefix(other, name+string(delimiter)) {
			return true
		}
	}
	return false
}

// parent returns the name of the mailbox above, "" at the top.
func parent(name string) string {
	return name[:max(0, strings.LastIndexByte(name, delimiter))]
}

// systemFlags have one right spelling, but clients may write them in any case.
var systemFlags = []imap.Flag{
	imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft,
	imap.FlagForwarded, imap.FlagMDNSent, imap.FlagJunk, imap.FlagNotJunk, imap.FlagPhishing,
}

// canonicalFlags returns the flags once each and in their usual spelling.
func canonicalFlags(flags []imap.Flag) []imap.Flag {
	out := make([]imap.Flag, 0, len(flags))
	for _, flag := range flags {
		if hasFlag(out, flag) {
			continue
		}
		if i := indexFlag(systemFlags, flag); i >= 0 {
			flag = systemFlags[i]
		}
		out = append(out, flag)
	}
	return out
}

func hasFlag(flags []imap.Flag, flag imap.Flag) bool { return indexFlag(flags, flag) >= 0 }

func indexFlag(flags []imap.Flag, flag imap.Flag) int {
	return slices.IndexFunc(flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(flag)) })
}
