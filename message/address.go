package message

import (
	"errors"
	"fmt"
	"strings"
)

// maxAddresses is how many addresses of one field are read.
const maxAddresses = 10_000

// Address is one mailbox of RFC 5322 §3.4. Both fields are decoded text as
// the sender wrote it: not safe for the screen.
type Address struct {
	Name string // display name, may be empty
	Addr string // local@domain
}

// String is the address as a person would type it. The result is text, not a
// header value: names that need it are quoted, nothing is encoded.
func (a Address) String() string {
	name := a.Name
	switch {
	case name == "":
		return a.Addr
	case strings.ContainsAny(name, `,;:<>()[]@"\`):
		name = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	if a.Addr == "" {
		return name
	}
	return name + " <" + a.Addr + ">"
}

// ParseAddressList reads a list of addresses as people and programs write it:
// separated by ',', ';' or blanks, with groups, comments, quoted and encoded
// names. Words that belong to no address are an error: they may be somebody who
// was to get the mail. The addresses that could be read are returned even when
// err, an [*AddressError], names the ones that could not.
func ParseAddressList(s string) ([]Address, error) {
	var list []Address
	var bad []string
	scanAddresses(s, func(it addressItem) bool {
		found := it.addresses()
		if len(found) == 0 || it.hasStrayWords(found) {
			bad, found = append(bad, it.words()), nil
		}
		list = append(list, found...)
		return true
	})
	if bad != nil {
		return list, &AddressError{Bad: bad}
	}
	return list, nil
}

// AddressError names the parts of an address list that are no addresses.
type AddressError struct{ Bad []string }

func (e *AddressError) Error() string {
	var errs []error
	for _, bad := range e.Bad {
		errs = append(errs, fmt.Errorf("%q is not an e-mail address", bad))
	}
	return strings.ReplaceAll(errors.Join(errs...).Error(), "\n", ", ")
}

// receivedAddresses reads the addresses of a field of received mail. Nothing of
// it is lost: a word alone is a local address, other text a name without one.
// In `Archer, Ann <ann@example.com>`, which lacks its quotes, all is one name.
func receivedAddresses(value string) []Address {
	var list []Address
	before := "" // the words before this item, when they may be part of its name
	scanAddresses(unfold(value), func(it addressItem) bool {
		found := it.addresses()
		whole := len(found) > 0
		if !whole {
			found = it.incomplete()
		} else if before != "" && it.isAngle && found[0].Name != "" {
			list = list[:len(list)-1]
			found[0].Name = before + ", " + found[0].Name
		}
		before = ""
		if quotes := strings.Count(it.text, `"`); !whole && !it.isAngle && it.comma && (quotes == 0 || quotes%2 == 1) {
			before = displayName(it.text)
		}
		list = append(list, found...)
		return len(list) < maxAddresses
	})
	return list
}

// addressItem is one element of a list as written, not yet understood.
type addressItem struct {
	text    string // what is outside angle brackets and comments, quotes included
	angle   string // what is inside the angle brackets
	behind  string // what stands behind them, which is not of the name
	isAngle bool
	comment string
	comma   bool // follows
}

// incomplete reads an item without a whole address, such as local mail has.
func (it addressItem) incomplete() []Address {
	if list, names := it.amongWords(); len(list) > 0 && !it.isAngle {
		list[0].Name = displayName(names)
		return list
	}
	name, addr := displayName(it.text), strings.TrimSpace(decodeWords(it.angle))
	if !it.isAngle && isLocalPart(name) {
		name, addr = "", name
	}
	if !isLocalPart(addr) {
		name, addr = strings.TrimSpace(name+" "+addr), ""
	}
	if name == "" && addr == "" {
		return nil
	}
	return []Address{{Name: name, Addr: addr}}
}

// words is the text of an item for people.
func (it addressItem) words() string {
	words := displayName(it.text)
	if it.isAngle && (words == "" || it.behind != "") {
		words = strings.TrimSpace(words + " <" + decodeWords(it.angle) + "> " + it.behind)
	}
	return words
}

// hasStrayWords reports whether the item has words that are neither part of
// the addresses found in it nor a name in its place, before the brackets.
func (it addressItem) hasStrayWords(found []Address) bool {
	if it.isAngle {
		return it.behind != ""
	}
	return len(found) == 1 && found[0].Name != "" && strings.Contains(it.text, "@") && displayName(it.comment) != found[0].Name
}

// addresses understands an item: one address in nearly all cases, several when
// only blanks separate them, none when there is nothing like an address.
func (it addressItem) addresses() []Address {
	if it.isAngle {
		if addr, ok := cleanAddr(it.angle); ok {
			name := displayName(it.text)
			if name == "" {
				name = displayName(it.comment)
			}
			return []Address{{Name: name, Addr: addr}}
		}
	}
	if !strings.Contains(it.text, "@") {
		if decoded := decodeWords(it.text); decoded != it.text && strings.Contains(decoded, "@") {
			return decodedItem(decoded) // a writer that encoded the whole item
		}
		return nil
	}
	if addr, ok := cleanAddr(it.text); ok {
		return []Address{{Name: displayName(it.comment), Addr: addr}}
	}
	list, names := it.amongWords()
	if len(list) == 1 {
		list[0].Name = displayName(names)
	} else if names != "" {
		return nil
	}
	return list
}

// amongWords finds the words of an item that are addresses, and the other ones.
func (it addressItem) amongWords() (list []Address, names string) {
	var others []string
	for _, word := range strings.Fields(it.text) {
		if addr, ok := cleanAddr(word); ok {
			list = append(list, Address{Addr: addr})
		} else {
			others = append(others, word)
		}
	}
	return list, strings.Join(others, " ")
}

func decodedItem(text string) (list []Address) {
	if name, angle, ok := strings.Cut(text, "<"); ok {
		if addr, ok := cleanAddr(strings.TrimSuffix(strings.TrimSpace(angle), ">")); ok {
			return []Address{{Name: displayName(name), Addr: addr}}
		}
	}
	scanAddresses(text, func(it addressItem) bool {
		if it.isAngle || strings.Contains(it.text, "@") {
			list = append(list, it.addresses()...)
		}
		return len(list) == 0
	})
	return list
}

// displayName decodes a phrase (RFC 5322 §3.2.5): quoted strings are unquoted,
// encoded words decoded also within quotes, where many writers put them. Blanks
// between words count as one.
func displayName(phrase string) string {
	phrase = strings.TrimSpace(phrase)
	if strings.IndexByte(phrase, '"') >= 0 {
		return decodeWords(strings.TrimSpace(unquoted(phrase)))
	}
	if n := len(phrase); n > 2 && phrase[0] == '\'' && phrase[n-1] == '\'' {
		phrase = phrase[1 : n-1]
	}
	if strings.Contains(phrase, "  ") {
		phrase = strings.Join(strings.FieldsFunc(phrase, func(r rune) bool { return r == ' ' }), " ")
	}
	return decodeWords(phrase)
}

// unquoted takes the quotes of all quoted strings in s away, and the backslashes
// within them.
func unquoted(s string) string {
	out := make([]byte, 0, len(s))
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted && i+1 < len(s):
			i++
			out = append(out, s[i])
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// cleanAddr takes what is written around an address away and checks the rest.
func cleanAddr(s string) (string, bool) {
	if strings.Contains(s, "=?") {
		if s = decodeWords(s); decodeWords(s) != s { // would be decoded again wherever it is written
			return "", false
		}
	}
	if strings.IndexByte(s, '(') >= 0 && strings.IndexByte(s, '"') < 0 {
		s = withoutComments(s)
	}
	s = strings.TrimSpace(s)
	for len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' { // as Outlook writes them into text
		s = s[1 : len(s)-1]
	}
	for _, scheme := range []string{"mailto:", "smtp:"} {
		if n := len(scheme); len(s) > n && strings.EqualFold(s[:n], scheme) {
			s = s[n:]
		}
	}
	if strings.HasPrefix(s, "@") { // an obsolete route, RFC 5322 §4.4
		if _, after, ok := strings.Cut(s, ":"); ok {
			s = after
		}
	}
	for len(s) > 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", false
	}
	local, domain := strings.TrimSpace(s[:at]), strings.TrimSpace(s[at+1:])
	if strings.IndexByte(domain, ' ') >= 0 {
		labels := strings.Split(domain, ".")
		for i := range labels {
			labels[i] = strings.TrimSpace(labels[i])
		}
		domain = strings.Join(labels, ".")
	}
	if strings.IndexByte(local, '"') > 0 { // quotes about a part of it, RFC 5322 §4.4
		local, s = unquoted(local), ""
	}
	if !isLocalPart(local) || !isDomain(domain) {
		return "", false
	}
	if len(local)+1+len(domain) == len(s) {
		return s, true
	}
	return local + "@" + domain, true
}

// withoutComments takes the comments (RFC 5322 §3.2.2) out of an address. One
// that is not closed is text.
func withoutComments(s string) string {
	out := make([]byte, 0, len(s))
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && depth > 0:
			i++
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			out = append(out, c)
		}
	}
	if depth > 0 {
		return s
	}
	return string(out)
}

// isLocalPart accepts what mail systems accept, which is more than RFC 5322
// §3.4.1: dots anywhere, UTF-8.
func isLocalPart(s string) bool {
	if n := len(s); n >= 2 && s[0] == '"' && s[n-1] == '"' {
		return isPrintable(s)
	}
	return s != "" && isPrintable(s) && !strings.ContainsAny(s, ` ,;:<>"()@`)
}

func isDomain(s string) bool {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		return isPrintable(s)
	}
	return s != "" && isPrintable(s) && !strings.ContainsAny(s, ` ,;:<>"()@[]\`)
}

func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
