package message

import "strings"

// Flags are the marks a mailbox keeps for a message: the system flags of
// RFC 9051 §2.3.2 that last, and three of the keywords registered with IANA.
type Flags uint16

// The marks. The one for \Draft is called DraftFlag because a [Draft] is a
// message being written.
const (
	Seen      Flags = 1 << iota // \Seen
	Answered                    // \Answered
	Flagged                     // \Flagged, shown as a star
	Deleted                     // \Deleted
	DraftFlag                   // \Draft
	Forwarded                   // $Forwarded
	Junk                        // $Junk
	NotJunk                     // $NotJunk
)

var flagNames = [...]string{"seen", "answered", "flagged", "deleted", "draft", "forwarded", "junk", "notjunk"}

// Has reports whether every mark of g is set in f.
func (f Flags) Has(g Flags) bool { return f&g == g }

// String names the marks that are set, for logs and tests: "seen flagged".
func (f Flags) String() string {
	var names []string
	for i, name := range flagNames {
		if f.Has(1 << i) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}
