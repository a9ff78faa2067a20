package message

import (
	"strings"
	"time"
)

// Envelope is what lists, threads and replies need of a header, decoded. Its
// text is not safe for the screen.
type Envelope struct {
	Date      time.Time // in the sender's zone; falls back to Received; zero when neither is there
	Received  time.Time // of the newest Received field; zero when there is none
	Subject   string
	From      []Address // an author without an address keeps its words as Name
	Sender    []Address
	ReplyTo   []Address
	To        []Address
	Cc        []Address
	Bcc       []Address
	MessageID string // without the angle brackets, as all identifiers here
	InReplyTo []string
	// References are the identifiers of the thread, oldest first; of very long
	// threads the first and the newest.
	References     []string
	ListID         string    // the identifier of RFC 2919, without the angle brackets
	ListPost       []Address // where posts to the list go (RFC 2369 §3.4)
	MailFollowupTo []Address
	// Multipart reports multipart/mixed at the top: likely to have attachments,
	// as far as the header alone can tell.
	Multipart bool
}

// Envelope reads the envelope from the header. It never fails: what cannot be
// read stays empty. Of fields that may stand only once the first that says
// something counts, but no recipient is left out.
func (h Header) Envelope() Envelope {
	var e Envelope
	for _, f := range h.fields {
		var buf [32]byte
		switch string(lowerName(&buf, f.name)) {
		case "date":
			setDate(&e.Date, f.value)
		case "received":
			if i := strings.LastIndexByte(f.value, ';'); i >= 0 {
				setDate(&e.Received, f.value[i+1:])
			}
		case "subject":
			if e.Subject == "" {
				e.Subject = decodeHeader(f.value)
			}
		case "from":
			setAddresses(&e.From, f.value)
		case "sender":
			setAddresses(&e.Sender, f.value)
		case "reply-to":
			setAddresses(&e.ReplyTo, f.value)
		case "to":
			addAddresses(&e.To, f.value)
		case "cc":
			addAddresses(&e.Cc, f.value)
		case "bcc":
			addAddresses(&e.Bcc, f.value)
		case "mail-followup-to":
			setAddresses(&e.MailFollowupTo, f.value)
		case "message-id":
			if e.MessageID == "" {
				e.MessageID = parseID(f.value)
			}
		case "in-reply-to":
			if e.InReplyTo == nil {
				e.InReplyTo = parseIDs(f.value)
			}
		case "references":
			if e.References == nil {
				e.References = parseIDs(f.value)
			}
		case "list-id":
			if e.ListID == "" {
				e.ListID = parseListID(f.value)
			}
		case "list-post":
			if e.ListPost == nil {
				e.ListPost = parseListPost(f.value)
			}
		case "content-type":
			e.Multipart = e.Multipart || mediaType(f.value) == "multipart/mixed"
		}
	}
	if e.Date.IsZero() {
		e.Date = e.Received
	}
	return e
}

func setDate(t *time.Time, value string) {
	if t.IsZero() {
		*t = parseDate(value)
	}
}

func setAddresses(list *[]Address, value string) {
	if *list == nil {
		*list = receivedAddresses(value)
	}
}

func addAddresses(list *[]Address, value string) {
	if len(*list) < maxAddresses {
		*list = append(*list, receivedAddresses(value)...)
	}
}

// parseListID reads `Some words <dev.lists.example>`; the words go.
func parseListID(value string) string {
	if ids := parseIDs(value); len(ids) > 0 {
		return ids[len(ids)-1]
	}
	return decodeHeader(value)
}

// parseListPost reads the mailto URLs of a List-Post field; "NO" has none.
func parseListPost(value string) []Address {
	var list []Address
	for _, url := range parseIDs(value) {
		if len(url) < 7 || !strings.EqualFold(url[:7], "mailto:") {
			continue
		}
		addr, _, _ := strings.Cut(url[7:], "?")
		if addr, ok := cleanAddr(unescapePercent(addr)); ok {
			list = append(list, Address{Addr: addr})
		}
	}
	return list
}
