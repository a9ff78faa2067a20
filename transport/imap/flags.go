package imap

import (
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"tmail/message"
)

// flagWords are the flags we know, as we write them and as others do.
var flagWords = []struct {
	flag    message.Flags
	words   []string
	keyword bool // a word of convention: a server may not keep it
}{
	{message.Seen, []string{`\Seen`}, false},
	{message.Answered, []string{`\Answered`}, false},
	{message.Flagged, []string{`\Flagged`}, false},
	{message.Deleted, []string{`\Deleted`}, false},
	{message.DraftFlag, []string{`\Draft`}, false},
	{message.Forwarded, []string{"$Forwarded", "Forwarded"}, true},
	{message.Junk, []string{"$Junk", "Junk"}, true},
	{message.NotJunk, []string{"$NotJunk", "NonJunk", "NotJunk"}, true},
}

// parseFlag gives the flag for a word the server sent; 0 for one we do not know.
func parseFlag(word []byte) message.Flags {
	for _, known := range flagWords {
		for _, w := range known.words {
			if len(w) == len(word) && strings.EqualFold(w, string(word)) {
				return known.flag
			}
		}
	}
	return 0
}

// anyKeyword: the mailbox keeps all of ours.
const anyKeyword = message.Forwarded | message.Junk | message.NotJunk

// parseKeywords reads PERMANENTFLAGS (RFC 3501 §7.1): which keywords the mailbox keeps.
func parseKeywords(list string) message.Flags {
	var keep message.Flags
	for word := range strings.FieldsSeq(strings.Trim(list, "( )")) {
		if word == `\*` {
			return anyKeyword
		}
		keep |= parseFlag([]byte(word)) & anyKeyword
	}
	return keep
}

// writeFlags gives the words for flags, without keywords that keep does not hold.
func writeFlags(flags, keep message.Flags) []goimap.Flag {
	var words []goimap.Flag
	for _, known := range flagWords {
		if flags.Has(known.flag) && (!known.keyword || keep.Has(known.flag)) {
			words = append(words, goimap.Flag(known.words[0]))
		}
	}
	return words
}
