package ui

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"tmail/message"
	"tmail/store"
)

// completion offers addresses for what is being typed: those one writes to, and behind them what the address command
// of the person finds.
type completion struct {
	own, found load
	options    []store.Correspondent
	at         int
}

func (c *completion) close() {
	for _, l := range []*load{&c.own, &c.found} {
		l.drop()
	}
	c.options, c.at = nil, 0
}

const completions = 6

// separators stand between addresses, also as an input method writes them.
var separators = map[string]string{",": ",", ";": ";", "，": ",", "；": ";", "、": ","}

// addressKey is a key in a field of addresses. What separates two and stands there already is not written again: whoever
// chose an address has it.
func (m *model) addressKey(k tea.KeyPressMsg) tea.Cmd {
	c, text := m.composer, k.Text
	e := c.texts[c.at]
	separator, ok := separators[text]
	before := e.lines[0][:e.at.col]
	if bare := strings.TrimRight(before, " "); (ok || text == " " && bare != before) && strings.HasSuffix(bare, ",") {
		return nil
	}
	if ok {
		text = separator
	}
	return m.typed(e.key(k.String(), text))
}

// word is the address being typed: what lies between the separators around the cursor.
func (c *composer) word() (from, to int, text string) {
	e := c.texts[c.at]
	line, col := e.lines[0], e.at.col
	from = strings.LastIndexAny(line[:col], ",;") + 1
	for from < col && line[from] == ' ' {
		from++
	}
	to = len(line)
	if i := strings.IndexAny(line[col:], ",;"); i >= 0 {
		to = col + i
	}
	return from, to, line[from:col]
}

type completedAddress struct {
	gen     int
	word    string
	options []store.Correspondent
	err     error
}

// complete asks for addresses that begin with the word at the cursor.
func (m *model) complete() tea.Cmd {
	c := m.composer
	_, _, word := c.word()
	if strings.TrimSpace(word) == "" || strings.Contains(word, ">") {
		c.completion.close()
		return nil
	}
	ctx, gen := c.completion.own.begin(m.ctx)
	st := m.Store
	return func() tea.Msg {
		list, err := st.Addresses.Complete(ctx, word, completions)
		return completedAddress{gen, word, list, err}
	}
}

func (f completedAddress) apply(m *model) tea.Cmd {
	c := m.composer
	if c == nil || !c.completion.own.end(f.gen) {
		return nil
	}
	if f.err != nil {
		m.fail(f.err)
		return nil
	}
	c.completion.options, c.completion.at = addFound(f.options, m.ownAddresses(f.word)), 0
	return m.lookUp(f.word)
}

// ownAddresses are those of the person that a word is the beginning of, but for the one they write as.
func (m *model) ownAddresses(word string) (list []message.Address) {
	c, word := m.composer, strings.ToLower(strings.TrimSpace(word))
	for i, s := range m.senders() {
		name := strings.ToLower(s.address.Name)
		begins := strings.HasPrefix(strings.ToLower(s.address.Addr), word) || strings.Contains(" "+name, " "+word)
		if i != c.from && (begins || word[0] >= utf8.RuneSelf && strings.Contains(name, word)) {
			list = append(list, s.address)
		}
	}
	return list
}

// completionKey acts on the keys that choose from the addresses offered.
func (m *model) completionKey(name string) (tea.Cmd, bool) {
	c := m.composer
	if len(c.completion.options) == 0 {
		return nil, false
	}
	n := len(c.completion.options)
	switch name {
	case "down", "ctrl+n":
		c.completion.at = (c.completion.at + 1) % n
	case "up":
		c.completion.at = (c.completion.at + n - 1) % n
	case "enter":
		return m.acceptAddress(c.completion.options[c.completion.at].Address), true
	case "tab": // on to the next field; the word is completed only where it is no address yet
		if _, _, word := c.word(); strings.Contains(word, "@") {
			return nil, false
		}
		return tea.Batch(m.acceptAddress(c.completion.options[c.completion.at].Address), m.stepField(1)), true
	case "esc":
		c.completion.close()
	default:
		return nil, false
	}
	return nil, true
}

func (m *model) acceptAddress(a message.Address) tea.Cmd {
	c := m.composer
	e := c.texts[c.at]
	from, to, _ := c.word()
	e.replace(position{0, from}, position{0, to}, cleanInput(a.String(), true)+", ", false)
	c.completion.close()
	c.differs()
	return m.changed()
}
