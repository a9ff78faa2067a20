package ui

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
)

// place is where a key is pressed. Bindings name one or several.
type place uint8

const (
	inFolders place = 1 << iota
	inList
	inOutbox // the list, while it shows the Outbox
	inMessage
	inCompose

	inLists = inList | inOutbox
	reading = inFolders | inLists | inMessage // everywhere but in compose, where letters are text
	always  = reading | inCompose
)

// binding is one thing that can be done: its name in [keys], its keys, where they act, and when.
// Its description is the phrase "do.<action>", the short one for the footer "hint.<action>".
type binding struct {
	action string
	keys   []string
	where  place
	hint   place             // where it stands in the footer
	when   func(*model) bool // nil: always
	do     func(*model) tea.Cmd

	refusal string // the phrase that says why when it does not act; "" says nothing
}

func (b *binding) applies(m *model, at place) bool {
	return b.where&at != 0 && (b.when == nil || b.when(m))
}

// keymap is the table of bindings with the person's own keys laid over it.
type keymap struct {
	bindings []*binding
}

// newKeymap applies overrides (action to keys) to table. All that is wrong is returned at once, in the words of
// account.Config.KeyProblem; the returned keymap then has the standard keys.
func newKeymap(table []*binding, c *account.Config) (keymap, error) {
	var problems []error
	byAction := make(map[string]*binding, len(table))
	for _, b := range table {
		byAction[b.action] = b
	}
	names := slices.Sorted(maps.Keys(byAction))
	for action, keys := range c.Keys {
		b := byAction[action]
		if b == nil {
			problem := c.KeyProblem(action, "wrong.no_action")
			if near := account.Nearest(action, names); near != "" {
				problem = c.KeyProblem(action, "wrong.no_action_near", "Near", near)
			}
			problems = append(problems, problem)
			continue
		}
		b.keys = slices.Clone(keys)
	}
	for action := range c.Keys {
		if b := byAction[action]; b != nil {
			problems = append(problems, conflicts(c, table, b)...)
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(lang.Sentence(a), lang.Sentence(b)) })
	return keymap{bindings: table}, errors.Join(problems...)
}

func conflicts(c *account.Config, table []*binding, b *binding) []error {
	var problems []error
	for _, key := range b.keys {
		if !isKey(key) {
			problems = append(problems, c.KeyProblem(b.action, "wrong.no_such_key", "Value", strconv.Quote(key)))
		}
		if b.where == inCompose && len([]rune(key)) == 1 {
			problems = append(problems, c.KeyProblem(b.action, "wrong.key_is_text", "Value", strconv.Quote(key)))
		}
		for _, other := range table {
			if other != b && other.where&b.where != 0 && slices.Contains(other.keys, key) {
				problems = append(problems, c.KeyProblem(b.action, "wrong.key_taken", "Value", strconv.Quote(key), "Other", other.action))
			}
		}
	}
	return problems
}

// keyNames are the names of the keys that write nothing.
var keyNames = sync.OnceValue(func() map[string]rune {
	names := map[string]rune{"enter": tea.KeyEnter, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "esc": tea.KeyEscape, "space": tea.KeySpace}
	for code := tea.KeyExtended + 1; code <= tea.KeyIsoLevel5Shift; code++ {
		names[tea.Key{Code: code}.Keystroke()] = code
	}
	return names
})

// isKey reports whether a key of that name can be pressed: a character or a name, behind modifiers in their order.
func isKey(name string) bool {
	modified := false
	for _, modifier := range []string{"ctrl+", "alt+", "shift+", "meta+", "hyper+", "super+"} {
		if rest, ok := strings.CutPrefix(name, modifier); ok && rest != "" {
			name, modified = rest, true
		}
	}
	r := []rune(name)
	return keyNames()[name] != 0 || len(r) == 1 && unicode.IsGraphic(r[0]) && r[0] != ' ' && !(modified && unicode.IsUpper(r[0]))
}

// find is the binding of key at a place, nil when there is none that applies now or says why it does not.
func (k keymap) find(m *model, at place, key string) *binding {
	var refused *binding
	for _, b := range k.bindings {
		switch {
		case b.where&at == 0 || !slices.Contains(b.keys, key):
		case b.applies(m, at):
			return b
		case b.refusal != "":
			refused = &binding{do: func(m *model) tea.Cmd {
				m.say(lang.T(b.refusal))
				return nil
			}}
		}
	}
	return refused
}

// named is the binding of an action.
func (k keymap) named(action string) *binding {
	for _, b := range k.bindings {
		if b.action == action {
			return b
		}
	}
	return nil
}

// keyOf is the first key of an action that acts at a place, for texts that name it; "" when there is none.
func (k keymap) keyOf(action string, at place) string {
	if b := k.named(action); b != nil {
		return b.keyAt(at)
	}
	return ""
}

// keyAt is the first key that acts at a place: in compose, what is no text.
func (b *binding) keyAt(at place) string {
	for _, key := range b.keys {
		if at != inCompose || len([]rune(key)) > 1 {
			return key
		}
	}
	return ""
}

// keyName is the name of a pressed key as bindings write it. The full-width signs an input method leaves behind
// count as the keys they stand on.
func keyName(k tea.KeyPressMsg) string {
	name := k.String()
	if r := []rune(name); len(r) == 1 && r[0] >= '！' && r[0] <= '～' {
		return string(r[0] - '！' + '!')
	}
	return name
}

// keyNamed is the key of a name as bindings write it.
func keyNamed(name string) (k tea.KeyPressMsg, ok bool) {
	for _, modifier := range []struct {
		name string
		mod  tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}, {"meta+", tea.ModMeta}, {"hyper+", tea.ModHyper}, {"super+", tea.ModSuper}} {
		if rest, found := strings.CutPrefix(name, modifier.name); found && rest != "" {
			name, k.Mod = rest, k.Mod|modifier.mod
		}
	}
	if code, named := keyNames()[name]; named {
		k.Code = code
		if name == "space" && k.Mod == 0 {
			k.Text = " "
		}
		return k, true
	}
	r := []rune(name)
	if len(r) != 1 || !unicode.IsGraphic(r[0]) {
		return k, false
	}
	if k.Code = r[0]; k.Mod == 0 {
		k.Text = name
	}
	return k, true
}

// isHan reports whether key is a Han character: an input method was left on.
func isHan(key string) bool {
	for _, r := range key {
		if r >= 0x3400 && r <= 0x9fff || r >= 0x20000 && r <= 0x3ffff {
			return true
		}
	}
	return false
}
