package message

import (
	"slices"
	"strings"
)

// maxIDs is how many identifiers of one field are kept: the first, which began
// the thread, and the newest.
const maxIDs = 256

// parseIDs reads the message identifiers of a field (RFC 5322 §3.6.4) without
// their angle brackets. Words outside of brackets count only when there is
// nothing in brackets and they look like an identifier.
func parseIDs(value string) []string {
	s := unfold(value)
	var ids []string
	add := func(id string) {
		if ids = append(ids, id); len(ids) == 2*maxIDs {
			ids = cutIDs(ids)
		}
	}
	for rest := s; ; {
		open := strings.IndexByte(rest, '<')
		if open < 0 {
			break
		}
		rest = rest[open+1:]
		end := strings.IndexAny(rest, "<>")
		id := rest
		if end >= 0 {
			id = rest[:end]
			rest = strings.TrimPrefix(rest[end:], ">")
		} else {
			rest = ""
		}
		if id = cleanID(id); id != "" {
			add(id)
		}
	}
	if ids == nil {
		for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == ',' }) {
			if strings.IndexByte(word, '@') > 0 {
				add(cleanID(word))
			}
		}
	}
	return cutIDs(ids)
}

// cutIDs keeps maxIDs of the identifiers.
func cutIDs(ids []string) []string {
	if len(ids) <= maxIDs {
		return ids
	}
	return slices.Delete(ids, 1, len(ids)-maxIDs+1)
}

// parseID reads the one identifier of a Message-ID field, which may lack
// everything RFC 5322 asks of it.
func parseID(value string) string {
	if ids := parseIDs(value); len(ids) > 0 {
		return ids[0]
	}
	return cleanID(unfold(value))
}

// cleanID takes blanks out, which folding leaves in long identifiers.
func cleanID(id string) string {
	id = strings.Trim(id, "<> ")
	if strings.IndexByte(id, ' ') >= 0 {
		id = strings.ReplaceAll(id, " ", "")
	}
	return guessText([]byte(id))
}
