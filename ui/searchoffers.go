package ui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// What could be typed into a search: examples while nothing is, then the operators that begin as the word at the
// cursor does, and what can stand behind them.

// offer is something to type, and what it is.
type offer struct {
	text, note string
	whole      bool // instead of all that is typed, not of the word at the cursor only
}

// offers are those below the line, and the one that tab takes.
type offers struct {
	load load // of addresses, which the store knows
	list []offer
	at   int
}

func (o *offers) set(list []offer) { o.list, o.at = list, 0 }

func (o *offers) move(by int) {
	if n := len(o.list); n > 0 {
		o.at = (o.at + by + n) % n
	}
}

func (o *offers) chosen() (offer, bool) {
	if o.at >= len(o.list) {
		return offer{}, false
	}
	return o.list[o.at], true
}

// draw shows height of them, the chosen one among them.
func (o *offers) draw(look look, width, height int) []string {
	var rows []string
	first := max(0, o.at-height+1)
	for i := first; i < min(len(o.list), first+height); i++ {
		r := look.row(width)
		if i == o.at {
			r.ground = look.selected
			r.to(1).put(look.accent, look.mark)
		}
		r.to(3).cell(plain, safe.Line(o.list[i].text), min(30, width/2)).to(r.used + 2)
		rows = append(rows, r.put(look.dim, safe.Line(o.list[i].note)).String())
	}
	return rows
}

// operators are the words that narrow a search, by their names in both languages.
var operators = []struct{ name, chinese, note string }{
	{"from:", "发件人:", "search.op_from"}, {"to:", "收件人:", "search.op_to"}, {"cc:", "抄送:", "search.op_cc"},
	{"subject:", "主题:", "search.op_subject"}, {"body:", "正文:", "search.op_body"}, {"file:", "附件名:", "search.op_file"},
	{"in:", "文件夹:", "search.op_in"}, {"account:", "账户:", "search.op_account"},
	{"has:attachment", "有:附件", "search.op_attachment"},
	{"is:unread", "是:未读", "search.op_unread"}, {"is:starred", "是:星标", "search.op_starred"}, {"is:answered", "是:已回复", "search.op_answered"},
	{"date:", "日期:", "search.op_date"}, {"before:", "早于:", "search.op_before"}, {"after:", "晚于:", "search.op_after"},
	{"larger:", "大于:", "search.op_larger"}, {"smaller:", "小于:", "search.op_smaller"}, {"order:best", "排序:相关", "search.op_best"},
}

// suggest offers what could stand where the cursor is.
func (l *searchLine) suggest(m *model) tea.Cmd {
	l.offers.load.drop()
	text := l.field.text()
	if strings.TrimSpace(text) == "" {
		l.offers.set(examples(m.Now()))
		return nil
	}
	from, _ := l.field.wordAt()
	word := strings.ReplaceAll(l.field.lines[0][min(from, l.field.at.col):l.field.at.col], "：", ":")
	word = strings.TrimPrefix(word, "-")
	name, value, isOperator := strings.Cut(word, ":")
	if !isOperator {
		l.offers.set(offersFor(word))
		return nil
	}
	l.offers.set(nil)
	switch operatorCalled(name) {
	case "from:", "to:", "cc:":
		return l.suggestPeople(m, name, value)
	case "in:":
		l.offers.set(m.folderOffers(name, value))
	case "account:":
		var list []offer
		for _, acct := range m.accountNames() {
			list = append(list, offer{text: name + ":" + quoted(acct)})
		}
		l.offers.set(beginning(list, word))
	case "date:", "before:", "after:":
		l.offers.set(beginning(dayOffers(name, m.Now()), word))
	case "larger:", "smaller:":
		l.offers.set(beginning([]offer{{text: name + ":1M"}, {text: name + ":10M"}, {text: name + ":100K"}}, word))
	default:
		l.offers.set(offersFor(word))
	}
	return nil
}

// examples show who has never searched what can be typed.
func examples(now time.Time) []offer {
	month := now.AddDate(-2, 0, 0).Format("2006-01")
	return []offer{
		{lang.T("search.example_month", "Month", month), lang.T("search.about_month"), true},
		{lang.T("search.example_from"), lang.T("search.about_from"), true},
		{lang.T("search.example_has"), lang.T("search.about_has"), true},
		{lang.T("search.example_not"), lang.T("search.about_not"), true},
	}
}

// operatorCalled is the English name of an operator, colon included; "" when there is none.
func operatorCalled(name string) string {
	for _, op := range operators {
		if strings.EqualFold(name+":", op.name) || name+":" == op.chinese {
			return op.name
		}
	}
	return ""
}

// offersFor are the operators that begin as word does.
func offersFor(word string) []offer {
	var list []offer
	for _, op := range operators {
		name := op.name
		if strings.HasPrefix(op.chinese, word) {
			name = op.chinese
		}
		list = append(list, offer{text: name, note: lang.T(op.note)})
	}
	return beginning(list, word)
}

// beginning keeps the offers that begin with what is typed and add to it.
func beginning(list []offer, typed string) []offer {
	low := strings.ToLower(typed)
	return slices.DeleteFunc(list, func(o offer) bool {
		return typed == "" || !strings.HasPrefix(strings.ToLower(o.text), low) || len(o.text) == len(typed)
	})
}

// dayOffers are days and months to search by, the next ones first.
func dayOffers(op string, now time.Time) []offer {
	words := []string{"today", "yesterday", "lastweek", "lastmonth", "lastyear"}
	if lang.Current() == "zh" {
		words = []string{"今天", "昨天", "上周", "上月", "去年"}
	}
	for i := range 36 {
		words = append(words, now.AddDate(0, -i, 1-now.Day()).Format("2006-01"))
	}
	list := make([]offer, len(words))
	for i, w := range words {
		list[i].text = op + ":" + w
	}
	return list
}

// folderOffers are the folders whose names hold what is typed.
func (m *model) folderOffers(op, typed string) []offer {
	low := strings.ToLower(strings.Trim(typed, `"`))
	var list []offer
	for _, f := range m.folders.all {
		text := offer{text: op + ":" + quoted(string(folderPath(f))), note: f.Account}
		known := slices.ContainsFunc(list, func(o offer) bool { return o.text == text.text })
		if !isUnified(f) && !f.NoSelect && !known && strings.Contains(strings.ToLower(text.text[len(op):]), low) {
			list = append(list, text)
		}
	}
	return list
}

// quoted is a value of an operator, in quotes where it needs them.
func quoted(value string) string {
	if strings.ContainsAny(value, " \t()（）") {
		return `"` + strings.ReplaceAll(value, `"`, "") + `"`
	}
	return value
}

type peopleFound struct {
	line *searchLine
	gen  int
	list []offer
}

// suggestPeople asks the store for addresses.
func (l *searchLine) suggestPeople(m *model, op, typed string) tea.Cmd {
	if typed == "" {
		return nil
	}
	ctx, gen := l.offers.load.begin(m.ctx)
	st := m.Store
	return func() tea.Msg {
		people, _ := st.Addresses.Complete(ctx, typed, completions) // without, one types on
		return peopleFound{l, gen, personOffers(op, typed, people)}
	}
}

func personOffers(op, typed string, people []store.Correspondent) []offer {
	var list []offer
	for _, c := range people {
		if c.Address.Addr != typed {
			list = append(list, offer{text: op + ":" + c.Address.Addr, note: c.Address.Name})
		}
	}
	return list
}

func (p peopleFound) apply(*model) tea.Cmd {
	if p.line.offers.load.end(p.gen) {
		p.line.offers.set(p.list)
	}
	return nil
}
