package account

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// place is where something stands in the file, counted from 1.
type place struct{ line, column int }

// table is a TOML table with the places of what it holds, which decoding into
// a struct would lose.
type table struct {
	place   place
	keys    []string // in the order of the file
	entries map[string]*entry
}

// entry is a value and the place of its key. The value is a string, an int64,
// a bool, an []*entry (array), a *table, or other.
type entry struct {
	place place
	value any
}

// other is a value of a type that no setting has: the phrase for it.
type other string

func newTable(at place) *table {
	return &table{place: at, entries: map[string]*entry{}}
}

// set adds key. The syntax check has refused keys given twice.
func (t *table) set(key string, e *entry) {
	t.keys = append(t.keys, key)
	t.entries[key] = e
}

// descend returns the table that the keys lead to, creating those on the way;
// of an array of tables it is the last, as TOML says.
func (t *table) descend(keys []*unstable.Node, at func(*unstable.Node) place) *table {
	for _, k := range keys {
		e, ok := t.entries[string(k.Data)]
		if !ok {
			e = &entry{place: at(k), value: newTable(at(k))}
			t.set(string(k.Data), e)
		}
		switch v := e.value.(type) {
		case *table:
			t = v
		case []*entry:
			t = v[len(v)-1].value.(*table)
		}
	}
	return t
}

// checkSyntax reports what is not TOML in data. It goes on after a line that
// is wrong by itself, so that several mistakes are told at once.
func checkSyntax(data []byte, found *problems) {
	for {
		var ignored map[string]any
		err := toml.Unmarshal(data, &ignored)
		if err == nil {
			return
		}
		var wrong *toml.DecodeError
		if !errors.As(err, &wrong) {
			found.add(place{}, "wrong.syntax", "Words", err.Error())
			return
		}
		line, column := wrong.Position()
		id, values := syntaxPhrase(wrong)
		found.add(place{line, column}, id, values...)

		lines := bytes.SplitAfter(data, []byte("\n"))
		if line < 1 || line > len(lines) || !wrongAlone(lines[line-1]) {
			return
		}
		lines[line-1] = []byte("\n")
		data = bytes.Join(lines, nil)
	}
}

// wrongAlone reports whether a line is no TOML even out of its context, so
// that what follows can be understood without it.
func wrongAlone(line []byte) bool {
	if bytes.HasPrefix(bytes.TrimSpace(line), []byte("[")) {
		return false
	}
	var ignored map[string]any
	return toml.Unmarshal(line, &ignored) != nil
}

// mistakes are our phrases for what the parser says, by a part of its words;
// what says most comes first.
var mistakes = []struct{ words, id string }{
	{"at start of value", "wrong.no_quotes"}, {"strings must be quoted", "wrong.no_quotes"},
	{"cannot have new lines", "wrong.open_quotes"}, {"unterminated", "wrong.open_quotes"}, {"not terminated", "wrong.open_quotes"},
	{"after array value", "wrong.open_list"}, {"array is incomplete", "wrong.open_list"},
	{"inline table", "wrong.open_table"}, {"table name", "wrong.open_heading"},
	{"already defined", "wrong.twice"}, {"already exists", "wrong.twice"},
	{"invalid UTF-8", "wrong.not_unicode"}, {"control characters", "wrong.control_character"}, {"carriage return", "wrong.control_character"},
	{"escape", "wrong.bad_escape"}, {"after key", "wrong.no_equals"}, {"key", "wrong.bad_name"}, {"newline", "wrong.behind_value"},
	{"expected value", "wrong.no_value"}, {"number", "wrong.bad_number"}, {"digit", "wrong.bad_number"}, {"integers", "wrong.bad_number"},
}

// syntaxPhrase says what is no TOML: in our words for the mistakes we know,
// else in the parser's.
func syntaxPhrase(wrong *toml.DecodeError) (id string, values []any) {
	words := strings.TrimPrefix(wrong.Error(), "toml: ")
	for _, m := range mistakes {
		if strings.Contains(words, m.words) {
			return m.id, []any{"Key", strings.Join(wrong.Key(), ".")}
		}
	}
	return "wrong.syntax", []any{"Words", words}
}

// parse reads data, which checkSyntax has found good, into a tree.
func parse(data []byte) (*table, error) {
	var p unstable.Parser
	p.Reset(data)
	at := func(n *unstable.Node) place {
		start := p.Shape(n.Raw).Start
		return place{start.Line, start.Column}
	}
	root := newTable(place{1, 1})
	current := root
	for p.NextExpression() {
		n := p.Expression()
		switch n.Kind {
		case unstable.Table:
			keys := keysOf(n)
			current = root.descend(keys, at)
			current.place = at(keys[0])
		case unstable.ArrayTable:
			keys := keysOf(n)
			last := keys[len(keys)-1]
			parent := root.descend(keys[:len(keys)-1], at)
			current = newTable(at(last))
			added := &entry{place: at(last), value: current}
			if e, ok := parent.entries[string(last.Data)]; ok {
				list, _ := e.value.([]*entry)
				e.value = append(list, added)
			} else {
				parent.set(string(last.Data), &entry{place: at(last), value: []*entry{added}})
			}
		case unstable.KeyValue:
			setKeyValue(current, n, at)
		}
	}
	if err := p.Error(); err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	return root, nil
}

// keysOf returns the parts of the possibly dotted key of n.
func keysOf(n *unstable.Node) []*unstable.Node {
	var keys []*unstable.Node
	for it := n.Key(); it.Next(); {
		keys = append(keys, it.Node())
	}
	return keys
}

func setKeyValue(t *table, n *unstable.Node, at func(*unstable.Node) place) {
	keys := keysOf(n)
	last := keys[len(keys)-1]
	e := valueOf(n.Value(), at)
	e.place = at(keys[0])
	t.descend(keys[:len(keys)-1], at).set(string(last.Data), e)
}

func valueOf(n *unstable.Node, at func(*unstable.Node) place) *entry {
	e := &entry{place: at(n)}
	switch n.Kind {
	case unstable.String:
		e.value = string(n.Data)
	case unstable.Bool:
		e.value = string(n.Data) == "true"
	case unstable.Integer:
		i, err := strconv.ParseInt(string(n.Data), 0, 64)
		if err != nil {
			e.value = other("type.odd_number")
			break
		}
		e.value = i
	case unstable.Float:
		e.value = other("type.fraction")
	case unstable.Array:
		list := []*entry{}
		for it := n.Children(); it.Next(); {
			list = append(list, valueOf(it.Node(), at))
		}
		e.value = list
	case unstable.InlineTable:
		t := newTable(at(n))
		for it := n.Children(); it.Next(); {
			setKeyValue(t, it.Node(), at)
		}
		e.value = t
	default:
		e.value = other("type.date")
	}
	return e
}

// accounts is all that the file says of accounts, in a form that two readings
// can be compared by.
func (t *table) accounts() string {
	var b strings.Builder
	if e := t.entries["account"]; e != nil {
		e.describe(&b)
	}
	return b.String()
}

func (e *entry) describe(b *strings.Builder) {
	switch v := e.value.(type) {
	case *table:
		b.WriteString("{")
		for _, key := range slices.Sorted(maps.Keys(v.entries)) {
			fmt.Fprintf(b, "%q:", key)
			v.entries[key].describe(b)
		}
		b.WriteString("}")
	case []*entry:
		b.WriteString("[")
		for _, one := range v {
			one.describe(b)
		}
		b.WriteString("]")
	default:
		fmt.Fprintf(b, "%T(%q);", v, fmt.Sprint(v))
	}
}
