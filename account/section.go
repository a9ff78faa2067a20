package account

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// section reads the settings of one table. Each getter returns the default
// when the setting is absent or wrong, and reports what is wrong; asking makes
// a setting known, and what nobody asked for is reported by unknown.
type section struct {
	table  *table
	title  string // how the file calls it: "[account.incoming]"; "" is the top of the file
	prefix string // before key names in messages: "incoming."
	asked  []string
	found  *problems
}

// wrong reports a problem with the setting key, by a phrase and its values, to
// which "Key" is added.
func (s *section) wrong(key, id string, values ...any) {
	at := s.table.place
	if e, ok := s.table.entries[key]; ok {
		at = e.place
	}
	s.found.add(at, id, append(values, "Key", s.prefix+key)...)
}

// find makes key known and returns what the file says.
func (s *section) find(key string) (any, bool) {
	if !slices.Contains(s.asked, key) {
		s.asked = append(s.asked, key)
	}
	e, ok := s.table.entries[key]
	if !ok {
		return nil, false
	}
	return e.value, true
}

// has reports whether the setting is given.
func (s *section) has(key string) bool {
	_, ok := s.find(key)
	return ok
}

// empty reports whether the setting is given as the empty text.
func (s *section) empty(key string) bool {
	v, ok := s.find(key)
	return ok && v == ""
}

// text returns a string of any number of lines.
func (s *section) text(key, absent string) string {
	v, ok := s.find(key)
	if !ok {
		return absent
	}
	text, ok := v.(string)
	if !ok {
		s.wrong(key, "wrong.not_text", "Type", typeOf(v))
		return absent
	}
	return text
}

// line returns a string without control characters.
func (s *section) line(key, absent string) string {
	text := s.text(key, absent)
	if !isLine(text) {
		s.wrong(key, "wrong.control")
		return absent
	}
	return text
}

// choice returns one of a few words.
func (s *section) choice(key, absent string, of ...string) string {
	text := s.text(key, absent)
	if slices.Contains(of, text) {
		return text
	}
	if near := cmp.Or(meant(text, of), Nearest(text, of)); near != "" {
		s.wrong(key, "wrong.choice_near", "Value", strconv.Quote(text), "Words", quoted(of), "Near", strconv.Quote(near))
	} else {
		s.wrong(key, "wrong.choice", "Value", strconv.Quote(text), "Words", quoted(of))
	}
	return absent
}

// meant is the choice that goes by another name elsewhere, "" when there is none.
func meant(text string, of []string) string {
	other := map[string]string{"ssl": "tls", "ssl/tls": "tls", "tls/ssl": "tls", "cn": "zh", "zh_cn": "zh", "zh-cn": "zh", "chinese": "zh", "english": "en",
		"plain": "none", "imaps": "imap", "pop": "pop3", "pop3s": "pop3", "smtps": "smtp", "office365": "microsoft", "outlook": "microsoft", "gmail": "google"}[strings.ToLower(text)]
	if slices.Contains(of, other) {
		return other
	}
	return ""
}

// yes returns a bool.
func (s *section) yes(key string, absent bool) bool {
	v, ok := s.find(key)
	if !ok {
		return absent
	}
	b, ok := v.(bool)
	if !ok {
		s.wrong(key, "wrong.not_bool", "Type", typeOf(v))
		return absent
	}
	return b
}

// port returns a TCP port.
func (s *section) port(key string, absent int) int {
	v, ok := s.find(key)
	if !ok {
		return absent
	}
	n, ok := v.(int64)
	if !ok {
		s.wrong(key, "wrong.not_number", "Type", typeOf(v))
		return absent
	}
	if n < 1 || n > 65535 {
		s.wrong(key, "wrong.not_port", "Value", n)
		return absent
	}
	return int(n)
}

// duration returns a length of time of least or more, up to most.
func (s *section) duration(key string, absent, least, most time.Duration) time.Duration {
	v, ok := s.find(key)
	if !ok {
		return absent
	}
	text, ok := v.(string)
	if !ok {
		s.wrong(key, "wrong.no_time", "Type", typeOf(v))
		return absent
	}
	d, ok := parseDuration(text)
	if !ok {
		s.wrong(key, "wrong.not_time", "Value", strconv.Quote(text))
		return absent
	}
	if d < least || d > most {
		s.wrong(key, "wrong.out_of_range", "Value", strconv.Quote(text), "Least", shortDuration(least), "Most", shortDuration(most))
		return absent
	}
	return d
}

// parseDuration reads what time.ParseDuration does, and whole days: "30d".
func parseDuration(text string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err == nil
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// shortDuration writes d as one would in the file: "1h" and not "1h0m0s".
func shortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// words returns an array of strings; a single string is an array of one. Nil
// means absent.
func (s *section) words(key string) []string {
	v, ok := s.find(key)
	if !ok {
		return nil
	}
	if text, ok := v.(string); ok {
		return []string{text}
	}
	list, ok := v.([]*entry)
	if !ok {
		s.wrong(key, "wrong.not_texts", "Type", typeOf(v))
		return nil
	}
	words := []string{}
	for _, e := range list {
		text, ok := e.value.(string)
		if !ok {
			s.wrong(key, "wrong.holds_other", "Type", typeOf(e.value))
			return nil
		}
		words = append(words, text)
	}
	return words
}

// command returns a program and its arguments, to be run without a shell: a
// list, or a text that is divided at blanks. Nil means none.
func (s *section) command(key string) []string {
	words := s.words(key)
	if len(words) == 1 {
		words = strings.Fields(words[0])
	}
	if len(words) == 0 {
		return nil
	}
	return words
}

// below returns the table key, nil when there is none.
func (s *section) below(key, title, prefix string) *section {
	v, ok := s.find(key)
	if !ok {
		return nil
	}
	t, ok := v.(*table)
	if !ok {
		s.wrong(key, "wrong.not_table", "Type", typeOf(v), "Example", title)
		return nil
	}
	return &section{table: t, title: title, prefix: prefix, found: s.found}
}

// each returns the tables of the array key.
func (s *section) each(key, title, prefix string) []*section {
	v, ok := s.find(key)
	if !ok {
		return nil
	}
	list, isList := v.([]*entry)
	var sections []*section
	for _, e := range list {
		if t, ok := e.value.(*table); ok {
			sections = append(sections, &section{table: t, title: title, prefix: prefix, found: s.found})
		}
	}
	if !isList || len(sections) < len(list) {
		s.wrong(key, "wrong.not_tables", "Example", title)
	}
	return sections
}

// unknown reports the settings that no getter asked for. The other sections
// help to say where a setting belongs.
func (s *section) unknown(others []*section) {
	for _, key := range s.table.keys {
		if slices.Contains(s.asked, key) {
			continue
		}
		home := slices.IndexFunc(others, func(o *section) bool { return slices.Contains(o.asked, key) })
		near := Nearest(key, s.asked)
		switch {
		case near != "":
			s.wrong(key, "wrong.unknown_near", "Near", near)
		case home >= 0:
			s.wrong(key, "wrong.unknown_here", "Title", others[home].name())
		default:
			s.wrong(key, "wrong.unknown", "Title", s.name(), "Words", strings.Join(s.asked, ", "))
		}
	}
}

// name is how a person knows the table.
func (s *section) name() any {
	if s.title == "" {
		return phrase{id: "wrong.top"}
	}
	return s.title
}

// typeOf says of what type a value is.
func typeOf(v any) any {
	switch v := v.(type) {
	case string:
		return phrase{id: "type.text"}
	case int64:
		return phrase{id: "type.number"}
	case bool:
		return strconv.FormatBool(v)
	case []*entry:
		return phrase{id: "type.list"}
	case *table:
		return phrase{id: "type.table"}
	case other:
		return phrase{id: string(v)}
	}
	return phrase{id: "type.unlike"}
}

// quoted returns the words in quotes, with commas between them.
func quoted(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = strconv.Quote(w)
	}
	return strings.Join(list, ", ")
}
