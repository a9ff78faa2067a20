package message

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A conversation is found by what its messages say of each other: the links
// of a message are its own identifier and those of the messages it answers
// (RFC 5322 §3.6.4); messages that share one belong together, in whatever
// order they come. For senders who name nothing, there is the subject.

// maxLinks is how many identifiers tie a message to others: of a long
// conversation, the one that began it and the newest do.
const maxLinks = 40

// shortestLink keeps what is no identifier at all ("<>", "1") from tying the
// whole mailbox together.
const shortestLink = 6

// Links are the identifiers that tie a message to its conversation, its own
// first, each once.
func (e *Envelope) Links() []string {
	links := make([]string, 0, 4)
	add := func(id string) {
		if len(id) >= shortestLink && !slices.Contains(links, id) {
			links = append(links, id)
		}
	}
	add(e.MessageID)
	refs := e.References
	if len(refs) > 0 {
		add(refs[0])
		refs = refs[max(1, len(refs)-maxLinks):]
	}
	for _, id := range refs {
		add(id)
	}
	for _, id := range e.InReplyTo[:min(len(e.InReplyTo), maxLinks)] {
		add(id)
	}
	return links
}

// Topic is the subject without what programs put before it when they answer,
// nor the name of a list, in lower case; "" when nothing is left. Loose reports
// that the message is an answer by its subject alone: it does not name what it
// answers, and only the topic ties it to its conversation.
func (e *Envelope) Topic() (topic string, loose bool) {
	const most = 100 // prefixes
	subject, answer := e.Subject, false
	for range most {
		rest := strings.TrimSpace(withoutListName(subject))
		if n := replyPrefixOf(rest); n > 0 {
			rest, answer = rest[n:], true
		}
		if rest == subject {
			break
		}
		subject = rest
	}
	topic = strings.ToLower(spacedOnce(subject))
	return topic, answer && topic != "" && len(e.References) == 0 && len(e.InReplyTo) == 0
}

// replyPrefixOf is how long a replyPrefix before a subject is. Looking for one
// takes long; most have none, or the one that is told at a glance.
func replyPrefixOf(subject string) int {
	switch {
	case len(subject) >= 3 && subject[0]|0x20 == 'r' && subject[1]|0x20 == 'e' && subject[2] == ':':
		return 3
	case strings.IndexByte(subject, ':') >= 0 || strings.Contains(subject, "："):
		return len(replyPrefix.FindString(subject))
	}
	return 0
}

// spacedOnce writes white space as one space, and none around the text.
func spacedOnce(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return strings.Join(strings.Fields(s), " ")
		}
	}
	return s
}

// withoutListName cuts a leading "[name of a list]" off, or "【重要】" as is put before
// subjects in Chinese, unless it is all there is.
func withoutListName(subject string) string {
	for _, mark := range [][2]string{{"[", "]"}, {"【", "】"}} {
		if !strings.HasPrefix(subject, mark[0]) {
			continue
		}
		if _, rest, closed := strings.Cut(subject, mark[1]); closed && strings.TrimSpace(rest) != "" {
			return rest
		}
	}
	return subject
}
